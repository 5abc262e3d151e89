/** The live socket where none gets through: it is looked for while something plays that would rather come over it. */
import { effect } from '@preact/signals';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const MINUTE_MS = 60_000;

/** A connection that is refused a moment after it was asked for. */
class Refused extends EventTarget {
  static readonly OPEN = 1;
  static opened = 0;
  readonly readyState = 3;
  constructor() {
    super();
    Refused.opened += 1;
    setTimeout(() => this.dispatchEvent(new Event('close')), 10);
  }
  close(): void {}
  send(): void {}
}

beforeEach(() => {
  vi.useFakeTimers();
  Refused.opened = 0;
  const location = { origin: 'http://recorder.example' };
  vi.stubGlobal('window', { setTimeout, clearTimeout, location });
  vi.stubGlobal('document', { visibilityState: 'visible', addEventListener: () => undefined });
  vi.stubGlobal('WebSocket', Refused);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('nothing is looked for while nothing plays', async () => {
  const { socketUnavailable, subscribeLive } = await import('../../web/live/socket.ts');
  const sink = { init: () => undefined, fragment: () => undefined, lost: () => undefined };
  const unsubscribe = subscribeLive('door', 'main', sink);
  const stopPlaying = effect(() => void socketUnavailable.value);
  vi.advanceTimersByTime(10_000);
  expect(socketUnavailable.peek()).toBe(true);
  unsubscribe();

  const before = Refused.opened;
  vi.advanceTimersByTime(10 * MINUTE_MS);
  expect(Refused.opened).toBeGreaterThan(before);

  stopPlaying();
  const stopped = Refused.opened;
  vi.advanceTimersByTime(10 * MINUTE_MS);
  expect(Refused.opened).toBe(stopped);

  const stopAgain = effect(() => void socketUnavailable.value);
  vi.advanceTimersByTime(10_000);
  expect(Refused.opened).toBeGreaterThan(stopped);
  stopAgain();
});
