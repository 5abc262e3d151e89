/** Wall times of fragments that follow one another in a run. */

import { STALLED_AFTER_MS } from '../domain/source.ts';
import { STEP_MS } from '../domain/stepWatch.ts';
import { msToTicks, ticksToMs } from '../domain/ticks.ts';
import type { EpochMs } from '../domain/time.ts';
import type { RunFragment } from '../mp4/types.ts';

/** A fragment holds a few frames; one that lasts so long is a picture that stood still because nothing came. */
const HOLE_TICKS = msToTicks(STALLED_AFTER_MS);

/** Where a fragment ends. */
export function endOf({ startMs, fragment }: RunFragment): EpochMs {
  return Math.round(startMs + ticksToMs(fragment.durationTicks)) as EpochMs;
}

/** Whether the camera fell silent in it, and did not catch up. */
export function standsStill({ fragment }: RunFragment): boolean {
  return fragment.durationTicks > HOLE_TICKS;
}

/** When the next fragment of the run would have begun had the wall clock not been set; null when it was not. */
export function unsetStart(last: RunFragment, next: RunFragment): EpochMs | null {
  const between = ticksToMs(next.fragment.startTicks) - ticksToMs(last.fragment.startTicks);
  const expected = last.startMs + between;
  return Math.abs(next.startMs - expected) < STEP_MS ? null : (Math.round(expected) as EpochMs);
}
