/**
 * Tells what it means for footage that the clock of this machine was set: an event with both times, and a note on every
 * recording that was made by the clock of before, since the machine was started. Nothing is dated anew: files, names,
 * exports and their signatures have said the times they have, and nobody can prove which of two clocks was right.
 */
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { Archive } from '../archive/archive.ts';
import type { EventDraft } from '../domain/event.ts';
import { STEP_MS } from '../domain/stepWatch.ts';
import { type Clock, epochMs } from '../domain/time.ts';

/** What runs on while the clock is set, while the machine is suspended, and while the recorder is down. */
export interface Machine {
  /** Another after each start of the machine; null where that can't be told. */
  readonly bootId: string | null;
  uptimeMs(): number;
}

/** What is remembered over a restart of the recorder. */
interface Remembered {
  readonly bootId: string | null;
  /** Wall minus uptime. */
  readonly aheadMs: number;
  /** The number of the last recording before the machine was started. */
  readonly after: number;
}

interface Doors extends Pick<Archive, 'ledger' | 'settings'> {
  publish(event: EventDraft): unknown;
}

const KEY = 'clock';
const BOOT_ID = '/proc/sys/kernel/random/boot_id';

export class ClockWatch {
  readonly #doors: Doors;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #machine: Machine;
  #last: Remembered;

  /** To be made before anything is recorded; the clock may have been set while the recorder was down. */
  constructor(doors: Doors, clock: Pick<Clock, 'now'>, machine: Machine = thisMachine()) {
    this.#doors = doors;
    this.#clock = clock;
    this.#machine = machine;
    const { bootId } = machine;
    const text = doors.settings.get(KEY);
    const before: Remembered | null = text === null ? null : JSON.parse(text);
    this.#last =
      before !== null && bootId !== null && before.bootId === bootId
        ? before
        : { bootId, aheadMs: this.#aheadMs(), after: doors.ledger.newestRecording };
    this.look();
  }

  /** To be called when the wall clock leapt: it was set, unless the machine was suspended meanwhile. */
  look(): void {
    const { ledger, settings, publish } = this.#doors;
    const before = this.#last;
    this.#last = { ...before, aheadMs: this.#aheadMs() };
    settings.set(KEY, JSON.stringify(this.#last));
    const offsetMs = Math.round(this.#last.aheadMs - before.aheadMs);
    if (Math.abs(offsetMs) < STEP_MS) return;
    const toMs = this.#clock.now();
    const fromMs = epochMs(Math.max(0, toMs - offsetMs));
    const recordings = ledger.noteClock(before.after, offsetMs, toMs);
    const [was, is] = [fromMs, toMs].map((ms) => new Date(ms).toISOString());
    const noted =
      recordings > 0 ? ' What was recorded before keeps its times, with a note of the difference.' : '';
    publish({
      kind: 'clock',
      text: `The clock of this machine was set ${offsetMs > 0 ? 'forward' : 'back'}: what was ${was} is ${is}.${noted}`,
      data: { fromMs, toMs, offsetMs, recordings },
    });
  }

  #aheadMs(): number {
    return this.#clock.now() - this.#machine.uptimeMs();
  }
}

function thisMachine(): Machine {
  return { bootId: bootId(), uptimeMs: () => uptime() * 1000 };
}

function bootId(): string | null {
  try {
    return readFileSync(BOOT_ID, 'utf8').trim();
  } catch {
    return null;
  }
}
