/** Which wall time a position on the element's timeline has. Pure. */

interface Mark {
  readonly seconds: number;
  readonly wallMs: number;
}

/** Marks in order of position. */
export class WallMarks {
  #marks: Mark[] = [];

  /** From this position on, the wall time counts from `wallMs`. */
  add(seconds: number, wallMs: number): void {
    this.#marks.push({ seconds, wallMs });
  }

  /** Epoch milliseconds; null before the first mark. */
  at(seconds: number): number | null {
    const mark = this.#marks.findLast((each) => each.seconds <= seconds + 0.001);
    return mark ? mark.wallMs + (seconds - mark.seconds) * 1_000 : null;
  }

  /** Forgets what is before a position, but for the mark that still counts there. */
  forget(seconds: number): void {
    const index = this.#marks.findLastIndex((each) => each.seconds <= seconds);
    this.#marks = seconds === Number.POSITIVE_INFINITY ? [] : this.#marks.slice(Math.max(0, index));
  }
}
