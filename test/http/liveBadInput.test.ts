/**
 * Viewers that mean harm, are broken or are gone, over real connections to the real live room: each is answered or
 * closed, and neither the camera that delivers nor the viewer beside it notices anything.
 */
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { livePort } from '../../src/app/livePort.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { ticks } from '../../src/domain/ticks.ts';
import { epochMs } from '../../src/domain/time.ts';
import { HlsViewers } from '../../src/live/hlsViewers.ts';
import { LiveHub, partOf } from '../../src/live/hub.ts';
import { LiveSession } from '../../src/live/session.ts';
import { ViewerRegistry } from '../../src/live/viewers.ts';
import type { InitSegment } from '../../src/mp4/types.ts';
import { eventually, patience } from '../support/recorder.ts';
import { type Harness, HeldClock, logIn, NOW, RUN, startHarness } from './harness.ts';

const DOOR = cameraId('door');
const INIT: InitSegment = {
  bytes: Buffer.from('init'),
  video: {
    ...{ id: 1, kind: 'video', codec: 'avc1.64001f', timescale: 90_000 },
    ...{ width: 640, height: 360, sampleRate: 0, channels: 0 },
  },
  audio: null,
  codecs: 'avc1.64001f',
};
/** Time of the processor for one fragment, viewers or not: much less than the fragment lasts. */
const MOST_PUSH_MS = 100;

let harness: Harness;
let hub: LiveHub;
let viewers: ViewerRegistry;
let address: string;
let port: number;
let cookie: string;
let sequence: number;

beforeEach(async () => {
  const clock = new HeldClock();
  hub = new LiveHub({ keepMs: 8_000, maxBytes: 2 ** 24 });
  hub.open(DOOR);
  viewers = new ViewerRegistry(clock, 100);
  sequence = 0;
  harness = await startHarness({
    live: livePort(hub, new HlsViewers(viewers, clock)),
    liveSocket: {
      connect: (transport, user, mayUse) => new LiveSession(partOf(hub, mayUse), viewers, transport, user),
    },
  });
  await harness.app.listen({ port: 0, host: '127.0.0.1' });
  port = (harness.app.server.address() as AddressInfo).port;
  address = `ws://127.0.0.1:${port}/api/v1/live`;
  cookie = await logIn(harness.app, 'viewer');
});
afterEach(() => harness.close());

/** The camera delivers so many fragments; gives the most that one took. */
async function deliver(count: number, bytes = 1_000): Promise<number> {
  let longest = 0;
  for (let i = 0; i < count; i++) {
    const chunks = [Buffer.alloc(bytes)];
    const startTicks = ticks(sequence * 22_500);
    const key = sequence % 8 === 0;
    const startMs = epochMs(NOW + sequence * 250);
    sequence++;
    const fragment = {
      ...{ sequence, key, startTicks, durationTicks: ticks(22_500) },
      ...{ chunks, byteLength: bytes, frames: 6, frameBytes: [], frameDelays: [] },
    };
    // Of the processor, not of the clock: the machine may be busy with something else.
    const started = process.cpuUsage();
    hub.open(DOOR).push({ runId: RUN, init: INIT, fragment, startMs });
    const { user, system } = process.cpuUsage(started);
    longest = Math.max(longest, (user + system) / 1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return longest;
}

async function connect(): Promise<WebSocket> {
  const socket = new WebSocket(address, { headers: { cookie } });
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  return socket;
}

const subscribe = (socket: WebSocket, camera: string) =>
  socket.send(JSON.stringify({ type: 'subscribe', camera }));

/** A viewer that does as it should; gives how many fragments it has got. */
async function wellBehaved(): Promise<() => number> {
  const socket = await connect();
  let fragments = 0;
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary && data.readUInt8(1) > 0) fragments++;
  });
  subscribe(socket, DOOR);
  await eventually('it watches', () => viewers.list().length > 0);
  return () => fragments;
}

