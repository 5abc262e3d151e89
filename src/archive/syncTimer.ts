/**
 * When what a writer has written is to be synced: so early that it is on the disk in time, going by how long the disk took
 * of late. Syncs nothing itself.
 */

/** The share of the limit that the disk's delay may take: a slow disk is not to be synced all the time. */
const MOST_DELAY = 0.5;

export class SyncTimer {
  readonly #limitMs: number;
  readonly #onDue: () => void;
  #timer: NodeJS.Timeout | null = null;
  #dueMs: number | null = null;

  /**
   * @param limitMs how long after it was taken media is to be on the disk
   * @param onDue called when syncing has to begin
   */
  constructor(limitMs: number, onDue: () => void) {
    this.#limitMs = limitMs;
    this.#onDue = onDue;
  }

  /** Since when syncing is due, in ms of `performance.now`; null while it is not. */
  get dueMs(): number | null {
    return this.#dueMs;
  }

  /**
   * Media was written; only the first since the last `clear` counts, as the oldest.
   * @param takenMs when it was taken for writing, in ms of `performance.now`
   * @param delayMs tells how long the disk takes to sync
   */
  written(takenMs: number, delayMs: () => number): void {
    if (this.#timer !== null || this.#dueMs !== null) return;
    const beginMs = takenMs + this.#limitMs - Math.min(delayMs(), this.#limitMs * MOST_DELAY);
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#dueMs = performance.now();
        this.#onDue();
      },
      Math.max(0, beginMs - performance.now()),
    );
  }

  /** All that was written is being synced, or is not to be. */
  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#dueMs = null;
  }
}
