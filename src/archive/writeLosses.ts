/**
 * Keeps the books of one writer's troubles: since when nothing becomes durable, what was given up because too much
 * waited, and what of it the world has been told. One problem is told at a time: when it begins and when it is over.
 */
import type { StorageCause } from '../domain/recording.ts';
import type { EpochMs, Interval } from '../domain/time.ts';
import type { Queued } from './writeQueue.ts';

/**
 * Media that does not become durable. Reported when it begins and when it is over: then it is known from when to when
 * nothing was kept, which is nothing at all when it was written after all.
 */
export interface WriteProblem {
  readonly cause: StorageCause;
  /** What happened, for the user. */
  readonly message: string;
  readonly fromMs: EpochMs;
  /** Where media is kept again; `fromMs` while it is not over. */
  readonly toMs: EpochMs;
  readonly over: boolean;
}

/** Media that was given up when the writer ended. */
export interface LostAtEnd extends Interval {
  readonly cause: StorageCause;
}

/** What a writer leaves in the books when it ends. */
export interface Settlement {
  /** Oldest first; each of them apart. */
  readonly lost: readonly LostAtEnd[];
  /** What was told as missing before the end was asked for, and is on the disk. */
  readonly found: readonly Interval[];
  /** From when on nothing was on the disk, up to the end; null when all was that had not been given up before. */
  readonly restMs: EpochMs | null;
}

export const NO_LOSS: Settlement = { lost: [], found: [], restMs: null };

interface Trouble {
  readonly cause: StorageCause;
  readonly message: string;
  readonly fromMs: EpochMs;
}

interface Loss extends Trouble {
  /** Of the first fragment that was given up. */
  readonly sequence: number;
}

type GivenUp = Pick<Queued, 'fragment' | 'startMs'>;

const TOO_SLOW = 'The disk is too slow for what arrives: footage is given up until it has caught up.';

export class WriteLosses {
  readonly #onProblem: (problem: WriteProblem) => void;
  /** The disk fails: nothing becomes durable. */
  #stuck: Trouble | null = null;
  /** Oldest first; each ends with the next fragment that is written after it. */
  readonly #losses: Loss[] = [];
  #losing = false;
  #told: Trouble | null = null;
  /** What was missing from and to when, of what is told from the end on. */
  #missing: LostAtEnd[] | null = null;
  #toldAtEnd: Trouble | null = null;

  constructor(onProblem: (problem: WriteProblem) => void) {
    this.#onProblem = onProblem;
  }

  get stuck(): boolean {
    return this.#stuck !== null;
  }

  /** There was no room for a fragment. */
  givenUp({ fragment, startMs }: GivenUp): void {
    if (this.#losing) return;
    this.#losing = true;
    const { cause, message } = this.#stuck ?? { cause: 'overrun', message: TOO_SLOW };
    this.#losses.push({ cause, message, fromMs: startMs, sequence: fragment.sequence });
    this.#tellFirst();
  }

  /** A fragment can't be written, whatever the disk. */
  unwritable({ fragment, startMs }: GivenUp, message: string): void {
    const [loss] = this.#losses;
    // What was given up before it goes on.
    if (loss !== undefined && loss.sequence < fragment.sequence) return;
    this.#losses.unshift({ cause: 'storage', message, fromMs: startMs, sequence: fragment.sequence });
    this.#tellFirst();
  }

  /** There was room again. */
  taken(): void {
    this.#losing = false;
  }

  /**
   * The disk has failed.
   * @param fromMs where what it has confirmed ends
   * @param next what would have been written next, when that is all there is to write again
   */
  failed(message: string, fromMs: EpochMs, next: Queued | null): void {
    if (this.#stuck !== null) return;
    const [loss] = this.#losses;
    // What was given up before it goes on, with what comes next.
    if (loss !== undefined && next !== null && loss.sequence < next.fragment.sequence) {
      this.#losses.shift();
      this.#stuck = loss;
      return;
    }
    this.#stuck = { cause: 'storage', message, fromMs };
    this.#begin(this.#stuck);
  }

  /** A disk has confirmed media that begins at `startMs`: when that is before the failure, nothing is missing. */
  confirmed(startMs: EpochMs): void {
    const stuck = this.#stuck;
    if (stuck === null) return;
    this.#stuck = null;
    this.#end(stuck, startMs);
    this.#tellFirst();
  }

  /** The fragment is in a file. */
  written({ fragment, startMs }: GivenUp): void {
    const [loss] = this.#losses;
    if (loss === undefined || loss.sequence > fragment.sequence) return;
    this.#losses.shift();
    this.#end(loss, startMs);
    this.#tellFirst();
  }

  /** Whoever began a recording does not listen any more: what comes out from now on is settled with `close`. */
  ending(): void {
    this.#missing = [];
    this.#toldAtEnd = this.#told;
  }

  /**
   * Nothing is written any more.
   * @param unwritten from when on nothing is durable, null when all is that was not given up
   * @param endMs end of the last fragment that came
   */
  close(unwritten: EpochMs | null, endMs: EpochMs): Settlement {
    const [loss] = this.#losses;
    const rest: Trouble | undefined =
      this.#stuck ?? (unwritten === null ? loss : { cause: 'storage', message: '', fromMs: unwritten });
    const restMs = rest !== undefined && rest.fromMs < endMs ? rest.fromMs : null;
    const lost = [...(this.#missing ?? [])];
    if (rest !== undefined && restMs !== null) lost.push({ cause: rest.cause, startMs: restMs, endMs });
    if (this.#told !== null) this.#end(this.#told, endMs);
    const found = this.#toldAtEnd === null ? [] : between(this.#toldAtEnd.fromMs, lost, endMs);
    return { lost, found, restMs };
  }

  #tellFirst(): void {
    const [loss] = this.#losses;
    if (loss !== undefined && this.#stuck === null) this.#begin(loss);
  }

  #begin(trouble: Trouble): void {
    if (this.#told !== null) return;
    this.#told = trouble;
    const { cause, message, fromMs } = trouble;
    this.#onProblem({ cause, message, fromMs, toMs: fromMs, over: false });
  }

  #end({ cause, message, fromMs }: Trouble, at: EpochMs): void {
    this.#told = null;
    const toMs = at > fromMs ? at : fromMs;
    if (toMs > fromMs) this.#missing?.push({ cause, startMs: fromMs, endMs: toMs });
    this.#onProblem({ cause, message, fromMs, toMs, over: true });
  }
}

/** What none of the intervals covers, which are in order. */
function between(startMs: EpochMs, lost: readonly Interval[], endMs: EpochMs): Interval[] {
  const starts = [startMs, ...lost.map((each) => each.endMs)];
  const ends = [...lost.map((each) => each.startMs), endMs];
  return starts
    .map((from, index) => ({ startMs: from, endMs: ends[index] ?? endMs }))
    .filter((each) => each.startMs < each.endMs);
}
