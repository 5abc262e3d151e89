/** Webhooks: who is told of which events by HTTP, and when a delivery that failed is tried again. Pure. */
import type { EventFilter } from './event.ts';
import type { EpochMs } from './time.ts';

declare const brand: unique symbol;
/** Row number of a webhook in the index. */
export type WebhookId = number & { readonly [brand]: 'WebhookId' };

export interface WebhookDraft extends EventFilter {
  readonly name: string;
  /** `http:` or `https:`, without credentials. */
  readonly url: string;
  readonly enabled: boolean;
}

export interface Webhook extends WebhookDraft {
  readonly id: WebhookId;
  readonly createdMs: EpochMs;
}

/** `given-up`: after the last try, or because too many were waiting. */
export type DeliveryState = 'waiting' | 'delivered' | 'given-up';

/** One event on its way to one webhook. */
export interface Delivery {
  readonly id: number;
  readonly createdMs: EpochMs;
  readonly state: DeliveryState;
  readonly attempts: number;
  /** When it was last tried; null before the first. */
  readonly triedMs: EpochMs | null;
  /** When it is tried next; null when it is not. */
  readonly nextMs: EpochMs | null;
  /** HTTP status of the last answer; null when there was none. */
  readonly status: number | null;
  /** Why the last try failed, for people; null when it did not. */
  readonly error: string | null;
}

/** What came of one try. */
export interface Outcome {
  readonly status: number | null;
  readonly error: string | null;
}

/** Delays after the first try, the second …, in ms: a day and a half in all. */
const DELAYS_MS = [
  5_000, 30_000, 120_000, 600_000, 1_800_000, 3_600_000, 10_800_000, 21_600_000, 43_200_000, 43_200_000,
] as const;
/** So much of a delay is left to chance, so that many that failed together do not come back together. */
const JITTER = 0.2;

/**
 * In how many ms a delivery is tried again after so many tries; null when it is given up.
 * @param random evenly distributed in 0..1
 */
export function retryAfterMs(attempts: number, random: number): number | null {
  const delay = DELAYS_MS[attempts - 1];
  return delay === undefined ? null : Math.round(delay * (1 - JITTER + 2 * JITTER * random));
}
