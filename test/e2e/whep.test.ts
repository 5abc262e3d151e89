/** Live view over WebRTC in Chromium: picture, sound, end by either side, and what can't go this way. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { startBrowser } from '../support/player.ts';
import { filesOf } from '../support/recorded.ts';
import { AUTHORIZATION, eventually, patience, type Recorder, startRecorder } from '../support/recorder.ts';
import { type SpawnedRtspServer, spawnRtspServer } from '../support/rtsp/process.ts';
import { checkStamps, readStamps } from '../support/rtsp/stamps.ts';

const CAMERAS = [
  { path: 'plain', video: 'h264', audio: 'aac' },
  { path: 'bframes', video: 'h264-bframes' },
  { path: 'hevc', video: 'h265' },
] as const;

/** What the page says of its connection. */
interface Seen {
  readonly state: string;
  readonly width: number;
  readonly frames: number;
  readonly lost: number;
  readonly samples: number;
}

let server: SpawnedRtspServer;
let recorder: Recorder;
let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
  server = await spawnRtspServer({ cameras: CAMERAS, stamp: true });
  recorder = await startRecorder({
    settings: { WEBRTC_PORTS: '41000-41199', PUBLIC_ADDRESSES: '["203.0.113.7"]' },
  });
  for (const { path: id } of CAMERAS) {
    await recorder.add({ id, name: id, source: { kind: 'rtsp', url: server.url(id) } });
    await recorder.recording(id);
  }
});

afterAll(async () => {
  await browser?.close();
  await recorder?.discard();
  await server?.close();
});

const PAGE = `<!doctype html><video autoplay muted playsinline></video><script>
const video = document.querySelector('video');
let connection;
async function watch(camera) {
  connection = new RTCPeerConnection();
  const stream = new MediaStream();
  video.srcObject = stream;
  connection.ontrack = ({ track }) => stream.addTrack(track);
  for (const kind of ['video', 'audio']) connection.addTransceiver(kind, { direction: 'recvonly' });
  await connection.setLocalDescription();
  const answer = await fetch('/api/v1/cameras/' + camera + '/whep', {
    method: 'POST', headers: { 'content-type': 'application/sdp' }, body: connection.localDescription.sdp,
  });
  const sdp = await answer.text();
  if (answer.status === 201) await connection.setRemoteDescription({ type: 'answer', sdp });
  return { status: answer.status, location: answer.headers.get('location'), sdp };
}
async function seen() {
  const stats = [...(await connection.getStats()).values()].filter(({ type }) => type === 'inbound-rtp');
  const of = (kind) => stats.find((each) => each.kind === kind) ?? {};
  return {
    state: connection.connectionState, width: video.videoWidth, frames: of('video').framesDecoded ?? 0,
    lost: of('video').packetsLost ?? 0, samples: of('audio').totalSamplesReceived ?? 0,
  };
}
</script>`;

async function openPage(): Promise<Page> {
  const page = await browser.newPage({ extraHTTPHeaders: { authorization: AUTHORIZATION } });
  onTestFinished(() => page.close());
  await page.route(`${recorder.address}/whep`, (route) =>
    route.fulfill({ body: PAGE, contentType: 'text/html' }),
  );
  await page.goto(`${recorder.address}/whep`);
  return page;
}

async function watch(page: Page, camera: string) {
  return await page.evaluate<{ status: number; location: string | null; sdp: string }>(`watch('${camera}')`);
}

async function until(page: Page, what: string, wanted: (seen: Seen) => boolean): Promise<Seen> {
  const look = async () => {
    const now = await page.evaluate<Seen>('seen()');
    return wanted(now) && now;
  };
  return await eventually(what, look, patience(20_000));
}

async function viewers(): Promise<readonly unknown[]> {
  const { body } = await recorder.ask('GET', '/viewers');
  return (body as { viewers: { transport: string }[] }).viewers.filter(
    ({ transport }) => transport === 'whep',
  );
}

