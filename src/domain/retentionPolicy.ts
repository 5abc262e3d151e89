/** What a policy of retention and a reserve may look like. Pure. */
import { NvrError } from './errors.ts';
import type { RetentionPolicy, SpaceRules } from './retentionWords.ts';
import { DAY_MS } from './time.ts';

const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;
const MINUTE_MS = 60_000;

const RESERVE_SHARE = 0.05;
const RESERVE_BOUNDS = [64 * MEBIBYTE, 20 * GIBIBYTE] as const;
const AGE_BOUNDS = [MINUTE_MS, 36_525 * DAY_MS] as const;
const BYTE_BOUNDS = [MEBIBYTE, 1e15] as const;
const PRIORITY_BOUNDS = [1, 100] as const;

/** Bytes to be kept free on a volume: never more than half of it. */
export function reserveOf({ reserveBytes }: SpaceRules, totalBytes: number): number {
  const [least, most] = RESERVE_BOUNDS;
  const wanted = reserveBytes ?? Math.min(Math.max(totalBytes * RESERVE_SHARE, least), most);
  return Math.floor(Math.min(wanted, totalBytes / 2));
}

/**
 * A policy from what was given.
 * @param field what to call it: an error names the part, as in `retention.minAgeMs`, or `minAgeMs` when it is empty
 * @throws NvrError `invalid`: no whole number, out of bounds, or limits that contradict each other.
 */
export function validatePolicy(input: RetentionPolicy, field = 'retention'): RetentionPolicy {
  const { maxAgeMs, maxBytes, minAgeMs, minBytes, priority } = input;
  const part = (key: string): string => (field === '' ? key : `${field}.${key}`);
  for (const [key, value] of Object.entries({ maxAgeMs, minAgeMs })) {
    within(value, AGE_BOUNDS, 'An age is from a minute to a century, in milliseconds.', part(key));
  }
  for (const [key, value] of Object.entries({ maxBytes, minBytes })) {
    within(value, BYTE_BOUNDS, 'A size is from 1 MiB to 1 PB, in bytes.', part(key));
  }
  within(priority, PRIORITY_BOUNDS, 'A priority is a whole number from 1 to 100.', part('priority'));
  if (maxAgeMs !== null && minAgeMs !== null && minAgeMs > maxAgeMs) {
    throw invalid('The guaranteed age must not exceed the greatest age.', part('minAgeMs'));
  }
  if (maxBytes !== null && minBytes !== null && minBytes > maxBytes) {
    throw invalid('The guaranteed size must not exceed the greatest size.', part('minBytes'));
  }
  return { maxAgeMs, maxBytes, minAgeMs, minBytes, priority };
}

/** @throws NvrError `invalid` naming the reserve when it is no sensible size. */
export function validateSpaceRules({ reserveBytes, whenFull }: SpaceRules, field = 'storage'): SpaceRules {
  within(reserveBytes, BYTE_BOUNDS, 'A reserve is from 1 MiB to 1 PB, in bytes.', `${field}.reserveBytes`);
  return { reserveBytes, whenFull };
}

function within(
  value: number | null,
  [least, most]: readonly [number, number],
  message: string,
  field: string,
): void {
  if (value === null || (Number.isSafeInteger(value) && value >= least && value <= most)) return;
  throw invalid(message, field);
}

function invalid(message: string, field: string): NvrError {
  return new NvrError('invalid', message, { field });
}
