/**
 * What waits for the disk, bounded: when it is full, what arrives is given up until there is room again, and then
 * from a key fragment on. Knows nothing of files.
 */
import { ticksToMs } from '../domain/ticks.ts';
import { type EpochMs, epochMs } from '../domain/time.ts';
import type { Fragment } from '../mp4/types.ts';

/** What may wait; beyond either, whole GOPs are given up. */
export interface QueueLimits {
  readonly maxQueuedBytes: number;
  readonly maxQueuedMs: number;
  /**
   * So much may wait however long it lasts: a recorder that did not get to run is given all at once that came meanwhile, and
   * of a small stream that is little.
   */
  readonly leastQueuedBytes: number;
}

export interface Queued {
  readonly fragment: Fragment;
  readonly startMs: EpochMs;
  /** When it was taken, in ms of `performance.now`. */
  readonly takenMs: number;
  /** What came before it was given up, so it cannot continue a file. */
  readonly afterLoss: boolean;
}

export class WriteQueue {
  readonly #limits: QueueLimits;
  #items: Queued[] = [];
  #bytes = 0;
  #ms = 0;
  #overrun = false;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  /** False when the fragment is given up, as the first of a loss or one of many. */
  push(fragment: Fragment, startMs: EpochMs): boolean {
    const wasOverrun = this.#overrun;
    if (wasOverrun) this.#overrun = !(fragment.key && this.#isHalfEmpty());
    else this.#overrun = this.#isFull(fragment);
    if (this.#overrun) return false;
    const item = { fragment, startMs, takenMs: performance.now(), afterLoss: wasOverrun };
    this.#items.push(item);
    this.#count(item, 1);
    return true;
  }

  /** When the oldest was taken, as `Queued.takenMs`; null when nothing waits. */
  get oldestMs(): number | null {
    return this.#items[0]?.takenMs ?? null;
  }

  /** Takes the oldest out. */
  shift(): Queued | undefined {
    const item = this.#items.shift();
    if (item !== undefined) this.#count(item, -1);
    return item;
  }

  /** Puts what was taken out back in front of the rest, in the same order; also beyond the limits. */
  putBack(items: readonly Queued[]): void {
    this.#items = [...items, ...this.#items];
    for (const item of items) this.#count(item, 1);
  }

  #count({ fragment }: Queued, sign: 1 | -1): void {
    this.#bytes += sign * fragment.byteLength;
    this.#ms += sign * ticksToMs(fragment.durationTicks);
  }

  #isFull(fragment: Fragment): boolean {
    const { maxQueuedBytes, maxQueuedMs, leastQueuedBytes } = this.#limits;
    if (this.#items.length === 0) return false;
    const bytes = this.#bytes + fragment.byteLength;
    return bytes > maxQueuedBytes || (this.#ms > maxQueuedMs && bytes > leastQueuedBytes);
  }

  /** Beginning again only then keeps a disk at its limit from making a hole in every GOP. */
  #isHalfEmpty(): boolean {
    const { maxQueuedBytes, maxQueuedMs, leastQueuedBytes } = this.#limits;
    if (this.#bytes > maxQueuedBytes / 2) return false;
    return this.#ms <= maxQueuedMs / 2 || this.#bytes <= leastQueuedBytes / 2;
  }
}

/** Where a fragment ends in wall time. */
export function endOf({ fragment, startMs }: Pick<Queued, 'fragment' | 'startMs'>): EpochMs {
  return epochMs(startMs + Math.round(ticksToMs(fragment.durationTicks)));
}

/** What would be written again, from the last key fragment on; nothing when that lasts longer than may wait, in ms. */
export function fromLastKey(written: readonly Queued[], maxMs: number): readonly Queued[] {
  const lastKey = written.findLastIndex(({ fragment }) => fragment.key);
  const kept = written.slice(Math.max(0, lastKey));
  const ms = kept.reduce((sum, { fragment }) => sum + ticksToMs(fragment.durationTicks), 0);
  return ms > maxMs ? [] : kept;
}
