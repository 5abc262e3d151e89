/**
 * A wall of nine cameras: how soon its pictures are there (printed, and with `BARS` set tested). Then it is watched for
 * long, and beside it a viewer that reads nothing: the memory of page and
 * recorder stays the same, and no frame is missing on the disk. `WALL_MINUTES` says how long; half a minute by default.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { CDPSession } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { loggedIn, openPage } from '../support/dashboard.ts';
import { stampsOf } from '../support/recorded.ts';
import { AUTHORIZATION, type Recorder } from '../support/recorder.ts';
import { checkStamps } from '../support/rtsp/stamps.ts';
import { playing, type Scene, type SceneCamera, startScene } from './dashboardScene.ts';

const { WALL_MINUTES = '0.5', BARS } = process.env;
const MINUTES = Number(WALL_MINUTES);
const SAMPLES = 10;
const MEGABYTE = 1e6;
/** What may come and go between two looks. */
const SLACK_BYTES = 3 * MEGABYTE;
/** The recorder's queues and rings fill, its garbage comes and goes. */
const RECORDER_SLACK_BYTES = 30 * MEGABYTE;

const CAMERAS = Array.from(
  { length: 9 },
  (_, index): SceneCamera => [`cam-${index}`, `Camera ${index}`, 'sub'],
);

/** From the call of the page to the first picture of the last of the nine. */
const FIRST_PICTURES_MS = 2_000;
/** What a page asks before it can show pictures: who one is, which cameras there are, what time it is. */
const MOST_QUESTIONS = 6;

declare global {
  interface Window {
    /** When each video had its first picture, in ms since the page was called; of `noteFirstPictures`. */
    firstPictures?: number[];
  }
}

let scene: Scene;

beforeAll(async () => {
  scene = await startScene(CAMERAS, 2_000);
});

afterAll(() => scene?.close());

test('has all its first pictures soon, over one connection and without asking much', async () => {
  const context = await loggedIn(scene.browser, scene.recorder);
  onTestFinished(() => context.close());
  const { page, faults } = await openPage(context);
  await page.addInitScript(noteFirstPictures);
  const asked: string[] = [];
  const sockets: string[] = [];
  page.on('request', (request) => {
    if (request.resourceType() === 'fetch') asked.push(new URL(request.url()).pathname);
  });
  page.on('websocket', (socket) => {
    if (socket.url().endsWith('/live')) sockets.push(socket.url());
  });
  await page.goto('/live');
  await page.waitForFunction((count) => window.firstPictures?.length === count, CAMERAS.length, {
    timeout: 60_000,
  });
  const before = [...asked];
  const times = await page.evaluate(() => window.firstPictures ?? []);
  process.stdout.write(
    `first pictures after ${times.map((ms) => Math.round(ms)).join(', ')} ms, ${before.length} requests\n`,
  );
  expect(sockets.length).toBe(1);
  expect(new Set(before).size, before.join(' ')).toBeLessThanOrEqual(MOST_QUESTIONS);
  expect(faults).toEqual([]);
  if (BARS !== undefined) expect(Math.max(...times)).toBeLessThanOrEqual(FIRST_PICTURES_MS);
});

/** Runs in the page, before anything else there. */
function noteFirstPictures(): void {
  const times: number[] = [];
  window.firstPictures = times;
  const known = new WeakSet<HTMLVideoElement>();
  const note = ({ target }: Event) => {
    if (!(target instanceof HTMLVideoElement) || known.has(target)) return;
    known.add(target);
    target.requestVideoFrameCallback(() => times.push(performance.now()));
  };
  // Events of media elements don't rise, but they are seen on their way down.
  document.addEventListener('loadedmetadata', note, { capture: true });
}

test(
  'stays as large as it is, and costs no frame',
  async () => {
    const context = await loggedIn(scene.browser, scene.recorder);
    onTestFinished(() => context.close());
    const { page, faults } = await openPage(context);
    await page.goto('/live');
    await playing(page, CAMERAS.length, 60_000);
    const session = await context.newCDPSession(page);
    const slow = await slowViewer(scene.recorder);
    onTestFinished(() => slow.terminate());
    const samples: number[] = [];
    const recorder: number[] = [];
    for (let sample = 0; sample <= SAMPLES; sample++) {
      await delay((MINUTES * 60_000) / SAMPLES);
      samples.push(await heapBytes(session));
      recorder.push(residentBytes(scene.recorder.pid));
    }
    say('heap of the page', samples);
    say('memory of the recorder', recorder);
    expect(growth(samples)).toBeLessThan(SLACK_BYTES);
    expect(growth(recorder)).toBeLessThan(RECORDER_SLACK_BYTES);
    await playing(page, CAMERAS.length);
    expect(faults).toEqual([]);
    await scene.recorder.stop();
    for (const [id] of CAMERAS) {
      const check = checkStamps(await stampsOf(scene.recorder, id));
      expect(check, id).toMatchObject({ lost: 0, doubled: 0, backward: 0 });
      expect(check.frames).toBeGreaterThan(MINUTES * 60 * 15 * 0.9);
    }
  },
  (MINUTES + 5) * 60_000,
);

/** What is still used after all that nobody needs has gone. */
async function heapBytes(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize;
}

/** Subscribes to every camera and never reads what it is sent. */
async function slowViewer({ address }: Recorder): Promise<WebSocket> {
  const socket = new WebSocket(`${address.replace('http', 'ws')}/api/v1/live`, {
    headers: { authorization: AUTHORIZATION },
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  for (const [camera] of CAMERAS) socket.send(JSON.stringify({ type: 'subscribe', camera }));
  socket.pause();
  return socket;
}

function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
}

function say(what: string, samples: readonly number[]): void {
  const text = samples.map((bytes) => (bytes / MEGABYTE).toFixed(1)).join(' ');
  process.stdout.write(`${what} over ${MINUTES} min: ${text} MB\n`);
}

/** Of the later half over the earlier. */
function growth(samples: readonly number[]): number {
  const half = Math.floor(samples.length / 2);
  return median(samples.slice(half)) - median(samples.slice(0, half));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
