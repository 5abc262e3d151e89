/** Exports play in an ordinary `<video>` of Chromium, straight from their address: from the start, and after a seek. */
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exportPort } from '../../src/app/exportPort.ts';
import type { Archive } from '../../src/archive/archive.ts';
import { epochMs } from '../../src/domain/time.ts';
import { zone } from '../../src/domain/zone.ts';
import { encodeRun, record } from '../archive/exportFootage.ts';
import { FRONT, HandClock, openArchive, START_MS, temporaryFolder } from '../archive/support.ts';
import { type Harness, startHarness, USER_PASSWORD } from '../http/harness.ts';
import { startBrowser } from '../support/player.ts';

interface Seen {
  readonly error: string | null;
  readonly duration: number;
  readonly frames: number;
  readonly ended: boolean;
  readonly sought: number;
}

let archive: Archive;
let harness: Harness;
let browser: Browser;
let address: string;
beforeAll(async () => {
  const clock = new HandClock();
  clock.ms = 3_600_000;
  archive = await openArchive(temporaryFolder(), { segmentMs: 2_000, clock });
  // Two runs with a gap between them, B-frames and sound.
  const media = encodeRun('bframes', 4, true);
  for (const run of [1, 2]) await record(archive, media, run, run * 6_000);
  const port = exportPort(archive, clock, zone('Europe/Berlin'));
  harness = await startHarness();
  const range = { startMs: epochMs(START_MS + 7_230), endMs: epochMs(START_MS + 15_000) };
  for (const format of ['mp4', 'fmp4'] as const) {
    harness.answers.set(format, () => port.open(FRONT, range, { gaps: 'close', part: null, format }));
  }
  await harness.app.listen({ port: 0, host: '127.0.0.1' });
  const { port: number } = harness.app.server.address() as AddressInfo;
  address = `http://127.0.0.1:${number}`;
  browser = await startBrowser();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await harness?.close();
  await archive?.close();
});

/** Plays to the end, then seeks into the middle. */
const WATCH = `async (url) => {
  const video = document.querySelector('video');
  const once = (name) => new Promise((resolve, reject) => {
    video.addEventListener(name, resolve, { once: true });
    video.addEventListener('error', () => reject(new Error(video.error?.message)), { once: true });
  });
  let error = null;
  try {
    video.playbackRate = 4;
    video.src = url;
    const ended = once('ended');
    await video.play();
    await ended;
    video.pause();
    const sought = once('seeked');
    video.currentTime = 3;
    await sought;
  } catch (thrown) {
    error = String(thrown);
  }
  return {
    error, duration: video.duration, frames: video.getVideoPlaybackQuality().totalVideoFrames,
    ended: !video.error, sought: video.currentTime,
  };
}`;

it.each([
  ['mp4', 5.77, 0.05],
  ['fmp4', 6, 1],
] as const)(
  'as %s',
  async (format, seconds, tolerance) => {
    const answer = harness.answers.get(format);
    if (answer !== undefined) harness.answers.set('openExport', answer);
    const authorization = `Basic ${Buffer.from(`viewer:${USER_PASSWORD}`).toString('base64')}`;
    const page = await browser.newPage({ extraHTTPHeaders: { authorization } });
    await page.route(`${address}/player`, (route) =>
      route.fulfill({ body: '<video muted></video>', contentType: 'text/html' }),
    );
    await page.goto(`${address}/player`);
    const query = `start=${START_MS + 7_230}&end=${START_MS + 15_000}&format=${format}`;
    const url = `/api/v1/cameras/front-door/export.mp4?${query}`;
    const seen: Seen = await page.evaluate(`(${WATCH})(${JSON.stringify(url)})`);
    expect(seen).toMatchObject({ error: null, ended: true, sought: 3 });
    expect(Math.abs(seen.duration - seconds)).toBeLessThan(tolerance);
    expect(seen.frames).toBeGreaterThan(100);
    await page.close();
  },
  60_000,
);
