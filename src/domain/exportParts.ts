/**
 * Which footage of a range goes into one file. A file has one codec configuration: where the camera's changed, the
 * range falls into parts, each exported by itself. Gaps are closed, or split the range too, as wanted.
 */
import { continues, type MediaSpan } from './playlist.ts';
import { ticks } from './ticks.ts';
import { DAY_MS, type Interval } from './time.ts';
import { recordedRuns, type SegmentSpan, totalMs } from './timeline.ts';

/** A week of a camera with sound has a `moov` of a quarter of a gigabyte, which players have to read at once. */
export const LONGEST_FILE_MS = 8 * DAY_MS;

/** What is done with an interval without footage: left out without a trace, or a new part begins after it. */
export type GapRule = 'close' | 'split';

export interface ExportSegment extends SegmentSpan, MediaSpan {
  /** Names the init segment, which is one codec configuration. */
  readonly initKey: string;
}

/** Footage that can be one file. */
export interface ExportPart<Segment> extends Interval {
  /** Counts from 1. */
  readonly part: number;
  /** Milliseconds of it that are recorded. */
  readonly recordedMs: number;
  readonly segments: readonly [Segment, ...Segment[]];
}

/** @param segments that overlap the interval, sorted by start */
export function exportParts<Segment extends ExportSegment>(
  segments: readonly Segment[],
  interval: Interval,
  gaps: GapRule,
): ExportPart<Segment>[] {
  const isNew = (segment: Segment, before: Segment) =>
    segment.initKey !== before.initKey || (gaps === 'split' && !continues(segment, before));
  return groups(segments, isNew).map((group, index) => {
    const covered = recordedRuns(group.map((segment) => clip(segment, interval)));
    const startMs = covered[0]?.startMs ?? interval.startMs;
    const endMs = covered.at(-1)?.endMs ?? interval.endMs;
    return { part: index + 1, startMs, endMs, recordedMs: totalMs(covered), segments: group };
  });
}

/** Adds segments to a list, each to the last where it goes on with that: so a year is not held segment by segment. */
export function addJoined(list: ExportSegment[], segments: readonly ExportSegment[]): void {
  for (const { runId, initKey, startMs, endMs, startTicks, durationTicks } of segments) {
    const last = list.at(-1);
    if (
      last === undefined ||
      last.initKey !== initKey ||
      !continues({ runId, startTicks, durationTicks }, last)
    ) {
      list.push({ runId, initKey, startMs, endMs, startTicks, durationTicks });
    } else {
      const length = ticks(startTicks + durationTicks - last.startTicks);
      list[list.length - 1] = { ...last, endMs, durationTicks: length };
    }
  }
}

/** Segments of one run that follow each other without a pause. */
export function stretches<Segment extends ExportSegment>(segments: readonly Segment[]) {
  return groups(segments, (segment, before) => !continues(segment, before));
}

function groups<T>(items: readonly T[], isNew: (item: T, before: T) => boolean): [T, ...T[]][] {
  const found: [T, ...T[]][] = [];
  let before: T | undefined;
  for (const item of items) {
    const open = found.at(-1);
    if (open === undefined || before === undefined || isNew(item, before)) found.push([item]);
    else open.push(item);
    before = item;
  }
  return found;
}

function clip(segment: SegmentSpan, { startMs, endMs }: Interval): SegmentSpan {
  return {
    runId: segment.runId,
    startMs: segment.startMs > startMs ? segment.startMs : startMs,
    endMs: segment.endMs < endMs ? segment.endMs : endMs,
  };
}
