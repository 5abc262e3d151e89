/**
 * One run: a pipeline from play to end, its bytes cut into fragments, its media time tied to the wall clock.
 * Makes no decision of its own: what to open, when to close and what to keep is the conductor's.
 */
import { join } from 'node:path';
import type { Source } from '../domain/camera.ts';
import { messageOf } from '../domain/errors.ts';
import type { RunId } from '../domain/ids.ts';
import type { StreamFormat } from '../domain/media.ts';
import type { Anchor } from '../domain/mediaClock.ts';
import { type Clock, epochMs } from '../domain/time.ts';
import { Fragmenter } from '../mp4/fragmenter.ts';
import type { Fragment, InitSegment } from '../mp4/types.ts';
import type { BusMessage } from './busMessage.ts';
import { parameterSets } from './capsText.ts';
import { type Failure, failureOf } from './causes.ts';
import { Fifo } from './fifo.ts';
import { type Encoding, planRecording, type RecordingPlan } from './plan.ts';
import { type ExpectAllowed, Redirects } from './redirects.ts';
import { Relay } from './relay.ts';
import { type Player, playHere, type RunPipeline } from './runPipeline.ts';
import { DEVICE_CAPS, needsRelay } from './sources.ts';
import { TAP_PREFIX, type Tap, type TapPorts, type TappedPipeline } from './tap.ts';

export interface RunOptions {
  readonly runId: RunId;
  readonly source: Source;
  readonly format: StreamFormat;
  /** Folder for the FIFO. */
  readonly runtimeDir: string;
  /** Longest fragment, milliseconds. */
  readonly fragmentMs: number;
  readonly queueMs: number;
  readonly clock: Clock;
  /** How a picture that does not arrive as it is to be recorded is encoded. */
  readonly encoding?: Encoding | null;
  /** Judges where the camera sends the recorder on to; anywhere will do when absent. */
  readonly expectAllowed?: ExpectAllowed;
  /** The encoder, and not the camera, is at fault. */
  onEncoderFailed?(message: string): void;
  /** What plays the pipeline; this process when absent. */
  readonly player?: Player;
  /** Who else listens to the stream. */
  readonly tap?: Tap;
}

export interface RunEvents {
  /** Once, before the first fragment. The anchor is the moment its first frame was received. */
  onBegin(init: InitSegment, anchor: Anchor): void;
  onFragment(fragment: Fragment): void;
  /** Once, after the last fragment; null when it ended because `end` asked for it. */
  onEnd(failure: Failure | null): void;
}

/** How long the first times of all tracks are waited for; a track that is silent so long starts with the video. */
const OFFSETS_LIMIT_MS = 2_000;
/** How long a pipeline gets to push out what its muxer holds. */
const EOS_LIMIT_MS = 1_500;
const EOS_AFTER_ERROR_MS = 400;

export class StreamRun implements TappedPipeline {
  readonly #options: RunOptions;
  readonly #events: RunEvents;
  readonly #plan: RecordingPlan;
  readonly #fifo: Fifo;
  readonly #relay: Relay | null;
  readonly #pipeline: RunPipeline;
  readonly #redirects: Redirects;
  /** First presentation time of each track in the pipeline's running time, milliseconds. */
  readonly #firstPts = new Map<string, number>();
  /** How many listen to each track. */
  readonly #tapped = new Map<string, number>();
  #fragmenter: Fragmenter | null = null;
  #init: InitSegment | null = null;
  #begun = false;
  /** When the video's first frame was received. */
  #firstFrame: Pick<Anchor, 'monotonicMs' | 'wallMs'> | null = null;
  #failure: Failure | null = null;
  /** What a decoder and an encoder are set up for. */
  #media: string | null = null;
  #ending: Promise<void> | null = null;
  #offsetsTimer: NodeJS.Timeout | undefined;
  #eos = false;
  #onEos: () => void = () => {};

