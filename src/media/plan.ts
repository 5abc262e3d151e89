/**
 * Pipelines as data: launch text of constants, and the values to set. Pure. Nothing a user typed is ever part of
 * the launch text; it is set as a property.
 */
import type { DeviceSource, Encode, HttpSource, Source, TestSource } from '../domain/camera.ts';
import { NvrError } from '../domain/errors.ts';
import type { StreamFormat } from '../domain/media.ts';
import { type EncodeChain, encodeChain } from './encodeChain.ts';
import type { EncoderKind } from './encoderList.ts';
import { audioHead, lookHeads, SOUND_LOOK, videoHead } from './heads.ts';
import type { Pipeline, PropertyValue } from './pipeline.ts';
import {
  arrangementOf,
  arrivesAhead,
  soundSettings,
  sourceLaunch,
  sourceSettings,
  typeLaunch,
} from './sources.ts';
import { TAP_PREFIX, tapBranch, tappedTracks, tapSettings } from './tap.ts';

/** One value to set before the pipeline plays; `caps` are given as text. */
export type Setting =
  | {
      readonly element: string;
      readonly property: string;
      readonly value: PropertyValue;
      /** Left alone where this version of the element has no such property. */
      readonly optional?: boolean;
      /** Not read back: the element does not give it as it was given. */
      readonly unread?: boolean;
    }
  | {
      readonly element: string;
      readonly pad: string;
      readonly property: string;
      readonly value: PropertyValue;
    }
  | { readonly element: string; readonly property: string; readonly caps: string };

export interface Plan {
  readonly launch: string;
  readonly settings: readonly Setting[];
}

/** A recording pipeline: where its media goes and what its muxer is given. */
export interface RecordingPlan extends Plan {
  /** Names of the `identity` elements that report each track's first presentation time. */
  readonly tracks: readonly Track[];
  /** Tracks that can be listened to as RTP. */
  readonly taps: readonly Track[];
}

export interface RecordingOptions {
  readonly fifoPath: string;
  /** Longest fragment, milliseconds. */
  readonly fragmentMs: number;
  /** How long the queues in front of the muxer can hold what a stalled disk or event loop does not take. */
  readonly queueMs: number;
  /** How a picture that does not arrive as it is to be recorded is encoded. */
  readonly encoding?: Encoding | null;
  /** Descriptor of the pipe between what fetches and what takes apart, for a source that needs one. */
  readonly relay?: number | null;
}

export interface Encoding {
  readonly encode: Encode;
  readonly encoder: EncoderKind;
}

type Track = 'video' | 'audio';

/** Bounds each queue's memory whatever the bitrate. */
const QUEUE_BYTES = 32 * 1024 * 1024;
/** The RTP video clock: keeps RTP times exact, where the muxer would take 100 × the frame rate. */
const VIDEO_TIMESCALE = 90_000;
/** What may wait to be held back to its own pace; as much as two tracks of a file are apart. */
const PACE_MS = 10_000;

