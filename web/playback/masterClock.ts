/**
 * The clock of playback: one moment for all pictures. It follows the first picture that has footage, runs by itself
 * through gaps, and waits for pictures that are not there yet. Pure.
 */
import type { GapMode } from '../core/preferences.ts';

/** A picture that the clock drives, as far as the clock has to know it. */
export interface Screen {
  /** Whether there is footage of a moment; null while that is not known. */
  covers(ms: number): boolean | null;
  /** Where the next footage after a moment begins. */
  nextAfter(ms: number): number | null;
  /** The moment on show; null while there is no picture of it. */
  moment(): number | null;
  /** Whether it has enough to play on. */
  settled(): boolean;
}

/** An element that is further ahead than this has jumped over the end of a stretch. */
const JUMP_MS = 700;
/** Nobody sees less. */
const NEAR_MS = 25;
/** Further off than this, an element is put where it belongs. */
const FAR_MS = 1_000;
/** How soon a drift is made up for, and by how much of the rate at most. */
const CATCH_UP_MS = 1_000;
const MOST = 0.2;

/**
 * The moment that follows.
 * @param elapsedMs of playback since the last one: time that has passed, at the rate
 * @param patient whether to wait for pictures that are not there yet
 */
export function nextMoment(
  atMs: number,
  elapsedMs: number,
  mode: GapMode,
  screens: readonly Screen[],
  patient: boolean,
): number {
  const showing = screens.filter((screen) => screen.covers(atMs) === true);
  if (patient && screens.some((screen) => screen.covers(atMs) === null)) return atMs;
  if (patient && showing.some((screen) => !screen.settled())) return atMs;
  const moment = showing.find((screen) => screen.settled())?.moment() ?? null;
  if (moment !== null) {
    const jumped = Math.abs(moment - atMs) > elapsedMs + JUMP_MS;
    // Over a gap, which nobody else has to be shown.
    if (jumped && moment > atMs && mode === 'skip' && screens.length === 1) return moment;
    return jumped ? atMs + elapsedMs : Math.max(atMs, moment);
  }
  if (showing.length > 0 || mode === 'through') return atMs + elapsedMs;
  const starts = screens.map((screen) => screen.nextAfter(atMs)).filter((start) => start !== null);
  return starts.length > 0 ? Math.min(...starts) : atMs;
}

/** What a picture has to do to be where the clock is. */
export type Correction =
  | { readonly kind: 'run'; readonly rate: number }
  | { readonly kind: 'wait' }
  | { readonly kind: 'jump' };

/** @param momentMs what the picture shows; null while it shows nothing */
export function correctionOf(momentMs: number | null, atMs: number, rate: number): Correction {
  if (momentMs === null) return { kind: 'run', rate };
  const ahead = momentMs - atMs;
  if (Math.abs(ahead) <= NEAR_MS) return { kind: 'run', rate };
  if (ahead > FAR_MS * rate) return { kind: 'wait' };
  if (-ahead > FAR_MS * rate) return { kind: 'jump' };
  const change = Math.max(-MOST, Math.min(MOST, ahead / CATCH_UP_MS));
  return { kind: 'run', rate: Math.max(0.1, rate * (1 - change)) };
}
