/** Encodes recorded video anew with captions drawn into its pictures; sound is kept as it is. */
import { bitrateOf, keyframeDistance, PLAIN_ENCODE } from '../domain/encode.ts';
import { NvrError } from '../domain/errors.ts';
import type { InitSegment } from '../mp4/types.ts';
import type { DecoderEnd, DecoderHost } from './decoderHost.ts';
import type { EncoderKind } from './encoderList.ts';
import type { Encoders } from './encoders.ts';
import { decoding } from './picturePlan.ts';
import type { Plan } from './plan.ts';

/** Absolute paths. */
export interface BurnFiles {
  /** An MP4. */
  readonly movie: string;
  /** SubRip; its times are those of the movie. */
  readonly captions: string;
  /** An MP4. */
  readonly output: string;
  /** Of what is needed meanwhile; as large as the output. */
  readonly scratch: string;
}

export interface BurnRequest {
  readonly files: BurnFiles;
  readonly init: InitSegment;
  /** Into fragments of a second, or as one with `moov` first. */
  readonly fragmented: boolean;
  /** Of the movie. */
  readonly kbitPerSecond: number;
  readonly signal: AbortSignal;
  /** How much of the movie is done, in ms. */
  onProgress(ms: number): void;
}

/** With enough time for a machine that does much else. */
const STALL_MS = 120_000;
/** The recorder's own pictures come first. */
const DECODER_THREADS = 2;
const FRAGMENTED = 'streamable=true fragment-duration=1000';
/** GstBaseTextOverlayVAlign bottom, HAlign left. */
const [BOTTOM, LEFT] = [1, 0];
/** The size is that of a picture 640 wide; it grows with the picture. */
const FONT = 'Monospace 14';

/**
 * Runs in the process of the host.
 * @throws NvrError `unavailable` without an encoder, or when it fails or comes to a halt; `conflict` for a codec that can't be
 *   decoded, and when aborted
 */
export async function burnCaptions(
  host: DecoderHost,
  encoders: Encoders,
  request: BurnRequest,
): Promise<void> {
  const plan = planBurn(request, await encoders.expect());
  const { signal, onProgress } = request;
  let stop = () => {};
  let stalled: NodeJS.Timeout | undefined;
  let onAbort = () => {};
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (message: string) => reject(new NvrError('unavailable', message));
      onAbort = () => reject(new NvrError('conflict', 'The export was cancelled.'));
      signal.addEventListener('abort', onAbort, { once: true });
      stalled = setTimeout(() => fail('The encoder came to a halt.'), STALL_MS);
      const onEnd = (end: DecoderEnd) => {
        if (end.kind === 'done') resolve();
        else fail(end.kind === 'failed' ? `It could not be encoded: ${end.message}` : 'The encoder crashed.');
      };
      let reachedMs = 0;
      const onPosition = (ms: number) => {
        if (ms <= reachedMs) return;
        reachedMs = ms;
        stalled?.refresh();
        onProgress(ms);
      };
      stop = host.start(plan, null, onEnd, { element: 'overlay', onPosition });
      if (signal.aborted) onAbort();
    });
  } finally {
    clearTimeout(stalled);
    signal.removeEventListener('abort', onAbort);
    stop();
  }
}

function planBurn({ files, init, fragmented, kbitPerSecond }: BurnRequest, encoder: EncoderKind): Plan {
  const { width, height } = init.video;
  const video = { codec: 'h264', width, height, fps: 0 } as const;
  const wish = {
    kbitPerSecond: Math.max(Math.round(kbitPerSecond), bitrateOf(video, PLAIN_ENCODE)),
    keyframes: keyframeDistance(video, PLAIN_ENCODE),
    preset: 'balanced',
  } as const;
  return {
    launch: `filesrc name=source ! qtdemux name=demux mp4mux name=mux ${fragmented ? FRAGMENTED : ''} ! filesink name=sink
      demux.video_0 ! queue ! ${decoding(init.video)} ! videoconvert ! capsfilter name=pixels
      ! textoverlay name=overlay ! ${encoder.launch(wish)} ! h264parse ! mux.
      filesrc name=captions ! subparse ! overlay.text_sink
      ${init.audio === null ? '' : 'demux.audio_0 ! queue ! mux.'}`,
    settings: [
      { element: 'source', property: 'location', value: files.movie },
      { element: 'captions', property: 'location', value: files.captions },
      { element: 'sink', property: 'location', value: files.output },
      ...(fragmented
        ? []
        : [
            { element: 'mux', property: 'faststart', value: true },
            { element: 'mux', property: 'faststart-file', value: files.scratch },
          ]),
      { element: 'decoder', property: 'max-threads', value: DECODER_THREADS },
      { element: 'pixels', property: 'caps', caps: 'video/x-raw,format=(string){ I420, NV12 }' },
      { element: 'overlay', property: 'valignment', value: BOTTOM },
      { element: 'overlay', property: 'halignment', value: LEFT },
      { element: 'overlay', property: 'font-desc', value: FONT },
      { element: 'overlay', property: 'shaded-background', value: true },
      ...encoder.settings(wish),
    ],
  };
}
