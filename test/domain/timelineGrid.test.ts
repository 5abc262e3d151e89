/** Where a stretch that grows is cut: whole cells, none lost, seldom elsewhere. */
import { expect, it } from 'vitest';
import { epochMs } from '../../src/domain/time.ts';
import { cutBefore, gridOver } from '../../src/domain/timelineGrid.ts';

const DAY = 86_400_000;
const shape = gridOver({ startMs: epochMs(20_000 * DAY), endMs: epochMs(20_001 * DAY) }, 60_000);
const cutsAt = (atMs: number) => cutBefore(shape, atMs).map(({ count }) => count);

it('cuts before a moment, at the same cell for a while', () => {
  const [before, rest] = cutBefore(shape, shape.startMs + 700 * 60_000);
  expect(before?.startMs).toBe(shape.startMs);
  expect(Number(rest?.startMs)).toBe(shape.startMs + Number(before?.count) * 60_000);
  expect(Number(before?.count) + Number(rest?.count)).toBe(shape.count);
  expect(700 - Number(before?.count)).toBeLessThan(64);
  const cuts = Array.from({ length: 64 }, (_, minute) => cutsAt(shape.startMs + (700 + minute) * 60_000)[0]);
  expect(new Set(cuts).size).toBe(2);
});

it('leaves whole what lies before or after it', () => {
  expect(cutsAt(0)).toEqual([shape.count]);
  expect(cutsAt(shape.startMs)).toEqual([shape.count]);
  expect(cutsAt(shape.startMs + 2 * DAY)).toEqual([shape.count]);
});
