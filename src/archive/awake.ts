/** Limits for disks, which count the time in which this process ran (`domain/awake.ts`). */
import { AwakeTime } from '../domain/awake.ts';

/** So often it is looked how much of a limit is over; however long the process is held up, that counts as one and a half. */
const STEPS = 10;

/**
 * Calls back once, when so many milliseconds have passed in which the process ran.
 * @returns what calls it off
 */
export function afterAwake(limitMs: number, over: () => void): () => void {
  const stepMs = limitMs / STEPS;
  const awake = new AwakeTime(performance.now(), 1.5 * stepMs);
  const timer = setInterval(() => {
    if (awake.at(performance.now()) < limitMs) return;
    clearInterval(timer);
    over();
  }, stepMs);
  return () => clearInterval(timer);
}

/** A limit of that kind, which may be set anew. */
export class AwakeLimit {
  /** Resolves when it is reached. */
  readonly reached: Promise<void>;
  #reach = () => {};
  #callOff = () => {};

  constructor() {
    this.reached = new Promise((resolve) => {
      this.#reach = resolve;
    });
  }

  /** From now on, in ms. */
  set(limitMs: number): void {
    this.#callOff();
    this.#callOff = afterAwake(limitMs, this.#reach);
  }

  /** It is not reached any more. */
  clear(): void {
    this.#callOff();
  }
}
