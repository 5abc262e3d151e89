import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SyncTimer } from '../../src/archive/syncTimer.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'], now: 0 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** When a timer of 1,500 ms is due, in ms from when the media was taken; the media is written `writtenMs` later. */
function dueAfter(delayMs: number, writtenMs = 0): number {
  const due: number[] = [];
  const timer = new SyncTimer(1500, () => due.push(timer.dueMs ?? Number.NaN));
  const takenMs = performance.now();
  vi.advanceTimersByTime(writtenMs);
  timer.written(takenMs, () => delayMs);
  vi.advanceTimersByTime(60_000);
  expect(due).toHaveLength(1);
  return (due[0] ?? Number.NaN) - takenMs;
}

it('waits as long as it may while the disk is fast', () => {
  expect(dueAfter(0)).toBe(1500);
});

it('begins so much earlier as the disk has taken of late, so that it has ended in time', () => {
  expect(dueAfter(400)).toBe(1100);
});

it('leaves a slow disk half of the time for other work', () => {
  expect(dueAfter(5000)).toBe(750);
});

it('counts from when media was taken, not from when it was written after all', () => {
  expect(dueAfter(0, 1000)).toBe(1500);
  expect(dueAfter(400, 1000)).toBe(1100);
});

it('is due at once where media has waited too long for a file already', () => {
  expect(dueAfter(0, 3000)).toBe(3000);
});

it('goes by the oldest media that was written', () => {
  const timer = new SyncTimer(1500, () => undefined);
  timer.written(performance.now(), () => 0);
  vi.advanceTimersByTime(1000);
  timer.written(performance.now(), () => 0);
  vi.advanceTimersByTime(500);
  expect(timer.dueMs).not.toBeNull();
});

it('forgets what was synced', () => {
  const timer = new SyncTimer(1500, () => expect.fail('was cleared'));
  timer.written(performance.now(), () => 0);
  timer.clear();
  vi.advanceTimersByTime(60_000);
  timer.written(performance.now(), () => 0);
  vi.advanceTimersByTime(1400);
  timer.clear();
  vi.advanceTimersByTime(60_000);
});
