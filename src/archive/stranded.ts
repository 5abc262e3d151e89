/**
 * Files that could not be closed or indexed when their time had come. Each is tried again until that succeeds, or until it
 * is known that the file is gone. Their journal rows stay, for the next start if all else fails.
 */
import { NvrError } from '../domain/errors.ts';
import type { SegmentId } from '../domain/ids.ts';
import type { OpenSegment } from './openSegment.ts';
import type { Log } from './records.ts';

export interface StrandedDoors {
  readonly log: Log;
  /** In ms. */
  readonly retryMs: number;
  /** Closes and indexes one, or strands it again. @throws NvrError of the disk */
  close(segment: OpenSegment): Promise<void>;
  /** Whether its file is not there for certain, and not only its disk. */
  isGone(segment: OpenSegment): Promise<boolean>;
  /** Nothing is left of it but what the books say. @throws NvrError of the index */
  giveUp(segment: OpenSegment): void;
}

export class Stranded {
  readonly #doors: StrandedDoors;
  readonly #all = new Map<SegmentId, OpenSegment>();
  #retry: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(doors: StrandedDoors) {
    this.#doors = doors;
  }

  get all(): ReadonlyMap<SegmentId, OpenSegment> {
    return this.#all;
  }

  add(segment: OpenSegment): void {
    this.#all.set(segment.id, segment);
    if (this.#stopped) void segment.release();
    else this.#retryLater();
  }

  /** It is in order. */
  delete(id: SegmentId): void {
    this.#all.delete(id);
  }

  /** No more attempts. */
  stop(): void {
    this.#stopped = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    for (const segment of this.#all.values()) void segment.release();
  }

  #retryLater(): void {
    this.#retry ??= setTimeout(() => void this.#tryAll(), this.#doors.retryMs).unref();
  }

  async #tryAll(): Promise<void> {
    for (const segment of [...this.#all.values()]) {
      await this.#try(segment);
      if (this.#stopped) return;
    }
    this.#retry = null;
    if (this.#all.size > 0) this.#retryLater();
  }

  async #try(segment: OpenSegment): Promise<void> {
    const { log, close, isGone } = this.#doors;
    try {
      await close(segment);
      if (!this.#all.has(segment.id)) log.warn({ segment: segment.id }, 'a segment was closed after all');
    } catch (error) {
      // Else it was logged when it failed first.
      const isMissing = error instanceof NvrError && error.kind === 'not-found';
      if (isMissing && (await isGone(segment))) this.#giveUp(segment);
    }
  }

  #giveUp(segment: OpenSegment): void {
    const { log, giveUp } = this.#doors;
    const { id, file, cameraId, startMs, endMs } = segment.record();
    try {
      giveUp(segment);
    } catch {
      // The index refuses: it is tried again.
      return;
    }
    this.#all.delete(id);
    const fields = { segment: id, file, camera: cameraId, startMs, endMs };
    log.error(fields, 'a segment that was still to be closed is gone from its disk, with what it held');
  }
}
