/**
 * What is at an address: connects once, looks, lets go. Answers within its limit whatever the camera does and
 * blocks nothing.
 */
import { AwakeTime } from '../domain/awake.ts';
import type { DeviceSource, HttpSource, Source } from '../domain/camera.ts';
import { messageOf, NvrError } from '../domain/errors.ts';
import type { StreamFormat } from '../domain/media.ts';
import type { BusMessage } from './busMessage.ts';
import { audioFormat, rtpAudioFormat, rtpVideoEncoding, videoFormat } from './capsText.ts';
import { type Failure, failureOf, noSound } from './causes.ts';
import { Pipeline } from './pipeline.ts';
import { applySettings, type Plan, planLook, planSoundLook, planType } from './plan.ts';
import { type ExpectAllowed, Redirects } from './redirects.ts';

/** What a probe found, or why it found nothing. */
export type ProbeResult =
  | {
      readonly ok: true;
      readonly format: StreamFormat;
      /** Why a device gives its picture without the sound that its source names. */
      readonly silent?: Failure;
    }
  | ({ readonly ok: false } & Failure);

const LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 40;
/** How long a stream that was set up but is silent is waited for once the video is known. */
const STRAGGLER_MS = 1_500;

/** A container that announces a track which never comes: what is known by then is taken. */
const TRACKS_MS = 3_000;

/** A device that another program uses says what it gives, and a moment later that it does not. */
const REFUSAL_MS = 400;

/** A container may name its sound only when the first of it comes. */
const LATE_SOUND_MS = 1_000;

export interface ProbeOptions {
  readonly limitMs?: number;
  /** Judges where the camera sends the recorder on to; anywhere will do when absent. */
  readonly expectAllowed?: ExpectAllowed;
  /** Has it end at once, with the cause `ended`. */
  readonly signal?: AbortSignal;
}

/** Never throws for what a camera does; resolves within 10 s, or the limit, in which this process runs. */
export async function probe(source: Source, options: ProbeOptions = {}): Promise<ProbeResult> {
  if (source.kind === 'test') {
    const { width, height, fps } = source;
    return { ok: true, format: { video: { codec: 'h264', width, height, fps }, audio: null } };
  }
  try {
    if (source.kind === 'v4l2') return await deviceLooked(source, options);
    if (source.kind !== 'http') return await looked(source, false, options);
    const type = await typeOf(source, options);
    if (typeof type !== 'string') return { ok: false, ...type };
    if (type.startsWith('image/')) return { ok: false, ...ONE_PICTURE };
    return await looked(source, type.startsWith('multipart/'), options);
  } catch (thrown) {
    if (options.signal?.aborted) return { ok: false, ...STOPPED };
    if (thrown instanceof NvrError && thrown.kind === 'internal') throw thrown;
    return { ok: false, cause: 'internal', message: messageOf(thrown) };
  }
}

/** Whether the sound device of a source can be had: null when it can. Resolves within 10 s in which this process runs. */
export async function probeSound(source: DeviceSource): Promise<Failure | null> {
  const awake = new AwakeTime(performance.now());
  const heard = await watched<Failure | 'heard'>(source, planSoundLook(source), {}, (pipeline, watch) => {
    const now = awake.at(performance.now());
    if (pipeline.padCaps('audio', 'sink') !== null) return 'heard';
    if (watch.failure !== null) return watch.failure;
    return now > LIMIT_MS ? noSound(source) : null;
  });
  return heard === 'heard' ? null : heard;
}

/** The picture of a device is looked at alone where its sound can't be had. */
async function deviceLooked(source: DeviceSource, options: ProbeOptions): Promise<ProbeResult> {
  const found = await looked(source, false, options);
  if (found.ok) {
    const silent = source.audioDevice !== undefined && found.format.audio === null;
    return silent ? { silent: noSound(source), ...found } : found;
  }
  if (found.cause === 'format-changed') {
    return { ok: false, cause: 'no-media', message: `${source.device} does not offer what it is asked for.` };
  }
  if (found.track !== 'audio') return found;
  const { audioDevice, ...alone } = source;
  const { ok, ...silent } = found;
  const picture = await looked(alone, false, options);
  return picture.ok ? { ...picture, silent } : picture;
}

const ONE_PICTURE: Failure = {
  cause: 'no-media',
  message: 'This address is of a single picture, not of a stream.',
};

/** Of a source that was not looked at to the end, because nobody wants to know any more. */
export const STOPPED: Failure = { cause: 'ended', message: 'The look at the camera was ended.' };

/** Runs a plan while `look` is asked every so often, until it gives something. @throws the reason of a signal that comes */
async function watched<T>(
  source: Source,
  plan: Plan,
  { expectAllowed, signal }: ProbeOptions,
  look: (pipeline: Pipeline, watch: ProbeWatch) => T | null,
): Promise<T> {
  const watch = new ProbeWatch(source, expectAllowed ?? null);
  const pipeline = new Pipeline(plan.launch, (message) => watch.receive(message));
  try {
    applySettings(pipeline, plan.settings);
    playing(pipeline);
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      signal?.throwIfAborted();
      const found = look(pipeline, watch);
      if (found !== null) return found;
    }
  } finally {
    pipeline.close();
  }
}

