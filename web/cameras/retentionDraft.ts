/** How long footage is kept, as it is being typed in. Pure. */
import type { RetentionPolicy } from '../../types/api.ts';

/** As text, in days and gigabytes; empty for none. */
export interface RetentionDraft {
  readonly maxDays: string;
  readonly maxGigabytes: string;
  readonly minDays: string;
  readonly minGigabytes: string;
  readonly priority: string;
}

const DAY_MS = 86_400_000;
const GIGABYTE = 1e9;

export const STANDARD_RETENTION: RetentionPolicy = {
  maxAgeMs: null,
  maxBytes: null,
  minAgeMs: null,
  minBytes: null,
  priority: 50,
};

export function retentionDraftOf(policy: RetentionPolicy): RetentionDraft {
  const text = (value: number | null, unit: number) => (value === null ? '' : String(value / unit));
  return {
    maxDays: text(policy.maxAgeMs, DAY_MS),
    maxGigabytes: text(policy.maxBytes, GIGABYTE),
    minDays: text(policy.minAgeMs, DAY_MS),
    minGigabytes: text(policy.minBytes, GIGABYTE),
    priority: String(policy.priority),
  };
}

export function retentionBody(draft: RetentionDraft): RetentionPolicy {
  const amount = (text: string, unit: number) =>
    text.trim() === '' ? null : Math.round(Number(text) * unit);
  return {
    maxAgeMs: amount(draft.maxDays, DAY_MS),
    maxBytes: amount(draft.maxGigabytes, GIGABYTE),
    minAgeMs: amount(draft.minDays, DAY_MS),
    minBytes: amount(draft.minGigabytes, GIGABYTE),
    priority: amount(draft.priority, 1) ?? STANDARD_RETENTION.priority,
  };
}
