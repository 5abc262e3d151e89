/** Work that is done one at a time, in the order in which it came. */

export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  /** Does the work when all that came before is done, or has failed. @returns what it gives; throws what it throws */
  async take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => undefined);
    return await turn;
  }
}
