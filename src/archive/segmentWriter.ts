/**
 * Writes the fragments of one run to segment files, in order: when a file begins and ends, when it is synced, and
 * what is given up when the disk is too slow or fails. Nothing that happens here ever holds up the caller.
 */
import { messageOf, NvrError } from '../domain/errors.ts';
import type { StorageCause } from '../domain/recording.ts';
import { msToTicks, TICKS_PER_SECOND, ticksToMs } from '../domain/ticks.ts';
import { type Clock, type EpochMs, epochMs } from '../domain/time.ts';
import type { Fragment } from '../mp4/types.ts';
import type { OpenSegment, RunSource } from './openSegment.ts';
import type { SegmentStore } from './segmentStore.ts';

/** Limits of writing; times in milliseconds. */
export interface WriterLimits {
  /** A segment ends at the first key fragment this long after its start. */
  readonly segmentMs: number;
  /** What was written is given to `fdatasync` after this long at the latest. */
  readonly syncMs: number;
  /** After a failure, a new file is tried at the first key fragment this long after it. */
  readonly retryMs: number;
  /** What may wait for the disk; beyond either, whole GOPs are given up. */
  readonly maxQueuedBytes: number;
  readonly maxQueuedMs: number;
}

export const WRITER_LIMITS: WriterLimits = {
  segmentMs: 60_000,
  // Not the full two seconds that a power cut may cost: syncing takes time as well.
  syncMs: 1_500,
  retryMs: 2_000,
  maxQueuedBytes: 32 * 2 ** 20,
  maxQueuedMs: 10_000,
};

/**
 * Media that does not become durable. Reported when it begins, again with each GOP while it grows, and once more when
 * it is over: media is being written again, or the writer has ended.
 */
export interface WriteProblem {
  readonly cause: StorageCause;
  /** What happened, for the user. */
  readonly message: string;
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly over: boolean;
}

export interface WriterOptions {
  readonly source: RunSource;
  readonly store: SegmentStore;
  readonly clock: Clock;
  readonly limits: WriterLimits;
  readonly onProblem: (problem: WriteProblem) => void;
  readonly onEnded: () => void;
}

interface Queued {
  readonly fragment: Fragment;
  readonly startMs: EpochMs;
  /** What came before it was given up, so it cannot continue a file. */
  readonly afterLoss: boolean;
}

/** What is lost: an interval of wall time, and the last fragment of it. */
interface Lost {
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly sequence: number;
}

interface Loss extends Lost {
  readonly cause: StorageCause;
  readonly message: string;
}

/** A pause in the media of more than this ends a segment: what is missing must not look recorded. */
const MAX_JUMP_TICKS = TICKS_PER_SECOND;
/** Room in a file's index: twice the fragments of a usual camera, because the last GOP may be long. */
const INDEXED_A_SECOND = 8;
const TOO_SLOW = 'The disk is too slow for what arrives: footage is given up until it has caught up.';

export class SegmentWriter {
  readonly #options: WriterOptions;
  readonly #queue: Queued[] = [];
  #queuedBytes = 0;
  #queuedMs = 0;
  /** Giving up what arrives until the queue has room again. */
  #overrun = false;
  #pump: Promise<void> | null = null;
  #segment: OpenSegment | null = null;
  /** The last fragment that was written. */
  #written: Queued | null = null;
  #syncTimer: NodeJS.Timeout | null = null;
  #syncDue = false;
  /** On the monotonic clock. */
  #retryAt = Number.NEGATIVE_INFINITY;
  #loss: Loss | null = null;
  #lastDurableMs: EpochMs | null = null;
  #end: Promise<void> | null = null;

  constructor(options: WriterOptions) {
    this.#options = options;
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
    const wasOverrun = this.#overrun;
    if (wasOverrun) this.#overrun = !(fragment.key && this.#isHalfEmpty());
    else this.#overrun = this.#isFull(fragment);
    const item = { fragment, startMs, afterLoss: wasOverrun };
    if (this.#overrun) {
      this.#lose('overrun', TOO_SLOW, spanOf(item), fragment.key);
      return;
    }
    this.#queue.push(item);
    this.#queuedBytes += fragment.byteLength;
    this.#queuedMs += ticksToMs(fragment.durationTicks);
    this.#startPump();
  }

  /** Writes what is queued and closes the file. Never rejects: what goes wrong is reported as a problem. */
  end(): Promise<void> {
    this.#end ??= this.#finish();
    return this.#end;
  }

  async #finish(): Promise<void> {
    await this.#pump;
    await this.#closeSegment();
    if (this.#loss !== null) this.#endLoss(this.#loss.toMs);
    this.#options.onEnded();
  }

  #isFull(fragment: Fragment): boolean {
    const { maxQueuedBytes, maxQueuedMs } = this.#options.limits;
    if (this.#queuedBytes === 0) return false;
    return this.#queuedBytes + fragment.byteLength > maxQueuedBytes || this.#queuedMs > maxQueuedMs;
  }

