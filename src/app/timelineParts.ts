/** One camera over a stretch of the timeline, put together from the levels of the archive and what still grows. */
import type { MissingFootage } from '../archive/missingFootage.ts';
import type { GapRecord } from '../archive/records.ts';
import type { OpenInterval, TimelineEvent } from '../archive/timelineReader.ts';
import type { TimelineStore } from '../archive/timelineStore.ts';
import type { CameraId } from '../domain/ids.ts';
import type { GapCause } from '../domain/recording.ts';
import { type EpochMs, epochMs, type Interval } from '../domain/time.ts';
import { intersect } from '../domain/timeline.ts';
import { LEVELS, levelFor } from '../domain/timelineCells.ts';
import { boundsOf, type GridShape, type TimelineGrid } from '../domain/timelineGrid.ts';
import {
  type CameraSpans,
  type CameraText,
  type CellText,
  cellText,
  headText,
} from '../http/timelineText.ts';

export interface TimelineDoor {
  readonly footage: {
    growing(cameraId: CameraId): readonly Interval[];
    openGap(cameraId: CameraId): Pick<GapRecord, 'startMs' | 'cause'> | null;
  };
  readonly missing: Pick<MissingFootage, 'stretches' | 'none'>;
  readonly timeline: Pick<TimelineStore, 'read' | 'catchUp' | 'onChange'>;
  readonly cameras: { list(): readonly { readonly id: CameraId }[] };
  /** How much moved of late, one byte a second as cells hold it. */
  readonly activity: { seconds(cameraId: CameraId, interval: Interval): Buffer | null };
}

/** One camera over the cells of a grid. */
export interface TimelinePart {
  readonly startMs: EpochMs;
  readonly spans: Spans;
  /** Of the spans. */
  readonly head: Buffer;
  readonly cells: CellText;
  /** Since when it has been as it is, as long as no row changes: where something lasts, since the end of its cells. */
  readonly settledMs: number;
}

/** Up to this length of a cell, intervals and events are exact. */
const EXACT_UP_TO_MS = 120_000;
/** Up to this length of a cell, activity comes from the seconds of segments and not from minutes. */
const SECONDS_UP_TO_MS = 10_000;

/** One, or several of the same cause that are close together. */
type Gap = Interval & { readonly cause: GapCause; readonly missingMs: number };
type Mark = CameraSpans['events'][number];

/** What is told of a camera beside its cells. */
interface Spans {
  readonly cameraId: CameraId;
  readonly recordings: readonly Interval[];
  readonly onMissingVolume: readonly Interval[];
  readonly offClock: readonly (Interval & { readonly offsetMs: number })[];
  readonly gaps: readonly Gap[];
  readonly events: readonly Mark[];
}

export function isExact({ stepMs }: GridShape): boolean {
  return stepMs <= EXACT_UP_TO_MS;
}

/** How far around its cells a change may change them: those of the level that they are made of may reach out. */
export function reachOf({ stepMs }: GridShape): number {
  return stepMs <= SECONDS_UP_TO_MS ? stepMs : levelFor(stepMs).cellMs;
}

/** What there is now. The grid's cells are made anew, and may serve others then. */
export function partOf(
  door: TimelineDoor,
  cameraId: CameraId,
  grid: TimelineGrid,
  now: EpochMs,
): TimelinePart {
  const { shape } = grid;
  const bounds = boundsOf(shape);
  let lasts = fill(grid, door, cameraId, now);
  const seen = (found: OpenInterval) => {
    if (found.endMs === null) lasts = true;
    return within(found, bounds, now);
  };
  const { recordings, gaps } = isExact(shape)
    ? exactIntervals(door, cameraId, shape, seen)
    : cellIntervals(door, grid);
  const spans = {
    cameraId,
    recordings,
    onMissingVolume: onMissingVolume(door, cameraId, shape, recordings),
    offClock: offClock(door, cameraId, shape, seen),
    gaps,
    events: isExact(shape) ? exactEvents(door, cameraId, shape) : [],
  };
  return {
    ...{ startMs: shape.startMs, spans, head: headText(spans), cells: cellText(grid.columns()) },
    settledMs: lasts ? bounds.endMs : 0,
  };
}

