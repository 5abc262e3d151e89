/** How long the slowest of the last operations took: the last minute's, give or take half of it. */

/** Two of them are remembered. */
const WINDOW_MS = 30_000;

export class DelayMeter {
  readonly #now: () => number;
  #fromMs: number;
  #slowest = 0;
  #slowestBefore = 0;

  /** @param now gives ms of a clock that never steps */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#fromMs = now();
  }

  /** In ms; 0 when there was none. */
  get slowestMs(): number {
    this.#turn();
    return Math.max(this.#slowest, this.#slowestBefore);
  }

  /** Does the work, however it ends, and notes how long it took. */
  async time<T>(work: () => Promise<T>): Promise<T> {
    const began = this.#now();
    try {
      return await work();
    } finally {
      this.#turn();
      this.#slowest = Math.max(this.#slowest, this.#now() - began);
    }
  }

  #turn(): void {
    const windows = Math.floor((this.#now() - this.#fromMs) / WINDOW_MS);
    if (windows === 0) return;
    this.#slowestBefore = windows === 1 ? this.#slowest : 0;
    this.#slowest = 0;
    this.#fromMs += windows * WINDOW_MS;
  }
}
