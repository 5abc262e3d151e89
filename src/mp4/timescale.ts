/** Conversion of times between timescales, always by the same rounding, so that it can be undone exactly. */
import { TICKS_PER_SECOND, type Ticks, ticks } from '../domain/ticks.ts';
import { malformed } from './boxes.ts';

/** `value` of the timescale `from` in the timescale `to`, to the nearest; that of `-value` is the negative. */
export function rescale(value: number, from: number, to: number): number {
  return Math.sign(value) * Math.round((Math.abs(value) * to) / from) + 0;
}

/**
 * A track's time in 90 kHz ticks.
 * @throws NvrError `invalid` when it is beyond 2⁵³ ticks.
 */
export function toTicks(value: number, timescale: number): Ticks {
  const rescaled = rescale(value, timescale, TICKS_PER_SECOND);
  if (!Number.isSafeInteger(rescaled)) throw malformed('a time is too large');
  return ticks(rescaled);
}
