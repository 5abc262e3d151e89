/** How long the end of a run is waited for. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { END_LIMIT_MS, endInTime } from '../../src/cameras/openRun.ts';

/** By how much the clock is ahead of the timers: the recorder was held up as long. */
let heldUpMs: number;
const clock = { monotonic: () => performance.now() + heldUpMs };
let ended: () => void;
const handle = {
  end: () =>
    new Promise<void>((resolve) => {
      ended = resolve;
    }),
};

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  heldUpMs = 0;
});
afterEach(() => void vi.useRealTimers());

it('gives up a run that hangs', async () => {
  const inTime = endInTime(handle, clock);
  await vi.advanceTimersByTimeAsync(END_LIMIT_MS);
  expect(await inTime).toBe(false);
  expect(vi.getTimerCount()).toBe(0);
});

it('does not give up one because the recorder itself was held up', async () => {
  const inTime = endInTime(handle, clock);
  heldUpMs = 2 * END_LIMIT_MS;
  // What is due by then comes before what can be read.
  await vi.advanceTimersToNextTimerAsync();
  ended();
  expect(await inTime).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});