/** A camera over consecutive stretches, of which there is one at least, as over the whole of them. */
export function textOf(cameraId: CameraId, parts: readonly TimelinePart[], shape: GridShape): CameraText {
  const [first, second] = parts;
  const head = second === undefined ? first?.head : undefined;
  return {
    head: head ?? headText(spansOf(cameraId, parts, shape)),
    cells: parts.map(({ cells }) => cells),
  };
}

function spansOf(cameraId: CameraId, parts: readonly TimelinePart[], shape: GridShape): Spans {
  // Where they are rounded to cells, there is nothing between those that touch.
  const slackMs = isExact(shape) ? shape.stepMs : 1;
  const all = parts.map(({ spans }) => spans);
  return {
    cameraId,
    recordings: joined(
      all.flatMap(({ recordings }) => recordings),
      slackMs,
      () => true,
    ),
    onMissingVolume: joined(
      all.flatMap(({ onMissingVolume: away }) => away),
      slackMs,
      () => true,
    ),
    offClock: joined(
      all.flatMap(({ offClock: off }) => off),
      shape.stepMs,
      (a, b) => a.offsetMs === b.offsetMs,
    ),
    gaps: joined(
      all.flatMap(({ gaps }) => gaps),
      slackMs,
      sameCause,
      bothMissing,
    ),
    // One that began before a stretch is among those of the one before.
    events: parts.flatMap(({ spans: { events }, startMs }, index) =>
      index === 0 ? events : events.filter((event) => event.startMs >= startMs),
    ),
  };
}

/**
 * The same cells serve one camera after the other: to make them takes longer than to empty them. Gives whether a gap in
 * them lasts.
 */
export function fill(
  grid: TimelineGrid,
  { timeline, footage, activity }: TimelineDoor,
  cameraId: CameraId,
  now: EpochMs,
): boolean {
  const { shape } = grid;
  const bounds = boundsOf(shape);
  grid.clear();
  if (shape.stepMs <= SECONDS_UP_TO_MS) {
    for (const segment of timeline.read.seconds(cameraId, bounds)) grid.addSegment(segment);
  } else {
    const level = levelFor(shape.stepMs);
    for (const { startMs, cells } of timeline.read.rows(cameraId, level, bounds))
      grid.addRow(cells, startMs, level);
  }
  if (shape.stepMs < LEVELS[0].cellMs) {
    for (const atMs of timeline.read.begun(cameraId, bounds)) grid.addEvent(atMs);
  }
  for (const { startMs, endMs } of footage.growing(cameraId)) {
    grid.addSegment({ startMs, endMs, seconds: activity.seconds(cameraId, { startMs, endMs }) });
  }
  const open = footage.openGap(cameraId);
  if (open === null || open.startMs >= bounds.endMs) return false;
  grid.addGap({ startMs: open.startMs, endMs: now, cause: timeline.read.causeId(open.cause) });
  return true;
}

/** As they were, joined where nobody could see what is between them. */
function exactIntervals(
  { timeline }: TimelineDoor,
  cameraId: CameraId,
  shape: GridShape,
  seen: (found: OpenInterval) => Interval,
) {
  const bounds = boundsOf(shape);
  const recordings = timeline.read.recordings(cameraId, bounds).map(seen);
  const gaps = timeline.read.gaps(cameraId, bounds).map((gap): Gap => {
    const { startMs, endMs } = seen(gap);
    return { startMs, endMs, cause: gap.cause, missingMs: endMs - startMs };
  });
  return {
    recordings: joined(recordings, shape.stepMs, () => true),
    gaps: joined(gaps, shape.stepMs, sameCause, bothMissing),
  };
}

