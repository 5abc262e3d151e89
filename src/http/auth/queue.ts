/** A bounded queue for work that is done one at a time. */
import { Turns } from '../../domain/turns.ts';
import { HttpError } from '../problems.ts';

export class Queue {
  readonly #most: number;
  readonly #turns = new Turns();
  #waiting = 0;

  /** @param most how many may wait, with the one that is being done */
  constructor(most: number) {
    this.#most = most;
  }

  /** Does the work when all that came before is done. @throws HttpError 503 when too many are waiting */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#waiting >= this.#most) {
      throw new HttpError(503, 'Too many logins are being checked; try again.', { 'retry-after': '2' });
    }
    this.#waiting += 1;
    try {
      return await this.#turns.take(work);
    } finally {
      this.#waiting -= 1;
    }
  }
}
