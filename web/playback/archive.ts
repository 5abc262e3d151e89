/**
 * What there is of cameras over time, as far as somebody has looked: fetched in blocks, of all cameras at once, at the
 * fineness that the view can show, and kept.
 */
import { signal } from '@preact/signals';
import type { TimelineView } from '../../types/api.ts';
import { get } from '../core/api.ts';
import { exactNow } from '../core/clock.ts';
import { cameras } from '../core/fleet.ts';
import type { Interval } from '../time/zone.ts';
import { isDue } from './freshness.ts';
import { joined } from './timeline/runs.ts';

/** One, or several of the same cause that are closer together than a cell. */
export interface Gap extends Interval {
  readonly cause: string;
  /** How much of it is without footage. */
  readonly missingMs: number;
}

/** How much later it was, by the clock as it is now. */
export interface OffClock extends Interval {
  readonly offsetMs: number;
}

/** An event, or how many begin together. */
export interface EventMark extends Interval {
  readonly kind: string | null;
  readonly text: string | null;
  readonly count: number;
}

/** How much moved, by cells from a moment on: 0 to 250, null where that is not known. */
export interface Activity {
  readonly startMs: number;
  readonly cellMs: number;
  readonly peaks: readonly (number | null)[];
}

/** Of one camera within an interval, sorted by start. */
export interface Lane {
  readonly recordings: readonly Interval[];
  /** Recorded, on a media folder that is missing now. */
  readonly missing: readonly Interval[];
  /** Recorded while the recorder's clock was another. */
  readonly offClock: readonly OffClock[];
  readonly gaps: readonly Gap[];
  /** Where cells are fine enough to tell one from the other. */
  readonly events: readonly EventMark[];
  /** When something happened, other than what people marked; in whole cells where these are long. */
  readonly eventful: readonly Interval[];
  readonly activity: readonly Activity[];
}

interface Block {
  readonly lanes: ReadonlyMap<string, Lane>;
  readonly loadedMs: number;
  /** The cameras there were. */
  readonly cameras: string;
}

interface Level {
  /** Views longer than this are shown by the next level. */
  readonly mostMs: number;
  readonly blockMs: number;
  readonly cellMs: number;
}

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;
const LEVELS: readonly Level[] = [
  { mostMs: 3 * HOUR, blockMs: HOUR, cellMs: SECOND },
  { mostMs: 2 * DAY, blockMs: DAY, cellMs: 60 * SECOND },
  { mostMs: Number.POSITIVE_INFINITY, blockMs: 8 * DAY, cellMs: 600 * SECOND },
];
/** In longer cells, events are counted and no longer told one by one. */
const SINGLE_CELL_MS = 120 * SECOND;
const MOST_BLOCKS = 120;
const EMPTY: Lane = {
  recordings: [],
  missing: [],
  offClock: [],
  gaps: [],
  events: [],
  eventful: [],
  activity: [],
};

/** Counts up whenever something new has arrived. */
export const archiveVersion = signal(0);

const blocks = new Map<string, Block>();
const pending = new Set<string>();
/** What was put together of several blocks, for as long as nothing new arrives. */
const whole = new Map<string, Lane>();

/** Asks for what is missing or old of an interval. @param shown as for `laneOf` */
export function needArchive(interval: Interval, shown = interval): void {
  const level = levelOf(shown);
  for (const block of blocksOf(interval, level)) if (isStale(block)) void load(block, level);
}

/**
 * What is known so far. Reads `archiveVersion`, so that whoever draws it draws it again.
 * @param shown how long a view it is for, which decides how fine it is
 */
export function laneOf(camera: string, interval: Interval, shown = interval): Lane {
  archiveVersion.value;
  const keys = blocksOf(interval, levelOf(shown)).map(keyOf);
  const [only = ''] = keys;
  if (keys.length === 1) return blocks.get(only)?.lanes.get(camera) ?? EMPTY;
  const name = `${camera} ${keys.join(' ')}`;
  const known = whole.get(name);
  if (known) return known;
  const lane = together(keys.map((key) => blocks.get(key)?.lanes.get(camera) ?? EMPTY));
  whole.set(name, lane);
  return lane;
}

