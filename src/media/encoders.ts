/**
 * Which encoder works on this machine: found out by a trial run with real pictures, at first use. A hardware encoder may
 * be installed and still fail for want of a driver, a device or a permission; only encoding tells.
 */
import type { EncoderName } from '../domain/encode.ts';
import { messageOf, NvrError } from '../domain/errors.ts';
import { ENCODERS, type EncoderKind, type EncoderWish } from './encoderList.ts';
import { hasElement } from './gst.ts';
import { Pipeline } from './pipeline.ts';
import { applySettings } from './plan.ts';

/** What became of an encoder. */
export type EncoderState = 'chosen' | 'works' | 'passed-over' | 'not-tried';

export interface EncoderReport {
  readonly name: EncoderName;
  readonly says: string;
  readonly state: EncoderState;
  /** Why it was passed over; null otherwise. */
  readonly reason: string | null;
}

/** A small machine takes some seconds for the pictures; one that hangs is waited for as long. */
const TRIAL_LIMIT_MS = 15_000;
/** Enough that an encoder which looks ahead gives out something; small, but larger than what any hardware refuses. */
const TRIAL_SOURCE =
  'videotestsrc num-buffers=30 ! video/x-raw,format=NV12,width=640,height=480,framerate=30/1 ! videoconvert';
const TRIAL_WISH: EncoderWish = { kbitPerSecond: 1000, keyframes: 30, preset: 'fast' };

export class Encoders {
  readonly #kinds: readonly EncoderKind[];
  readonly #trial: (kind: EncoderKind) => Promise<string | null>;
  /** Why an encoder can't be used, or null when it worked. */
  readonly #found = new Map<string, string | null>();
  /** One trial at a time: hardware may allow no more. */
  #choosing: Promise<EncoderKind | null> = Promise.resolve(null);

  /**
   * @param forced the only encoder that may be used; null takes the first that works
   * @param trial replaces the trial run: gives why an encoder does not work, or null
   * @param kinds replaces the encoders that are known
   */
  constructor(
    forced: string | null,
    trial: (kind: EncoderKind) => Promise<string | null> = tryEncoder,
    kinds: readonly EncoderKind[] = ENCODERS,
  ) {
    this.#kinds = forced === null ? kinds : kinds.filter(({ name }) => name === forced);
    this.#trial = trial;
  }

  /** The first encoder that works; null when there is none. */
  choose(): Promise<EncoderKind | null> {
    this.#choosing = this.#choosing.then(() => this.#next());
    return this.#choosing;
  }

  /** The first encoder that works. @throws NvrError `unavailable` when there is none */
  async expect(): Promise<EncoderKind> {
    const chosen = await this.choose();
    if (chosen !== null) return chosen;
    throw new NvrError(
      'unavailable',
      'No encoder works on this machine: see what GET /encoders says of each.',
    );
  }

  /** It failed while it was used: the next one takes its place. */
  failed(name: string, reason: string): void {
    this.#found.set(name, `It failed at work: ${reason}`);
  }

  /** All encoders, in the order in which they are tried; finds out which one is used. */
  async report(): Promise<readonly EncoderReport[]> {
    const chosen = await this.choose();
    return ENCODERS.map(({ name, says }) => {
      const reason = this.#kinds.some((kind) => kind.name === name)
        ? (this.#found.get(name) ?? null)
        : 'Another one is set.';
      return { name, says, reason, state: this.#stateOf(name, chosen, reason) };
    });
  }

  #stateOf(name: string, chosen: EncoderKind | null, reason: string | null): EncoderState {
    if (name === chosen?.name) return 'chosen';
    if (reason !== null) return 'passed-over';
    return this.#found.has(name) ? 'works' : 'not-tried';
  }

  async #next(): Promise<EncoderKind | null> {
    // None is left: a machine that was too busy for the trials may not be any more.
    if (this.#kinds.every(({ name }) => typeof this.#found.get(name) === 'string')) this.#found.clear();
    for (const kind of this.#kinds) {
      if (!this.#found.has(kind.name)) this.#found.set(kind.name, await this.#trial(kind));
      if (this.#found.get(kind.name) === null) return kind;
    }
    return null;
  }
}

/** Encodes a second of pictures. @returns why it does not work, or null */
export async function tryEncoder(kind: EncoderKind): Promise<string | null> {
  if (!hasElement(kind.name)) return `GStreamer has no ${kind.name} here: it takes ${kind.needs}.`;
  try {
    return await trialRun(kind);
  } catch (thrown) {
    return messageOf(thrown);
  }
}

async function trialRun(kind: EncoderKind): Promise<string | null> {
  const launch = `${TRIAL_SOURCE} ! ${kind.launch(TRIAL_WISH)} ! h264parse ! identity name=out silent=false ! fakesink sync=false async=false`;
  let settle: (verdict: string | null) => void = () => {};
  const verdict = new Promise<string | null>((resolve) => {
    settle = resolve;
  });
  let encoded = false;
  const pipeline = new Pipeline(launch, (message) => {
    if (message.type === 'first-buffer') encoded = true;
    if (message.type === 'error')
      settle(`${message.message} ${message.debug.split('\n').at(-1) ?? ''}`.trim());
    if (message.type === 'eos') settle(encoded ? null : 'It gave no pictures.');
  });
  const timer = setTimeout(() => settle(`It gave nothing in ${TRIAL_LIMIT_MS / 1000} s.`), TRIAL_LIMIT_MS);
  try {
    applySettings(pipeline, kind.settings(TRIAL_WISH));
    pipeline.watchFirstBuffer('out');
    pipeline.play();
    return await verdict;
  } finally {
    clearTimeout(timer);
    pipeline.close();
  }
}