/** Source → parse (→ encode) → mp4mux → FIFO, for one stream of a known format; `format.audio` null records no sound. */
export function planRecording(
  source: Source,
  format: StreamFormat,
  options: RecordingOptions,
): RecordingPlan {
  const multipart = format.multipart ?? false;
  const taps = tappedTracks(format);
  const tee = (track: Track) => (taps.includes(track) ? `! tee name=${TAP_PREFIX}${track} ` : '');
  const ahead = arrivesAhead(source, multipart);
  const pace = (track: Track) => (ahead ? ` ! queue name=${track}-pace ! clocksync` : '');
  const { relay = null } = options;
  const encoding = encodingOf(format, options.encoding ?? null);
  const encode = encoding === null ? '' : ` ! ${encoding.launch}`;
  const head = `${videoHead(source, format.video, multipart)}${pace('video')}${encode}`;
  const video = `${head} ${tee('video')}! identity name=video silent=false ! ${format.video.codec}timestamper`;
  const audio =
    format.audio === null
      ? []
      : [
          `${audioHead(source, format.audio)}${pace('audio')} ${tee('audio')}! identity name=audio silent=false`,
        ];
  const chains = [
    sourceLaunch(source, multipart, relay !== null),
    `${video} ! queue name=video-queue ! mux.video_0`,
    ...audio.map((chain) => `${chain} ! queue name=audio-queue ! mux.audio_0`),
    'mp4mux name=mux streamable=true ! filesink name=sink buffer-mode=unbuffered sync=false async=false',
    ...taps.map((track) => tapBranch(track, format)),
  ];
  const tracks: readonly Track[] = format.audio === null ? ['video'] : ['video', 'audio'];
  return {
    launch: chains.filter((chain) => chain !== '').join(' '),
    tracks,
    taps,
    settings: [
      ...sourceSettings(source, multipart, tracks.includes('audio')),
      ...(source.kind === 'test' && encoding === null ? testEncoder(source) : []),
      ...(encoding?.settings ?? []),
      ...(relay === null ? [] : relaySettings(relay)),
      ...taps.flatMap(tapSettings),
      ...tracks.flatMap((track) => [
        ...(ahead ? queueSettings(`${track}-pace`, PACE_MS) : []),
        ...queueSettings(`${track}-queue`, options.queueMs),
      ]),
      { element: 'mux', property: 'fragment-duration', value: options.fragmentMs },
      { element: 'mux', pad: 'video_0', property: 'trak-timescale', value: VIDEO_TIMESCALE },
      { element: 'sink', property: 'location', value: options.fifoPath },
    ],
  };
}

/** Source → parsers → nothing: what the stream is, without recording it; the sinks are named `video` and `audio`. */
export function planLook(source: Source, multipart: boolean): Plan {
  const heads = lookHeads(source, arrangementOf(source, multipart));
  return {
    launch: `${sourceLaunch(source, multipart)} ${heads}`,
    settings: sourceSettings(source, multipart, true),
  };
}

/** The sound device of a source alone. */
export function planSoundLook(source: DeviceSource): Plan {
  return { launch: SOUND_LOOK, settings: soundSettings(source) };
}

/** Just enough of a `http` source to tell what it is. */
export function planType(source: HttpSource): Plan {
  return { launch: typeLaunch(source), settings: sourceSettings(source, false, false) };
}

/** Sets everything that a plan says. @throws NvrError as `Pipeline.set`. */
export function applySettings(pipeline: Pipeline, settings: readonly Setting[]): void {
  for (const setting of settings) {
    if ('caps' in setting) pipeline.setCaps(setting.element, setting.property, setting.caps);
    else if ('pad' in setting) pipeline.setPad(setting.element, setting.pad, setting.property, setting.value);
    else pipeline.set(setting.element, setting.property, setting.value, setting);
  }
}

/** Null where the picture is recorded as it arrives. @throws NvrError `unavailable` when nothing can encode it */
function encodingOf({ video }: StreamFormat, encoding: Encoding | null): EncodeChain | null {
  if (video.encodedFrom === undefined) return null;
  if (encoding === null) throw new NvrError('unavailable', 'There is no encoder for this picture.');
  return encodeChain(video, encoding.encode, encoding.encoder);
}

function relaySettings(descriptor: number): Setting[] {
  return ['relay-in', 'relay-out'].map((element) => ({ element, property: 'fd', value: descriptor }));
}

/** The pattern of an empty installation is encoded as cheaply as it can be. */
function testEncoder({ width, height, fps }: TestSource): Setting[] {
  const element = 'pattern-encoder';
  const kbitPerSecond = Math.max(256, Math.round((width * height * fps) / 12_000));
  return [
    { element, property: 'key-int-max', value: fps * 2 },
    { element, property: 'bitrate', value: kbitPerSecond },
  ];
}

function queueSettings(element: string, queueMs: number): Setting[] {
  return [
    { element, property: 'max-size-buffers', value: 0 },
    { element, property: 'max-size-bytes', value: QUEUE_BYTES },
    { element, property: 'max-size-time', value: BigInt(queueMs) * 1_000_000n },
  ];
}
