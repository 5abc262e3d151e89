/**
 * Small encoded elementary streams for tests and benches, made once per machine with `gst-launch-1.0` and kept
 * in `.cache/footage/`. Every stream is a whole number of closed GOPs, so it can be played in a loop. A file is
 * named after a digest of its recipe: a changed recipe makes a new file, an old file is never misread.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { cachedFile } from './cacheFolder.ts';

const run = promisify(execFile);

export type VideoCodec = 'h264' | 'h265';

/** What a video stream is made of. */
export interface VideoRecipe {
  readonly codec: VideoCodec;
  readonly width: number;
  readonly height: number;
  /** Frames per second. */
  readonly fps: number;
  /** Whole GOPs of `gop` frames each. */
  readonly frames: number;
  readonly gop: number;
  /** Consecutive B-frames, none of which is a reference. */
  readonly bFrames: number;
  readonly kbitPerSecond: number;
}

const plain = { codec: 'h264', width: 640, height: 360, fps: 25, frames: 250, gop: 50, bFrames: 0 } as const;
const small = { ...plain, width: 320, height: 180, kbitPerSecond: 300 } as const;

/** The video streams by name; `small` and `h265-small` are what a camera swaps to in mid-stream. */
export const VIDEO = {
  h264: { ...plain, kbitPerSecond: 800 },
  'h264-bframes': { ...plain, fps: 15, frames: 180, gop: 30, bFrames: 2, kbitPerSecond: 500 },
  h265: { ...plain, codec: 'h265', kbitPerSecond: 800 },
  sub: { ...small, fps: 15, frames: 180, gop: 30 },
  hd: { ...plain, width: 1920, height: 1080, kbitPerSecond: 4000 },
  small,
  'h265-small': { ...small, codec: 'h265' },
  /** Each picture has its number in blocks along the top edge, white for 1, the lowest of ten bits first. */
  timecode: { ...plain, kbitPerSecond: 1000 },
  /** The same as cameras send it for walls. */
  'timecode-sub': { ...plain, fps: 15, frames: 180, gop: 30, kbitPerSecond: 500 },
} as const satisfies Record<string, VideoRecipe>;

export type VideoFootage = keyof typeof VIDEO;

const TONE = 'audiotestsrc freq=500 volume=0.3';

/** AAC as ADTS, 16 kHz mono; Opus as RTP packets of 20 ms, each behind its length in 16 bits (RFC 4571). */
const AUDIO = {
  aac: `${TONE} num-buffers=160 samplesperbuffer=1024 ! audio/x-raw,rate=16000,channels=1 ! audioconvert
    ! avenc_aac bitrate=48000 ! aacparse ! audio/mpeg,stream-format=adts`,
  opus: `${TONE} num-buffers=500 samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=1
    ! opusenc bitrate=32000 frame-size=20 ! rtpopuspay ! rtpstreampay`,
} as const;

export type AudioFootage = keyof typeof AUDIO;

/**
 * The absolute path of a stream's file, which is encoded first if this machine has none yet (about a second of
 * CPU; 3 s for H.265, 6 s for `hd`). Video is Annex B with an access unit delimiter before every picture and
 * the parameter sets before every keyframe. Throws when an encoder is missing.
 */
export function footage(name: VideoFootage | AudioFootage): Promise<string> {
  const made = inThisProcess.get(name) ?? make(name);
  inThisProcess.set(name, made);
  return made;
}

const inThisProcess = new Map<string, Promise<string>>();

function make(name: VideoFootage | AudioFootage): Promise<string> {
  if (name === 'timecode' || name === 'timecode-sub') return makeTimecode(VIDEO[name]);
  const recipe = isAudio(name) ? AUDIO[name] : videoPipeline(VIDEO[name]);
  const digest = createHash('sha256').update(recipe).digest('hex').slice(0, 12);
  return cachedFile(`footage/${name}-${digest}`, async (temporary) => {
    const pipeline = `${recipe} ! filesink`.split(/\s+/);
    await run('gst-launch-1.0', ['-q', ...pipeline, `location=${temporary}`], { timeout: 120_000 });
  });
}

/** By ffmpeg, whose filters can draw by the number of the picture. */
function makeTimecode({ width, height, fps, frames, gop, kbitPerSecond }: VideoRecipe): Promise<string> {
  const box = (bit: number) =>
    `drawbox=x=${bit * 32}:y=0:w=32:h=30:color=white:t=fill:enable='mod(floor(n/${2 ** bit}),2)'`;
  const filters = [
    'drawbox=x=0:y=0:w=320:h=30:color=black:t=fill',
    ...Array.from({ length: 10 }, (_, i) => box(i)),
  ];
  const args = [
    ...['-v', 'error', '-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${fps}`],
    ...['-frames:v', String(frames), '-vf', filters.join(','), '-c:v', 'libx264', '-preset', 'superfast'],
    ...['-profile:v', 'main', '-threads', '1', '-b:v', `${kbitPerSecond}k`, '-bf', '0'],
    ...['-x264-params', `keyint=${gop}:min-keyint=${gop}:scenecut=0:open-gop=0:aud=1:repeat-headers=1`],
    ...['-bsf:v', 'filter_units=remove_types=6', '-f', 'h264'],
  ];
  const digest = createHash('sha256').update(args.join(' ')).digest('hex').slice(0, 12);
  return cachedFile(`footage/timecode-${digest}`, async (temporary) => {
    await run('ffmpeg', [...args, '-y', temporary], { timeout: 120_000 });
  });
}

function isAudio(name: string): name is AudioFootage {
  return name in AUDIO;
}

function videoPipeline(recipe: VideoRecipe): string {
  const { width, height, fps } = recipe;
  return `videotestsrc pattern=smpte horizontal-speed=4 num-buffers=${recipe.frames}
    ! video/x-raw,format=I420,width=${width},height=${height},framerate=${fps}/1
    ! ${recipe.codec === 'h264' ? h264Encoder(recipe) : h265Encoder(recipe)}`;
}

// One thread each: the same bytes on every machine, and one slice per picture.
function h264Encoder({ gop, bFrames, kbitPerSecond }: VideoRecipe): string {
  return `x264enc threads=1 speed-preset=superfast byte-stream=true aud=true bitrate=${kbitPerSecond}
    key-int-max=${gop} bframes=${bFrames} b-adapt=false b-pyramid=false
    option-string=scenecut=0:min-keyint=${gop}:open-gop=0
    ! video/x-h264,profile=main,stream-format=byte-stream,alignment=au`;
}

function h265Encoder({ gop, bFrames, kbitPerSecond }: VideoRecipe): string {
  const options = `bframes=${bFrames}:scenecut=0:min-keyint=${gop}:open-gop=0:aud=1:repeat-headers=1:info=0`;
  return `x265enc speed-preset=ultrafast bitrate=${kbitPerSecond} key-int-max=${gop}
    option-string=${options}:pools=1:frame-threads=1:log-level=error
    ! video/x-h265,stream-format=byte-stream,alignment=au`;
}
