/** `nightjar record` and `probe` as processes: each container, ended by time, by Ctrl-C, by the source, killed. */
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { builtProgram } from '../support/product.ts';
import { eventually } from '../support/recorder.ts';
import { type SpawnedRtspServer, spawnRtspServer } from '../support/rtsp/process.ts';
import { clip } from '../support/sources/clip.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'nightjar-record-'));
let program: string;
let server: SpawnedRtspServer;

beforeAll(async () => {
  program = await builtProgram();
  server = await spawnRtspServer({
    cameras: [
      { path: 'h264', video: 'h264', audio: 'aac' },
      { path: 'h265', video: 'h265' },
    ],
  });
});

afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true });
});

function start(...args: string[]) {
  return command('record', ...args);
}

function command(...args: string[]): {
  child: ChildProcess;
  out: () => string;
  ended: Promise<number | null>;
} {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (data: Buffer) => (out += data.toString()));
  return { child, out: () => out, ended: once(child, 'exit').then(([code]) => code as number | null) };
}

/** Whether anybody is connected to a port of this machine. */
function connectedTo(port: number): boolean {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .some((line) => {
      const [, , remote, state] = line.trim().split(/\s+/);
      return remote === address && state === '01';
    });
}

interface Found {
  readonly codec: string;
  readonly frames: number;
  readonly seconds: number;
  readonly tracks: number;
}

/** What ffmpeg finds in a file; throws when it does not decode. */
async function look(file: string): Promise<Found> {
  await run('ffmpeg', ['-v', 'error', '-xerror', '-i', file, '-f', 'null', '-']);
  const { stdout } = await run('ffprobe', [
    ...['-v', 'error', '-count_frames', '-of', 'json'],
    ...['-show_entries', 'stream=codec_type,codec_name,nb_read_frames:format=duration', file],
  ]);
  const { streams, format } = JSON.parse(stdout) as {
    streams: { codec_type: string; codec_name: string; nb_read_frames: string }[];
    format: { duration: string };
  };
  const video = streams.find(({ codec_type }) => codec_type === 'video');
  return {
    codec: video?.codec_name ?? '',
    frames: Number(video?.nb_read_frames),
    seconds: Number(format.duration),
    tracks: streams.length,
  };
}

test.each([
  ['mp4', 'h264', 2],
  ['ts', 'h264', 2],
  ['mkv', 'h265', 1],
])('.%s of %s for three seconds', { timeout: 60_000 }, async (container, camera, tracks) => {
  const file = join(folder, `timed.${container}`);
  const { out, ended } = start('--uri', server.url(camera), '--duration', '3', '--output', file);
  expect(await ended, out()).toBe(0);
  const lines = out()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines[0]).toMatchObject({ event: 'recording', bytes: expect.any(Number) });
  const found = await look(file);
  expect(lines.at(-1)).toMatchObject({
    event: 'done',
    file,
    bytes: statSync(file).size,
    frames: found.frames,
    failure: null,
  });
  expect(found).toMatchObject({ codec: camera === 'h265' ? 'hevc' : 'h264', tracks });
  expect(found.frames).toBeGreaterThanOrEqual(70);
  expect(found.seconds).toBeGreaterThan(2.7);
  expect(found.seconds).toBeLessThan(4.5);
});

test('a file is recorded for no longer than asked, although it is read ahead', {
  timeout: 60_000,
}, async () => {
  const file = join(folder, 'ahead.mp4');
  const { out, ended } = start('--uri', await clip('mp4'), '--duration', '2', '--output', file);
  expect(await ended, out()).toBe(0);
  expect((await look(file)).seconds).toBeLessThanOrEqual(2.6);
});

test('Ctrl-C ends the file properly; it is not replaced without being told to', {
  timeout: 60_000,
}, async () => {
  const file = join(folder, 'stopped.mp4');
  const { child, out, ended } = start('--uri', server.url('h264'), '--output', file);
  await eventually('recording', () => out().includes('"recording"'));
  child.kill('SIGINT');
  expect(await ended, out()).toBe(0);
  const { frames } = await look(file);
  expect(out()).toContain(`"frames":${frames}`);
  const again = start('--uri', server.url('h264'), '--output', file);
  expect(await again.ended).toBe(73);
  expect((await look(file)).frames).toBe(frames);
});

test('Ctrl-C ends it at once while the camera has not answered', { timeout: 60_000 }, async () => {
  const silent = await spawnRtspServer({ cameras: [{ path: 'cam', video: 'sub' }] });
  onTestFinished(() => silent.close());
  const file = join(folder, 'never.mp4');
  for (const fault of ['blackhole', 'stall'] as const) {
    await silent.fault({ kind: fault, on: true });
    const { child, out, ended } = start('--uri', silent.url('cam'), '--output', file);
    await eventually('a connection', () => connectedTo(silent.port));
    child.kill('SIGINT');
    expect(await ended, out()).toBe(69);
    // A camera whose answer is waited for to the end is told of as one that does not answer.
    expect(out()).toBe('nightjar: Nothing was recorded: it was ended before anything arrived.\n');
    expect(existsSync(file)).toBe(false);
    await silent.fault({ kind: fault, on: false });
  }
});

