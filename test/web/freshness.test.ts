import { expect, test } from 'vitest';
import { isDue } from '../../web/playback/freshness.ts';

const HOUR_MS = 3_600_000;
const BLOCK = { startMs: 0, endMs: HOUR_MS };

test('a block that still grows is asked for every few seconds', () => {
  expect(isDue(BLOCK, 1_000_000, 1_004_000)).toBe(false);
  expect(isDue(BLOCK, 1_000_000, 1_006_000)).toBe(true);
});

test('a block that was asked for at its end is asked for again: its last seconds were not in the books yet', () => {
  expect(isDue(BLOCK, HOUR_MS + 100, HOUR_MS + 6_000)).toBe(true);
});

test('a block that is over is asked for once a minute: what is in it may have been deleted, or have come back', () => {
  const loadedMs = HOUR_MS + 60_000;
  expect(isDue(BLOCK, loadedMs, loadedMs + 30_000)).toBe(false);
  expect(isDue(BLOCK, loadedMs, loadedMs + 61_000)).toBe(true);
});
