/**
 * The newest fragments of one stream, in RAM: what live viewers start from and what pre-roll is taken from.
 * Bounded by time and bytes; drops whole groups of pictures, so that it always begins with a key fragment.
 */
import { ticksToMs } from '../domain/ticks.ts';
import type { RunFragment } from '../mp4/types.ts';

export interface RingLimits {
  /** Kept at least, if the bytes allow it: milliseconds back from the newest fragment. */
  readonly keepMs: number;
  /** Kept at most, whatever the time; the newest group of pictures stays, unless it alone is four times as large. */
  readonly maxBytes: number;
}

/** A camera may send few keyframes; one that sends none must not take all memory. */
const LARGEST_GROUP = 4;

type Listener = (entry: RunFragment) => void;

export class Ring {
  /** See RingLimits; may be changed at any time and counts from the next key fragment on. */
  keepMs: number;
  readonly #maxBytes: number;
  readonly #listeners = new Set<Listener>();
  #entries: RunFragment[] = [];
  #bytes = 0;

  constructor({ keepMs, maxBytes }: RingLimits) {
    this.keepMs = keepMs;
    this.#maxBytes = maxBytes;
  }

  /** Oldest first; the first is a key fragment. */
  get entries(): readonly RunFragment[] {
    return this.#entries;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds the newest fragment, tells the listeners, lets go of what is too old. Without a keyframe to begin with, nothing. */
  push(entry: RunFragment): void {
    if (this.#entries.length === 0 && !entry.fragment.key) return;
    this.#entries.push(entry);
    this.#bytes += entry.fragment.byteLength;
    if (entry.fragment.key) this.#evict(entry);
    else if (this.#bytes > LARGEST_GROUP * this.#maxBytes) this.#clear();
    for (const listener of this.#listeners) listener(entry);
  }

  /** From the newest key fragment on: what a new viewer needs to see a picture at once. */
  fromLastKey(): readonly RunFragment[] {
    const start = this.#entries.findLastIndex((entry) => entry.fragment.key);
    return start < 0 ? [] : this.#entries.slice(start);
  }

  /** Calls back for every fragment from now on, until the returned function is called. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether anybody is called back. */
  get isFollowed(): boolean {
    return this.#listeners.size > 0;
  }

  #clear(): void {
    this.#entries = [];
    this.#bytes = 0;
  }

  /** Drops leading groups of pictures that are past the limits; called when a new group begins. */
  #evict(newest: RunFragment): void {
    let keepFrom = 0;
    let bytes = this.#bytes;
    let passed = 0;
    for (const [i, entry] of this.#entries.entries()) {
      if (entry.fragment.key && i > 0) {
        const tooOld = this.#ageMs(entry, newest) >= this.keepMs;
        if (!tooOld && bytes <= this.#maxBytes) break;
        keepFrom = i;
        bytes = this.#bytes - passed;
      }
      passed += entry.fragment.byteLength;
    }
    if (keepFrom === 0) return;
    this.#entries = this.#entries.slice(keepFrom);
    this.#bytes = bytes;
  }

  /** Media of an earlier run is as old as its wall time says; of the same run, as its media clock says. */
  #ageMs(entry: RunFragment, newest: RunFragment): number {
    if (entry.runId !== newest.runId) return newest.startMs - entry.startMs;
    return ticksToMs(newest.fragment.startTicks) - ticksToMs(entry.fragment.startTicks);
  }
}
