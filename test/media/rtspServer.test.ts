/** The camera simulator, as real RTSP clients see it. */
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type ReceiverOptions, receive, toneIn } from '../support/receiver.ts';
import { spawnRtspServer } from '../support/rtsp/process.ts';
import { startRtspServer } from '../support/rtsp/server.ts';
import { checkStamps, readStamps } from '../support/rtsp/stamps.ts';
import type { CameraOptions, RtspServer, RtspServerOptions } from '../support/rtsp/types.ts';

const run = promisify(execFile);
const credentials = { username: 'admin', password: 'p@#%:/ "x한글' };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'rtsp-server-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function serve(options: Partial<RtspServerOptions> & { cameras: readonly CameraOptions[] }) {
  const server = await startRtspServer({ stamp: true, ...options });
  onTestFinished(() => server.close());
  return server;
}

let files = 0;
/** Starts a receiver that writes to a file of its own and never outlives its test. */
function watch(options: Omit<ReceiverOptions, 'file'>) {
  files += 1;
  const file = path.join(folder, `${files}.video`);
  const receiver = receive({ ...options, file });
  onTestFinished(async () => {
    await receiver.stop();
  });
  return { ...receiver, file };
}

/** Sends one request on a connection of its own and gives the first line of the response. */
async function statusOf(server: RtspServer, cameraPath: string, method = 'DESCRIBE'): Promise<string> {
  const socket = connect(server.port, server.host);
  onTestFinished(() => void socket.destroy());
  socket.write(`${method} ${server.url(cameraPath)} RTSP/1.0\r\nCSeq: 7\r\n\r\n`);
  const [bytes]: unknown[] = await once(socket, 'data', { signal: AbortSignal.timeout(5000) });
  return String(bytes).split('\r\n', 1).join();
}

const whole = { lost: 0, doubled: 0, backward: 0 };

describe('what arrives', () => {
  test.each([
    { video: 'h264', codec: 'h264', transport: 'tcp' },
    { video: 'h264', codec: 'h264', transport: 'udp' },
    { video: 'h265', codec: 'h265', transport: 'tcp' },
    { video: 'h265', codec: 'h265', transport: 'udp' },
    { video: 'sub', codec: 'h264', transport: 'tcp' },
  ] as const)('$video over $transport', async ({ video, codec, transport }) => {
    const server = await serve({ cameras: [{ path: 'cam', video, number: 12 }] });
    const before = Date.now();
    const receiver = watch({ url: server.url('cam'), codec, transport });
    const stamps = await receiver.stamps(60);
    expect(checkStamps(stamps)).toMatchObject(whole);
    expect(stamps[0]?.camera).toBe(12);
    expect(stamps[0]?.sentMs).toBeGreaterThanOrEqual(before);
    const { code, stderr } = await receiver.stop();
    expect({ code, stderr: stderr.replace(/handling interrupt\.\s*/, '') }).toEqual({ code: 0, stderr: '' });
    const [counters] = await server.counters();
    expect(counters?.plays).toBe(1);
    expect(counters?.frames).toBeGreaterThanOrEqual(stamps.length);
  });

  test.each([
    { kind: 'aac', rate: 16_000, hertz: 500 },
    { kind: 'pcma', rate: 8000, hertz: 400 },
    { kind: 'opus', rate: 48_000, hertz: 500 },
  ] as const)('video with $kind', async ({ kind, rate, hertz }) => {
    const server = await serve({ cameras: [{ path: 'cam', video: 'h264', audio: kind }] });
    const file = path.join(folder, `${kind}.samples`);
    const receiver = watch({ url: server.url('cam'), codec: 'h264', audio: { kind, file } });
    const stamps = await receiver.stamps(75);
    await receiver.stop();
    expect(checkStamps(stamps)).toMatchObject(whole);
    const tone = await toneIn(file, rate);
    expect(tone.seconds).toBeGreaterThan(2);
    expect(tone.peak).toBeGreaterThan(6000);
    expect(tone.peak).toBeLessThan(12_000);
    expect(Math.abs(tone.hertz - hertz)).toBeLessThan(10);
  });

  test.each(['h264', 'h265'] as const)('%s is stamped in MP4 too', async (codec) => {
    const server = await serve({ cameras: [{ path: 'cam', video: codec }] });
    const receiver = watch({ url: server.url('cam'), codec, container: 'mp4' });
    await receiver.stamps(60);
    await receiver.stop();
    const stamps = await readStamps(await readFile(receiver.file));
    expect(checkStamps(stamps)).toMatchObject(whole);
    expect(await readStamps([receiver.file, receiver.file])).toEqual([...stamps, ...stamps]);
  });

  test('no frame is lost where the footage begins again', { timeout: 40_000 }, async () => {
    const videos = ['h264', 'h264-bframes', 'h265'] as const;
    const server = await serve({ cameras: videos.map((video) => ({ path: video, video })) });
    const lengths = { h264: 250, 'h264-bframes': 180, h265: 250 };
    const receivers = videos.map((video) =>
      watch({ url: server.url(video), codec: video === 'h265' ? 'h265' : 'h264' }),
    );
    for (const [index, video] of videos.entries()) {
      const stamps = await receivers[index]?.stamps(lengths[video] + 20, 30_000);
      expect(checkStamps(stamps ?? [])).toMatchObject(whole);
    }
  });
});

