import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  PREVIEW_STEPS_MS,
  SHEET_TILES,
  sheetStarts,
  standsFor,
  stepFor,
  tileIntervals,
} from '../../src/domain/previews.ts';
import { epochMs, type Interval } from '../../src/domain/time.ts';

function interval(startMs: number, endMs: number): Interval {
  return { startMs: epochMs(startMs), endMs: epochMs(endMs) };
}

const DAY = 86_400_000;

describe('sheets', () => {
  it.each([
    [60_000, 10_000],
    [DAY, 10_000],
    [DAY + 1, 60_000],
    [7 * DAY, 60_000],
    [31 * DAY, 600_000],
  ])('of %i ms have tiles of %i ms', (length, step) => expect(stepFor(interval(5, 5 + length))).toBe(step));

  it('begin at the same moments for every range, and cover it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2e12 }),
        fc.integer({ min: 1, max: DAY }),
        fc.constantFrom(...PREVIEW_STEPS_MS),
        (start, length, step) => {
          const starts = sheetStarts(interval(start, start + length), step);
          const sheetMs = step * SHEET_TILES;
          expect(starts.every((each) => each % sheetMs === 0)).toBe(true);
          expect(starts[0]).toBeLessThanOrEqual(start);
          expect((starts.at(-1) ?? 0) + sheetMs).toBeGreaterThanOrEqual(start + length);
          expect((starts.at(-1) ?? 0) - (starts[0] ?? 0)).toBe((starts.length - 1) * sheetMs);
        },
      ),
    );
  });

  it('are refused of a range that is too long', () => {
    expect(sheetStarts(interval(0, 31 * DAY), 600_000)).toHaveLength(149);
    expect(() => sheetStarts(interval(0, 32 * DAY), 600_000)).toThrow('too long');
    expect(() => sheetStarts(interval(0, 3 * DAY), 10_000)).toThrow('too long');
  });
});

describe('tiles', () => {
  it('divide a range without holes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2e12 }), fc.integer({ min: 48, max: DAY }), (start, length) => {
        const tiles = tileIntervals(interval(start, start + length), 48);
        expect([tiles[0]?.startMs, tiles[47]?.endMs]).toEqual([start, start + length]);
        for (const [index, tile] of tiles.slice(1).entries()) expect(tile.startMs).toBe(tiles[index]?.endMs);
      }),
    );
  });

  const spans = [interval(0, 10), interval(10, 20), interval(30, 40)];
  it.each([
    ['what holds its middle', interval(8, 18), 1],
    ['what reaches into it, when its middle is in a gap', interval(18, 32), 1],
    ['what begins in it', interval(22, 34), 2],
    ['nothing in a gap', interval(20, 30), null],
    ['nothing after the end', interval(40, 50), null],
  ])('are stood for by %s', (_, tile, expected) => {
    expect(standsFor(spans, tile)).toBe(expected === null ? null : spans[expected]);
  });
});
