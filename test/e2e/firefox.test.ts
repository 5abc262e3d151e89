/** H.265 in Firefox, which plays it over Media Source Extensions where Chromium does not: live, and what was recorded. */
import { existsSync } from 'node:fs';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LoginProxy, startLoginProxy } from '../support/loginProxy.ts';
import type { Playing } from '../support/player.ts';
import { eventually, patience, type Recorder, startRecorder } from '../support/recorder.ts';
import { type SpawnedRtspServer, spawnRtspServer } from '../support/rtsp/process.ts';

/** Names that Firefox has on Debian and as Mozilla's own package. */
const FIREFOX = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find((path) => existsSync(path));
const WHERE = FIREFOX ?? 'not found: H.265 in Firefox is not tested';
const CAMERA = 'h265';

let server: SpawnedRtspServer;
let recorder: Recorder;
let proxy: LoginProxy;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  if (FIREFOX === undefined) return;
  server = await spawnRtspServer({ cameras: [{ path: CAMERA, video: 'h265' }] });
  recorder = await startRecorder();
  await recorder.add({ id: CAMERA, name: CAMERA, source: { kind: 'rtsp', url: server.url(CAMERA) } });
  await recorder.recording(CAMERA);
  proxy = await startLoginProxy(recorder);
  browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: FIREFOX,
    headless: true,
    extraPrefsFirefox: { 'media.autoplay.default': 0 },
  });
});
afterAll(async () => {
  await browser?.close();
  proxy?.close();
  await recorder?.discard();
  await server?.close();
});

async function play(route: string): Promise<void> {
  page = await browser.newPage();
  await page.goto(`${proxy.address}/player`);
  await page.evaluate(`player.playList(${JSON.stringify(`/api/v1${route}`)})`);
}

async function until(what: string, condition: (playing: Playing) => boolean): Promise<Playing> {
  let last: unknown = null;
  const look = async () => {
    const playing = (await page.evaluate('player.state()')) as Playing;
    last = playing;
    if (playing.errors.some(({ fatal }) => fatal)) throw new Error(`Not ${what}: ${JSON.stringify(playing)}`);
    return condition(playing) && playing;
  };
  return await eventually(what, look, patience(30_000)).catch((cause: unknown) => {
    throw new Error(`Not ${what}: ${JSON.stringify(last)}`, { cause });
  });
}

test.runIf(FIREFOX !== undefined)(`live (${WHERE})`, async () => {
  await play(`/cameras/${CAMERA}/live/playlist.m3u8`);
  const first = await until('showing a picture', ({ frames, width }) => frames > 0 && width > 0);
  const last = await until('4 s further', ({ time }) => time > first.time + 4);
  expect(last.frames).toBeGreaterThan(first.frames + 4 * 15 * 0.5);
  await page.close();
});

test.runIf(FIREFOX !== undefined)(`recorded (${WHERE})`, async () => {
  const look = async () => {
    const closed = (await recorder.segments(CAMERA)).filter(({ open }) => !open);
    return closed.length >= 2 && closed;
  };
  const [first, second] = await eventually('two segments', look, patience(30_000));
  const query = `start=${first?.startMs}&end=${second?.endMs}`;
  await play(`/cameras/${CAMERA}/playlist.m3u8?${query}`);
  const last = await until('at the end', ({ ended }) => ended);
  expect(last.frames).toBeGreaterThan((last.duration ?? 0) * 15 * 0.5);
  expect(last.width).toBeGreaterThan(0);
});
