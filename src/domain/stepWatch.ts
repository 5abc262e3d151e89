/** Notices that the wall clock of this machine was set, by a clock that never steps. Pure, but for those it is given. */
import { type Clock, type EpochMs, epochMs } from './time.ts';

/** The least, in ms, that counts: what a time service does without setting the clock is less between two looks. */
export const STEP_MS = 1_000;

/** What was `fromMs` is `toMs`. */
export interface ClockStep {
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
}

export class StepWatch {
  readonly #clock: Clock;
  /** Wall minus steady. */
  #offsetMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offsetMs = clock.now() - clock.monotonic();
  }

  /** The step since the last look; null when there was none. */
  look(): ClockStep | null {
    const now = this.#clock.now();
    const steadyMs = this.#offsetMs + this.#clock.monotonic();
    this.#offsetMs += now - steadyMs;
    if (Math.abs(now - steadyMs) < STEP_MS) return null;
    return { fromMs: epochMs(Math.round(steadyMs)), toMs: now };
  }
}
