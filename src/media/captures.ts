/** Capture devices and HLS cameras, each looked at and played in a process of its own. */
import type { DeviceSource, Source } from '../domain/camera.ts';
import { NvrError } from '../domain/errors.ts';
import { type ApartSource, CaptureProcess, type DeviceOffer } from './captureHost.ts';
import { type Failure, noSound } from './causes.ts';
import { type ProbeOptions, type ProbeResult, probe, STOPPED } from './probe.ts';
import { type Player, playHere } from './runPipeline.ts';

/** More than a probe takes by itself, which may look twice. */
const PROBE_MS = 25_000;
const HEAR_MS = 15_000;
const OFFER_MS = 15_000;
/** What was looked at is played next, as a rule. */
const KEPT_MS = 5_000;
/** Longer than a device that is away is waited for between two looks. */
const KEPT_UNOPENED_MS = 40_000;
/** After these the process has opened nothing that could be left open. */
const UNOPENED: readonly string[] = ['not-found', 'not-permitted', 'busy'];
/** The key of the process that lists devices. */
const LIST = '';

/**
 * A source whose pipeline can hold up the thread that stops it: a driver may hang in any call, and GStreamer 1.22 stops
 * to play HLS only when the server has answered what it was asked last, or 10 s and more later. Null for all others.
 */
export function apart(source: Source): ApartSource | null {
  return source.kind === 'v4l2' || source.kind === 'hls' ? source : null;
}

function keyOf(source: ApartSource): string {
  return source.kind === 'v4l2' ? source.device : source.url;
}

/** What a source is called in a sentence: an address may hold what is nobody's business. */
function nameOf(source: ApartSource): string {
  return source.kind === 'v4l2' ? source.device : 'The camera';
}

export class Captures {
  readonly #program: string | undefined;
  /** Processes that wait to be used again, by what they looked at. */
  readonly #idle = new Map<string, { readonly found: CaptureProcess; readonly timer: NodeJS.Timeout }>();

  readonly #looking = new Map<string, Promise<ProbeResult>>();

  /** @param program absolute path of the compiled `captureProcess`; the one beside this file when absent */
  constructor(program?: string) {
    this.#program = program;
  }

  /** Has the process of a source begin, if none waits for it. @throws NvrError `unavailable` when it does not in time */
  async prepare(source: ApartSource): Promise<void> {
    const key = keyOf(source);
    const found = this.#take(key);
    if (await found.ready()) return this.#keep(key, found, KEPT_MS);
    void found.close();
    throw new NvrError(
      'unavailable',
      `${nameOf(source)} can’t be opened: its process did not begin in time.`,
    );
  }

  /** Why the sound device of a source can't be had; null when it can. */
  async hear(source: DeviceSource): Promise<Failure | null> {
    const key = `sound of ${source.audioDevice ?? ''}`;
    const found = this.#take(key);
    const heard = await found.hear(source, HEAR_MS);
    if (heard !== null && heard !== 'heard' && UNOPENED.includes(heard.cause)) {
      this.#keep(key, found, KEPT_UNOPENED_MS);
    } else void found.close();
    return heard === 'heard' ? null : (heard ?? noSound(source));
  }

  /** As `probe` of `probe.ts`, for every kind of source. Who asks anew while one is looked at apart gets the same answer. */
  async probe(source: Source, options?: ProbeOptions): Promise<ProbeResult> {
    const held = apart(source);
    if (held === null) return await probe(source, options);
    const key = JSON.stringify(source);
    const looking =
      this.#looking.get(key) ?? this.#look(held, options?.signal).finally(() => this.#looking.delete(key));
    this.#looking.set(key, looking);
    return await looking;
  }

  async #look(source: ApartSource, signal?: AbortSignal): Promise<ProbeResult> {
    const key = keyOf(source);
    const found = this.#take(key);
    const stop = () => void found.close();
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop);
    const result = await found
      .probe(source, PROBE_MS)
      .finally(() => signal?.removeEventListener('abort', stop));
    if (signal?.aborted) return { ok: false, ...STOPPED };
    if (result === null) void found.close();
    else if (result.ok) this.#keep(key, found, KEPT_MS);
    else if (UNOPENED.includes(result.cause)) this.#keep(key, found, KEPT_UNOPENED_MS);
    else void found.close();
    return result ?? silent(source);
  }

  /** What plays the pipeline of a source. */
  playerOf(source: Source): Player {
    const held = apart(source);
    if (held === null) return playHere;
    return (plan, onMessage) => this.#take(keyOf(held)).play(plan, onMessage);
  }

  /** What a device offers; null when it does not answer. */
  async offer(device: string): Promise<DeviceOffer | null> {
    const found = this.#take(LIST);
    const offer = await found.offer(device, OFFER_MS);
    if (offer === null) void found.close();
    else this.#keep(LIST, found, KEPT_MS);
    return offer;
  }

  /** Ends those that wait. */
  close(): void {
    for (const { found, timer } of this.#idle.values()) {
      clearTimeout(timer);
      void found.close();
    }
    this.#idle.clear();
  }

  #take(key: string): CaptureProcess {
    const kept = this.#idle.get(key);
    this.#idle.delete(key);
    clearTimeout(kept?.timer);
    return kept === undefined || kept.found.gone ? new CaptureProcess(this.#program) : kept.found;
  }

  #keep(key: string, found: CaptureProcess, ms: number): void {
    if (this.#idle.has(key)) return void found.close();
    const timer = setTimeout(() => {
      this.#idle.delete(key);
      void found.close();
    }, ms).unref();
    this.#idle.set(key, { found, timer });
  }
}

function silent(source: ApartSource): ProbeResult {
  return { ok: false, cause: 'timed-out', message: `${nameOf(source)} does not answer.` };
}
