/** Timers by name, which count the time in which this process ran (`domain/awake.ts`). */
import { AwakeTime } from '../domain/awake.ts';
import type { Clock } from '../domain/time.ts';

/** Whether something is done within so many milliseconds in which this process ran. Rejects as it does. */
export async function inTime(
  work: Promise<unknown>,
  limitMs: number,
  clock: Pick<Clock, 'monotonic'>,
): Promise<boolean> {
  const timers = new AwakeTimers<'limit'>(clock);
  const late = new Promise<boolean>((resolve) => {
    timers.set('limit', limitMs, () => resolve(false));
  });
  return await Promise.race([work.then(() => true), late]).finally(() => timers.clear('limit'));
}

/** Timers look again after so long, in ms. */
const LOOK_MS = 1_000;

export class AwakeTimers<Name extends string> {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #awake: AwakeTime;
  readonly #timers = new Map<Name, NodeJS.Timeout>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
    this.#awake = new AwakeTime(clock.monotonic());
  }

  /** Milliseconds since the beginning in which the process ran; to be asked about once a second. */
  now(): number {
    return this.#awake.at(this.#clock.monotonic());
  }

  /** Replaces a timer of the same name. */
  set(name: Name, afterMs: number, fire: () => void): void {
    this.clear(name);
    const dueMs = this.now() + afterMs;
    const look = () => {
      const leftMs = dueMs - this.now();
      if (leftMs > 0) wait(leftMs);
      else fire();
    };
    const wait = (leftMs: number) => {
      this.#timers.set(name, setTimeout(look, Math.min(leftMs, LOOK_MS)));
    };
    wait(afterMs);
  }

  clear(name: Name): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
  }
}
