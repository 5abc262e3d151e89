/** Results that are made once for all who ask at the same time, and remembered for a while, up to so many bytes. */

interface Entry {
  readonly bytes: number;
  readonly untilMs: number;
  readonly value: Buffer;
}

export class SharedCache {
  readonly #maxBytes: number;
  readonly #now: () => number;
  /** In the order of their use, the longest unused first. */
  readonly #entries = new Map<string, Entry>();
  readonly #making = new Map<string, Promise<Buffer>>();
  #bytes = 0;

  /** @param now milliseconds of a clock that never steps */
  constructor(maxBytes: number, now: () => number) {
    this.#maxBytes = maxBytes;
    this.#now = now;
  }

  /**
   * What is known by a key, or is made now.
   * @param lifeMs how long it is remembered; failures never are
   */
  async get(key: string, lifeMs: number, make: () => Promise<Buffer>): Promise<Buffer> {
    const known = this.#take(key);
    if (known !== null) return known;
    const making = this.#making.get(key) ?? this.#make(key, lifeMs, make);
    this.#making.set(key, making);
    return await making;
  }

  #take(key: string): Buffer | null {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    this.#drop(key, entry);
    if (entry.untilMs <= this.#now()) return null;
    this.#keep(key, entry);
    return entry.value;
  }

  async #make(key: string, lifeMs: number, make: () => Promise<Buffer>): Promise<Buffer> {
    try {
      const value = await make();
      this.#keep(key, { bytes: value.length, untilMs: this.#now() + lifeMs, value });
      return value;
    } finally {
      this.#making.delete(key);
    }
  }

  #keep(key: string, entry: Entry): void {
    if (entry.bytes > this.#maxBytes / 4) return;
    this.#entries.set(key, entry);
    this.#bytes += entry.bytes;
    for (const [oldest, { bytes }] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#entries.delete(oldest);
      this.#bytes -= bytes;
    }
  }

  #drop(key: string, { bytes }: Entry): void {
    this.#entries.delete(key);
    this.#bytes -= bytes;
  }
}
