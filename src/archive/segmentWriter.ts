/**
 * Writes the fragments of one run to segment files, in order: when a file begins and ends, when it is synced, and what
 * is done when a disk fails. What no disk has confirmed stays in memory and is written again, to another file, as soon
 * as that can be done. Nothing that happens here ever holds up the caller.
 */
import { messageOf, NvrError } from '../domain/errors.ts';
import { msToTicks } from '../domain/ticks.ts';
import { type EpochMs, epochMs, type Interval } from '../domain/time.ts';
import type { Fragment } from '../mp4/types.ts';
import { AwakeLimit } from './awake.ts';
import { isOfMedia } from './disk.ts';
import type { OpenSegment, RunSource } from './openSegment.ts';
import type { SegmentStore } from './segmentStore.ts';
import { SyncTimer } from './syncTimer.ts';
import { divide, durableEnd, hasTakenOver } from './takeover.ts';
import { NO_LOSS, type Settlement, WriteLosses, type WriteProblem } from './writeLosses.ts';
import { endOf, fromLastKey, type Queued, WriteQueue } from './writeQueue.ts';
import type { WriterLimits } from './writerLimits.ts';

export interface WriterOptions {
  readonly source: RunSource;
  readonly store: SegmentStore;
  readonly limits: WriterLimits;
  readonly onProblem: (problem: WriteProblem) => void;
  /** Called once, with what was given up at the end, and what was told as missing before and is not. */
  readonly onEnded: (settlement: Settlement) => void;
  /** Of what was given up, a disk has confirmed this after all. */
  readonly onFound: (found: Interval) => void;
}

