/** Limits that do not run while the process itself is held up. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AwakeTimers } from '../../src/cameras/awakeTimers.ts';

/** What the clock has leapt while no timer could run. */
let heldUpMs: number;
let fired: string[];
let timers: AwakeTimers<'connect' | 'retry'>;

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  heldUpMs = 0;
  fired = [];
  timers = new AwakeTimers({ monotonic: () => performance.now() + heldUpMs });
});
afterEach(() => void vi.useRealTimers());

/** Time goes by, and somebody looks once a second. */
function pass(seconds: number): void {
  for (let second = 0; second < seconds; second++) {
    vi.advanceTimersByTime(1_000);
    timers.now();
  }
}

describe('AwakeTimers', () => {
  it('fire when their time is over', () => {
    timers.set('connect', 12_000, () => fired.push('connect'));
    pass(11);
    expect(fired).toEqual([]);
    pass(1);
    expect(fired).toEqual(['connect']);
  });

  it('do not count how long the process was held up, but for a step', () => {
    timers.set('connect', 12_000, () => fired.push('connect'));
    pass(2);
    heldUpMs += 60_000;
    pass(9);
    expect(fired).toEqual([]);
    expect(timers.now()).toBe(11_500);
    pass(1);
    expect(fired).toEqual(['connect']);
  });

  it('are replaced by name, and called off', () => {
    timers.set('retry', 1_000, () => fired.push('first'));
    timers.set('retry', 2_000, () => fired.push('second'));
    timers.set('connect', 1_000, () => fired.push('connect'));
    timers.clear('connect');
    pass(3);
    expect(fired).toEqual(['second']);
  });
});
