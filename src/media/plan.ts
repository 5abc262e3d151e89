/**
 * Pipelines as data: launch text of constants, and the values to set. Pure. Nothing a user typed is ever part of
 * the launch text; it is set as a property.
 */
import type { RtspSource, Source, TestSource } from '../domain/camera.ts';
import type { AudioFormat, StreamFormat, VideoFormat } from '../domain/media.ts';
import type { Pipeline, PropertyValue } from './pipeline.ts';
import { TAP_PREFIX, tapBranch, tappedTracks, tapSettings } from './tap.ts';

/** One value to set before the pipeline plays; `caps` are given as text. */
export type Setting =
  | { readonly element: string; readonly property: string; readonly value: PropertyValue }
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
  readonly tracks: readonly ('video' | 'audio')[];
  /** Tracks that can be listened to as RTP. */
  readonly taps: readonly ('video' | 'audio')[];
}

export interface RecordingOptions {
  readonly fifoPath: string;
  /** Longest fragment, milliseconds. */
  readonly fragmentMs: number;
  /** How long the queues in front of the muxer can hold what a stalled disk or event loop does not take. */
  readonly queueMs: number;
}

/** Bounds each queue's memory whatever the bitrate. */
const QUEUE_BYTES = 32 * 1024 * 1024;
/** The RTP video clock: keeps RTP times exact, where the muxer would take 100 × the frame rate. */
const VIDEO_TIMESCALE = 90_000;
/** GstRTSPLowerTrans: UDP and TCP. */
const LOWER_TRANSPORT = { udp: 0x1, tcp: 0x4 } as const;
/**
 * GstRTSPSrcBufferMode none: times are the camera's RTP times alone. The other modes hand on buffers without a
 * time after a pause that the camera catches up from, which kills the muxer.
 */
const BUFFER_MODE_NONE = 0;
/** Time that UDP packets get to arrive in order; TCP keeps the order by itself. */
const UDP_REORDER_MS = 200;
const TCP_TIMEOUT_US = 8_000_000n;
const UDP_TIMEOUT_US = 5_000_000n;

/** Source → parse → mp4mux → FIFO, for one stream of a known format; `format.audio` null records no sound. */
export function planRecording(
  source: Source,
  format: StreamFormat,
  options: RecordingOptions,
): RecordingPlan {
  const taps = tappedTracks(format);
  const tee = (track: 'video' | 'audio') => (taps.includes(track) ? `! tee name=${TAP_PREFIX}${track} ` : '');
  const video = `${videoHead(source, format.video)} ${tee('video')}! identity name=video silent=false ! ${format.video.codec}timestamper`;
  const audio =
    format.audio === null
      ? []
      : [`${audioHead(format.audio)} ${tee('audio')}! identity name=audio silent=false`];
  const chains = [
    sourceElement(source),
    `${video} ! queue name=video-queue ! mux.video_0`,
    ...audio.map((chain) => `${chain} ! queue name=audio-queue ! mux.audio_0`),
    'mp4mux name=mux streamable=true ! filesink name=sink buffer-mode=unbuffered sync=false async=false',
    ...taps.map((track) => tapBranch(track, format)),
  ];
  const tracks = format.audio === null ? (['video'] as const) : (['video', 'audio'] as const);
  return {
    launch: chains.filter((chain) => chain !== '').join(' '),
    tracks,
    taps,
    settings: [
      ...sourceSettings(source),
      ...taps.flatMap(tapSettings),
      ...tracks.flatMap((track) => queueSettings(`${track}-queue`, options.queueMs)),
      { element: 'mux', property: 'fragment-duration', value: options.fragmentMs },
      { element: 'mux', pad: 'video_0', property: 'trak-timescale', value: VIDEO_TIMESCALE },
      { element: 'sink', property: 'location', value: options.fifoPath },
    ],
  };
}

/** Source → parsers → nothing: what the stream is, without recording it. RTSP only: the others are known. */
export function planProbe(source: RtspSource): Plan {
  return {
    launch:
      'rtspsrc name=source ' +
      'source. ! application/x-rtp,media=video ! parsebin ! fakesink name=video sync=false async=false ' +
      'source. ! application/x-rtp,media=audio ! fakesink name=audio sync=false async=false',
    settings: sourceSettings(source),
  };
}

