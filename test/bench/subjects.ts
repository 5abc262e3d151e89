/**
 * What is measured: the recorder, and what a user would run instead on the same cameras. Each is started in a folder
 * of its own, and is asked for nothing but its process ids and its files.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { CameraList } from '../../src/http/wire/camera.ts';
import { filesOf } from '../support/recorded.ts';
import { AUTHORIZATION, eventually, type Recorder, startRecorder } from '../support/recorder.ts';
import type { Camera } from './cameras.ts';

/** One subject while it records. */
export interface Recording {
  /** Roots of its process trees. */
  readonly pids: readonly number[];
  /** Ends it as its user would, so that its files are whole. Idempotent. */
  stop(): Promise<void>;
  /** Paths of the recorded files of a camera, oldest first. */
  files(camera: Camera): readonly string[];
  /** 99th percentile of the event loop's delay since this was last asked, in milliseconds; null without a loop. */
  loopDelayMs(): Promise<number | null>;
  /** Ends it at once if it runs, and deletes its folder. */
  discard(): Promise<void>;
}

export interface Subject {
  readonly name: string;
  /** Resolves when all cameras are being recorded. */
  start(cameras: readonly Camera[]): Promise<Recording>;
}

const RECORDING_LIMIT_MS = 60_000;
const ENDING_LIMIT_MS = 20_000;
/** As long as a segment of the recorder lasts by default. */
const SEGMENT_SECONDS = '60';

/** This project. */
export const nightjar: Subject = {
  name: 'nightjar',
  async start(cameras) {
    return recordingOf(await startNightjar(cameras));
  },
};

/** The same without what no peer makes. */
export const nightjarAlone: Subject = {
  name: 'nightjar, no thumbnails',
  async start(cameras) {
    return recordingOf(await startNightjar(cameras, { PREVIEW_CPU_PERCENT: '0' }));
  },
};

/** As a user would start it: with the length of segments that is the default. */
export function startEmpty(settings: Readonly<Record<string, string>> = {}): Promise<Recorder> {
  return startRecorder({ settings: { SEGMENT_SECONDS, LOG_LEVEL: 'warn', ...settings } });
}

/** Starts the recorder with these cameras and waits until it records all of them. */
export async function startNightjar(
  cameras: readonly Camera[],
  settings: Readonly<Record<string, string>> = {},
): Promise<Recorder> {
  const recorder = await startEmpty(settings);
  try {
    await Promise.all(
      cameras.map(({ id, url }) => recorder.add({ id, name: id, source: { kind: 'rtsp', url } })),
    );
    await untilRecording(recorder, cameras.length);
    return recorder;
  } catch (thrown) {
    await recorder.discard();
    throw thrown;
  }
}

/** Waits until exactly that many cameras are in the state `recording`. */
export async function untilRecording(recorder: Recorder, count: number): Promise<void> {
  const isSo = async () => (await countRecording(recorder)) === count;
  await eventually(`${count} cameras are recorded`, isSo, RECORDING_LIMIT_MS);
}

async function countRecording(recorder: Recorder): Promise<number> {
  const { cameras } = await recorder.get<CameraList>('/cameras');
  return cameras.filter(({ status }) => status.recording.state === 'recording').length;
}

/** The recorder's own metric; it counts from one reading to the next. */
export async function loopDelayMs(recorder: Recorder): Promise<number> {
  const response = await fetch(`${recorder.address}/metrics`, { headers: { authorization: AUTHORIZATION } });
  const seconds = /^nightjar_event_loop_delay_p99_seconds (\S+)$/m.exec(await response.text())?.[1];
  return Number(seconds) * 1000;
}

export function recordingOf(recorder: Recorder): Recording {
  let running = true;
  return {
    pids: [recorder.pid],
    files: ({ id }) => filesOf(recorder, id),
    loopDelayMs: () => loopDelayMs(recorder),
    async stop() {
      if (running) await recorder.stop();
      running = false;
    },
    discard: () => recorder.discard(),
  };
}

/** One process per camera that copies into segment files. */
export const ffmpeg: Subject = {
  name: 'ffmpeg record',
  start: (cameras) => startPrograms(cameras, cameras.map(ffmpegRecord)),
};

/** The same that also writes live HLS: what it takes to record and to have live at hand. */
export const ffmpegLive: Subject = {
  name: 'ffmpeg record+HLS',
  start: (cameras) => startPrograms(cameras, cameras.map(ffmpegRecordAndHls)),
};

/** One process with a bare C pipeline per camera: the least that GStreamer's elements cost by themselves. */
export const gstreamer: Subject = {
  name: 'gst-launch',
  start: (cameras) => startPrograms(cameras, [['gst-launch-1.0', '-e', ...cameras.flatMap(bareBranch)]]),
};

type Command = readonly string[];

const ffmpegRecord = ({ id, url }: Camera): Command => [
  ...['ffmpeg', '-nostdin', '-loglevel', 'error', '-rtsp_transport', 'tcp', '-i', url],
  ...['-map', '0:v', '-c', 'copy', '-f', 'segment', '-segment_time', SEGMENT_SECONDS, `${id}/%05d.mp4`],
];

const ffmpegRecordAndHls = (camera: Camera): Command => [
  ...ffmpegRecord(camera),
  ...['-map', '0:v', '-c', 'copy', '-f', 'hls', '-hls_time', '2', '-hls_list_size', '6'],
  ...['-hls_flags', 'delete_segments', `${camera.id}/live.m3u8`],
];

const bareBranch = ({ id, url }: Camera): Command => [
  ...['rtspsrc', `location=${url}`, 'protocols=tcp', 'latency=0', 'buffer-mode=none'],
  ...['!', 'rtph264depay', '!', 'h264parse', '!', 'mp4mux', 'streamable=true', 'fragment-duration=250'],
  ...['!', 'filesink', `location=${id}/00000.mp4`],
];

async function startPrograms(cameras: readonly Camera[], commands: readonly Command[]): Promise<Recording> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'nightjar-bench-'));
  for (const { id } of cameras) mkdirSync(path.join(folder, id));
  const children = commands.map(([program = '', ...args]) =>
    spawn(program, args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] }),
  );
  const discard = async () => {
    await endAll(children, 'SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  const files = ({ id }: Camera) => mp4Files(path.join(folder, id));
  try {
    const allWrite = () => cameras.every((camera) => files(camera).length > 0);
    await eventually('every camera has a file', allWrite, RECORDING_LIMIT_MS);
  } catch (thrown) {
    await discard();
    throw thrown;
  }
  return {
    pids: children.flatMap(({ pid }) => pid ?? []),
    files,
    loopDelayMs: async () => null,
    stop: () => endAll(children, 'SIGINT'),
    discard,
  };
}

function mp4Files(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.mp4'))
    .sort()
    .map((name) => path.join(folder, name));
}

async function endAll(children: readonly ChildProcess[], signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
  const running = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  const ends = running.map(async (child) => {
    const limit = setTimeout(() => child.kill('SIGKILL'), ENDING_LIMIT_MS);
    child.kill(signal);
    await once(child, 'exit');
    clearTimeout(limit);
  });
  await Promise.all(ends);
}
