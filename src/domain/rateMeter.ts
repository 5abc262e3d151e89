/** How much comes per second, from what came in the last few. Pure: whoever counts says what time it is. */

/** Seconds that are looked back. */
const SPAN_S = 10;

export class RateMeter {
  /** Amounts of the last seconds, each at its second modulo the span. */
  readonly #amounts = new Float64Array(SPAN_S);
  readonly #seconds = new Float64Array(SPAN_S).fill(Number.NEGATIVE_INFINITY);
  #firstS: number | null = null;

  /** @param ms of a clock that never steps */
  add(amount: number, ms: number): void {
    const second = Math.floor(ms / 1000);
    const slot = second % SPAN_S;
    this.#firstS ??= second;
    if (this.#seconds[slot] !== second) this.#amounts[slot] = 0;
    this.#seconds[slot] = second;
    this.#amounts[slot] = (this.#amounts[slot] ?? 0) + amount;
  }

  /** Of the last seconds that are over; 0 when nothing came in them. */
  perSecond(ms: number): number {
    const now = Math.floor(ms / 1000);
    if (this.#firstS === null || now <= this.#firstS) return 0;
    const span = Math.min(SPAN_S - 1, now - this.#firstS);
    const sum = this.#amounts.reduce((total, amount, slot) => {
      const age = now - (this.#seconds[slot] ?? Number.NEGATIVE_INFINITY);
      return age >= 1 && age <= span ? total + amount : total;
    }, 0);
    return sum / span;
  }
}
