/**
 * A client of RTSP cameras for tests that is none of ours: `gst-launch-1.0`, which writes the video it
 * receives to an Annex B or MP4 file and the audio, decoded to 16-bit samples, to another.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { VideoCodec } from './footage.ts';
import { readStamps, type Stamp } from './rtsp/stamps.ts';
import type { AudioKind } from './rtsp/types.ts';

const AUDIO_DECODERS = {
  aac: 'rtpmp4gdepay ! aacparse ! avdec_aac',
  opus: 'rtpopusdepay ! opusdec',
  pcma: 'rtppcmadepay ! alawdec',
} as const;

export interface ReceiverOptions {
  readonly url: string;
  readonly codec: VideoCodec;
  /** Where the video goes. */
  readonly file: string;
  /** `annexb` when absent; `mp4` is fragmented, 500 ms each. */
  readonly container?: 'annexb' | 'mp4';
  /** `tcp` when absent. */
  readonly transport?: 'tcp' | 'udp';
  readonly audio?: { readonly kind: Exclude<AudioKind, 'none'>; readonly file: string };
  /** After this it is killed, whatever happens; 40,000 when absent. */
  readonly limitMs?: number;
}

export interface Receiver {
  /** Waits until the video holds at least that many stamps, and gives them; throws when it takes too long. */
  stamps(count: number, timeoutMs?: number): Promise<Stamp[]>;
  /** Ends it; gives its exit code (null when it had to be killed) and what it said on stderr. */
  stop(): Promise<Outcome>;
  /** The same, when it ends by itself. */
  readonly ended: Promise<Outcome>;
}

export interface Outcome {
  readonly code: number | null;
  readonly stderr: string;
}

/** Starts to receive. */
export function receive(options: ReceiverOptions): Receiver {
  const child = spawn('gst-launch-1.0', ['-q', '-e', ...pipeline(options)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), options.limitMs ?? 40_000);
  const ended = once(child, 'close').then(() => {
    clearTimeout(limit);
    return { code: child.exitCode, stderr };
  });
  return {
    ended,
    stamps: (count, timeoutMs = 20_000) => stampsIn(options.file, count, timeoutMs),
    stop: () => {
      child.kill('SIGINT');
      return ended;
    },
  };
}

function pipeline(options: ReceiverOptions): string[] {
  const { url, codec, file, transport = 'tcp', container = 'annexb', audio } = options;
  const format = {
    annexb: `video/x-${codec},stream-format=byte-stream,alignment=au`,
    mp4: `video/x-${codec},alignment=au ! mp4mux fragment-duration=500`,
  };
  const video = `source. ! capsfilter caps=application/x-rtp,media=video ! rtp${codec}depay ! ${codec}parse
    ! ${format[container]} ! filesink buffer-mode=unbuffered`;
  const sound =
    audio === undefined
      ? []
      : `source. ! capsfilter caps=application/x-rtp,media=audio ! ${AUDIO_DECODERS[audio.kind]} ! audioconvert
      ! audio/x-raw,format=S16LE ! filesink`.split(/\s+/);
  return [
    ...['rtspsrc', 'name=source', `location=${url}`, `protocols=${transport}`, 'latency=200'],
    ...[...video.split(/\s+/), `location=${file}`],
    ...(audio === undefined ? [] : [...sound, `location=${audio.file}`]),
  ];
}

async function stampsIn(file: string, count: number, timeoutMs: number): Promise<Stamp[]> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const exists = await access(file).then(
      () => true,
      () => false,
    );
    const stamps = exists ? await readStamps(file) : [];
    if (stamps.length >= count) return stamps;
    if (performance.now() > deadline)
      throw new Error(`${stamps.length} of ${count} stamps in ${timeoutMs} ms.`);
    await delay(50);
  }
}

/** The loudest sample, and the frequency by zero crossings of the middle half, of 16-bit mono or stereo samples. */
export async function toneIn(file: string, rate: number) {
  const bytes = await readFile(file);
  const samples = Array.from({ length: bytes.length >> 1 }, (_, index) => bytes.readInt16LE(index * 2));
  const middle = samples.slice(samples.length >> 2, (samples.length >> 2) * 3);
  const rises = middle.filter((sample, index) => sample >= 0 && (middle[index - 1] ?? 0) < 0).length;
  return { peak: Math.max(...middle), hertz: (rises * rate) / middle.length, seconds: samples.length / rate };
}
