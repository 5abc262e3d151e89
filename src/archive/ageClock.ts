/**
 * The time by which the age of footage is told. The wall clock can be wrong, and one that is a year ahead would make
 * everything too old: a leap forward is believed only when it has lasted. Pure, but for the clock it is given.
 */
import { type Clock, type EpochMs, epochMs } from '../domain/time.ts';

/** More than this, in ms, between two looks that the steady clock does not confirm, is a leap. */
const LEAP_MS = 3_600_000;
/** For so long, in ms, time goes on from before the leap. */
const DOUBT_MS = 3_600_000;

export class AgeClock {
  readonly #clock: Clock;
  #lastMs: number;
  #lastMonotonic: number;
  /** By the steady clock. */
  #doubtfulUntil: number | null = null;

  /** @param newestMs end of the newest footage: the last time that is known; null when there is none. */
  constructor(clock: Clock, newestMs: EpochMs | null) {
    this.#clock = clock;
    this.#lastMs = newestMs ?? clock.now();
    this.#lastMonotonic = clock.monotonic();
  }

  /** Never later than the wall clock. */
  now(): EpochMs {
    const wall = this.#clock.now();
    const monotonic = this.#clock.monotonic();
    const steady = this.#lastMs + (monotonic - this.#lastMonotonic);
    if (wall - steady <= LEAP_MS) this.#doubtfulUntil = null;
    else this.#doubtfulUntil ??= monotonic + DOUBT_MS;
    const believed = this.#doubtfulUntil === null || monotonic >= this.#doubtfulUntil;
    if (believed) this.#doubtfulUntil = null;
    this.#lastMs = believed ? wall : steady;
    this.#lastMonotonic = monotonic;
    return epochMs(Math.round(Math.min(this.#lastMs, wall)));
  }
}
