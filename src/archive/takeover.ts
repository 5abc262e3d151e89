/** What becomes of a file on a disk that failed, and of the next one, which begins with media that both hold. */
import type { EpochMs } from '../domain/time.ts';
import type { OpenSegment } from './openSegment.ts';

/**
 * Leaves what both hold to the one whose disk has confirmed more, which goes on for longer.
 * @param next begun after `failed`, of the same run
 * @returns the other one, which ends where `next` begins; nothing is left of it when it is `next` itself
 */
export function divide(failed: OpenSegment, next: OpenSegment): OpenSegment {
  const other = hasTakenOver(failed, next) ? failed : next;
  other.cutFrom(next.startTicks);
  return other;
}

/** Whether all that is known to be on the disk that failed is known to be on that of the next file, or before it. */
export function hasTakenOver(failed: OpenSegment, next: OpenSegment): boolean {
  return next.durableTicks >= failed.durableTicks;
}

/** Where what a disk has confirmed of a file ends; its start when it has confirmed nothing. */
export function durableEnd(segment: OpenSegment): EpochMs {
  return segment.durableMs ?? segment.record().startMs;
}
