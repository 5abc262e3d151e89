/**
 * What one camera tells the ledger. An index may refuse: its disk is full, say. That holds up nobody, and nothing is left out:
 * what it did not take is owed, and told in order, with the times it had, before anything else is.
 */
import type { Camera } from '../domain/camera.ts';
import { messageOf, NvrError } from '../domain/errors.ts';
import type { Log } from './doors.ts';

/** After the index refused, it is tried again after so long, in ms. */
export const INDEX_RETRY_MS = 2_000;
/** A camera that comes and goes for hours owes no more; then the oldest is left out. */
const MOST_OWED = 10_000;

interface Entry {
  readonly what: string;
  readonly tell: () => void;
}

export class Books {
  readonly #cameraId: Camera['id'];
  readonly #log: Log;
  #owed: Entry[] = [];
  #retryTimer: NodeJS.Timeout | undefined;

  constructor(cameraId: Camera['id'], log: Log) {
    this.#cameraId = cameraId;
    this.#log = log;
  }

  /**
   * Tells it now, or as soon as the index takes it. Never throws.
   * @param what for the log
   */
  enter(what: string, tell: () => void): void {
    this.#owed.push({ what, tell });
    if (this.#owed.length > MOST_OWED) this.#owed.shift();
    this.#try();
  }

  /** Tells what is owed, which has to be done before something begins. @throws NvrError when the index refuses */
  settle(): void {
    for (let next = this.#owed[0]; next !== undefined; next = this.#owed[0]) {
      try {
        next.tell();
      } catch (thrown) {
        this.refused(next.what, thrown);
        // What never began, for it was refused, can't be ended.
        if (isRefusal(thrown)) throw thrown;
      }
      this.#owed.shift();
    }
  }

  refused(what: string, thrown: unknown): void {
    const fields = { camera: this.#cameraId, what, reason: messageOf(thrown) };
    this.#log.error(fields, 'the index could not be written');
  }

  /** What is owed by now is not tried again. */
  close(): void {
    clearTimeout(this.#retryTimer);
    this.#owed = [];
  }

  #try(): void {
    clearTimeout(this.#retryTimer);
    try {
      this.settle();
    } catch {
      this.#retryTimer = setTimeout(() => this.#try(), INDEX_RETRY_MS);
    }
  }
}

/** Whether the same may be taken later. */
function isRefusal(thrown: unknown): boolean {
  return thrown instanceof NvrError && ['exhausted', 'unavailable', 'internal'].includes(thrown.kind);
}
