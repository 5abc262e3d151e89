/** What a user would run instead of the recorder, on the same cameras: programs that are at hand on this machine. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from '../support/recorder.ts';
import type { Camera } from './cameras.ts';
import { RECORDING_LIMIT_MS, type Recording, SEGMENT_SECONDS, type Subject } from './subjects.ts';

const ENDING_LIMIT_MS = 20_000;
const RECEIVER = fileURLToPath(new URL('receiver.mjs', import.meta.url));

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

/** One process that does no more than receive, without GStreamer: how far its elements are from what is possible. */
export const receiver: Subject = {
  name: 'node receiving only',
  start: (cameras) =>
    startPrograms(cameras, [[process.execPath, RECEIVER, ...cameras.map(receiverArgument)]]),
};

/**
 * The recorder of Debian's package of that name, as it copies what a camera sends. It decodes every frame as well, to
 * look for motion, and cannot be told not to: with more than a few cameras this is all that there is time for.
 */
export const motion: Subject = {
  name: 'motion',
  most: 8,
  start: (cameras) =>
    startPrograms(cameras, [['motion', '-n', '-c', 'motion.conf']], motionSettings(cameras)),
};

/** The peers that this machine has. */
export function installedPeers(): readonly Subject[] {
  const hasMotion = spawnSync('motion', ['-h']).error === undefined;
  return [ffmpegLive, ffmpeg, gstreamer, receiver, ...(hasMotion ? [motion] : [])];
}

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

/** One file for all, and one for each camera, by name. */
function motionSettings(cameras: readonly Camera[]): ReadonlyMap<string, string> {
  const common = {
    ...{ daemon: 'off', setup_mode: 'off', log_level: 3, webcontrol_port: 0, stream_port: 0 },
    ...{ width: 1920, height: 1080, framerate: 25, picture_output: 'off' },
    ...{ emulate_motion: 'on', movie_output: 'on', movie_passthrough: 'on', movie_codec: 'mp4' },
    ...{ movie_max_time: SEGMENT_SECONDS, movie_filename: '%Y%m%d%H%M%S' },
  };
  const text = (pairs: Readonly<Record<string, string | number>>) =>
    Object.entries(pairs)
      .map(([key, value]) => `${key} ${value}\n`)
      .join('');
  const each = cameras.map(({ id, url }, index) => {
    const own = { camera_id: index + 1, netcam_url: url, target_dir: id };
    return [`${id}.conf`, text({ ...own, netcam_params: 'keepalive=on,rtsp_transport=tcp' })] as const;
  });
  const list = each.map(([name]) => `camera ${name}\n`).join('');
  return new Map([['motion.conf', text(common) + list], ...each]);
}

const receiverArgument = ({ id, url }: Camera) => `${id}/00000.mp4=${url}`;

async function startPrograms(
  cameras: readonly Camera[],
  commands: readonly Command[],
  settings: ReadonlyMap<string, string> = new Map(),
): Promise<Recording> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'nightjar-bench-'));
  for (const { id } of cameras) mkdirSync(path.join(folder, id));
  for (const [name, text] of settings) writeFileSync(path.join(folder, name), text);
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
