/** The older camera API, by a client that knows only its page; the playlists are played by ffmpeg. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type OnvifDevice, startOnvifDevice } from '../support/onvifDevice.ts';
import { eventually, freePort, type Recorder, startRecorder } from '../support/recorder.ts';
import { type SpawnedRtspServer, spawnRtspServer } from '../support/rtsp/process.ts';

const run = promisify(execFile);
const CREDENTIALS = { username: 'admin', password: 'p@ss/w:rd' };

/** What an answer can hold. */
interface Answered {
  readonly status: number;
  readonly updated?: string;
  readonly stream_url?: string;
  readonly record_url?: string;
  readonly recStartDate?: string;
  readonly recStartTime?: string;
}

let server: SpawnedRtspServer;
let recorder: Recorder;
let boot: Server;
let device: OnvifDevice;
/** Where the device says that its services are. */
let stranger: OnvifDevice;
/** What the other server says; null is an error of it. */
let bootList: string | null = null;

beforeAll(async () => {
  server = await spawnRtspServer({
    cameras: [
      { path: 'one', video: 'h264' },
      { path: 'two', video: 'sub' },
    ],
    auth: { scheme: 'digest', ...CREDENTIALS },
  });
  stranger = await startOnvifDevice('admin', '127.0.0.2');
  device = await startOnvifDevice('admin', '127.0.0.1', 0, `http://127.0.0.2:${stranger.port}`);
  const port = await freePort();
  boot = createServer((_request, response) => {
    response.writeHead(bootList === null ? 503 : 200).end(bootList ?? 'not yet');
  }).listen(port, '127.0.0.1');
  await once(boot, 'listening');
  recorder = await startRecorder({
    settings: { LEGACY_API: 'on', LEGACY_BOOT_URL: `http://127.0.0.1:${port}`, TIME_ZONE: 'Asia/Seoul' },
  });
});

afterAll(async () => {
  await recorder?.discard();
  await server?.close();
  await device?.close();
  await stranger?.close();
  boot?.close();
});

/** An address as those clients send it: the password as it is. */
function iaddr(path: string): string {
  return server.url(path).replace('//', `//${CREDENTIALS.username}:${CREDENTIALS.password}@`);
}

async function call(method: string, path: string, body?: unknown, raw = false) {
  const init = body === undefined ? {} : { body: raw ? String(body) : JSON.stringify(body) };
  const answer = await fetch(`${recorder.address}${path}`, {
    method,
    ...init,
    headers: { 'content-type': 'application/json' },
  });
  const text = await answer.text();
  return { status: answer.status, text, json: () => JSON.parse(text) as Answered };
}

/** Frames that ffmpeg gets of a playlist. */
async function framesOf(url: string, seconds: number): Promise<number> {
  const { stdout } = await run(
    'ffprobe',
    [
      ...['-v', 'error', '-read_intervals', `%+${seconds}`, '-select_streams', 'v', '-count_frames'],
      ...['-show_entries', 'stream=nb_read_frames', '-of', 'csv=p=0', url],
    ],
    { timeout: 40_000 },
  );
  return Number(stdout.split('\n')[0]);
}

const LOCAL_TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

test('the boot list is fetched until it comes, and every camera of it started', async () => {
  expect(await call('GET', '/api/boot/end')).toMatchObject({ status: 200, text: '0' });
  bootList = '{"not":"a list"}';
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect((await call('GET', '/api/boot/end')).text).toBe('0');
  bootList = JSON.stringify([
    { seq: 1, gid: 5, name: 'Boot', iaddr: iaddr('two'), protocol: 'rtmp', isRec: 0 },
  ]);
  await eventually('the boot list', async () => (await call('GET', '/api/boot/end')).text === '1', 30_000);
  const frames = await eventually(
    'the live playlist',
    async () => {
      const seen = await framesOf(`${recorder.address}/5/1/index.m3u8`, 2).catch(() => 0);
      return seen > 10 && seen;
    },
    30_000,
  );
  expect(frames).toBeGreaterThan(10);
});

