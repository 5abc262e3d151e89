/** What a probe tells of simulated cameras, and why of those that cannot be recorded. */
import { readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { RtspSource } from '../../src/domain/camera.ts';
import { REQUIRED_ELEMENTS } from '../../src/media/elements.ts';
import { startGst } from '../../src/media/gst.ts';
import { probe } from '../../src/media/probe.ts';
import { freePort } from '../support/recorder.ts';
import { startRtspServer } from '../support/rtsp/server.ts';
import type { RtspServer } from '../support/rtsp/types.ts';
import { sourceOf } from '../support/runs.ts';

startGst(REQUIRED_ELEMENTS);

/** Of the machine, not of a camera: how much longer than its limit a probe may take when others keep it busy. */
const SLACK_MS = 1_500;

describe('cameras that can be recorded', () => {
  let server: RtspServer;
  const CAMERAS = [
    { path: 'h264', video: 'h264' },
    { path: 'h265', video: 'h265', audio: 'aac' },
    { path: 'live?channel=1&subtype=0', video: 'sub', audio: 'pcma' },
    { path: 'opus', video: 'h264-bframes', audio: 'opus' },
  ] as const;

  beforeAll(async () => {
    server = await startRtspServer({ cameras: CAMERAS });
  });
  afterAll(() => server.close());

  const large = { width: 640, height: 360, fps: 25 };
  const FORMATS = {
    h264: { video: { codec: 'h264', ...large }, audio: null },
    h265: { video: { codec: 'h265', ...large }, audio: { codec: 'aac', sampleRate: 16_000, channels: 1 } },
    'live?channel=1&subtype=0': {
      video: { codec: 'h264', width: 320, height: 180, fps: 15 },
      audio: { codec: 'pcma', sampleRate: 8_000, channels: 1 },
    },
    opus: {
      video: { codec: 'h264', ...large, fps: 15 },
      audio: { codec: 'opus', sampleRate: 48_000, channels: 2 },
    },
  } as const;

  test.each(
    CAMERAS.flatMap(({ path }) => (['tcp', 'udp'] as const).map((transport) => ({ path, transport }))),
  )('$path over $transport', async ({ path, transport }) => {
    const found = await probe(sourceOf(server, path, transport));
    expect(found).toMatchObject({ ok: true, format: FORMATS[path] });
  });
});

describe.each(['basic', 'digest'] as const)('%s authentication', (scheme) => {
  const LOGIN = { username: 'vera@/한', password: 'p@#%:/ "x한글' };
  const { username } = LOGIN;
  let server: RtspServer;

  beforeAll(async () => {
    server = await startRtspServer({
      auth: { scheme, ...LOGIN },
      cameras: [{ path: 'cam', video: 'sub' }],
    });
  });
  afterAll(() => server.close());

  const as = (login: object): RtspSource => ({ ...sourceOf(server, 'cam'), ...login });

  test('the right user name and password, whatever is in them', async () => {
    expect(await probe(as(LOGIN))).toMatchObject({ ok: true });
  });

  test.each([
    ['a wrong password', { username, password: `${LOGIN.password} ` }],
    ['a wrong user name', { username: 'v', password: LOGIN.password }],
    ['none', {}],
  ])('%s', async (_, login) => {
    const found = await probe(as(login));
    expect(found).toMatchObject({ ok: false, cause: 'unauthorised' });
    expect(JSON.stringify(found)).not.toContain('한글');
  });
});

describe('cameras that cannot be recorded', () => {
  /** A camera, in the way `fault` puts it before anyone connects. */
  async function camera(fault?: Parameters<RtspServer['fault']>[0]): Promise<RtspServer> {
    const server = await startRtspServer({ cameras: [{ path: 'cam', video: 'sub', audio: 'aac' }] });
    onTestFinished(() => server.close());
    if (fault !== undefined) await server.fault(fault);
    return server;
  }

  test('an unknown path', async () => {
    const server = await camera();
    expect(await probe(sourceOf(server, 'other'))).toMatchObject({ ok: false, cause: 'not-found' });
  });

  test('a closed port', async () => {
    const url = `rtsp://127.0.0.1:${await freePort()}/cam`;
    const started = performance.now();
    const found = await probe({ kind: 'rtsp', url, transport: 'tcp' });
    expect(found).toMatchObject({ ok: false, cause: 'unreachable' });
    expect(performance.now() - started).toBeLessThan(SLACK_MS);
  });

  test('a name that does not exist', async () => {
    const found = await probe({ kind: 'rtsp', url: 'rtsp://camera.invalid/cam', transport: 'tcp' });
    expect(found).toMatchObject({ ok: false, cause: 'unreachable' });
  });

  test('one that refuses for now', async () => {
    const server = await camera({ kind: 'down' });
    expect(await probe(sourceOf(server, 'cam'))).toMatchObject({ ok: false, cause: 'unreachable' });
  });

  test.each([
    ['accepts and never answers', { kind: 'blackhole', on: true }, 'timed-out'],
    ['answers and sends no media', { kind: 'stall', on: true }, 'no-media'],
  ] as const)('one that %s', async (_, fault, cause) => {
    const server = await camera(fault);
    const limitMs = 2_000;
    const started = performance.now();
    expect(await probe(sourceOf(server, 'cam'), { limitMs })).toMatchObject({ ok: false, cause });
    expect(performance.now() - started).toBeLessThan(limitMs + SLACK_MS);
  });

  test('one whose sound is announced and never sent is recorded without', async () => {
    const server = await camera({ kind: 'noAudio', on: true });
    expect(await probe(sourceOf(server, 'cam'))).toMatchObject({ ok: true, format: { audio: null } });
  });

  test('a program that speaks another protocol', async () => {
    const web = await listener((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const found = await probe(
      { kind: 'rtsp', url: `rtsp://127.0.0.1:${web}/`, transport: 'tcp' },
      { limitMs: 3_000 },
    );
    expect(found).toMatchObject({ ok: false, message: expect.stringMatching(/.{10,}\.$|\)$/) });
  });

  test('another codec', async () => {
    const port = await listener(jpegCamera);
    const found = await probe({ kind: 'rtsp', url: `rtsp://127.0.0.1:${port}/`, transport: 'tcp' });
    expect(found).toMatchObject({
      ok: false,
      cause: 'unsupported-codec',
      message: expect.stringContaining('JPEG'),
    });
  });
});

test('probes let everything go, also those that ran into their limit', async () => {
  const port = await listener(() => {});
  const source: RtspSource = { kind: 'rtsp', url: `rtsp://127.0.0.1:${port}/`, transport: 'tcp' };
  const count = () => readdirSync('/proc/self/fd').length;
  const round = () => Promise.all(Array.from({ length: 5 }, () => probe(source, { limitMs: 300 })));
  await round();
  await expect.poll(count, { timeout: 5_000 }).toBeLessThan(200);
  await delay(300);
  const before = count();
  for (let rounds = 0; rounds < 5; rounds += 1) {
    const found = await round();
    expect(found.map((one) => (one.ok ? '' : one.cause))).toEqual(Array(5).fill('timed-out'));
  }
  await expect.poll(() => count() - before, { timeout: 5_000 }).toBeLessThanOrEqual(2);
});

/** A listener of the test's own; gives its port. */
async function listener(serve: Parameters<typeof createServer>[1]): Promise<number> {
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    open.add(socket);
    socket.resume();
    serve?.(socket);
  });
  const open = new Set<{ destroy(): void }>();
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return port;
}

