/** From intervals to what is drawn: runs of whole CSS pixels, so that a year of footage is as cheap as an hour. Pure. */
import type { Interval } from '../../time/zone.ts';
import type { Activity } from '../archive.ts';
import { type View, xOf } from './view.ts';

/** From the left edge of pixel `from` up to the left edge of pixel `to`. */
export interface Run {
  readonly from: number;
  readonly to: number;
}

/** Runs of pixels that the intervals touch, joined where they meet. @param intervals sorted by start */
export function pixelRuns(intervals: readonly Interval[], view: View, width: number): readonly Run[] {
  const runs: { from: number; to: number }[] = [];
  for (const { startMs, endMs } of intervals) {
    if (endMs <= view.startMs || startMs >= view.endMs) continue;
    const from = Math.max(0, Math.floor(xOf(startMs, view, width)));
    const to = Math.min(width, Math.max(from + 1, Math.ceil(xOf(endMs, view, width))));
    const last = runs.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else runs.push({ from, to });
  }
  return runs;
}

/** So many steps of activity can be told apart in a bar. */
export const LEVELS = 10;
const MOST_ACTIVITY = 250;

/** The eye sees little movements better than their numbers say. */
const LEVEL_OF = Uint8Array.from({ length: MOST_ACTIVITY + 1 }, (_, peak) =>
  Math.floor(Math.sqrt(peak / MOST_ACTIVITY) * LEVELS),
);

/** For each pixel the most that moved in it, in steps of 0 to `LEVELS`. @param width whole pixels */
export function activityLevels(activity: readonly Activity[], view: View, width: number): Uint8Array {
  const levels = new Uint8Array(width);
  for (const { startMs, cellMs, peaks } of activity) {
    const first = Math.max(0, Math.floor((view.startMs - startMs) / cellMs));
    const last = Math.min(peaks.length, Math.ceil((view.endMs - startMs) / cellMs));
    for (let index = first; index < last; index++) {
      const level = LEVEL_OF[peaks[index] ?? 0] ?? LEVELS;
      if (level === 0) continue;
      const from = Math.max(0, Math.floor(xOf(startMs + index * cellMs, view, width)));
      const to = Math.max(from + 1, Math.floor(xOf(startMs + (index + 1) * cellMs, view, width)));
      for (let x = from; x < to && x < width; x++) levels[x] = Math.max(levels[x] ?? 0, level);
    }
  }
  return levels;
}

/** Joins what overlaps or touches. @param intervals in any order */
export function joined(intervals: readonly Interval[]): readonly Interval[] {
  const sorted = [...intervals].sort((a, b) => a.startMs - b.startMs);
  const result: { startMs: number; endMs: number }[] = [];
  for (const { startMs, endMs } of sorted) {
    const last = result.at(-1);
    if (last && startMs <= last.endMs) last.endMs = Math.max(last.endMs, endMs);
    else result.push({ startMs, endMs });
  }
  return result;
}

/** The interval that holds a moment. */
export function holding<T extends Interval>(intervals: readonly T[], ms: number): T | null {
  return intervals.find(({ startMs, endMs }) => startMs <= ms && ms < endMs) ?? null;
}

/** The footage nearest to a moment: the end of what is before it, the start of what comes after. */
export function nearest(
  intervals: readonly Interval[],
  ms: number,
): { readonly beforeMs: number | null; readonly afterMs: number | null } {
  const before = intervals.findLast(({ endMs }) => endMs <= ms);
  const after = intervals.find(({ startMs }) => startMs > ms);
  return { beforeMs: before ? before.endMs : null, afterMs: after ? after.startMs : null };
}
