/** Waits until what was written to the index is on its disk, but not for a disk that hangs: recording has to go on. */
import { AwakeLimit } from './awake.ts';
import type { Database } from './database.ts';
import type { Log } from './records.ts';

/** Much less than what may wait for a file. */
const LIMIT_MS = 2_000;

export class IndexFlush {
  readonly #database: Database;
  readonly #log: Log;
  #hangs = false;

  constructor(database: Database, log: Log) {
    this.#database = database;
    this.#log = log;
  }

  /**
   * Resolves when the index is on its disk, or when that disk does not answer; then a power cut would leave a file
   * without a row, or a row without a file, which `check` finds. @throws NvrError of the database.
   */
  async done(): Promise<void> {
    if (this.#hangs) return;
    const flushing = this.#database.flush();
    const limit = new AwakeLimit();
    limit.set(LIMIT_MS);
    const late = limit.reached.then(() => true);
    const isLate = await Promise.race([flushing.then(() => false), late]).finally(() => limit.clear());
    if (!isLate) return;
    this.#hangs = true;
    this.#log.error(
      { limitMs: LIMIT_MS },
      'the disk of the index does not answer; recording goes on without it',
    );
    flushing.then(
      () => this.#over(),
      () => this.#over(),
    );
  }

  #over(): void {
    this.#hangs = false;
    this.#log.warn({}, 'the disk of the index answers again');
  }
}
