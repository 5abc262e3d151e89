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

  /**
   * Nothing is written any more.
   * @param unwritten from when on nothing is durable, null when all is that was not given up
   * @param endMs end of the last fragment that came
   */
  close(unwritten: EpochMs | null, endMs: EpochMs): readonly LostAtEnd[] {
    const [loss] = this.#losses;
    const rest: Trouble | undefined =
      this.#stuck ?? (unwritten === null ? loss : { cause: 'storage', message: '', fromMs: unwritten });
    if (this.#told !== null) this.#end(this.#told, endMs);
    return rest === undefined || rest.fromMs >= endMs
      ? []
      : [{ cause: rest.cause, startMs: rest.fromMs, endMs }];
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
    this.#onProblem({ cause, message, fromMs, toMs: at > fromMs ? at : fromMs, over: true });
  }
}
