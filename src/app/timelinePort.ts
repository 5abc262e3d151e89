/** The timeline and the calendar of several cameras, as the API speaks of them, over the levels of the archive. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Footage } from '../archive/footage.ts';
import type { MissingFootage } from '../archive/missingFootage.ts';
import type { OpenInterval, TimelineEvent } from '../archive/timelineReader.ts';
import type { TimelineStore } from '../archive/timelineStore.ts';
import { daysOfMonth, type NamedDay } from '../domain/calendar.ts';
import type { CameraId } from '../domain/ids.ts';
import type { GapCause } from '../domain/recording.ts';
import { type Clock, type EpochMs, epochMs, type Interval } from '../domain/time.ts';
import { intersect } from '../domain/timeline.ts';
import { LEVELS, levelFor } from '../domain/timelineCells.ts';
import { boundsOf, type GridShape, gridOver, TimelineGrid } from '../domain/timelineGrid.ts';
import type { Zone } from '../domain/zone.ts';
import type { TimelinePort } from '../http/finding.ts';
import type { CameraColumns } from '../http/timelineText.ts';
import type { CalendarView } from '../http/wire/timeline.ts';

export interface TimelineDoor {
  readonly footage: Footage;
  readonly missing: Pick<MissingFootage, 'stretches'>;
  readonly timeline: TimelineStore;
  readonly cameras: { list(): readonly { readonly id: CameraId }[] };
  /** How much moved of late, one byte a second as cells hold it. */
  readonly activity: { seconds(cameraId: CameraId, interval: Interval): Buffer | null };
}

/** Up to this length of a cell, intervals and events are exact. */
const EXACT_UP_TO_MS = 120_000;
/** Up to this length of a cell, activity comes from the seconds of segments and not from minutes. */
const SECONDS_UP_TO_MS = 10_000;
/** What is not in the levels yet is brought in before an answer, as far as that can be done meanwhile. */
const CATCH_UP_MS = 4;

type Gap = Interval & { readonly cause: GapCause };

export function timelinePort(door: TimelineDoor, clock: Clock, zone: Zone): TimelinePort {
  const known = (cameras: readonly CameraId[] | null) => cameras ?? door.cameras.list().map(({ id }) => id);
  const catchUp = () => {
    const until = clock.monotonic() + CATCH_UP_MS;
    door.timeline.catchUp(() => clock.monotonic() < until);
  };
  return {
    async timeline(cameras, interval, resolutionMs) {
      catchUp();
      const shape = gridOver(interval, resolutionMs);
      const grid = new TimelineGrid(shape);
      const now = clock.now();
      return {
        ...boundsOf(shape),
        resolutionMs,
        exact: resolutionMs <= EXACT_UP_TO_MS,
        cameras: await oneByOne(known(cameras), (cameraId) => cameraColumns(door, cameraId, grid, now)),
      };
    },
    async calendar(cameras, month) {
      catchUp();
      const days = daysOfMonth(month, zone);
      const grid = gridOfDays(days);
      const now = clock.now();
      return {
        month,
        days,
        cameras: await oneByOne(known(cameras), (cameraId) => ({
          cameraId,
          days: cameraDays(door, cameraId, days, grid, now),
        })),
      };
    },
  };
}

/** Fragments that arrive meanwhile are not held up by all of them at once. */
async function oneByOne<T>(
  cameras: readonly CameraId[],
  tell: (cameraId: CameraId) => T,
): Promise<readonly T[]> {
  const told: T[] = [];
  for (const cameraId of cameras) {
    if (told.length > 0) await nextTurn();
    told.push(tell(cameraId));
  }
  return told;
}

function cameraColumns(
  door: TimelineDoor,
  cameraId: CameraId,
  grid: TimelineGrid,
  now: EpochMs,
): CameraColumns {
  const { shape } = grid;
  fill(grid, door, cameraId, now);
  const isExact = shape.stepMs <= EXACT_UP_TO_MS;
  const { recordings, gaps } = isExact
    ? exactIntervals(door, cameraId, shape, now)
    : cellIntervals(door, grid);
  return {
    camera: {
      cameraId,
      recordings,
      onMissingVolume: onMissingVolume(door, cameraId, shape, recordings),
      offClock: offClock(door, cameraId, shape, now),
      gaps,
      events: isExact ? exactEvents(door, cameraId, shape) : [],
    },
    cells: grid.columns(),
  };
}

