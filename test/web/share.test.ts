/** How much of a day was kept, as the health page says it. */
import { expect, test } from 'vitest';
import { shareOf } from '../../web/health/share.ts';

const HOUR = 3_600_000;
const DAY = { startMs: 100 * HOUR, endMs: 124 * HOUR };
const between = (from: number, to: number) => ({ startMs: from * HOUR, endMs: to * HOUR });
const gap = (from: number, to: number, missing = to - from) => ({
  ...{ ...between(from, to), cause: 'stalled' },
  missingMs: missing * HOUR,
});

test.each([
  ['nothing is no share', [], [], null, null],
  ['what lies outside is none of it', [between(10, 90)], [], 10 * HOUR, null],
  ['all of it', [between(10, 130)], [], 10 * HOUR, 1],
  ['half of it', [between(10, 112)], [], 10 * HOUR, 0.5],
  ['a camera that is new is measured from its first footage', [between(118, 124)], [], 118 * HOUR, 1],
  ['one that is old is not', [between(118, 124)], [], 10 * HOUR, 0.25],
  // Recordings of a day are told in whole minutes: a gap that is shorter lies within one.
  ['a gap counts where the recordings run over it', [between(10, 130)], [gap(112, 118)], 10 * HOUR, 0.75],
  ['and only once where they leave it out', [between(10, 112), between(118, 130)], [gap(112, 118)], 0, 0.75],
  [
    'many short gaps that are told as one are as much as they miss',
    [between(10, 130)],
    [gap(100, 124, 6)],
    0,
    0.75,
  ],
  ['as far as they lie in it', [between(10, 130)], [gap(112, 136, 12)], 0, 0.75],
  ['a gap before a new camera’s footage does not', [between(118, 124)], [gap(112, 118)], 112 * HOUR, 1],
])('%s', (_what, recordings, gaps, firstMs, share) => {
  expect(shareOf({ recordings, gaps }, DAY, firstMs)).toBe(share);
});
