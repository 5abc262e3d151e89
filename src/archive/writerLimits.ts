/** What bounds the writing of one run: how long a file is, what may wait in memory, how long a disk is waited for. */
import type { QueueLimits } from './writeQueue.ts';

/** Limits of writing; times in milliseconds. */
export interface WriterLimits extends QueueLimits {
  /** A segment ends at the first key fragment this long after its start. */
  readonly segmentMs: number;
  /** What was taken is on the disk after this long, as far as that can keep up. */
  readonly syncMs: number;
  /** After a failure, a new file is tried this long after it, or as soon as there is another disk. */
  readonly retryMs: number;
  /** How long the end waits for a disk before it gives up what is not written. */
  readonly endMs: number;
  /** The same when the process is to stop. */
  readonly stopMs: number;
}

const USUAL: WriterLimits = {
  segmentMs: 60_000,
  // Not the full two seconds that a power cut may cost: a sync may take longer than those before.
  syncMs: 1_500,
  retryMs: 2_000,
  // Much more than it takes until a disk that does not answer is known and another has taken over.
  endMs: 30_000,
  stopMs: 3_500,
  maxQueuedBytes: 32 * 2 ** 20,
  maxQueuedMs: 10_000,
  leastQueuedBytes: 8 * 2 ** 20,
};

/** As many of the limits as are named, and else the usual ones. */
export function writerLimits({
  segmentMs = USUAL.segmentMs,
  syncMs = USUAL.syncMs,
  retryMs = USUAL.retryMs,
  endMs = USUAL.endMs,
  stopMs = USUAL.stopMs,
  maxQueuedBytes = USUAL.maxQueuedBytes,
  maxQueuedMs = USUAL.maxQueuedMs,
  leastQueuedBytes = USUAL.leastQueuedBytes,
}: Partial<WriterLimits>): WriterLimits {
  return { segmentMs, syncMs, retryMs, endMs, stopMs, maxQueuedBytes, maxQueuedMs, leastQueuedBytes };
}