test('shows the camera with its sound, from the configured ports, until the viewer ends it', async () => {
  const page = await openPage();
  const { status, location, sdp } = await watch(page, 'plain');
  expect({ status, location }).toEqual({
    status: 201,
    location: expect.stringMatching(/^\/api\/v1\/cameras\/plain\/whep\/[0-9a-f-]{36}$/),
  });
  const ports = [...sdp.matchAll(/^a=candidate:\d+ \d+ UDP \d+ \S+ (\d+)/gm)].map(([, port]) => Number(port));
  expect(ports.length).toBeGreaterThan(0);
  expect(
    ports.every((port) => port >= 41_000 && port <= 41_199),
    String(ports),
  ).toBe(true);
  expect(sdp).toMatch(/^a=candidate:\d+ 1 UDP \d+ 203\.0\.113\.7 \d+ typ host/m);

  const first = await until(page, 'a picture and sound', ({ frames, samples }) => frames > 0 && samples > 0);
  const last = await until(page, '100 frames', ({ frames }) => frames > first.frames + 100);
  expect(last).toMatchObject({ state: 'connected', width: 640, lost: 0 });
  expect(await viewers()).toHaveLength(1);

  expect((await recorder.ask('DELETE', (location ?? '').slice('/api/v1'.length))).status).toBe(204);
  await until(
    page,
    'told that it is over',
    ({ state }) => state === 'closed' || state === 'failed' || state === 'disconnected',
  );
  expect(await viewers()).toHaveLength(0);
  expect((await recorder.ask('DELETE', (location ?? '').slice('/api/v1'.length))).status).toBe(404);
});

test('several at once; one goes without a word and is forgotten; the camera comes back to the other', {
  timeout: 60_000,
}, async () => {
  const [stays, goes] = [await openPage(), await openPage()];
  expect((await watch(stays, 'plain')).status).toBe(201);
  expect((await watch(goes, 'plain')).status).toBe(201);
  for (const page of [stays, goes]) await until(page, 'a picture', ({ frames }) => frames > 0);
  await goes.close();
  await eventually('one viewer', async () => (await viewers()).length === 1, 40_000);

  await server.fault({ kind: 'reset' }, 'plain');
  const before = await stays.evaluate<Seen>('seen()');
  const after = await until(stays, 'pictures again', ({ frames }) => frames > before.frames + 100);
  expect(after.state).toBe('connected');
});

test('says why when the media can’t go this way, or the offer is none', async () => {
  const page = await openPage();
  for (const camera of ['hevc', 'bframes']) {
    const { status, sdp } = await watch(page, camera);
    expect(status).toBe(409);
    expect(JSON.parse(sdp)).toMatchObject({ field: 'codec', detail: expect.stringContaining('WebSocket') });
  }
  expect((await watch(page, 'nobody')).status).toBe(404);

  const post = async (body: string, type = 'application/sdp') => {
    const headers = { authorization: AUTHORIZATION, 'content-type': type };
    return await fetch(`${recorder.address}/api/v1/cameras/plain/whep`, { method: 'POST', headers, body });
  };
  const offer = await page.evaluate<string>('connection.localDescription.sdp');
  expect((await post('{}', 'application/json')).status).toBe(415);
  for (const body of ['hello', offer.slice(0, offer.indexOf('m=')), offer.replaceAll('H264', 'VP8')]) {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ field: 'offer' });
  }
  // What is malformed in ways that only the media stack notices is answered or refused, and leaves nothing behind.
  for (const broken of [
    offer.replaceAll('sha-256', 'sha-999'),
    offer.replaceAll(/a=mid:.*/g, ''),
    offer.replaceAll('9 UDP', '0 UDP'),
  ]) {
    expect((await post(broken)).status).toBeLessThan(500);
  }
  await eventually('no viewer left', async () => (await viewers()).length === 0, 40_000);
});

test('no viewer cost a recording a frame', async () => {
  await recorder.stop();
  for (const { path: id } of CAMERAS) {
    const check = checkStamps(await readStamps(filesOf(recorder, id)));
    expect(check.frames).toBeGreaterThan(100);
    expect(check).toMatchObject({ doubled: 0, backward: 0 });
    // What the test itself took away: the connection of this camera.
    if (id !== 'plain') expect(check.lost).toBe(0);
  }
});
