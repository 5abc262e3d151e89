/** Parts of timelines are kept up to so many bytes, those that were used last the longest. */
import { expect, it } from 'vitest';
import { KeptParts } from '../../src/app/keptParts.ts';
import type { TimelinePart } from '../../src/app/timelineParts.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';
import { gridOver } from '../../src/domain/timelineGrid.ts';

const YARD = cameraId('yard');
const HOUR = 3_600_000;
const NOW = epochMs(100 * HOUR);

const shapeOf = (hour: number) =>
  gridOver({ startMs: epochMs(hour * HOUR), endMs: epochMs((hour + 1) * HOUR) }, 60_000);

function partOf(hour: number, settledMs = 0): TimelinePart {
  const column = Buffer.alloc(1_000);
  const none = { recordings: [], onMissingVolume: [], offClock: [], gaps: [], events: [] };
  return {
    ...{
      startMs: epochMs(hour * HOUR),
      spans: { cameraId: YARD, ...none },
      head: Buffer.alloc(100),
      settledMs,
    },
    cells: { counts: column, recorded: column, peaks: column, means: column },
  };
}

it('gives up what was not used for longest', () => {
  const kept = new KeptParts(20_000);
  for (const hour of [1, 2, 3]) kept.put(shapeOf(hour), partOf(hour), NOW);
  expect(kept.get(YARD, shapeOf(1), NOW)).not.toBeNull();
  for (const hour of [4, 4, 4]) kept.put(shapeOf(hour), partOf(hour), NOW);
  expect([1, 2, 3, 4].map((hour) => kept.get(YARD, shapeOf(hour), NOW)?.startMs ?? null)).toEqual([
    ...[HOUR, null, 3 * HOUR, 4 * HOUR],
  ]);
  expect(kept.bytes).toBeGreaterThan(12_000);
  expect(kept.bytes).toBeLessThanOrEqual(20_000);
  kept.forget(YARD, 0, Number.POSITIVE_INFINITY);
  expect(kept.bytes).toBe(0);
});

it('gives up what a change touches, of that camera, and nothing beside it', () => {
  const kept = new KeptParts(100_000);
  for (const hour of [1, 2, 3]) kept.put(shapeOf(hour), partOf(hour), NOW);
  kept.forget('door', 0, Number.POSITIVE_INFINITY);
  kept.forget(YARD, 2 * HOUR, 3 * HOUR);
  expect([1, 2, 3].map((hour) => kept.get(YARD, shapeOf(hour), NOW) === null)).toEqual([false, true, false]);
});

it('keeps nothing that is not over yet', () => {
  const kept = new KeptParts(100_000);
  kept.put(shapeOf(1), partOf(1, NOW + 1), NOW);
  kept.put(shapeOf(2), partOf(2, NOW), NOW);
  expect([1, 2].map((hour) => kept.get(YARD, shapeOf(hour), NOW) === null)).toEqual([true, false]);
  expect(kept.get(YARD, shapeOf(2), epochMs(NOW - 1))).toBeNull();
});