export class SegmentWriter {
  readonly #options: WriterOptions;
  readonly #queue: WriteQueue;
  readonly #losses: WriteLosses;
  readonly #syncTimer: SyncTimer;
  #pump: Promise<void> | null = null;
  #segment: OpenSegment | null = null;
  /** The file on a disk that failed, as long as what it has is not durable in another. */
  #failed: OpenSegment | null = null;
  /** In the segment: what is not confirmed, and what is from the last key fragment on. */
  #written: readonly Queued[] = [];
  #inHand: Queued | null = null;
  #retryTimer: NodeJS.Timeout | null = null;
  #onRetry = () => {};
  readonly #endLimit = new AwakeLimit();
  #hurried = false;
  #lastDurableMs: EpochMs | null = null;
  #endMs: EpochMs | null = null;
  #end: Promise<void> | null = null;
  #over = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#queue = new WriteQueue(options.limits);
    this.#losses = new WriteLosses(options.onProblem);
    this.#syncTimer = new SyncTimer(options.limits.syncMs, () => this.#startPump());
  }

  /** Up to where the disk has confirmed what was appended; null when nothing yet. */
  get lastDurableMs(): EpochMs | null {
    return this.#lastDurableMs;
  }

  /**
   * Takes the run's next fragment; returns at once. What precedes the first key fragment is ignored.
   * @param startMs wall time of the fragment's start
   * @throws NvrError `conflict` after `end`.
   */
  append(fragment: Fragment, startMs: EpochMs): void {
    if (this.#end !== null) throw new NvrError('conflict', 'The segment writer has ended.');
    this.#endMs = endOf({ fragment, startMs });
    if (!this.#queue.push(fragment, startMs)) {
      this.#losses.givenUp({ fragment, startMs });
      return;
    }
    this.#losses.taken();
    this.#startPump();
  }

  /** A disk is back: what waits for one is tried now. */
  retryNow(): void {
    if (this.#retryTimer === null || this.#over) return;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
    this.#startPump();
    this.#onRetry();
  }

  /** Writes what is queued and closes the file, or gives up after `endMs`. Never rejects: what is lost is told. */
  end(): Promise<void> {
    this.#end ??= this.#finish();
    return this.#end;
  }

  /** The process is to stop: the end, begun or not, takes `stopMs` at most. */
  hurry(): void {
    this.#hurried = true;
    if (this.#end === null || this.#over) return;
    this.#endLimit.set(this.#options.limits.stopMs);
    this.retryNow();
  }

  async #finish(): Promise<void> {
    const { endMs, stopMs } = this.#options.limits;
    this.#losses.ending();
    this.#endLimit.set(this.#hurried ? stopMs : endMs);
    const written = this.#writeAll();
    await Promise.race([written, this.#endLimit.reached]);
    this.#endLimit.clear();
    const lostMs = this.#close();
    void written.then(() => this.#leaveRest(lostMs));
  }

  async #writeAll(): Promise<void> {
    await this.#pump;
    for (let inVain = 0; !this.#over; inVain++) {
      const inTime = new Promise<void>((resolve) => {
        this.#onRetry = resolve;
      });
      if (this.#retryTimer !== null && !this.#hurried) await inTime;
      // In a hurry at once, and once more: there may be another disk.
      this.retryNow();
      await this.#pump;
      if (this.#segment !== null && !this.#over) await this.#attempt(() => this.#closeSegment());
      if (this.#retryTimer === null || (this.#hurried && inVain > 0)) return;
    }
  }

  /** What is not durable by now is told as lost. @returns from when on nothing is; null when all is */
  #close(): EpochMs | null {
    this.#over = true;
    this.#syncTimer.clear();
    if (this.#retryTimer !== null) clearTimeout(this.#retryTimer);
    this.#onRetry();
    const settlement = this.#endMs === null ? NO_LOSS : this.#losses.close(this.#unwrittenMs(), this.#endMs);
    this.#options.onEnded(settlement);
    return settlement.restMs;
  }

  /** From when on nothing is durable; null when all is. */
  #unwrittenMs(): EpochMs | null {
    if (this.#segment !== null) return durableEnd(this.#segment);
    return this.#inHand?.startMs ?? this.#queue.shift()?.startMs ?? null;
  }

  /** When nothing is on its way to the files any more: what a disk has confirmed meanwhile is not lost. */
  #leaveRest(lostMs: EpochMs | null): void {
    const { store, onFound } = this.#options;
    const [failed, segment] = [this.#failed, this.#segment];
    const left = [failed, segment].filter((each) => each !== null);
    for (const each of left) each.cutToDurable();
    if (failed !== null && segment !== null) divide(failed, segment);
    const durableMs = left.map((each) => each.durableMs ?? 0);
    const untilMs = epochMs(Math.max(this.#lastDurableMs ?? 0, ...durableMs));
    if (lostMs !== null && untilMs > lostMs) onFound({ startMs: lostMs, endMs: untilMs });
    for (const each of left) store.strand(each);
  }

  #startPump(): void {
    if (this.#retryTimer === null) this.#pump ??= this.#drain();
  }

  /** Does one thing after the other, so that writing, syncing and closing never meet. */
  async #drain(): Promise<void> {
    while (this.#retryTimer === null && !this.#over) {
      const work = this.#next();
      if (work === null) break;
      await this.#attempt(work);
    }
    this.#pump = null;
  }

  #next(): (() => Promise<void>) | null {
    if (this.#syncIsNext()) return () => this.#sync();
    const item = this.#queue.shift() ?? null;
    this.#inHand = item;
    if (item !== null) return () => this.#write(item);
    // Nobody knows that a trouble is over until a disk has confirmed something.
    return this.#losses.stuck && this.#segment !== null ? () => this.#sync() : null;
  }

  /** What was taken before is written first: it is to be in time as well. */
  #syncIsNext(): boolean {
    const { dueMs } = this.#syncTimer;
    return dueMs !== null && (this.#queue.oldestMs ?? dueMs) >= dueMs;
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!this.#over) this.#fail(error);
    }
  }

  async #write(item: Queued): Promise<void> {
    try {
      await this.#writeTo(item);
    } catch (error) {
      if (!isOfMedia(error)) throw error;
      await this.#leaveOut(item, error);
    }
  }

  /** No disk takes it. What follows up to the next key fragment can't be shown without it, so it goes as well. */
  async #leaveOut(item: Queued, error: unknown): Promise<void> {
    await this.#closeSegment();
    this.#inHand = null;
    this.#losses.unwritable(item, messageOf(error));
  }

  async #writeTo(item: Queued): Promise<void> {
    const { fragment, startMs, afterLoss } = item;
    if (this.#segment !== null && (afterLoss || this.#isDone(this.#segment, item))) {
      await this.#closeSegment();
    }
    const { source, store } = this.#options;
    if (fragment.key) this.#segment ??= await store.create(source, fragment, startMs);
    const segment = this.#segment;
    await segment?.write(fragment);
    this.#inHand = null;
    if (segment === null) return;
    this.#written = [...this.#written, item];
    this.#losses.written(item);
    this.#syncTimer.written(item.takenMs, () => store.delayMs(segment));
  }

  #isDone(segment: OpenSegment, { fragment: { key, startTicks }, startMs }: Queued): boolean {
    if (!key) return false;
    const { limits, store } = this.#options;
    const old = startTicks - segment.startTicks >= msToTicks(limits.segmentMs);
    return old || !segment.continuesAt(startTicks, startMs) || store.shouldMove(segment);
  }

  async #closeSegment(): Promise<void> {
    this.#syncTimer.clear();
    const segment = this.#segment;
    if (segment === null) return;
    await this.#options.store.close(segment);
    this.#confirmed(segment);
    this.#segment = null;
    this.#written = [];
  }

  async #sync(): Promise<void> {
    this.#syncTimer.clear();
    const segment = this.#segment;
    if (segment === null) return;
    await segment.sync();
    this.#confirmed(segment);
  }

  /** All that was written to the segment is on its disk. */
  #confirmed(segment: OpenSegment): void {
    const failed = this.#failed;
    if (failed !== null) {
      if (!hasTakenOver(failed, segment)) return;
      this.#failed = null;
      this.#options.store.strand(divide(failed, segment));
    }
    this.#lastDurableMs = segment.durableMs ?? this.#lastDurableMs;
    if (this.#over) return;
    this.#written = fromLastKey(this.#written, this.#options.limits.maxQueuedMs);
    this.#losses.confirmed(segment.record().startMs);
  }

  /** Puts what is not confirmed back into the queue, for another file. */
  #fail(error: unknown): void {
    const { store, limits } = this.#options;
    const { inHand, segment } = { inHand: this.#inHand, segment: this.#segment };
    const back = inHand === null ? this.#written : [...this.#written, inHand];
    this.#segment = null;
    this.#inHand = null;
    this.#written = [];
    this.#syncTimer.clear();
    this.#queue.putBack(back);
    if (segment !== null) this.#leave(segment, error);
    const fromMs = segment === null ? inHand?.startMs : durableEnd(segment);
    if (fromMs !== undefined) this.#losses.failed(messageOf(error), fromMs, segment === null ? inHand : null);
    const elsewhere = segment !== null && store.usable;
    this.#retryTimer = setTimeout(() => this.retryNow(), elsewhere ? 0 : limits.retryMs);
  }

  /** One that fails while another is written again seldom adds anything. */
  #leave(segment: OpenSegment, error: unknown): void {
    const { store } = this.#options;
    if (!isOfMedia(error)) store.suspect(segment, error);
    segment.cutToDurable();
    // Whoever wants to repair the disk must be able to unmount it.
    void segment.release();
    const before = this.#failed;
    const done = before === null ? null : divide(before, segment);
    if (done !== null) store.strand(done);
    this.#failed = done === segment ? before : segment;
  }
}
