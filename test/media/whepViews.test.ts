/** Views over WebRTC: alive as long as they are wanted, and nothing of them stays behind, whenever they end. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Whep } from '../../src/app/whepPort.ts';
import { cameraId, runId } from '../../src/domain/ids.ts';
import { ticks } from '../../src/domain/ticks.ts';
import { epochMs } from '../../src/domain/time.ts';
import { LiveHub } from '../../src/live/hub.ts';
import { ViewerRegistry } from '../../src/live/viewers.ts';
import { REQUIRED_ELEMENTS } from '../../src/media/elements.ts';
import { startGst } from '../../src/media/gst.ts';
import { Taps } from '../../src/media/tap.ts';

startGst(REQUIRED_ELEMENTS);

const DOOR = cameraId('door');
const OFFER = [
  ...['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0'],
  ...['m=video 9 UDP/TLS/RTP/SAVPF 102', 'c=IN IP4 0.0.0.0', 'a=rtcp:9 IN IP4 0.0.0.0'],
  ...['a=ice-ufrag:abcd', 'a=ice-pwd:0123456789012345678901'],
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`,
  ...['a=setup:actpass', 'a=mid:0', 'a=recvonly', 'a=rtcp-mux', 'a=rtpmap:102 H264/90000'],
  'a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f',
  '',
].join('\r\n');

/** How many sockets this process holds. */
function sockets(): number {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return links.filter((link) => link.startsWith('socket:')).length;
}

/** Names of the threads of this process. */
function threads(): string[] {
  const tasks = readdirSync('/proc/self/task');
  return tasks.map((task) => readFileSync(`/proc/self/task/${task}/comm`, 'utf8').trim());
}

/** A camera with a picture, and somebody who asks for it. */
function ask() {
  const clock = { now: () => epochMs(Date.now()), monotonic: () => performance.now() };
  const hub = new LiveHub({ keepMs: 8_000, maxBytes: 2 ** 20 });
  const taps = new Taps();
  const viewers = new ViewerRegistry(clock, 10);
  const whep = new Whep({ config: { webrtcPorts: null, publicAddresses: [] }, hub, taps, viewers, clock });
  onTestFinished(() => whep.closeAll());
  const video = {
    ...({ id: 1, kind: 'video', codec: 'avc1.42e01f', timescale: 90_000 } as const),
    ...{ width: 640, height: 360, sampleRate: 0, channels: 0 },
  };
  hub.open(DOOR).push({
    runId: runId('6f1f7a53-0f0e-4a5c-8a76-52f1a3a0b111'),
    init: { bytes: Buffer.from('moov'), video, audio: null, codecs: video.codec },
    startMs: epochMs(1_700_000_000_000),
    fragment: {
      ...{ sequence: 1, key: true, chunks: [Buffer.from('moof')], byteLength: 4, frames: 1 },
      ...{ startTicks: ticks(0), durationTicks: ticks(22_500), frameBytes: [4], frameDelays: [0] },
    },
  });
  return { hub, taps, viewers, whep, opening: whep.open({ camera: DOOR, user: 'eve' }, OFFER) };
}

test('is answered, and leaves nothing when it ends', async () => {
  const before = sockets();
  const { whep, viewers, opening } = ask();
  const { id, answer } = await opening;
  expect(answer).toContain('a=candidate');
  expect(sockets()).toBeGreaterThan(before);
  whep.close({ camera: DOOR, user: 'eve' }, id);
  expect(viewers.list()).toEqual([]);
  await vi.waitUntil(() => sockets() <= before, 10_000);
});

test('keeps answering the viewer after the garbage collector came', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const { opening } = ask();
  await opening;
  expect(threads()).toContain('rtc:ice');
  // Wrappers go in several steps: found dead, told so, let go by the main loop.
  for (let round = 0; round < 10; round++) {
    await delay(50);
    collectGarbage();
  }
  expect(threads()).toContain('rtc:ice');
});

test.each([
  [
    'the camera goes',
    ({ hub, taps }: ReturnType<typeof ask>) => {
      hub.drop(DOOR);
      taps.drop(DOOR);
    },
  ],
  ['the view is ended', ({ viewers }: ReturnType<typeof ask>) => viewers.end(viewers.list()[0]?.id ?? 0)],
  ['the recorder stops', ({ whep }: ReturnType<typeof ask>) => whep.closeAll()],
])('is refused, and leaves nothing, when %s while it is negotiated', async (_, happens) => {
  const before = sockets();
  const asked = ask();
  const refused = expect(asked.opening).rejects.toMatchObject({ kind: 'unavailable' });
  happens(asked);
  await refused;
  expect(asked.viewers.list()).toEqual([]);
  await vi.waitUntil(() => sockets() <= before, 10_000);
});
