/**
 * How long to wait before a failed source is tried again. Pure: the random number is given. What is counted,
 * and when the count starts over, is the business of `source.ts`.
 */
import type { SourceCause } from './sourceWords.ts';

/**
 * How patient a cause wants us to be. `quick`: the camera is away and may be back any moment. `steady`: it
 * answered, and the same question will get the same answer for a while. `careful`: asking again may lock us out.
 */
export type Pace = 'quick' | 'steady' | 'careful';

/** No delay is ever longer, in milliseconds. */
export const LONGEST_RETRY_MS = 30_000;
/** A camera that is away for no longer than this is tried again within `QUICK_RETRY_MS` of its return. */
export const QUICK_FOR_MS = 60_000;
/** The longest delay of the quick phase: leaves 300 ms of a second for connecting and the first fragment. */
export const QUICK_RETRY_MS = 700;

/** A delay is drawn from its floor up to a quarter more, so that cameras behind one switch spread out. */
const SPREAD = 0.25;
const HIGHEST_FLOOR_MS = LONGEST_RETRY_MS / (1 + SPREAD);
const QUICK_FLOOR_MS = QUICK_RETRY_MS / (1 + SPREAD);
/** A camera that merely closed the connection is usually back at once. */
const FIRST_QUICK_FLOORS_MS: readonly number[] = [200, 400];
/** Enough that the floors alone fill the quick phase, even when every attempt fails in no time. */
const QUICK_ATTEMPTS = FIRST_QUICK_FLOORS_MS.length + Math.ceil(QUICK_FOR_MS / QUICK_FLOOR_MS);
const STEADY_FROM_MS = 1_000;
const CAREFUL_FROM_MS = 5_000;

const PACES: Readonly<Record<SourceCause, Pace>> = {
  unreachable: 'quick',
  stalled: 'quick',
  ended: 'quick',
  'timed-out': 'quick',
  'not-found': 'steady',
  'no-media': 'steady',
  'unsupported-codec': 'steady',
  'format-changed': 'steady',
  busy: 'steady',
  'not-permitted': 'steady',
  'no-signal': 'quick',
  encoder: 'quick',
  internal: 'steady',
  unauthorised: 'careful',
};

/** How patient this cause wants us to be. */
export function paceOf(cause: SourceCause): Pace {
  return PACES[cause];
}

/**
 * The delay in whole milliseconds before the next attempt.
 *
 * @param attempt how many attempts in a row failed at this pace, from 1
 * @param random evenly distributed in 0..1
 */
export function retryDelayMs(attempt: number, cause: SourceCause, random: number): number {
  return Math.round(floorMs(attempt, paceOf(cause)) * (1 + SPREAD * random));
}

function floorMs(attempt: number, pace: Pace): number {
  switch (pace) {
    case 'quick':
      return attempt > QUICK_ATTEMPTS
        ? doubled(STEADY_FROM_MS, attempt - QUICK_ATTEMPTS)
        : (FIRST_QUICK_FLOORS_MS[attempt - 1] ?? QUICK_FLOOR_MS);
    case 'steady':
      return doubled(STEADY_FROM_MS, attempt);
    case 'careful':
      return doubled(CAREFUL_FROM_MS, attempt);
  }
}

function doubled(fromMs: number, attempt: number): number {
  return Math.min(HIGHEST_FLOOR_MS, fromMs * 2 ** (attempt - 1));
}
