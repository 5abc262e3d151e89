/** The timeline and the calendar of several cameras, as the API speaks of them, over the levels of the archive. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { daysOfMonth, type NamedDay } from '../domain/calendar.ts';
import type { CameraId } from '../domain/ids.ts';
import { type Clock, type EpochMs, epochMs } from '../domain/time.ts';
import { LEVELS } from '../domain/timelineCells.ts';
import { boundsOf, cutBefore, type GridShape, gridOver, TimelineGrid } from '../domain/timelineGrid.ts';
import type { Zone } from '../domain/zone.ts';
import type { TimelinePort } from '../http/finding.ts';
import type { CameraText } from '../http/timelineText.ts';
import type { CalendarView } from '../http/wire/timeline.ts';
import { KeptParts } from './keptParts.ts';
import { fill, isExact, partOf, type TimelineDoor, type TimelinePart, textOf } from './timelineParts.ts';

/** What is not in the levels yet is brought in before an answer, as far as that can be done meanwhile. */
const CATCH_UP_MS = 4;
/** Of parts that nothing changes in: days of 32 cameras, in a thousand cells each, take half a megabyte each. */
export const KEPT_BYTES = 32 << 20;

/** @param keptBytes how much of what was told may be kept */
export function timelinePort(
  door: TimelineDoor,
  clock: Clock,
  zone: Zone,
  keptBytes: number = KEPT_BYTES,
): TimelinePort {
  const kept = new KeptParts(keptBytes);
  door.timeline.onChange(kept.forget);
  const known = (cameras: readonly CameraId[] | null) => cameras ?? door.cameras.list().map(({ id }) => id);
  const catchUp = () => {
    const until = clock.monotonic() + CATCH_UP_MS;
    door.timeline.catchUp(() => clock.monotonic() < until);
  };
  return {
    async timeline(cameras, interval, resolutionMs) {
      catchUp();
      const shape = gridOver(interval, resolutionMs);
      const telling = new Telling(door, kept, shape, clock.now());
      const told: CameraText[] = [];
      for (const cameraId of known(cameras)) told.push(await telling.camera(cameraId));
      return { ...boundsOf(shape), resolutionMs, exact: isExact(shape), cameras: told };
    },
    async calendar(cameras, month) {
      catchUp();
      const days = daysOfMonth(month, zone);
      const grid = gridOfDays(days);
      const now = clock.now();
      const told: CalendarView['cameras'][number][] = [];
      for (const cameraId of known(cameras)) {
        if (told.length > 0) await nextTurn();
        told.push({ cameraId, days: cameraDays(door, cameraId, days, grid, now) });
      }
      return { month, days, cameras: told };
    },
  };
}

const NOTHING_MISSING: TimelineDoor['missing'] = { none: true, stretches: () => [] };

/** One answer: what nothing changes in is taken from what is kept, or kept; the rest is put together each time. */
class Telling {
  readonly #door: TimelineDoor;
  readonly #kept: KeptParts;
  readonly #shape: GridShape;
  readonly #now: EpochMs;
  /** What is away may come back, and that changes no row. */
  readonly #mayKeep: boolean;
  /** They serve one camera after the other. */
  readonly #grids = new Map<string, TimelineGrid>();

  constructor(door: TimelineDoor, kept: KeptParts, shape: GridShape, now: EpochMs) {
    this.#mayKeep = door.missing.none;
    // Asked once and not of each camera.
    this.#door = this.#mayKeep ? { ...door, missing: NOTHING_MISSING } : door;
    this.#kept = kept;
    this.#shape = shape;
    this.#now = now;
  }

  async camera(cameraId: CameraId): Promise<CameraText> {
    const growing = this.#door.footage.growing(cameraId);
    const growsFrom = Math.min(this.#now, ...growing.map(({ startMs }) => startMs));
    const parts: TimelinePart[] = [];
    for (const shape of cutBefore(this.#shape, growsFrom)) {
      const known = this.#isSettled(cameraId, shape) ? this.#kept.get(cameraId, shape, this.#now) : null;
      parts.push(known ?? (await this.#made(cameraId, shape)));
    }
    return textOf(cameraId, parts, this.#shape);
  }

  /** Fragments that arrive meanwhile are not held up by all cameras at once. */
  async #made(cameraId: CameraId, shape: GridShape): Promise<TimelinePart> {
    await nextTurn();
    const part = this.#door.timeline.read.together(() =>
      partOf(this.#door, cameraId, this.#gridOf(shape), this.#now),
    );
    if (this.#isSettled(cameraId, shape)) this.#kept.put(shape, part, this.#now);
    return part;
  }

  /** Whether nothing grows in it that is not among the rows yet. */
  #isSettled(cameraId: CameraId, shape: GridShape): boolean {
    const bounds = boundsOf(shape);
    return (
      this.#mayKeep &&
      !this.#door.footage
        .growing(cameraId)
        .some(({ startMs, endMs }) => startMs < bounds.endMs && endMs > bounds.startMs)
    );
  }

  #gridOf(shape: GridShape): TimelineGrid {
    const key = `${shape.startMs} ${shape.count}`;
    const known = this.#grids.get(key) ?? new TimelineGrid(shape);
    this.#grids.set(key, known);
    return known;
  }
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