/** Speaks to the server in bytes of its own. */
async function upgraded(): Promise<Socket> {
  const socket = connectTcp(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {});
  const head = [
    'GET /api/v1/live HTTP/1.1',
    'Host: 127.0.0.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    `Cookie: ${cookie}`,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  await once(socket, 'data');
  return socket;
}

/** A masked text frame (RFC 6455 §5.2) whose mask is zero. */
function frameOf(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

it.each([
  ['garbage', (_i: number) => 'garbage'],
  ['cameras that do not exist', (i: number) => JSON.stringify({ type: 'subscribe', camera: `cam-${i}` })],
])('ends a client that sends 10,000 times %s', async (_name, text) => {
  const seen = await wellBehaved();
  const bad = await connect();
  const closed = once(bad, 'close');
  for (let i = 0; i < 10_000; i++) bad.send(text(i));
  expect(await deliver(40)).toBeLessThan(MOST_PUSH_MS);
  expect((await closed)[0]).toBe(1008);
  await eventually('every fragment', () => seen() === 40);
});

it('goes on after 10,000 subscribes to one camera', async () => {
  const seen = await wellBehaved();
  const eager = await connect();
  for (let i = 0; i < 10_000; i++) subscribe(eager, DOOR);
  expect(await deliver(40)).toBeLessThan(MOST_PUSH_MS);
  await eventually('every fragment', () => seen() === 40);
  expect(viewers.list()).toHaveLength(2);
});

it.each([
  ['an unmasked frame', Buffer.from([0x81, 0x02, 0x68, 0x69])],
  ['reserved bits', Buffer.from([0xf1, 0x80, 0, 0, 0, 0])],
  ['an unknown kind', Buffer.from([0x8b, 0x80, 0, 0, 0, 0])],
  ['a length that is too long', Buffer.from([0x81, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])],
  ['text that is no UTF-8', Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe])],
])('ends a connection with %s', async (_name, bytes) => {
  const seen = await wellBehaved();
  const socket = await upgraded();
  socket.write(bytes);
  socket.resume();
  await once(socket, 'close');
  await deliver(3);
  await eventually('every fragment', () => seen() === 3);
});

it('leaves out fragments for a client that never reads, and holds little for it', async () => {
  const seen = await wellBehaved();
  const deaf = await upgraded();
  deaf.write(frameOf(JSON.stringify({ type: 'subscribe', camera: DOOR })));
  deaf.pause();
  await eventually('two viewers', () => viewers.list().length === 2);
  expect(await deliver(160, 2 ** 18)).toBeLessThan(MOST_PUSH_MS);
  await eventually('every fragment', () => seen() === 160);
  const [, behind] = viewers.list();
  expect(behind?.skipped).toBeGreaterThan(80);
  expect(behind?.lagMs).toBeGreaterThan(10_000);
  const started = performance.now();
  await harness.close();
  expect(performance.now() - started).toBeLessThan(patience(2_000));
});

it('holds a wall’s beginning at most for a client that asks for it again and again and never reads', async () => {
  await deliver(9, 2 ** 18);
  const deaf = await upgraded();
  const again = frameOf(JSON.stringify({ type: 'subscribe', camera: DOOR }));
  const before = process.memoryUsage().arrayBuffers;
  deaf.pause();
  deaf.write(Buffer.concat(Array.from({ length: 10_000 }, () => again)));
  await eventually('it watches', () => viewers.list().length === 1);
  await deliver(1);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 27);
});

it('ends a connection whose other end is gone, at the second ping without an answer', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const gone = await upgraded();
  gone.write(frameOf(JSON.stringify({ type: 'subscribe', camera: DOOR })));
  await eventually('it watches', () => viewers.list().length === 1);
  vi.advanceTimersByTime(15_000);
  await deliver(1);
  expect(viewers.list()).toHaveLength(1);
  vi.advanceTimersByTime(15_000);
  await eventually('it is gone', () => viewers.list().length === 0);
});

it('lets a player go that asks for what is to come, and leaves', async () => {
  await deliver(9);
  const list = `http://127.0.0.1:${port}/api/v1/cameras/door/live/playlist.m3u8`;
  harness.users.update({ ...(harness.users.find('viewer') ?? expect.unreachable()), cameras: 'all' });
  const first = await fetch(list, { headers: { cookie } });
  const text = await first.text();
  expect([first.status, text.match(/#EXTINF/g)?.length]).toEqual([200, 1]);
  const msn = Number(/MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1]) + 1;
  const leaving = Array.from({ length: 50 }, async () => {
    const signal = AbortSignal.timeout(200);
    return await fetch(`${list}?_HLS_msn=${msn}`, { headers: { cookie }, signal }).catch(() => 'left');
  });
  expect(new Set(await Promise.all(leaving))).toEqual(new Set(['left']));
  expect(await deliver(16)).toBeLessThan(MOST_PUSH_MS);
  const next = await fetch(`${list}?_HLS_msn=${msn}`, { headers: { cookie } });
  expect((await next.text()).match(/#EXTINF/g)?.length).toBe(3);
  expect(viewers.list()).toMatchObject([{ transport: 'll-hls', user: 'viewer' }]);
});
