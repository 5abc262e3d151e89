import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RunId, runId } from '../../src/domain/ids.ts';
import { epochMs, type Interval } from '../../src/domain/time.ts';
import { intersect, recordedRuns, share, subtract, totalMs, union } from '../../src/domain/timeline.ts';

const A = runId('00000000-0000-4000-8000-00000000000a');
const B = runId('00000000-0000-4000-8000-00000000000b');

const span = ([start, end]: readonly [number, number]): Interval => ({
  startMs: epochMs(start),
  endMs: epochMs(end),
});
const list = (...pairs: readonly (readonly [number, number])[]): Interval[] => pairs.map(span);
const segment = ([id, ...pair]: readonly [RunId, number, number]) => ({ runId: id, ...span(pair) });

/** Sorted, and may overlap, touch and be empty. */
const loose = fc
  .array(fc.tuple(fc.nat(200), fc.nat(20)), { maxLength: 12 })
  .map((pairs) => list(...pairs.map(([start, length]) => [start, start + length] as const)))
  .map((intervals) => intervals.sort((a, b) => a.startMs - b.startMs));
/** Sorted, disjoint, not touching, not empty. */
const clean = loose.map((intervals) => union(intervals, []));

/** The milliseconds in a list, one by one: what the algebra has to agree with. */
const points = (intervals: readonly Interval[]): Set<number> =>
  new Set(
    intervals.flatMap(({ startMs, endMs }) => Array.from({ length: endMs - startMs }, (_, i) => startMs + i)),
  );
const isClean = (intervals: readonly Interval[]): boolean =>
  intervals.every(({ startMs, endMs }, i) => {
    const before = intervals[i - 1];
    return startMs < endMs && (!before || before.endMs < startMs);
  });

describe('recordedRuns', () => {
  it.each<[string, (readonly [RunId, number, number])[], (readonly [number, number])[]]>([
    ['nothing', [], []],
    [
      'one run that rounds',
      [
        [A, 0, 60_001],
        [A, 60_000, 119_950],
        [A, 120_050, 180_000],
      ],
      [[0, 180_000]],
    ],
    [
      'a hole of 100 ms within a run',
      [
        [A, 0, 1_000],
        [A, 1_100, 2_000],
      ],
      [[0, 2_000]],
    ],
    [
      'a hole of 101 ms within a run',
      [
        [A, 0, 1_000],
        [A, 1_101, 2_000],
      ],
      [
        [0, 1_000],
        [1_101, 2_000],
      ],
    ],
    [
      'two runs with a hole of 50 ms',
      [
        [A, 0, 1_000],
        [B, 1_050, 2_000],
      ],
      [
        [0, 1_000],
        [1_050, 2_000],
      ],
    ],
    [
      'two runs that touch',
      [
        [A, 0, 1_000],
        [B, 1_000, 2_000],
      ],
      [[0, 2_000]],
    ],
    [
      'runs that overlap after a clock stepped back',
      [
        [A, 0, 9_000],
        [B, 3_000, 4_000],
      ],
      [[0, 9_000]],
    ],
    ['an empty segment', [[A, 5, 5]], []],
  ])('joins %s', (_name, segments, expected) => {
    expect(recordedRuns(segments.map(segment))).toEqual(list(...expected));
  });
});

describe('share', () => {
  it.each<[(readonly [number, number])[], readonly [number, number], number]>([
    [[], [0, 100], 0],
    [[[0, 100]], [0, 100], 1],
    [
      [
        [0, 50],
        [75, 200],
      ],
      [0, 100],
      0.75,
    ],
    [[[0, 50]], [50, 100], 0],
    [[[0, 50]], [20, 20], 0],
  ])('of %j in %j is %d', (intervals, bounds, expected) => {
    expect(share(list(...intervals), span(bounds))).toBe(expected);
  });
});

describe('the algebra of intervals', () => {
  it('gives clean lists that agree with the milliseconds in them', () => {
    fc.assert(
      fc.property(clean, clean, loose, (a, b, l) => {
        const [inA, inB] = [points(a), points(b)];
        for (const [got, expected] of [
          [union(a, l), new Set([...inA, ...points(l)])],
          [intersect(a, b), new Set([...inA].filter((ms) => inB.has(ms)))],
          [subtract(a, b), new Set([...inA].filter((ms) => !inB.has(ms)))],
        ] as const) {
          expect(points(got)).toEqual(expected);
          expect(isClean(got)).toBe(true);
        }
      }),
    );
  });

  it('keeps its laws', () => {
    fc.assert(
      fc.property(clean, clean, (a, b) => {
        expect(union(a, a)).toEqual(a);
        expect(union(a, b)).toEqual(union(b, a));
        expect(intersect(a, b)).toEqual(intersect(b, a));
        expect(union(subtract(a, b), intersect(a, b))).toEqual(a);
        expect(intersect(subtract(a, b), b)).toEqual([]);
        expect(totalMs(subtract(a, b)) + totalMs(intersect(a, b))).toBe(totalMs(a));
        expect(totalMs(union(a, b)) + totalMs(intersect(a, b))).toBe(totalMs(a) + totalMs(b));
      }),
    );
  });

  it('takes lists of a year of minutes', () => {
    const minutes = Array.from({ length: 525_600 }, (_, i) => span([i * 60_000, i * 60_000 + 59_000]));
    const year = list([0, 525_600 * 60_000]);
    expect(totalMs(subtract(year, minutes))).toBe(525_600 * 1_000);
    expect(intersect(minutes, year)).toHaveLength(525_600);
  });
});
