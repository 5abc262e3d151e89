/** Wall time: UTC epoch milliseconds, and the days of a zone, which have 23, 24 or 25 hours. */
import { NvrError } from './errors.ts';

declare const brand: unique symbol;

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number & { readonly [brand]: 'EpochMs' };

/** 24 hours, which a day of a zone may not have. */
export const DAY_MS = 86_400_000;

/** @throws NvrError `invalid` unless the value is a whole number of milliseconds in the years 1970–9999. */
export function epochMs(value: number, field = 'time'): EpochMs {
  if (!Number.isSafeInteger(value) || value < 0 || value > 253_402_300_799_999) {
    throw new NvrError('invalid', 'A time is a whole number of milliseconds since 1970.', { field });
  }
  return value as EpochMs;
}

/** The half-open interval `[startMs, endMs)`. */
export interface Interval {
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
}

/** Reads the wall clock; injected wherever time is needed, so that a test can hold it. */
export interface Clock {
  /** Wall time; may step. */
  now(): EpochMs;
  /** Milliseconds of a clock that never steps, from an arbitrary zero. */
  monotonic(): number;
}