describe('who may come in', () => {
  test.each(['basic', 'digest'] as const)('%s', async (scheme) => {
    const server = await serve({
      cameras: [{ path: 'live?channel=1', video: 'h264' }],
      auth: { scheme, ...credentials },
    });
    const right = watch({ url: server.url('live?channel=1', credentials), codec: 'h264' });
    await right.stamps(10);
    expect(await server.counters()).toMatchObject([{ authFailures: 0, clients: 1 }]);
    await right.stop();
    const wrong = watch({
      url: server.url('live?channel=1', { ...credentials, password: 'no' }),
      codec: 'h264',
    });
    expect((await wrong.ended).stderr).toMatch(/not authorized|unauthorized/i);
    expect((await server.counters())[0]?.authFailures).toBeGreaterThan(0);
    expect(await statusOf(server, 'live?channel=1')).toBe('RTSP/1.0 401 Unauthorized');
  });

  test('an unknown path is answered 404', async () => {
    const server = await serve({ cameras: [{ path: 'cam', video: 'sub' }] });
    expect(await statusOf(server, 'other')).toBe('RTSP/1.0 404 Not Found');
    expect(await statusOf(server, 'cam')).toBe('RTSP/1.0 200 OK');
    expect(await statusOf(server, 'cam', 'GET_PARAMETER')).toBe('RTSP/1.0 200 OK');
  });
});

describe.skipIf(spawnSync('ffprobe', ['-version']).error !== undefined)('another client', () => {
  test.each(['tcp', 'udp'])('ffprobe and ffmpeg over %s', async (transport) => {
    const server = await serve({
      cameras: [
        { path: 'one', video: 'h264-bframes', audio: 'aac' },
        { path: 'two', video: 'h265', audio: 'pcma' },
      ],
      auth: { scheme: 'digest', ...credentials },
    });
    const input = ['-v', 'error', '-rtsp_transport', transport, '-i'];
    const entries = ['-show_entries', 'stream=codec_name,width,sample_rate', '-of', 'csv=p=0'];
    const limit = { timeout: 30_000 };
    const probed = await run('ffprobe', [...input, server.url('two', credentials), ...entries], limit);
    expect(probed.stdout.trim().split('\n')).toEqual(['hevc,640', 'pcm_alaw,8000']);
    const file = path.join(folder, `${transport}.h264`);
    const only = ['-t', '3', '-an', '-c', 'copy', '-f', 'h264'];
    await run('ffmpeg', [...input, server.url('one', credentials), ...only, file], limit);
    const check = checkStamps(await readStamps(file));
    expect(check).toMatchObject(whole);
    expect(check.frames).toBeGreaterThan(30);
    const decoded = await run('ffmpeg', ['-v', 'error', '-i', file, '-f', 'null', '-'], limit);
    expect(decoded.stderr).toBe('');
  });
});