  private constructor(options: RunOptions, events: RunEvents, fifo: Fifo, relay: Relay | null) {
    this.#options = options;
    this.#events = events;
    this.#fifo = fifo;
    this.#relay = relay;
    const { fragmentMs, queueMs } = options;
    const { encoding = null } = options;
    this.#plan = planRecording(options.source, options.format, {
      fifoPath: fifo.path,
      fragmentMs,
      queueMs,
      encoding,
      relay: relay?.descriptor ?? null,
    });
    const { player = playHere, source, expectAllowed = null } = options;
    this.#redirects = new Redirects(source, expectAllowed, (refusal) => this.#fail(refusal, 0));
    this.#pipeline = player(this.#plan, (message) => this.#receive(message));
  }

  /**
   * Opens and plays. Failures of the camera arrive in `onEnd`.
   * @throws NvrError when the pipeline can't be built on this machine.
   */
  static async open(options: RunOptions, events: RunEvents): Promise<StreamRun> {
    const path = join(options.runtimeDir, `${options.runId}.fifo`);
    const relay = needsRelay(options.source) ? await Relay.create(`${path}.relay`) : null;
    let fifo: Fifo | null = null;
    try {
      fifo = await Fifo.create(path);
      const run = new StreamRun(options, events, fifo, relay);
      options.tap?.attach(run);
      return run;
    } catch (thrown) {
      fifo?.close();
      relay?.close();
      throw thrown;
    }
  }

  /** Ends the run on a fragment boundary with everything that was received. Idempotent. */
  async end(): Promise<void> {
    this.#ending ??= this.#finish(() => this.#pipeline.end(), EOS_LIMIT_MS);
    await this.#ending;
  }

  get audioCaps(): string | null {
    if (!this.#plan.taps.includes('audio')) return null;
    return this.#pipeline.padCaps(`${TAP_PREFIX}audio-pay`, 'src');
  }

  connect({ video, audio }: TapPorts): void {
    this.#turnTap('video', 'add', video);
    if (audio !== null) this.#turnTap('audio', 'add', audio);
  }

  disconnect({ video, audio }: TapPorts): void {
    this.#turnTap('video', 'remove', video);
    if (audio !== null) this.#turnTap('audio', 'remove', audio);
  }

  #turnTap(track: 'video' | 'audio', what: 'add' | 'remove', port: number): void {
    if (!this.#plan.taps.includes(track)) return;
    const tap = `${TAP_PREFIX}${track}`;
    this.#pipeline.act(`${tap}-sink`, what, '127.0.0.1', port);
    const listeners = (this.#tapped.get(track) ?? 0) + (what === 'add' ? 1 : -1);
    this.#tapped.set(track, listeners);
    this.#pipeline.set(`${tap}-valve`, 'drop', listeners === 0);
  }

  #receive(message: BusMessage): void {
    this.#redirects.hear(message);
    // A tap that fails shows nothing to those who listen; the recording goes on.
    if (message.type === 'error' && message.element.startsWith(TAP_PREFIX)) return;
    switch (message.type) {
      case 'first-buffer':
        this.#firstBuffer(message.element, message.ptsMs);
        break;
      case 'error':
        if (message.element === 'encoder') this.#options.onEncoderFailed?.(message.message);
        this.#fail(failureOf(message, this.#options.source));
        break;
      case 'eos':
        this.#eos = true;
        this.#onEos();
        this.#fail({ cause: 'ended', message: 'The camera ended the stream.' });
        break;
      case 'warning':
      case 'progress':
      case 'connect':
      case 'caps':
        break;
    }
  }

  /** A failed pipeline still pushes out what its muxer holds: the last moments before a camera went. */
  #fail(failure: Failure, waitMs = EOS_AFTER_ERROR_MS): void {
    if (this.#ending !== null) return;
    this.#failure = failure;
    this.#ending = this.#finish(() => {}, waitMs);
  }

  #firstBuffer(track: string, ptsMs: number): void {
    this.#firstPts.set(track, ptsMs);
    const { clock } = this.#options;
    if (track === 'video') {
      // The message waits for its turn; the frame's own time says how long ago it was received. Behind a pipe it does not.
      const agoMs = this.#relay === null ? Math.max(0, this.#pipeline.runningMs() - ptsMs) : 0;
      const wallMs = epochMs(Math.round(clock.now() - agoMs));
      this.#firstFrame = { monotonicMs: clock.monotonic() - agoMs, wallMs };
    }
    if (this.#firstPts.size === this.#plan.tracks.length) this.#startReading();
    else this.#offsetsTimer ??= setTimeout(() => this.#startReading(), OFFSETS_LIMIT_MS);
  }

  /** The bytes wait in the FIFO until the tracks' true times are known: the muxer starts each track at 0. */
  #startReading(): void {
    clearTimeout(this.#offsetsTimer);
    if (!this.#redirects.isClear) {
      void this.#startWhenClear();
      return;
    }
    const videoMs = this.#firstPts.get('video');
    if (this.#fragmenter !== null || videoMs === undefined) return;
    const fragmenter = new Fragmenter({
      offsets: { videoMs, audioMs: this.#firstPts.get('audio') ?? videoMs },
      onInit: (init) => {
        this.#init = init;
      },
      onFragment: (fragment) => this.#deliver(fragment, videoMs),
    });
    this.#fragmenter = fragmenter;
    this.#fifo.read((chunk) => this.#push(fragmenter, chunk));
  }

  async #startWhenClear(): Promise<void> {
    await this.#redirects.settled();
    if (this.#ending === null) this.#startReading();
  }

  #push(fragmenter: Fragmenter, chunk: Buffer): void {
    try {
      fragmenter.push(chunk);
    } catch (thrown) {
      // Bytes or times that make no sense: a camera that set its clock, as a rule. A new run begins at once.
      this.#fail({ cause: 'format-changed', message: messageOf(thrown) }, 0);
    }
  }

  #deliver(fragment: Fragment, videoMs: number): void {
    if (this.#ending === null && fragment.key && this.#formatChanged()) {
      this.#fail({ cause: 'format-changed', message: 'The camera changed its codec or picture size.' }, 0);
    }
    if (this.#failure?.cause === 'format-changed' || this.#redirects.refusal !== null) return;
    if (!this.#begun && this.#init !== null && this.#firstFrame !== null) {
      const mediaMs = videoMs - (this.#fragmenter?.zeroMs ?? videoMs);
      this.#begun = true;
      this.#events.onBegin(this.#init, { mediaMs, ...this.#firstFrame });
    }
    this.#events.onFragment(fragment);
  }

  /**
   * The muxer takes a new picture size in mid-stream without a word, behind an init segment that is now wrong; of a device
   * that has another format, the encoder goes on in the old size.
   */
  #formatChanged(): boolean {
    const sets = parameterSets(this.#pipeline.padCaps('video', 'src') ?? '');
    const device = this.#options.source.kind === 'v4l2' ? this.#pipeline.padCaps(DEVICE_CAPS, 'src') : '';
    const media = `${sets} ${device}`;
    this.#media ??= media;
    return media !== this.#media;
  }

  async #finish(ask: () => void, limitMs: number): Promise<void> {
    clearTimeout(this.#offsetsTimer);
    this.#options.tap?.detach(this);
    this.#startReading();
    const eos = await this.#waitForEos(ask, limitMs);
    if (!eos) this.#fifo.close();
    await this.#pipeline.close();
    this.#relay?.close();
    await this.#fifo.drain();
    this.#flush();
    await this.#redirects.settled();
    // A camera that leads to where nobody may go: whatever came of that is not the cause.
    if (this.#failure !== null) this.#failure = this.#redirects.refusal ?? this.#failure;
    this.#events.onEnd(this.#failure);
  }

  async #waitForEos(ask: () => void, limitMs: number): Promise<boolean> {
    // The muxer waits for every track before it gives anything, and a track that has not begun can't be ended.
    const hasMedia = this.#fragmenter !== null && this.#firstPts.size === this.#plan.tracks.length;
    if (!hasMedia || this.#eos) return this.#eos;
    return await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), limitMs);
      this.#onEos = () => {
        clearTimeout(timer);
        resolve(true);
      };
      ask();
    });
  }

  #flush(): void {
    try {
      this.#fragmenter?.flush();
    } catch (thrown) {
      this.#failure ??= { cause: 'internal', message: messageOf(thrown) };
    }
  }
}