/** The same cells serve one camera after the other: to make them takes longer than to empty them. */
function fill(
  grid: TimelineGrid,
  { timeline, footage, activity }: TimelineDoor,
  cameraId: CameraId,
  now: EpochMs,
): void {
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
  if (open !== null) {
    grid.addGap({ startMs: open.startMs, endMs: now, cause: timeline.read.causeId(open.cause) });
  }
}

/** As they were, joined where nobody could see what is between them. */
function exactIntervals({ timeline }: TimelineDoor, cameraId: CameraId, shape: GridShape, now: EpochMs) {
  const bounds = boundsOf(shape);
  const seen = (found: OpenInterval) => within(found, bounds, now);
  const recordings = timeline.read.recordings(cameraId, bounds).map(seen);
  const gaps = timeline.read.gaps(cameraId, bounds).map((gap) => ({ ...seen(gap), cause: gap.cause }));
  return {
    recordings: joined(recordings, shape.stepMs, () => true),
    gaps: joined<Gap>(gaps, shape.stepMs, (a, b) => a.cause === b.cause),
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
  if (stepMs <= EXACT_UP_TO_MS) {
    const found = intersect(missing.stretches(cameraId, bounds, null), recordings);
    return joined(found, stepMs, () => true);
  }
  const cells = missing.stretches(cameraId, bounds, stepMs).map(({ startMs, endMs }) => ({
    startMs: epochMs(Math.floor(startMs / stepMs) * stepMs),
    endMs: epochMs(Math.ceil(endMs / stepMs) * stepMs),
  }));
  return joined(intersect(cells, recordings), 1, () => true);
}

function offClock({ timeline }: TimelineDoor, cameraId: CameraId, shape: GridShape, now: EpochMs) {
  const bounds = boundsOf(shape);
  const found = timeline.read
    .offClock(cameraId, bounds)
    .map((recording) => ({ ...within(recording, bounds, now), offsetMs: recording.offsetMs }));
  return joined(found, shape.stepMs, (a, b) => a.offsetMs === b.offsetMs);
}

function joined<T extends Interval>(
  intervals: readonly T[],
  slackMs: number,
  alike: (a: T, b: T) => boolean,
): T[] {
  const result: T[] = [];
  for (const next of intervals) {
    const last = result.at(-1);
    if (last !== undefined && next.startMs - last.endMs < slackMs && alike(last, next)) {
      result[result.length - 1] = { ...last, endMs: epochMs(Math.max(last.endMs, next.endMs)) };
    } else if (next.endMs > next.startMs) {
      result.push(next);
    }
  }
  return result;
}

function cellIntervals({ timeline }: TimelineDoor, grid: TimelineGrid) {
  const gaps = grid
    .gaps()
    .map(({ startMs, endMs, cause }) => ({ startMs, endMs, cause: timeline.read.cause(cause) }));
  return { recordings: grid.recordings(), gaps };
}

type Mark = CameraColumns['camera']['events'][number];

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

/** Bounds of days are whole quarters of an hour wherever people live. */
const QUARTERS = LEVELS[1];

function gridOfDays(days: readonly NamedDay[]): TimelineGrid {
  const bounds = { startMs: days[0]?.startMs ?? epochMs(0), endMs: days.at(-1)?.endMs ?? epochMs(0) };
  return new TimelineGrid(gridOver(bounds, QUARTERS.cellMs));
}

function cameraDays(
  door: TimelineDoor,
  cameraId: CameraId,
  days: readonly NamedDay[],
  grid: TimelineGrid,
  now: EpochMs,
): CalendarView['cameras'][number]['days'] {
  const { shape } = grid;
  fill(grid, door, cameraId, now);
  return days.map(({ startMs, endMs }) => {
    const at = (ms: number) => Math.round((ms - shape.startMs) / shape.stepMs);
    const { recordedMs, gapMs, events, mean } = grid.sum(at(startMs), at(endMs));
    const share = endMs > startMs ? Math.min(1, recordedMs / (endMs - startMs)) : 0;
    return { recordedMs, share, gapMs, events, mean };
  });
}
