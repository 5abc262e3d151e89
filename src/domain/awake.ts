/**
 * How long this process was able to notice anything: time in which it was stopped, starved of the processor or asleep with
 * its machine does not count. Silence that nobody could have heard says nothing about a camera. Pure.
 */

export class AwakeTime {
  readonly #longestStepMs: number;
  #lookedMs: number;
  #awakeMs = 0;

  /**
   * @param monotonicMs now
   * @param longestStepMs how much of a pause counts: somewhat more than the time after which it is asked again, which is
   *   a second where nothing is said
   */
  constructor(monotonicMs: number, longestStepMs = 1_500) {
    this.#lookedMs = monotonicMs;
    this.#longestStepMs = longestStepMs;
  }

  /**
   * Milliseconds since the beginning.
   * @param monotonicMs now
   */
  at(monotonicMs: number): number {
    this.#awakeMs += Math.min(this.#longestStepMs, monotonicMs - this.#lookedMs);
    this.#lookedMs = monotonicMs;
    return this.#awakeMs;
  }
}