/** What of an interval lies within the bounds; one that lasts ends now. */
function within(found: OpenInterval, bounds: Interval, now: EpochMs): Interval {
  const startMs = epochMs(Math.max(found.startMs, bounds.startMs));
  return { startMs, endMs: epochMs(Math.max(startMs, Math.min(found.endMs ?? now, bounds.endMs))) };
}

/** Of what is recorded. */
function onMissingVolume(
  { missing }: TimelineDoor,
  cameraId: CameraId,
  shape: GridShape,
  recordings: readonly Interval[],
): Interval[] {
  const { stepMs } = shape;
  const bounds = boundsOf(shape);
  if (isExact(shape)) {
    const found = intersect(missing.stretches(cameraId, bounds, null), recordings);
    return joined(found, stepMs, () => true);
  }
  const cells = missing.stretches(cameraId, bounds, stepMs).map(({ startMs, endMs }) => ({
    startMs: epochMs(Math.floor(startMs / stepMs) * stepMs),
    endMs: epochMs(Math.ceil(endMs / stepMs) * stepMs),
  }));
  return joined(intersect(cells, recordings), 1, () => true);
}

function offClock(
  { timeline }: TimelineDoor,
  cameraId: CameraId,
  shape: GridShape,
  seen: (found: OpenInterval) => Interval,
) {
  const found = timeline.read
    .offClock(cameraId, boundsOf(shape))
    .map((recording) => ({ ...seen(recording), offsetMs: recording.offsetMs }));
  return joined(found, shape.stepMs, (a, b) => a.offsetMs === b.offsetMs);
}

function sameCause(a: Gap, b: Gap): boolean {
  return a.cause === b.cause;
}

function bothMissing(a: Gap, b: Gap): Pick<Gap, 'missingMs'> {
  return { missingMs: a.missingMs + b.missingMs };
}

/** @param together what is told of two that are joined, other than their bounds */
function joined<T extends Interval>(
  intervals: readonly T[],
  slackMs: number,
  alike: (a: T, b: T) => boolean,
  together: (a: T, b: T) => Partial<T> = () => ({}),
): T[] {
  const result: T[] = [];
  for (const next of intervals) {
    const last = result.at(-1);
    if (last !== undefined && next.startMs - last.endMs < slackMs && alike(last, next)) {
      const endMs = epochMs(Math.max(last.endMs, next.endMs));
      result[result.length - 1] = { ...last, ...together(last, next), endMs };
    } else if (next.endMs > next.startMs) {
      result.push(next);
    }
  }
  return result;
}

function cellIntervals({ timeline }: TimelineDoor, grid: TimelineGrid) {
  const gaps = grid.gaps().map((gap): Gap => ({ ...gap, cause: timeline.read.cause(gap.cause) }));
  return { recordings: grid.recordings(), gaps };
}

function exactEvents({ timeline }: TimelineDoor, cameraId: CameraId, shape: GridShape): Mark[] {
  const bounds = boundsOf(shape);
  const cells = new Map<number, TimelineEvent[]>();
  for (const event of timeline.read.events(cameraId, bounds)) {
    const cell = Math.floor((event.atMs - bounds.startMs) / shape.stepMs);
    const alike = cells.get(cell);
    if (alike === undefined) cells.set(cell, [event]);
    else alike.push(event);
  }
  return [...cells.values()].flatMap(markOf);
}

/** Those that begin in one cell. */
function markOf(events: readonly TimelineEvent[]): Mark[] {
  const [first, ...more] = events;
  if (first === undefined) return [];
  const endMs = events.reduce((end, event) => Math.max(end, event.endMs ?? event.atMs), 0);
  const { atMs: startMs, id, kind, text } = first;
  if (more.length > 0) return [{ startMs, endMs, count: events.length, id: null, kind: null, text: null }];
  return [{ startMs, endMs, count: 1, id, kind, text }];
}