  /** Beginning again only then keeps a disk at its limit from making a hole in every GOP. */
  #isHalfEmpty(): boolean {
    const { maxQueuedBytes, maxQueuedMs } = this.#options.limits;
    return this.#queuedBytes <= maxQueuedBytes / 2 && this.#queuedMs <= maxQueuedMs / 2;
  }

  #startPump(): void {
    this.#pump ??= this.#drain();
  }

  /** Does one thing after the other, so that writing, syncing and closing never meet. */
  async #drain(): Promise<void> {
    for (;;) {
      if (this.#syncDue) {
        this.#syncDue = false;
        await this.#attempt(null, () => this.#sync());
        continue;
      }
      const item = this.#queue.shift();
      if (item === undefined) {
        this.#pump = null;
        return;
      }
      await this.#attempt(item, () => this.#write(item));
      this.#queuedBytes -= item.fragment.byteLength;
      this.#queuedMs -= ticksToMs(item.fragment.durationTicks);
    }
  }

  async #attempt(item: Queued | null, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#retryAt = this.#options.clock.monotonic() + this.#options.limits.retryMs;
      if (item !== null) this.#lose('storage', messageOf(error), spanOf(item), true);
      else this.#loseUnsynced(error);
      await this.#closeSegment();
    }
  }

  async #write(item: Queued): Promise<void> {
    const { fragment, startMs } = item;
    if (this.#segment !== null && (item.afterLoss || this.#isSegmentDone(this.#segment, fragment))) {
      await this.#closeSegment();
    }
    this.#segment ??= await this.#openSegment(item);
    if (this.#segment === null) {
      if (this.#loss !== null) this.#lose(this.#loss.cause, this.#loss.message, spanOf(item), fragment.key);
      return;
    }
    await this.#segment.write(fragment);
    this.#written = item;
    if (this.#loss !== null && fragment.sequence > this.#loss.sequence) this.#endLoss(startMs);
    this.#armSync();
  }

  #isSegmentDone(segment: OpenSegment, { key, startTicks }: Fragment): boolean {
    if (!key) return false;
    const old = startTicks - segment.startTicks >= msToTicks(this.#options.limits.segmentMs);
    return old || startTicks - segment.endTicks > MAX_JUMP_TICKS;
  }

  /** Null while there is nothing to begin with, or it is too early to try again. */
  async #openSegment({ fragment, startMs }: Queued): Promise<OpenSegment | null> {
    const { clock, limits, source, store } = this.#options;
    if (!fragment.key || clock.monotonic() < this.#retryAt) return null;
    const sidxCapacity = Math.ceil((limits.segmentMs / 1000) * INDEXED_A_SECOND);
    return await store.create(source, fragment, startMs, sidxCapacity);
  }

  /** Never rejects: a file that cannot be closed costs what of it was not durable. */
  async #closeSegment(): Promise<void> {
    const segment = this.#segment;
    this.#segment = null;
    this.#disarmSync();
    if (segment === null) return;
    try {
      await this.#options.store.close(segment);
    } catch (error) {
      this.#loseUnsynced(error, segment);
    }
    this.#lastDurableMs = segment.durableMs ?? this.#lastDurableMs;
  }

  #armSync(): void {
    this.#syncTimer ??= setTimeout(() => {
      this.#syncTimer = null;
      this.#syncDue = true;
      this.#startPump();
    }, this.#options.limits.syncMs);
  }

  #disarmSync(): void {
    if (this.#syncTimer !== null) clearTimeout(this.#syncTimer);
    this.#syncTimer = null;
    this.#syncDue = false;
  }

  async #sync(): Promise<void> {
    await this.#segment?.sync();
    this.#lastDurableMs = this.#segment?.durableMs ?? this.#lastDurableMs;
  }

  /**
   * After a failed sync the kernel may have dropped anything since the last one that succeeded. The bytes are kept in
   * case it has not, but they do not count.
   */
  #loseUnsynced(error: unknown, segment = this.#segment): void {
    if (segment === null || this.#written === null) return;
    const { startMs, endMs } = segment.record();
    const fromMs = segment.durableMs ?? startMs;
    if (fromMs >= endMs) return;
    const { sequence } = this.#written.fragment;
    this.#lose('storage', messageOf(error), { fromMs, toMs: endMs, sequence }, true);
  }

  /** Widens what is lost; tells it when it begins, and when asked to. */
  #lose(cause: StorageCause, message: string, lost: Lost, tell: boolean): void {
    const before = this.#loss;
    this.#loss = {
      cause: before?.cause ?? cause,
      message: before?.message ?? message,
      fromMs: before !== null && before.fromMs < lost.fromMs ? before.fromMs : lost.fromMs,
      toMs: before !== null && before.toMs > lost.toMs ? before.toMs : lost.toMs,
      sequence: Math.max(before?.sequence ?? 0, lost.sequence),
    };
    if (tell || before === null) this.#tell(this.#loss, false);
  }

  #endLoss(toMs: EpochMs): void {
    if (this.#loss === null) return;
    const loss = { ...this.#loss, toMs };
    this.#loss = null;
    this.#tell(loss, true);
  }

  #tell({ cause, message, fromMs, toMs }: Loss, over: boolean): void {
    this.#options.onProblem({ cause, message, fromMs, toMs, over });
  }
}

function spanOf({ fragment, startMs }: Queued): Lost {
  const toMs = epochMs(startMs + Math.round(ticksToMs(fragment.durationTicks)));
  return { fromMs: startMs, toMs, sequence: fragment.sequence };
}
