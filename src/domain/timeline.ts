/**
 * Rows of the index as intervals of wall time, and the algebra of intervals the timeline needs. Lists are sorted by
 * start; what these functions give is also disjoint, never touching and never empty. All of it is linear.
 */
import type { RunId, SegmentId } from './ids.ts';
import type { Gop } from './media.ts';
import type { Ticks } from './ticks.ts';
import type { EpochMs, Interval } from './time.ts';

/** Where a segment lies in wall time, and which run it is of. */
export interface SegmentSpan extends Interval {
  readonly runId: RunId;
}

/** What a playlist needs to know of a segment. */
export interface SegmentRow extends SegmentSpan {
  readonly id: SegmentId;
  /** Names the init segment; runs with the same codec configuration may share one. */
  readonly initKey: string;
  /** On the run's media clock. */
  readonly startTicks: Ticks;
  readonly durationTicks: Ticks;
  readonly gops: readonly Gop[];
}

/** Milliseconds by which two segments of one run may miss each other and still be one recording: rounding. */
export const ROUNDING_MS = 100;

/**
 * The contiguous intervals that segments cover. Segments of one run that miss each other by up to `ROUNDING_MS` are
 * continuous; those of different runs only when they touch or overlap.
 * @param segments sorted by start.
 */
export function recordedRuns(segments: readonly SegmentSpan[]): Interval[] {
  const joined: Interval[] = [];
  let runId: RunId | undefined;
  for (const segment of segments) {
    append(joined, segment.startMs, segment.endMs, segment.runId === runId ? ROUNDING_MS : 0);
    runId = segment.runId;
  }
  return joined;
}

/** Intervals that may overlap, sorted by start, as the disjoint ones they cover; misses up to `slackMs` are closed. */
export function joined(intervals: readonly Interval[], slackMs: number): Interval[] {
  const found: Interval[] = [];
  for (const { startMs, endMs } of intervals) append(found, startMs, endMs, slackMs);
  return found;
}

/** Milliseconds that a list of disjoint intervals covers. */
export function totalMs(intervals: readonly Interval[]): number {
  return intervals.reduce((sum, interval) => sum + interval.endMs - interval.startMs, 0);
}

/** The part of the bounds, 0–1, that disjoint intervals cover; 0 of empty bounds. */
export function share(intervals: readonly Interval[], bounds: Interval): number {
  const whole = bounds.endMs - bounds.startMs;
  return whole > 0 ? totalMs(intersect(intervals, [bounds])) / whole : 0;
}

/** What is in either list. Intervals within a list may overlap. */
export function union(left: readonly Interval[], right: readonly Interval[]): Interval[] {
  const joined: Interval[] = [];
  let l = 0;
  let r = 0;
  for (;;) {
    const a = left[l];
    const b = right[r];
    const next = !b || (a && a.startMs <= b.startMs) ? a : b;
    if (!next) return joined;
    if (next === a) l++;
    else r++;
    append(joined, next.startMs, next.endMs);
  }
}

/** What is in both lists of disjoint intervals. */
export function intersect(left: readonly Interval[], right: readonly Interval[]): Interval[] {
  const common: Interval[] = [];
  let l = 0;
  let r = 0;
  for (let a = left[l], b = right[r]; a && b; a = left[l], b = right[r]) {
    append(common, later(a.startMs, b.startMs), earlier(a.endMs, b.endMs));
    if (a.endMs <= b.endMs) l++;
    else r++;
  }
  return common;
}

/** What is in the first list of disjoint intervals and not in the second. */
export function subtract(from: readonly Interval[], what: readonly Interval[]): Interval[] {
  const left: Interval[] = [];
  let w = 0;
  for (const { startMs, endMs } of from) {
    let start = startMs;
    for (let hole = what[w]; hole && hole.startMs < endMs; hole = what[w]) {
      append(left, start, earlier(hole.startMs, endMs));
      start = later(start, hole.endMs);
      // A hole that reaches past this interval may cut the next one as well.
      if (hole.endMs > endMs) break;
      w++;
    }
    append(left, start, endMs);
  }
  return left;
}

/** Adds an interval behind the last, or joins it to that when they miss each other by no more than `slackMs`. */
function append(intervals: Interval[], startMs: EpochMs, endMs: EpochMs, slackMs = 0): void {
  if (startMs >= endMs) return;
  const last = intervals.at(-1);
  if (!last || startMs - last.endMs > slackMs) intervals.push({ startMs, endMs });
  else if (endMs > last.endMs) intervals[intervals.length - 1] = { startMs: last.startMs, endMs };
}

function earlier(a: EpochMs, b: EpochMs): EpochMs {
  return a < b ? a : b;
}

function later(a: EpochMs, b: EpochMs): EpochMs {
  return a > b ? a : b;
}