test('register, record, stop, play, change group, delete', { timeout: 120_000 }, async () => {
  const camera = { seq: 2, gid: 5, name: '마당', iaddr: iaddr('one'), protocol: 'rtsp', isRec: 0 };
  const added = (await call('POST', '/api/camera', camera)).json();
  expect(added).toEqual({
    ...{ status: 1, isRec: 0, inserted: expect.stringMatching(LOCAL_TIME) },
    updated: expect.stringMatching(LOCAL_TIME),
    stream_url: `${recorder.address}/5/2/hls/index.m3u8`,
  });
  await eventually(
    'live pictures',
    async () => (await framesOf(String(added.stream_url), 2).catch(() => 0)) > 20,
    40_000,
  );

  const begun = (await call('PUT', '/api/camera/record/status', { seq: 2, gid: 5, isRec: 1 })).json();
  expect(begun).toMatchObject({
    status: 1,
    isRec: 1,
    record_url: '',
    recStartDate: expect.stringMatching(/^\d{8}$/),
  });
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const ended = (await call('PUT', '/api/camera/record/status', { seq: 2, gid: 5, isRec: 0 })).json();
  expect(ended).toMatchObject({ status: 1, isRec: 0, recEndTime: expect.stringMatching(/^\d\d:\d\d:\d\d$/) });
  expect(ended.record_url).toBe(
    `${recorder.address}/5/2/${String(ended.recStartDate)}/${String(ended.recStartTime)}/index.m3u8`,
  );
  const recorded = await eventually('the recording', async () => {
    const seen = await framesOf(String(ended.record_url), 60).catch(() => 0);
    return seen > 4 * 25 && seen;
  });
  expect(recorded).toBeGreaterThan(4 * 25);
  const ofDay = await framesOf(`${recorder.address}/5/2/${String(ended.recStartDate)}/index.m3u8`, 60);
  expect(ofDay).toBe(recorded);

  // Again as it was: nothing is interrupted, nothing doubled.
  expect((await call('POST', '/api/camera', camera)).json()).toEqual({ ...added, updated: added.updated });
  const moved = (await call('PUT', '/api/camera', { ...camera, gid: 6, b_gid: 5, isRec: 1 })).json();
  expect(moved).toMatchObject({ status: 1, isRec: 1, stream_url: `${recorder.address}/6/2/hls/index.m3u8` });
  expect((await call('PUT', '/api/camera/record/status', { seq: 2, gid: 5, isRec: 0 })).json()).toMatchObject(
    { status: 0 },
  );

  expect(await call('DELETE', '/api/camera/seq/2/gid/6')).toMatchObject({ status: 200, text: '1' });
  expect(await call('DELETE', '/api/camera/seq/2/gid/6')).toMatchObject({ status: 200, text: '0' });
  const { body } = await recorder.ask('GET', '/holding');
  expect(JSON.stringify(body)).toContain('마당');
});

test('what is missing, wrong or no JSON is answered 200 with status 0', async () => {
  for (const [method, path] of [
    ['POST', '/api/camera'],
    ['PUT', '/api/camera'],
    ['PUT', '/api/camera/record/status'],
    ['PUT', '/api/camera/ptz'],
    ['POST', '/api/camera/info'],
  ] as const) {
    for (const body of [
      '',
      '{',
      '[]',
      'null',
      '{}',
      '{"seq":"x"}',
      '{"seq":1,"gid":5,"iaddr":"file:///etc/passwd"}',
      '{"seq":1,"gid":{"$ne":1}}',
    ]) {
      const answer = await call(method, path, body, true);
      expect(answer.status, `${method} ${path} ${body}`).toBe(200);
      expect(answer.json().status).toBe(0);
    }
  }
  expect(await call('DELETE', '/api/camera/seq/x/gid/y')).toMatchObject({ status: 200, text: '0' });
  expect(await call('DELETE', '/api/camera/seq/77')).toMatchObject({ status: 200, text: '0' });
  expect((await call('GET', '/5/1/20260230/index.m3u8')).status).toBe(400);
  expect((await call('GET', '/9/9/index.m3u8')).status).toBe(404);
});

test('moves a device over ONVIF and says what it is; one that talks nonsense ends nothing', {
  timeout: 60_000,
}, async () => {
  const about = { iaddr: device.host, port: device.port, id: 'admin', passwd: 'x' };
  expect((await call('POST', '/api/camera/info', about)).json()).toEqual({
    status: 1,
    model: 'NV-4&7',
    MAC_addr: '00:11:22:33:44:55',
  });
  expect((await call('POST', '/api/camera/info', { ...about, id: 'nobody' })).json()).toMatchObject({
    status: 0,
  });
  expect((await call('PUT', '/api/camera/ptz', { direction: 'left', port: device.port })).json()).toEqual({
    status: 1,
  });
  expect(device.moves.at(-1)).toMatch(/<ProfileToken>main<.*x="-0.5"/s);
  expect(
    (await call('PUT', '/api/camera/ptz', { direction: 'stop', seq: 1, gid: 5, port: device.port })).json(),
  ).toEqual({ status: 1 });
  expect(device.moves.at(-1)).toContain('<Stop ');
  expect(stranger.moves).toEqual([]);
  for (const nonsense of [
    '<a',
    '',
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body/></s:Envelope>',
    '{"x":1}',
  ]) {
    device.babble(nonsense);
    expect((await call('POST', '/api/camera/info', about)).json()).toMatchObject({ status: 0 });
  }
  device.babble(null);
  // The address of cloud metadata is nobody's camera.
  expect(
    (await call('POST', '/api/camera/info', { ...about, iaddr: '169.254.169.254' })).json(),
  ).toMatchObject({ status: 0 });
  expect((await recorder.ask('GET', '/cameras')).status).toBe(200);
});

test('nobody else is let in', async () => {
  const other = await startRecorder({
    settings: {
      LEGACY_API: 'on',
      LEGACY_ADDRESSES: '["192.0.2.7"]',
      LEGACY_TOKEN: 'a token of sixteen'.replaceAll(' ', '-'),
    },
  });
  onTestFinished(() => other.discard());
  const status = async (headers: Record<string, string>) => {
    const request = httpRequest(`${other.address}/api/boot/end`, { headers }).end();
    const [response] = (await once(request, 'response')) as [{ statusCode: number; resume(): void }];
    response.resume();
    return response.statusCode;
  };
  expect(await status({})).toBe(403);
  expect(await status({ authorization: 'Bearer wrong-token-wrong-token' })).toBe(403);
  expect(await status({ authorization: 'Bearer a-token-of-sixteen' })).toBe(200);
});