/** What fails at once says why on the bus, a moment later. */
function playing(pipeline: Pipeline): void {
  try {
    pipeline.play();
  } catch (thrown) {
    if (!(thrown instanceof NvrError)) throw thrown;
  }
}

/** GStreamer's media type of what an address gives. */
async function typeOf(source: HttpSource, options: ProbeOptions): Promise<string | Failure> {
  const { limitMs = LIMIT_MS } = options;
  const awake = new AwakeTime(performance.now());
  return await watched<string | Failure>(source, planType(source), options, (pipeline, watch) => {
    const now = awake.at(performance.now());
    const [type] = pipeline.sourceCaps('type');
    if (type) return type;
    if (watch.failure !== null) return watch.failure;
    return now > limitMs ? timedOut(0, 0) : null;
  });
}

async function looked(source: Source, multipart: boolean, options: ProbeOptions): Promise<ProbeResult> {
  const { limitMs = LIMIT_MS } = options;
  const awake = new AwakeTime(performance.now());
  const rtp = source.kind === 'rtsp';
  const device = source.kind === 'v4l2';
  let videoSince: number | null = null;
  return await watched<ProbeResult>(source, planLook(source, multipart), options, (pipeline, watch) => {
    const pads = source.kind === 'v4l2' ? deviceCaps(pipeline, source) : pipeline.sourceCaps('source');
    const known = pads.filter((caps) => caps !== '');
    const video =
      rtp || multipart ? videoFormat(pipeline.padCaps('video', 'sink') ?? '') : first(known, videoFormat);
    const now = awake.at(performance.now());
    const refused = device && watch.failure !== null && watch.failure.track === undefined;
    if (video !== null && watch.isClear && !refused) {
      videoSince ??= now;
      const patience = rtp ? STRAGGLER_MS : TRACKS_MS;
      const complete = rtp ? pads.length >= watch.streams : known.length === pads.length;
      const audio = first(known, rtp ? rtpAudioFormat : audioFormat);
      const waitedMs = now - videoSince;
      if (device && waitedMs < REFUSAL_MS) return null;
      if (!complete && waitedMs < patience) return null;
      if (audio === null && !rtp && !multipart && !device && waitedMs < LATE_SOUND_MS) return null;
      const silent = audio === null && watch.failure?.track === 'audio' ? { silent: watch.failure } : {};
      return { ok: true, format: { video, audio, ...(multipart && { multipart }) }, ...silent };
    }
    const late = now > limitMs ? timedOut(watch.streams, pads.length) : null;
    const failure = watch.failure ?? late;
    if (failure === null) return null;
    return (watch.isClear ? unknownRtp(pads) : null) ?? { ok: false, ...failure };
  });
}

/** Caps of a device's picture and, where there is one, of its sound. */
function deviceCaps(pipeline: Pipeline, { audioDevice }: DeviceSource): string[] {
  const sinks = audioDevice === undefined ? ['video'] : ['video', 'audio'];
  return sinks.map((sink) => pipeline.padCaps(sink, 'sink') ?? '');
}

function first<T>(caps: readonly string[], read: (caps: string) => T | null): T | null {
  for (const each of caps) {
    const found = read(each);
    if (found !== null) return found;
  }
  return null;
}

/** Collects what the bus says while the pads are polled. */
class ProbeWatch {
  streams = 0;
  readonly #source: Source;
  readonly #redirects: Redirects;
  #failure: Failure | null = null;

  constructor(source: Source, expectAllowed: ExpectAllowed | null) {
    this.#source = source;
    this.#redirects = new Redirects(source, expectAllowed);
  }

  /** Whether what was found is of where the camera may lead to. */
  get isClear(): boolean {
    return this.#redirects.isClear;
  }

  /** Not told before it is known whose it is. */
  get failure(): Failure | null {
    return this.isClear ? this.#failure : this.#redirects.refusal;
  }

  receive(message: BusMessage): void {
    this.#redirects.hear(message);
    if (message.type === 'error') this.#failure ??= failureOf(message, this.#source);
    if (message.type === 'eos') this.#failure ??= { cause: 'ended', message: 'The camera ended the stream.' };
    if (message.type === 'progress' && message.text.startsWith('SETUP stream')) this.streams++;
  }
}

function unknownRtp(pads: readonly string[]): ProbeResult | null {
  const encoding = pads.map(rtpVideoEncoding).find((found) => found !== null);
  if (encoding === undefined || encoding === 'H264' || encoding === 'H265') return null;
  const message = `The camera sends ${encoding || 'an unnamed codec'}; H.264 and H.265 can be recorded.`;
  return { ok: false, cause: 'unsupported-codec', message };
}

function timedOut(streams: number, pads: number): Failure {
  if (streams > 0 && pads === 0)
    return { cause: 'no-media', message: 'The camera answers but sends no media.' };
  if (pads > 0) return { cause: 'no-media', message: 'The camera sends no picture that can be read.' };
  return { cause: 'timed-out', message: 'The camera accepts the connection but does not answer.' };
}
