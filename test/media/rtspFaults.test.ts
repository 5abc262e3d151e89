/** The faults of the camera simulator, and its death and return, as clients see them. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { spawnRtspServer } from '../support/rtsp/process.ts';
import { startRtspServer } from '../support/rtsp/server.ts';
import { checkStamps } from '../support/rtsp/stamps.ts';
import { packetsOf, serve, statusOf, watch, whole } from '../support/rtspFixture.ts';

describe('faults', () => {
  const limit = { timeout: 10_000 };
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

  test('without audio, video goes on, and audio comes back', async () => {
    const { server } = await playing();
    const packets = packetsOf(server, 'cam');
    const counted = (channel: number) => packets.filter((packet) => packet.channel === channel).length;
    await expect.poll(() => counted(2), limit).toBeGreaterThan(10);
    await server.fault({ kind: 'noAudio', on: true });
    // What was sent before the fault was in force has arrived when later video has.
    const seen = counted(0);
    await expect.poll(() => counted(0), limit).toBeGreaterThan(seen + 10);
    const [video, audio] = [counted(0), counted(2)];
    await expect.poll(() => counted(0), limit).toBeGreaterThan(video + 50);
    expect(counted(2)).toBe(audio);
    await server.fault({ kind: 'noAudio', on: false });
    await expect.poll(() => counted(2), limit).toBeGreaterThan(audio + 10);
  });

  test('a jump of time shows in the timestamps, once', async () => {
    const server = await serve({ cameras });
    const packets = packetsOf(server, 'cam');
    await expect.poll(() => packets.length, limit).toBeGreaterThan(50);
    await server.fault({ kind: 'timestampJump', seconds: 100 });
    const before = packets.length;
    await expect.poll(() => packets.length, limit).toBeGreaterThan(before + 50);
    const times = packets.filter(({ channel }) => channel === 0).map(({ timestamp }) => timestamp);
    const steps = times.slice(1).map((time, index) => (time - (times[index] ?? 0)) >>> 0);
    expect(new Set(steps)).toEqual(new Set([0, 3600, 3600 + 9_000_000]));
    expect(steps.filter((step) => step > 3600)).toHaveLength(1);
  });

  test('garbage is one wrong byte in each packet', async () => {
    const server = await serve({ cameras: [{ path: 'cam', video: 'h264', audio: 'pcma' }] });
    const packets = packetsOf(server, 'cam');
    // Every packet of the tone is the same.
    const tones = () => packets.filter(({ channel }) => channel === 2).map(({ payload }) => payload);
    await expect.poll(() => tones().length, limit).toBeGreaterThan(3);
    const clean = tones()[0] ?? Buffer.alloc(0);
    const wrongBytes = (tone: Buffer) => tone.filter((byte, index) => byte !== clean[index]).length;
    await server.fault({ kind: 'garbage', on: true });
    await expect.poll(() => tones().map(wrongBytes).slice(-5), limit).toEqual([1, 1, 1, 1, 1]);
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
