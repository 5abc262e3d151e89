/** How much of an interval was kept. Pure. */
import type { Lane } from '../playback/archive.ts';
import type { Interval } from '../time/zone.ts';

/**
 * The part of an interval that was kept, counted from the first footage there is; null without any. Recordings of a
 * long interval are told in whole cells, so what is known to be missing is counted as well.
 */
export function shareOf(
  { recordings, gaps }: Pick<Lane, 'recordings' | 'gaps'>,
  interval: Interval,
  firstMs: number | null,
): number | null {
  const first = recordings.find(inside(interval))?.startMs;
  if (first === undefined) return null;
  // A camera that is younger than the interval is not to blame for the time before it.
  const young = firstMs !== null && firstMs > interval.startMs - 86_400_000;
  const startMs = young ? Math.max(interval.startMs, first) : interval.startMs;
  const counted = { startMs, endMs: interval.endMs };
  const span = Math.max(1, counted.endMs - counted.startMs);
  const recordedMs = sum(recordings.map((each) => lengthIn(counted, each)));
  // What is missing lies somewhere in each gap: all over it, as far as is known.
  const missingMs = sum(
    gaps.map((gap) => (lengthIn(counted, gap) * gap.missingMs) / Math.max(1, gap.endMs - gap.startMs)),
  );
  return Math.min(recordedMs, span - missingMs) / span;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** How much of an interval another takes up, in milliseconds. */
function lengthIn(interval: Interval, { startMs, endMs }: Interval): number {
  return Math.max(0, Math.min(endMs, interval.endMs) - Math.max(startMs, interval.startMs));
}

/** Whether any of it lies within an interval. */
export function inside(interval: Interval): (each: Interval) => boolean {
  return ({ startMs, endMs }) => endMs > interval.startMs && startMs < interval.endMs;
}
