/**
 * Closes the books of the time the recorder was down: gaps that were open reach up to its start, and what a crash cut
 * off is a gap from the last footage on. A machine without a clock of its own may have started in what is the past for
 * the books: then that waits, over restarts if it has to, until the clock is put right.
 */
import type { Archive } from '../archive/archive.ts';
import type { CameraId } from '../domain/ids.ts';
import type { GapCause } from '../domain/recording.ts';
import type { ClockStep } from '../domain/stepWatch.ts';
import { type Clock, type EpochMs, epochMs } from '../domain/time.ts';

interface Down {
  readonly cameraId: CameraId;
  readonly cause: GapCause;
  readonly fromMs: EpochMs;
}

type Parts = Pick<Archive, 'ledger' | 'settings' | 'recovery'>;

const KEY = 'downtime';

export class Downtime {
  readonly #parts: Parts;
  readonly #clock: Clock;
  readonly #startedMonotonic: number;

  constructor(parts: Parts, clock: Clock) {
    this.#parts = parts;
    this.#clock = clock;
    this.#startedMonotonic = clock.monotonic();
  }

  /** To be called once, before anything is recorded. */
  settle(): void {
    const { ledger, recovery } = this.#parts;
    const gaps = recovery.openGaps.map(({ cameraId, cause, startMs }) => ({
      cameraId,
      cause,
      fromMs: startMs,
    }));
    const crashed = recovery.interrupted.map(({ cameraId, endMs }) => {
      return { cameraId, cause: 'recorder-down' as const, fromMs: endMs };
    });
    const waiting = this.#waiting();
    const isNew = (down: Down) =>
      !waiting.some(({ cameraId, fromMs }) => cameraId === down.cameraId && fromMs === down.fromMs);
    const all = [...waiting, ...[...gaps, ...crashed].filter(isNew)];
    // First, so that a crash here loses none of them.
    this.#keep(all);
    for (const { cameraId, fromMs } of gaps) ledger.closeGap(cameraId, fromMs);
    this.#write(all, this.#clock.now());
  }

  /** The clock was set: the recorder started later than it thought, or earlier. */
  clockSet({ toMs }: ClockStep): void {
    const runningMs = this.#clock.monotonic() - this.#startedMonotonic;
    this.#write(this.#waiting(), epochMs(Math.round(Math.max(0, toMs - runningMs))));
  }

  #write(all: readonly Down[], startedMs: EpochMs): void {
    const { ledger } = this.#parts;
    for (const { cameraId, cause, fromMs } of all) {
      if (fromMs < startedMs) ledger.addGap(cameraId, { startMs: fromMs, endMs: startedMs }, cause);
    }
    this.#keep(all.filter(({ fromMs }) => fromMs > startedMs));
  }

  #keep(all: readonly Down[]): void {
    this.#parts.settings.set(KEY, all.length === 0 ? null : JSON.stringify(all));
  }

  #waiting(): readonly Down[] {
    const text = this.#parts.settings.get(KEY);
    return text === null ? [] : JSON.parse(text);
  }
}
