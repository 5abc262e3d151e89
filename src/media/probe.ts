/**
 * What is at an address: connects once, looks, lets go. Answers within its limit whatever the camera does and
 * blocks nothing.
 */
import type { Source } from '../domain/camera.ts';
import { messageOf, NvrError } from '../domain/errors.ts';
import type { StreamFormat } from '../domain/media.ts';
import type { BusMessage } from './busMessage.ts';
import { rtpAudioFormat, rtpVideoEncoding, videoFormat } from './capsText.ts';
import { type Failure, failureOf } from './causes.ts';
import { Pipeline } from './pipeline.ts';
import { applySettings, planProbe } from './plan.ts';

/** What a probe found, or why it found nothing. */
export type ProbeResult =
  | { readonly ok: true; readonly format: StreamFormat }
  | ({ readonly ok: false } & Failure);

const LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 40;
/** How long a stream that was set up but is silent is waited for once the video is known. */
const STRAGGLER_MS = 1_500;

/** Never throws for what a camera does; resolves within 10 s. */
export async function probe(source: Source, limitMs = LIMIT_MS): Promise<ProbeResult> {
  if (source.kind === 'test') {
    const { width, height, fps } = source;
    return { ok: true, format: { video: { codec: 'h264', width, height, fps }, audio: null } };
  }
  const watch = new ProbeWatch();
  const pipeline = new Pipeline(planProbe(source).launch, (message) => watch.receive(message));
  try {
    applySettings(pipeline, planProbe(source).settings);
    pipeline.play();
    return await look(pipeline, watch, limitMs);
  } catch (thrown) {
    if (thrown instanceof NvrError && thrown.kind === 'internal') throw thrown;
    return { ok: false, cause: 'internal', message: messageOf(thrown) };
  } finally {
    pipeline.close();
  }
}

/** Collects what the bus says while the pads are polled. */
class ProbeWatch {
  failure: Failure | null = null;
  streams = 0;

  receive(message: BusMessage): void {
    if (message.type === 'error') this.failure ??= failureOf(message);
    if (message.type === 'eos') this.failure ??= { cause: 'ended', message: 'The camera ended the stream.' };
    if (message.type === 'progress' && message.text.startsWith('SETUP stream')) this.streams++;
  }
}

async function look(pipeline: Pipeline, watch: ProbeWatch, limitMs: number): Promise<ProbeResult> {
  const started = performance.now();
  let videoSince: number | null = null;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    const pads = pipeline.sourceCaps('source');
    const video = videoFormat(pipeline.padCaps('video', 'sink') ?? '');
    const now = performance.now();
    if (video !== null) {
      videoSince ??= now;
      if (pads.length >= watch.streams || now - videoSince > STRAGGLER_MS) {
        const audio = pads.map(rtpAudioFormat).find((found) => found !== null) ?? null;
        return { ok: true, format: { video, audio } };
      }
      continue;
    }
    const unsupported = unsupportedVideo(pads);
    if (unsupported !== null) return unsupported;
    if (watch.failure !== null) return { ok: false, ...watch.failure };
    if (now - started > limitMs) return timedOut(watch.streams, pads.length);
  }
}

function unsupportedVideo(pads: readonly string[]): ProbeResult | null {
  const encoding = pads.map(rtpVideoEncoding).find((found) => found !== null);
  if (encoding === undefined || encoding === 'H264' || encoding === 'H265') return null;
  const message = `The camera sends ${encoding || 'an unnamed codec'}; H.264 and H.265 can be recorded.`;
  return { ok: false, cause: 'unsupported-codec', message };
}

function timedOut(streams: number, pads: number): ProbeResult {
  if (streams > 0 && pads === 0) {
    return { ok: false, cause: 'no-media', message: 'The camera answers but sends no media.' };
  }
  if (pads > 0) {
    return { ok: false, cause: 'no-media', message: 'The camera sends no picture that can be read.' };
  }
  return { ok: false, cause: 'timed-out', message: 'The camera accepts the connection but does not answer.' };
}
