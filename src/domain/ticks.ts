/**
 * Media time: whole ticks of 90 kHz since the run began (the RTP video clock, RFC 6184 §8.2.1), exact for
 * weeks in a double. Wall time is in `time.ts`.
 */
declare const brand: unique symbol;

/** 90 kHz ticks of a run's media clock. */
export type Ticks = number & { readonly [brand]: 'Ticks' };

export const TICKS_PER_SECOND = 90_000;

/** @throws RangeError when the value is not a whole number. */
export function ticks(value: number): Ticks {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a whole number of ticks`);
  return value as Ticks;
}

export function ticksToMs(value: Ticks): number {
  return value / 90;
}

export function msToTicks(ms: number): Ticks {
  return Math.round(ms * 90) as Ticks;
}
