/**
 * Ties a run's media time to the wall clock. Three clocks meet here: the camera's (media time), this machine's
 * monotonic clock, and this machine's wall clock, which may step. The camera's drift is measured against the
 * monotonic clock; a step of the wall clock only takes effect where `reanchor` is called, so times inside a
 * segment always agree with its media.
 */
import type { EpochMs } from './time.ts';

/** The same instant on all three clocks, milliseconds. */
export interface Anchor {
  readonly mediaMs: number;
  readonly monotonicMs: number;
  readonly wallMs: EpochMs;
}

/** What a re-measurement found since the one before. */
export interface Reanchored {
  /** How far the camera's clock ran ahead (+) or behind (−) of this machine's, ms. */
  readonly driftMs: number;
  /** How far the wall clock stepped against the monotonic clock, ms. */
  readonly stepMs: number;
}

const MINUTE_MS = 60_000;

/** Media that claims to be this much later than now has a broken clock: no transport delivers the future. */
const FUTURE_LIMIT_MS = 2_000;

export class MediaClock {
  /** Wall minus monotonic, as of the last anchor. */
  #wallOffsetMs: number;
  /** Monotonic minus media, as of the last anchor. */
  #mediaOffsetMs: number;
  /** Smallest delay seen since the last anchor: what media takes to get here when nothing holds it up. */
  #leastDelayMs = Number.POSITIVE_INFINITY;
  /** The same in the first window, which later ones are compared with. */
  #usualDelayMs: number | null = null;

  /** Since the first measurement: how far the camera's clock ran ahead, ms, in how much time. */
  #driftMs = 0;
  #measuredMs: number | null = null;
  #firstMeasuredMs = 0;

  constructor(anchor: Anchor) {
    this.#wallOffsetMs = anchor.wallMs - anchor.monotonicMs;
    this.#mediaOffsetMs = anchor.monotonicMs - anchor.mediaMs;
  }

  /**
   * Takes note that media up to `mediaMs` had arrived at `monotonicMs`.
   * @returns false when the camera's clock must have jumped ahead: the run has to end.
   */
  observe(mediaMs: number, monotonicMs: number): boolean {
    const delayMs = monotonicMs - mediaMs - this.#mediaOffsetMs;
    this.#leastDelayMs = Math.min(this.#leastDelayMs, delayMs);
    return delayMs >= -FUTURE_LIMIT_MS;
  }

  /**
   * Puts an anchor right that was taken late, by a process that was busy starting: media can't arrive before it was. To
   * be called where a new segment may begin, for times change with it.
   */
  correct(): void {
    if (this.#usualDelayMs !== null || this.#leastDelayMs >= 0) return;
    this.#mediaOffsetMs += this.#leastDelayMs;
    this.#leastDelayMs = 0;
  }

  /** Measures both offsets anew; to be called where a new segment may begin, now. */
  reanchor(monotonicMs: number, wallMs: EpochMs): Reanchored {
    let driftMs = 0;
    if (Number.isFinite(this.#leastDelayMs)) {
      this.#usualDelayMs ??= this.#leastDelayMs;
      driftMs = this.#usualDelayMs - this.#leastDelayMs;
      this.#mediaOffsetMs -= driftMs;
    }
    this.#leastDelayMs = Number.POSITIVE_INFINITY;
    if (this.#measuredMs === null) this.#firstMeasuredMs = monotonicMs;
    this.#driftMs += driftMs;
    this.#measuredMs = monotonicMs;
    const stepMs = wallMs - monotonicMs - this.#wallOffsetMs;
    this.#wallOffsetMs += stepMs;
    return { driftMs, stepMs };
  }

  /** How much faster (+) the camera's clock runs than this machine's, in parts of a million; null when not yet known. */
  get driftPpm(): number | null {
    const overMs = (this.#measuredMs ?? 0) - this.#firstMeasuredMs;
    return overMs < MINUTE_MS ? null : Math.round((this.#driftMs / overMs) * 1e6);
  }

  /** Wall time of a media time, milliseconds. */
  wallOf(mediaMs: number): EpochMs {
    return Math.round(mediaMs + this.#mediaOffsetMs + this.#wallOffsetMs) as EpochMs;
  }
}
