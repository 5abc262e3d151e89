/** What ffprobe, which is none of ours, says of a file. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface Packet {
  readonly codec_type: 'video' | 'audio';
  readonly pts_time?: string;
  readonly dts_time?: string;
  readonly duration_time?: string;
  readonly flags: string;
}

interface Stream {
  readonly codec_type: 'video' | 'audio';
  readonly codec_name: string;
  readonly width?: number;
  readonly height?: number;
}

/** Times of one track in seconds, in decoding order. */
export interface ProbedTrack {
  readonly codec: string;
  readonly pts: readonly number[];
  readonly dts: readonly number[];
}

export interface Probed {
  /** Everything it complained of. */
  readonly errors: string;
  /** As the container states it, in seconds. */
  readonly durationS: number;
  readonly video: ProbedTrack;
  readonly audio: ProbedTrack | null;
}

/** Reads every packet of a file. Throws when there is no video in it. */
export async function ffprobe(file: string): Promise<Probed> {
  const options = ['-v', 'warning', '-show_streams', '-show_packets', '-show_format', '-of', 'json'];
  const { stdout, stderr } = await run('ffprobe', [...options, file], { maxBuffer: 2 ** 28 });
  const { streams, packets, format } = JSON.parse(stdout) as {
    streams: Stream[];
    packets: Packet[];
    format: { duration: string };
  };
  const video = track('video', streams, packets);
  if (video === null) throw new Error(`There is no video in ${file}.`);
  const audio = track('audio', streams, packets);
  return { errors: stderr, durationS: Number(format.duration), video, audio };
}

/** Decodes every picture and sound of a file, and gives what was complained of. */
export async function decodeErrors(file: string): Promise<string> {
  const { stderr } = await run('ffmpeg', ['-v', 'warning', '-nostdin', '-i', file, '-f', 'null', '-']);
  return stderr;
}

function track(
  kind: 'video' | 'audio',
  streams: readonly Stream[],
  packets: readonly Packet[],
): ProbedTrack | null {
  const stream = streams.find(({ codec_type }) => codec_type === kind);
  if (stream === undefined) return null;
  const own = packets.filter(({ codec_type }) => codec_type === kind);
  return {
    codec: stream.codec_name,
    pts: own.map(({ pts_time }) => Number(pts_time)),
    dts: own.map(({ dts_time }) => Number(dts_time)),
  };
}
