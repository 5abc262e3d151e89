import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  LONGEST_RETRY_MS,
  paceOf,
  QUICK_FOR_MS,
  QUICK_RETRY_MS,
  retryDelayMs,
} from '../../src/domain/backoff.ts';
import { SOURCE_CAUSES, type SourceCause } from '../../src/domain/source.ts';

const CAUSES = Object.keys(SOURCE_CAUSES) as SourceCause[];
const quick = CAUSES.filter((cause) => paceOf(cause) === 'quick');
const cause = fc.constantFrom(...CAUSES);
const random = fc.double({ min: 0, max: 1, noNaN: true });
const attempt = fc.integer({ min: 1, max: 100_000 });

describe('retryDelayMs', () => {
  it('retries quickly what may be back any moment', () => {
    expect(new Set(quick)).toEqual(
      new Set(['unreachable', 'ended', 'stalled', 'timed-out', 'no-signal', 'encoder']),
    );
  });

  it.each<[SourceCause, number, number, number]>([
    ['unreachable', 1, 200, 250],
    ['ended', 2, 400, 500],
    ['stalled', 3, 560, 700],
    ['timed-out', 110, 560, 700],
    ['unreachable', 111, 1_000, 1_250],
    ['unreachable', 112, 2_000, 2_500],
    ['unreachable', 10_000, 24_000, 30_000],
    ['not-found', 1, 1_000, 1_250],
    ['internal', 3, 4_000, 5_000],
    ['no-media', 9, 24_000, 30_000],
    ['unauthorised', 1, 5_000, 6_250],
    ['unauthorised', 2, 10_000, 12_500],
    ['unauthorised', 3, 20_000, 25_000],
    ['unauthorised', 4, 24_000, 30_000],
  ])('after %s, attempt %i waits %i to %i ms', (failure, count, least, most) => {
    expect([0, 1].map((drawn) => retryDelayMs(count, failure, drawn))).toEqual([least, most]);
  });

  it('is a whole number of milliseconds, positive, and never above the cap', () => {
    fc.assert(
      fc.property(attempt, cause, random, (count, failure, drawn) => {
        const delay = retryDelayMs(count, failure, drawn);
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(200);
        expect(delay).toBeLessThanOrEqual(LONGEST_RETRY_MS);
      }),
    );
  });

  it('never gets shorter with the next attempt, for the same random number', () => {
    fc.assert(
      fc.property(attempt, cause, random, (count, failure, drawn) => {
        const [delay, next] = [count, count + 1].map((each) => retryDelayMs(each, failure, drawn));
        expect(next).toBeGreaterThanOrEqual(delay ?? Number.NaN);
      }),
    );
  });

  it('stays quick for a minute even when attempts take no time and jitter is always the shortest', () => {
    for (const failure of quick) {
      let sum = 0;
      for (let count = 1; sum < QUICK_FOR_MS; count += 1) {
        expect(retryDelayMs(count, failure, 1)).toBeLessThanOrEqual(QUICK_RETRY_MS);
        sum += retryDelayMs(count, failure, 0);
      }
    }
  });
});
