/** Real bytes for the tests of this room: clips from GStreamer, what ffprobe sees in them, and short cuts. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Fragmenter, type FragmenterOptions } from '../../src/mp4/fragmenter.ts';
import { type Sample, writeMoof } from '../../src/mp4/moof.ts';
import type { Fragment, InitSegment } from '../../src/mp4/types.ts';

const run = promisify(execFile);

const VIDEO = 'video/x-raw,format=I420,width=160,height=120,framerate=25/1';
const MUX = 'mp4mux name=m streamable=true fragment-duration=480';
const AAC =
  'audiotestsrc num-buffers=172 samplesperbuffer=1024 ! audio/x-raw,rate=44100,channels=1 ! avenc_aac ! aacparse ! m.';
const OPUS =
  'audiotestsrc num-buffers=200 samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=2 ! opusenc ! opusparse ! m.';

/** Four seconds each, 25 frames a second, a keyframe every second; `tiny` has two. */
const PIPELINES = {
  h264BframesAac: `videotestsrc num-buffers=100 ! ${VIDEO} ! x264enc bframes=2 b-adapt=false key-int-max=25 bitrate=100 ! h264parse ! ${MUX} ! filesink location=FILE ${AAC}`,
  h265Opus: `videotestsrc num-buffers=100 ! ${VIDEO} ! x265enc option-string=open-gop=0 key-int-max=25 bitrate=100 ! h265parse ! ${MUX} ! filesink location=FILE ${OPUS}`,
  h264: `videotestsrc num-buffers=100 ! ${VIDEO} ! x264enc tune=zerolatency key-int-max=25 bitrate=100 ! h264parse ! ${MUX} ! filesink location=FILE`,
  shortGops: `videotestsrc num-buffers=100 ! ${VIDEO} ! x264enc tune=zerolatency key-int-max=5 bitrate=100 ! h264parse ! ${MUX} ! filesink location=FILE ${AAC}`,
  tiny: `videotestsrc pattern=black num-buffers=50 ! ${VIDEO} ! x264enc tune=zerolatency key-int-max=25 bitrate=10 ! h264parse ! ${MUX} ! filesink location=FILE`,
};

export type ClipName = keyof typeof PIPELINES;
export const CLIPS: readonly ClipName[] = ['h264BframesAac', 'h265Opus', 'h264', 'shortGops'];

const made = new Map<ClipName, Promise<Buffer>>();

/** What mp4mux makes of a test source; made once a process. */
export function clip(name: ClipName): Promise<Buffer> {
  const known = made.get(name);
  if (known !== undefined) return known;
  const making = withFolder(async (folder) => {
    const file = join(folder, 'clip.mp4');
    await run('gst-launch-1.0', ['-q', ...PIPELINES[name].replace('FILE', file).split(' ')]);
    return readFile(file);
  });
  made.set(name, making);
  return making;
}

export interface Packet {
  readonly pts: number;
  readonly dts: number;
  readonly key: boolean;
  readonly hash: string;
}

/** The packets that ffprobe finds, times in seconds. */
export async function packetsOf(bytes: Buffer, kind: 'video' | 'audio'): Promise<Packet[]> {
  const fields = 'packet=pts_time,dts_time,flags,data_hash';
  const probe = ['-show_packets', '-show_data_hash', 'md5', '-select_streams', kind.slice(0, 1)];
  const answer: { packets: RawPacket[] } = JSON.parse(
    await ffprobe(bytes, [...probe, '-show_entries', fields]),
  );
  return answer.packets.map(({ pts_time, dts_time, flags, data_hash }) => ({
    pts: Number(pts_time),
    dts: Number(dts_time),
    key: flags.startsWith('K'),
    hash: data_hash,
  }));
}

interface RawPacket {
  readonly pts_time: string;
  readonly dts_time: string;
  readonly flags: string;
  readonly data_hash: string;
}

/** The JSON answer of ffprobe about the bytes. */
export function ffprobe(bytes: Buffer, options: readonly string[]): Promise<string> {
  return withFile(bytes, async (file) => {
    const { stdout } = await run('ffprobe', ['-v', 'error', '-of', 'json', ...options, file], {
      maxBuffer: 2 ** 26,
    });
    return stdout;
  });
}

/** Decodes and gives ffmpeg's complaints and one line for each frame (`framemd5`). */
export function decode(
  bytes: Buffer,
  options: readonly string[] = [],
): Promise<{ frames: string[]; errors: string }> {
  return withFile(bytes, async (file) => {
    const more = ['-i', file, '-map', '0:v', '-copyts', '-enc_time_base', '1:1000', '-f', 'framemd5', '-'];
    const { stdout, stderr } = await run('ffmpeg', ['-v', 'error', ...options, ...more], {
      maxBuffer: 2 ** 26,
    });
    return { frames: stdout.split('\n').filter((line) => line.startsWith('0,')), errors: stderr };
  });
}

async function withFile<T>(bytes: Buffer, use: (file: string) => Promise<T>): Promise<T> {
  return withFolder(async (folder) => {
    const file = join(folder, 'bytes.mp4');
    await writeFile(file, bytes);
    return use(file);
  });
}

async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'nightjar-mp4-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Everything a fragmenter made of a run. */
export interface Cut {
  readonly init: InitSegment;
  readonly fragments: Fragment[];
  readonly zeroMs: number | null;
  /** Init segment and fragments as one file. */
  readonly file: Buffer;
}

/** Feeds the chunks to a fragmenter, to the end of the run. */
export function cut(chunks: readonly Buffer[], offsets?: FragmenterOptions['offsets']): Cut {
  const inits: InitSegment[] = [];
  const fragments: Fragment[] = [];
  const fragmenter = new Fragmenter({
    offsets,
    onInit: (init) => inits.push(init),
    onFragment: (fragment) => fragments.push(fragment),
  });
  for (const chunk of chunks) fragmenter.push(chunk);
  fragmenter.flush();
  const [init] = inits;
  if (init === undefined || inits.length > 1) throw new Error(`${inits.length} init segments`);
  const file = Buffer.concat([init.bytes, ...fragments.flatMap(({ chunks: pieces }) => pieces)]);
  return { init, fragments, zeroMs: fragmenter.zeroMs, file };
}

/** Cuts the bytes into chunks of the given sizes, taken in turn. */
export function chunked(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = sizes[chunks.length % sizes.length] ?? 1;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

/** `ftyp` and `moov` of a clip: what comes before the first fragment. */
export function frontOf(bytes: Buffer): Buffer {
  const ftyp = bytes.readUInt32BE(0);
  return bytes.subarray(0, ftyp + bytes.readUInt32BE(ftyp));
}

/** One pair of `moof` and `mdat` of one track, as a muxer would write it, with recognisable payload. */
export function pair(trackId: number, samples: readonly Partial<Sample>[], start = 0): Buffer {
  let dts = start;
  const full = samples.map((sample) => {
    const whole = { duration: 100, cto: 0, key: false, size: 10, ...sample, dts: sample.dts ?? dts };
    dts = whole.dts + whole.duration;
    return whole;
  });
  const { moof, mdat } = writeMoof(1, [{ trackId, samples: full }]);
  const payload = full.map(({ size, dts: time }) => Buffer.alloc(size, `${trackId}:${time};`));
  return Buffer.concat([moof, mdat, ...payload]);
}