/** Sets everything that a plan says. @throws NvrError as `Pipeline.set`. */
export function applySettings(pipeline: Pipeline, settings: readonly Setting[]): void {
  for (const setting of settings) {
    if ('caps' in setting) pipeline.setCaps(setting.element, setting.property, setting.caps);
    else if ('pad' in setting) pipeline.setPad(setting.element, setting.pad, setting.property, setting.value);
    else pipeline.set(setting.element, setting.property, setting.value);
  }
}

function sourceElement(source: Source): string {
  return source.kind === 'rtsp' ? 'rtspsrc name=source' : '';
}

function videoHead(source: Source, video: VideoFormat): string {
  if (source.kind === 'rtsp') {
    return `source. ! application/x-rtp,media=video ! rtp${video.codec}depay ! ${video.codec}parse`;
  }
  return (
    'videotestsrc name=pattern is-live=true pattern=ball ! capsfilter name=raw ! ' +
    'clockoverlay name=clock halignment=left valignment=top ! ' +
    'x264enc name=encoder tune=zerolatency speed-preset=ultrafast ! h264parse'
  );
}

/** Depayloader and parser by RTP encoding name; what MP4 does not carry (ISO 14496-12) becomes AAC. */
function audioHead(audio: AudioFormat): string {
  const toAac = 'audioconvert ! audioresample ! avenc_aac ! aacparse';
  const chain: Readonly<Record<string, string>> = {
    'MPEG4-GENERIC': 'rtpmp4gdepay ! aacparse',
    'MP4A-LATM': 'rtpmp4adepay ! aacparse',
    OPUS: 'rtpopusdepay ! opusparse',
    MPA: 'rtpmpadepay ! mpegaudioparse',
    AC3: 'rtpac3depay ! ac3parse',
    PCMA: `rtppcmadepay ! alawdec ! ${toAac}`,
    PCMU: `rtppcmudepay ! mulawdec ! ${toAac}`,
    G722: `rtpg722depay ! avdec_g722 ! ${toAac}`,
    L16: `rtpL16depay ! ${toAac}`,
  };
  return `source. ! application/x-rtp,media=audio ! ${chain[audio.encoding] ?? `decodebin ! ${toAac}`}`;
}

function sourceSettings(source: Source): Setting[] {
  return source.kind === 'rtsp' ? rtspSettings(source) : testSettings(source);
}

function rtspSettings(source: RtspSource): Setting[] {
  const values: [string, PropertyValue][] = [
    ['location', source.url],
    ['protocols', LOWER_TRANSPORT[source.transport]],
    ['buffer-mode', BUFFER_MODE_NONE],
    ['latency', source.transport === 'udp' ? UDP_REORDER_MS : 0],
    ['tcp-timeout', TCP_TIMEOUT_US],
    ['timeout', UDP_TIMEOUT_US],
  ];
  if (source.username !== undefined) values.push(['user-id', source.username]);
  if (source.password !== undefined) values.push(['user-pw', source.password]);
  return values.map(([property, value]) => ({ element: 'source', property, value }));
}

function testSettings(source: TestSource): Setting[] {
  const { width, height, fps } = source;
  return [
    {
      element: 'raw',
      property: 'caps',
      caps: `video/x-raw,format=I420,width=${width},height=${height},framerate=${fps}/1`,
    },
    { element: 'pattern', property: 'background-color', value: 0xff12343b },
    { element: 'pattern', property: 'foreground-color', value: 0xfff2b134 },
    { element: 'clock', property: 'font-desc', value: 'Sans 24' },
    { element: 'clock', property: 'time-format', value: '%Y-%m-%d %H:%M:%S' },
    { element: 'encoder', property: 'key-int-max', value: fps * 2 },
    {
      element: 'encoder',
      property: 'bitrate',
      value: Math.max(256, Math.round((width * height * fps) / 12_000)),
    },
  ];
}

function queueSettings(element: string, queueMs: number): Setting[] {
  return [
    { element, property: 'max-size-buffers', value: 0 },
    { element, property: 'max-size-bytes', value: QUEUE_BYTES },
    { element, property: 'max-size-time', value: BigInt(queueMs) * 1_000_000n },
  ];
}