/** Whether all of an interval that has passed has been fetched. Reads `archiveVersion`, as `laneOf`. */
export function isFetched(interval: Interval): boolean {
  archiveVersion.value;
  return blocksOf(interval, levelOf(interval)).every(
    (block) => block.startMs > exactNow() || blocks.has(keyOf(block)),
  );
}

function together(lanes: readonly Lane[]): Lane {
  return {
    recordings: joined(lanes.flatMap(({ recordings }) => recordings)),
    missing: joined(lanes.flatMap(({ missing }) => missing)),
    offClock: withoutRepeats(lanes.flatMap(({ offClock }) => offClock)),
    gaps: withoutRepeats(lanes.flatMap(({ gaps }) => gaps)),
    events: withoutRepeats(lanes.flatMap(({ events }) => events)),
    eventful: joined(lanes.flatMap(({ eventful }) => eventful)),
    activity: lanes.flatMap(({ activity }) => activity),
  };
}

function levelOf({ startMs, endMs }: Interval): Level {
  const [finest] = LEVELS;
  const fitting = LEVELS.find(({ mostMs }) => endMs - startMs <= mostMs) ?? finest;
  if (!fitting) throw new Error('There are no levels.');
  return fitting;
}

function blocksOf({ startMs, endMs }: Interval, { blockMs }: Level): readonly Interval[] {
  const first = Math.max(0, Math.floor(startMs / blockMs));
  const last = Math.max(first, Math.floor((endMs - 1) / blockMs));
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    startMs: (first + index) * blockMs,
    endMs: (first + index + 1) * blockMs,
  }));
}

function isStale(block: Interval): boolean {
  const known = blocks.get(keyOf(block));
  const now = exactNow();
  if (block.startMs > now) return false;
  if (!known || known.cameras !== fleet()) return true;
  return isDue(block, known.loadedMs, now);
}

async function load(block: Interval, { cellMs }: Level): Promise<void> {
  const key = keyOf(block);
  if (pending.has(key)) return;
  pending.add(key);
  const known = fleet();
  try {
    const loadedMs = exactNow();
    const view = await get<TimelineView>(
      `/timeline?from=${block.startMs}&to=${block.endMs}&resolution=${cellMs}`,
    );
    if (blocks.size > MOST_BLOCKS) blocks.clear();
    blocks.set(key, { lanes: lanesOf(view), loadedMs, cameras: known });
    whole.clear();
    archiveVersion.value += 1;
  } catch {
    // The next look asks again; that the recorder is lost is said elsewhere.
  } finally {
    pending.delete(key);
  }
}

function lanesOf({ startMs, resolutionMs, cameras: all }: TimelineView): ReadonlyMap<string, Lane> {
  return new Map(
    all.map(({ cameraId, recordings, onMissingVolume, offClock, gaps, events, counts, peaks }) => [
      cameraId,
      {
        recordings,
        missing: onMissingVolume,
        offClock,
        gaps,
        events,
        eventful:
          resolutionMs > SINGLE_CELL_MS
            ? cellsWith(counts, startMs, resolutionMs)
            : joined(events.filter(({ kind }) => kind !== 'mark')),
        activity: peaks.some((peak) => peak !== null) ? [{ startMs, cellMs: resolutionMs, peaks }] : [],
      },
    ]),
  );
}

/** Cells in which any event begins, joined where they meet. */
function cellsWith(counts: readonly number[], startMs: number, cellMs: number): readonly Interval[] {
  return joined(
    counts.flatMap((count, index) =>
      count > 0 ? [{ startMs: startMs + index * cellMs, endMs: startMs + (index + 1) * cellMs }] : [],
    ),
  );
}

/** What lies over the border of two blocks comes with both. */
function withoutRepeats<T extends Interval>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((each) => [each.startMs, each])).values()].sort((a, b) => a.startMs - b.startMs);
}

function fleet(): string {
  return (cameras.peek() ?? []).map(({ id }) => id).join();
}

function keyOf({ startMs, endMs }: Interval): string {
  return `${startMs} ${endMs}`;
}
