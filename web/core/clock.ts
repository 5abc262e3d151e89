/** The recorder's clock: this browser's, corrected by what the recorder says its own is. Days are of its zone. */
import { computed, signal } from '@preact/signals';
import type { SystemInfo } from '../../types/api.ts';
import { get } from './api.ts';

const ASK_EVERY_MS = 60_000;

export const system = signal<SystemInfo | null>(null);
/** Milliseconds by which the recorder's clock is ahead of this browser's. */
const ahead = signal(0);
const tick = signal(Date.now());

/** The recorder's time in epoch milliseconds, once a second. */
export const now = computed(() => tick.value + ahead.value);
/** IANA zone of the recorder; this browser's until the recorder has said its own. */
export const zone = computed(() => system.value?.zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone);

/** The recorder's time at this very moment, in epoch milliseconds. */
export function exactNow(): number {
  return Date.now() + ahead.peek();
}

/** Asks the recorder what time it is. @throws ApiError */
export async function synchronise(): Promise<void> {
  const asked = Date.now();
  const info = await get<SystemInfo>('/system');
  ahead.value = info.nowMs - (asked + Date.now()) / 2;
  system.value = info;
}

/** Keeps the clock going. Called once. */
export function startClock(): void {
  const beat = () => {
    tick.value = Date.now();
    // At the full second of the recorder, where people expect a clock to change.
    window.setTimeout(beat, 1_000 - (exactNow() % 1_000));
  };
  beat();
  window.setInterval(() => {
    if (system.peek()) void synchronise().catch(() => undefined);
  }, ASK_EVERY_MS);
}
