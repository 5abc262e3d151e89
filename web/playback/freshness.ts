/** How long what was fetched of the past is believed. Pure. */
import type { Interval } from '../time/zone.ts';

/** What still grows is asked for again after so long, */
const GROWING_MS = 5_000;
/** and what is over after so long: others delete it, a disk comes back, somebody marks it. */
const SETTLED_MS = 60_000;
/** Footage reaches the books a while after it was taken, so a block still grows a while after its end. */
const LATE_MS = 30_000;

/**
 * Whether a block of the timeline is to be asked for again.
 * @param loadedMs when it was asked for last; as all times, in epoch milliseconds of the recorder
 */
export function isDue({ endMs }: Interval, loadedMs: number, nowMs: number): boolean {
  const grew = loadedMs < endMs + LATE_MS;
  return nowMs - loadedMs > (grew ? GROWING_MS : SETTLED_MS);
}
