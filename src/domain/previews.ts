/** Thumbnails along the timeline: how time is divided into sheets of tiles, and which keyframe stands for a tile. */
import { NvrError } from './errors.ts';
import { DAY_MS, type EpochMs, epochMs, type Interval } from './time.ts';

/** Tiles of a sheet, row by row from the upper left in the order of time. */
export const SHEET_COLUMNS = 6;
export const SHEET_ROWS = 5;
export const SHEET_TILES = SHEET_COLUMNS * SHEET_ROWS;

/** What a tile may stand for, in ms; sheets of the first are made in advance. */
export const PREVIEW_STEPS_MS = [10_000, 60_000, 600_000] as const;
export type PreviewStep = (typeof PREVIEW_STEPS_MS)[number];

/** The longest sheet, in ms. */
export const LONGEST_SHEET_MS = 600_000 * SHEET_TILES;

/** Up to which length of a range each step is chosen. */
const FINEST_UP_TO_MS = DAY_MS;
const FINER_UP_TO_MS = 7 * DAY_MS;
const LONGEST_RANGE_MS = 31 * DAY_MS;

/** The step for a range, if none is asked for: about 300 sheets at most. */
export function stepFor({ startMs, endMs }: Interval): PreviewStep {
  const length = endMs - startMs;
  if (length <= FINEST_UP_TO_MS) return 10_000;
  return length <= FINER_UP_TO_MS ? 60_000 : 600_000;
}

/**
 * When the sheets of a range begin: always at the same moments, whatever range is asked for.
 * @throws NvrError `invalid` when there would be too many
 */
export function sheetStarts({ startMs, endMs }: Interval, stepMs: PreviewStep): EpochMs[] {
  const sheetMs = stepMs * SHEET_TILES;
  if (endMs - startMs > Math.min(LONGEST_RANGE_MS, 600 * sheetMs)) {
    throw new NvrError('invalid', 'The range is too long for thumbnails in this step.', { field: 'to' });
  }
  const first = Math.floor(startMs / sheetMs) * sheetMs;
  const count = Math.ceil((endMs - first) / sheetMs);
  return Array.from({ length: count }, (_, index) => epochMs(first + index * sheetMs));
}

/** The intervals of tiles. */
export function tileIntervals({ startMs, endMs }: Interval, tiles: number): Interval[] {
  const edge = (index: number) => epochMs(Math.round(startMs + ((endMs - startMs) * index) / tiles));
  return Array.from({ length: tiles }, (_, index) => ({ startMs: edge(index), endMs: edge(index + 1) }));
}

/** Which of some intervals stands for a tile: that with its middle, or the first that reaches into it. */
export function standsFor<T extends Interval>(spans: readonly T[], tile: Interval): T | null {
  const middle = (tile.startMs + tile.endMs) / 2;
  const within = spans.findLast(({ startMs, endMs }) => startMs <= middle && endMs > middle);
  return within ?? spans.find(({ startMs, endMs }) => startMs < tile.endMs && endMs > tile.startMs) ?? null;
}