test('killed, it leaves a file that plays', { timeout: 60_000 }, async () => {
  for (const container of ['mp4', 'ts', 'mkv']) {
    const file = join(folder, `killed.${container}`);
    const { child, ended } = start('--uri', server.url('h264'), '--output', file);
    await eventually('media in the file', () => existsSync(file) && statSync(file).size > 150_000, 30_000);
    child.kill('SIGKILL');
    await ended;
    const { stdout } = await run('ffprobe', [
      '-v',
      'quiet',
      '-count_frames',
      '-select_streams',
      'v',
      '-show_entries',
      'stream=nb_read_frames',
      '-of',
      'csv=p=0',
      file,
    ]);
    expect(Number(stdout.split('\n')[0]), container).toBeGreaterThan(20);
  }
});

test('encodes anew with a text, the test pattern, and says why a source can’t be recorded', {
  timeout: 90_000,
}, async () => {
  const file = join(folder, 'small.mp4');
  const encoded = start(
    '--uri',
    server.url('h264'),
    '--width',
    '320',
    '--text',
    'Gate',
    '--clock',
    '--duration',
    '2',
    '--output',
    file,
  );
  expect(await encoded.ended, encoded.out()).toBe(0);
  expect(encoded.out()).toContain('"video":"h264 320x180"');
  expect((await look(file)).frames).toBeGreaterThan(35);

  const gone = start('--uri', 'rtsp://127.0.0.1:9/none', '--output', join(folder, 'none.mp4'));
  expect(await gone.ended).toBe(69);
  expect(gone.out()).toMatch(/^nightjar: /);
  expect(existsSync(join(folder, 'none.mp4'))).toBe(false);
  const hardware = start(
    '--test',
    '--width',
    '320',
    '--text',
    'x',
    '--encoder',
    'omxh264enc',
    '--output',
    join(folder, 'omx.mp4'),
  );
  expect(await hardware.ended).toBe(69);
  expect(hardware.out()).toMatch(
    /^nightjar: No encoder works on this machine:\n {2}omxh264enc: GStreamer has no omxh264enc here/,
  );
  const board = start('--csi', '--output', join(folder, 'board.mp4'));
  expect(await board.ended).toBe(69);
  expect(board.out()).toContain('libcamerasrc');

  const ends = start('--uri', server.url('h265'), '--output', join(folder, 'ends.mp4'));
  await eventually('recording', () => ends.out().includes('"recording"'));
  await server.fault({ kind: 'reset' }, 'h265');
  expect(await ends.ended, ends.out()).toBe(69);
  expect((await look(join(folder, 'ends.mp4'))).frames).toBeGreaterThan(5);
});

test.each(['mp4', 'ts', 'mkv'])(
  'says that a .%s can’t be written where there is no folder',
  async (container) => {
    const file = join(folder, 'missing', `none.${container}`);
    const { out, ended } = start('--uri', server.url('h264'), '--duration', '2', '--output', file);
    expect(await ended, out()).toBe(69);
    expect(out()).toContain(`nightjar: ${file} cannot be written: ENOENT`);
  },
);

test('says that the disk is full, and keeps what fitted', { timeout: 90_000 }, async (context) => {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'tmpfs', disk], { stdio: 'pipe' });
  } catch {
    context.skip('file systems can’t be mounted here, so there is no small one to fill');
  }
  onTestFinished(() => void execFileSync('umount', ['--lazy', disk]));
  for (const container of ['mp4', 'ts', 'mkv']) {
    const file = join(disk, `full.${container}`);
    const { out, ended } = start('--uri', server.url('h264'), '--duration', '60', '--output', file);
    expect(await ended, out()).toBe(74);
    expect(out()).toContain(`nightjar: The disk is full: ${file} cannot be written.`);
    const { stdout } = await run('ffprobe', [
      ...['-v', 'quiet', '-count_frames', '-select_streams', 'v', '-show_entries', 'stream=nb_read_frames'],
      ...['-of', 'csv=p=0', file],
    ]);
    expect(Number.parseInt(stdout, 10), container).toBeGreaterThan(10);
    rmSync(file);
  }
});

test('probe says what a camera gives, in one line for programs', async () => {
  const { out, ended } = command('probe', '--uri', server.url('h264'));
  expect(await ended, out()).toBe(0);
  expect(JSON.parse(out())).toMatchObject({
    video: { codec: 'h264', width: expect.any(Number) },
    audio: { codec: 'aac' },
  });
});

test('probe of a camera that is not there ends with a sentence', async () => {
  const { out, ended } = command('probe', '--uri', server.url('nothing'));
  expect(await ended).toBe(69);
  expect(out()).toBe('nightjar: The camera has no stream at this path.\n');
});
