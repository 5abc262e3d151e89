/** How long media has been waiting to leave for a client, as its connection says only how many bytes are left. */

interface Mark {
  /** Bytes put in up to the end of a fragment. */
  readonly bytes: number;
  readonly startMs: number;
}

export class Outbox {
  #bytes = 0;
  #marks: Mark[] = [];

  /** A message was put in: media that begins at `startMs` of wall time. */
  put(bytes: number, startMs: number): void {
    this.#bytes += bytes;
    this.#marks.push({ bytes: this.#bytes, startMs });
  }

  /**
   * Milliseconds between the newest media and the oldest that has not left.
   * @param queuedBytes what the connection still holds
   */
  lagMs(queuedBytes: number, newestMs: number): number {
    const left = this.#bytes - queuedBytes;
    const waiting = this.#marks.findIndex(({ bytes }) => bytes > left);
    this.#marks = waiting < 0 ? [] : this.#marks.slice(waiting);
    const [oldest] = this.#marks;
    return oldest === undefined ? 0 : Math.max(0, newestMs - oldest.startMs);
  }
}
