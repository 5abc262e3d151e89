/**
 * Limits for others that do not count against them how long this process itself was held up: stopped, starved of the
 * processor, or put to sleep with its machine. A disk has not been silent while nobody could have heard it.
 */

/** However long the process is held up, that is one of so many steps. */
const STEPS = 10;

/**
 * Calls back once, when so many milliseconds have passed in which the process ran.
 * @returns what calls it off
 */
export function afterAwake(limitMs: number, over: () => void): () => void {
  let left = STEPS;
  const timer = setInterval(() => {
    left--;
    if (left > 0) return;
    clearInterval(timer);
    over();
  }, limitMs / STEPS);
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
