/** When sound that is away is looked for. Pure. */

/** Sound that was there for longer was not lost by coming and going, in milliseconds. */
export const SOUND_STEADY_MS = 600_000;
/** From the loss of the sound to the first look for it, and between looks that do not find it. */
export const FIRST_SOUND_LOOK_MS = 5_000;
/** Longer than a source takes to settle: more changes in a row would be taken for a camera that flaps. */
const SECOND_SOUND_LOOK_MS = 40_000;
const LONGEST_SOUND_LOOK_MS = 600_000;

/** How long to wait the next time, after sound that came back at a look after so many milliseconds. */
export function nextSoundLookMs(lookMs: number): number {
  return lookMs < SECOND_SOUND_LOOK_MS ? SECOND_SOUND_LOOK_MS : Math.min(LONGEST_SOUND_LOOK_MS, lookMs * 4);
}