describe('faults', () => {
  const cameras = [{ path: 'cam', video: 'h264', audio: 'aac' }] as const;

  async function playing() {
    const server = await serve({ cameras });
    const receiver = watch({ url: server.url('cam'), codec: 'h264' });
    const stamps = await receiver.stamps(25);
    return { server, receiver, before: stamps.length };
  }

  /** The longest time between one frame's sending and the next one's, in ms. */
  function longestSilence(stamps: readonly { sentMs: number }[]): number {
    return Math.max(...stamps.slice(1).map(({ sentMs }, index) => sentMs - (stamps[index]?.sentMs ?? 0)));
  }

  test('a pause sends later what was due, and loses nothing', async () => {
    const { server, receiver, before } = await playing();
    await server.fault({ kind: 'pause', ms: 2000 }, 'cam');
    const stamps = await receiver.stamps(before + 75);
    expect(longestSilence(stamps)).toBeGreaterThan(1900);
    expect(checkStamps(stamps)).toMatchObject(whole);
    const drift = ((stamps.at(-1)?.sentMs ?? 0) - (stamps[0]?.sentMs ?? 0)) / 40 - (stamps.length - 1);
    // Had the pause been skipped or added, it would be 50 frames.
    expect(Math.abs(drift)).toBeLessThan(25);
  });

  test('a freeze goes on at a keyframe, and has lost what was due', async () => {
    const { server, receiver, before } = await playing();
    await server.fault({ kind: 'freeze', on: true });
    await expect(receiver.stamps(before + 25, 1500)).rejects.toThrow('stamps');
    await server.fault({ kind: 'freeze', on: false });
    const stamps = await receiver.stamps(before + 25);
    const { lost, doubled, backward } = checkStamps(stamps);
    expect({ doubled, backward }).toEqual({ doubled: 0, backward: 0 });
    expect(lost).toBeGreaterThan(30);
    // GOPs have 50 frames, and the first frame received began one.
    const resumed = stamps.find(({ frame }, index) => frame - (stamps[index - 1]?.frame ?? frame) > 1);
    expect(((resumed?.frame ?? 0) - (stamps[0]?.frame ?? 0)) % 50).toBe(0);
  });

  test('dropped frames are lost, exactly', async () => {
    const { server, receiver, before } = await playing();
    await server.fault({ kind: 'drop', frames: 3 });
    const stamps = await receiver.stamps(before + 20);
    expect(checkStamps(stamps)).toMatchObject({ ...whole, lost: 3 });
  });

  test('a swap changes the parameter sets in mid-stream, not the count of frames', async () => {
    const { server, receiver, before } = await playing();
    await server.fault({ kind: 'swap' });
    const stamps = await receiver.stamps(before + 100);
    expect(checkStamps(stamps)).toMatchObject(whole);
    const bytes = await readFile(receiver.file);
    const sps = bytes
      .toString('latin1')
      .split('\0\0\x01')
      .filter((nal) => (nal.charCodeAt(0) & 0x1f) === 7);
    expect(new Set(sps.map((nal) => nal.replace(/\0$/, ''))).size).toBe(2);
  });

  test.each(['reset', 'fin', 'down'] as const)('%s ends the connection', async (kind) => {
    const { server, receiver } = await playing();
    await server.fault({ kind });
    await receiver.ended;
    expect(await server.counters()).toMatchObject([{ clients: 0, plays: 1 }]);
    const status = await statusOf(server, 'cam');
    expect(status).toBe(kind === 'down' ? 'RTSP/1.0 503 Service Unavailable' : 'RTSP/1.0 200 OK');
    await server.fault({ kind: 'up' });
    expect(await statusOf(server, 'cam')).toBe('RTSP/1.0 200 OK');
  });

  test('a blackhole accepts and never answers', async () => {
    const { server, receiver, before } = await playing();
    await server.fault({ kind: 'blackhole', on: true });
    const socket = connect(server.port, server.host);
    onTestFinished(() => void socket.destroy());
    socket.write(`OPTIONS ${server.url('cam')} RTSP/1.0\r\nCSeq: 1\r\n\r\n`);
    await expect(once(socket, 'data', { signal: AbortSignal.timeout(1000) })).rejects.toThrow('aborted');
    await expect(receiver.stamps(before + 25, 500)).rejects.toThrow('stamps');
    expect(await server.counters()).toMatchObject([{ clients: 1 }]);
  });

  test('silence of the audio, garbage and a jump of time leave the connection', async () => {
    const { server, receiver } = await playing();
    const [before] = await server.counters();
    await server.fault({ kind: 'noAudio', on: true });
    await server.fault({ kind: 'timestampJump', seconds: 100 });
    await server.fault({ kind: 'garbage', on: true });
    await expect
      .poll(async () => (await server.counters())[0]?.frames, { timeout: 10_000 })
      .toBeGreaterThan((before?.frames ?? 0) + 25);
    expect(await server.counters()).toMatchObject([{ clients: 1 }]);
    await receiver.stop();
  });

  test('an unknown camera is refused', async () => {
    const server = await serve({ cameras });
    await expect(server.fault({ kind: 'fin' }, 'other')).rejects.toThrow('no camera other');
  });
});

describe.each([
  { where: 'in this process', start: startRtspServer },
  { where: 'in a process of its own', start: spawnRtspServer },
])('a server $where', ({ start }) => {
  test('is killed, and comes back on the same port', async () => {
    const server = await start({ cameras: [{ path: 'cam', video: 'h265' }], stamp: true });
    onTestFinished(() => server.close());
    const { port } = server;
    const first = watch({ url: server.url('cam'), codec: 'h265' });
    const before = await first.stamps(10);
    await server.waitForClients(1, { camera: 'cam' });
    await server.fault({ kind: 'stall', on: true }, 'cam');
    await server.kill();
    await first.ended;
    await expect(statusOf(server, 'cam')).rejects.toThrow('ECONNREFUSED');
    await server.restart();
    expect(server.port).toBe(port);
    expect(await server.counters()).toMatchObject([{ path: 'cam', clients: 0, plays: 0, frames: 0 }]);
    const second = watch({ url: server.url('cam'), codec: 'h265' });
    await server.waitForClients(1);
    const after = await second.stamps(30);
    expect(checkStamps(after)).toMatchObject(whole);
    expect(after[0]?.frame).toBeGreaterThan(before.at(-1)?.frame ?? Number.POSITIVE_INFINITY);
    await expect(server.fault({ kind: 'fin' }, 'other')).rejects.toThrow('no camera other');
    await expect(server.waitForClients(2, { timeoutMs: 100 })).rejects.toThrow('1 of 2 clients');
  });

  test('says that its port is taken', async () => {
    const server = await serve({ cameras: [] });
    await expect(start({ cameras: [], port: server.port })).rejects.toThrow('EADDRINUSE');
  });
});