/** As little of a camera as it takes to send RTP packets that say they are JPEG (RFC 2435, payload type 26). */
function jpegCamera(socket: import('node:net').Socket): void {
  const sdp =
    'v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nt=0 0\r\nm=video 0 RTP/AVP 26\r\na=control:track\r\n';
  let timer: NodeJS.Timeout | undefined;
  socket.on('close', () => clearInterval(timer));
  socket.on('data', (bytes) => {
    for (const request of String(bytes).split('\r\n\r\n').filter(Boolean)) {
      const cseq = /CSeq: *(\d+)/i.exec(request)?.[1];
      const head = `RTSP/1.0 200 OK\r\nCSeq: ${cseq}\r\n`;
      if (request.startsWith('DESCRIBE')) {
        socket.write(`${head}Content-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}`);
      } else if (request.startsWith('SETUP')) {
        socket.write(`${head}Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n`);
      } else socket.write(`${head}Session: 1\r\nPublic: DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n`);
      if (request.startsWith('PLAY')) timer ??= setInterval(() => socket.write(jpegPacket()), 40);
    }
  });
}

let sequence = 0;

function jpegPacket(): Buffer {
  sequence += 1;
  const packet = Buffer.alloc(4 + 12 + 8 + 32);
  packet.write('$');
  packet.writeUInt16BE(packet.length - 4, 2);
  packet.writeUInt8(0x80, 4);
  packet.writeUInt8(0x80 | 26, 5);
  packet.writeUInt16BE(sequence, 6);
  packet.writeUInt32BE(sequence * 3_600, 8);
  packet.writeUInt32BE(1, 12);
  return packet;
}
