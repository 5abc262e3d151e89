/**
 * How long this process was able to notice anything: time in which it was stopped, starved of the processor or asleep with
 * its machine does not count. Silence that nobody could have heard says nothing about a camera. Pure.
 */

/** Somewhat more than the second after which a clock of this kind is looked at again. */
const LONGEST_STEP_MS = 1_500;

export class AwakeTime {
  #lookedMs: number;
  #awakeMs = 0;

  /** @param monotonicMs now */
  constructor(monotonicMs: number) {
    this.#lookedMs = monotonicMs;
  }

  /**
   * Milliseconds since the beginning; to be asked about once a second, for of a longer pause only a little counts.
   * @param monotonicMs now
   */
  at(monotonicMs: number): number {
    this.#awakeMs += Math.min(LONGEST_STEP_MS, monotonicMs - this.#lookedMs);
    this.#lookedMs = monotonicMs;
    return this.#awakeMs;
  }
}
