/** The dashboard's journeys in Chromium: a real recorder, real cameras over RTSP. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { credentials, loggedIn } from '../support/dashboard.ts';
import { pictured, playing, type Scene, sharedPage, shownMs, startScene } from './dashboardScene.ts';

const CAMERAS = [
  ['door', 'Front door', 'h264'],
  ['yard', 'Yard', 'sub'],
  ['gate', 'Gate', 'h264-bframes'],
] as const;
/** Enough footage to go back in. */
const FOOTAGE_MS = 20_000;

let scene: Scene;
let page: Page;

beforeAll(async () => {
  scene = await startScene(CAMERAS, FOOTAGE_MS);
});

afterAll(() => scene?.close());

const visit = sharedPage(() => loggedIn(scene.browser, scene.recorder));
beforeEach(() => {
  page = visit.page;
});

test('a wrong password is told in words, the right one leads to where one wanted to go', async () => {
  await page.context().clearCookies();
  await page.goto('/health');
  const { name, password } = credentials();
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password').fill('not this one');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('alert').getByText('User name or password is not right.').waitFor();
  await page.getByLabel('Password').fill(password);
  await page.keyboard.press('Enter');
  await page.getByText(/Everything has recorded for/).waitFor();
  expect(new URL(page.url()).pathname).toBe('/health');
});

test('the header says at once whether everything is recording', async () => {
  await page.goto('/');
  await page.getByRole('button', { name: '3/3 recording' }).waitFor();
});

test('all cameras are live on the wall, near the edge, and one of them large', async () => {
  await page.goto('/');
  await playing(page, 3);
  await page.getByRole('link', { name: 'Open Yard' }).click();
  await playing(page, 1);
  expect(new URL(page.url()).searchParams.get('cam')).toBe('yard');
  const lag = () =>
    page.evaluate(() => {
      const video = document.querySelector('video');
      return video ? video.buffered.end(video.buffered.length - 1) - video.currentTime : Number.NaN;
    });
  // A machine that is busy falls behind for a moment; the page catches up.
  await expect.poll(lag, { timeout: 20_000 }).toBeLessThan(3);
});

test('J goes back ten seconds from live, G returns', async () => {
  await page.goto('/?cam=door');
  await page.goto('/live?cam=door');
  await playing(page, 1);
  await page.keyboard.press('j');
  // What is not in the browser any more, or not yet, is shown from the archive.
  await page.waitForURL(/\/play\?cam=door&t=\d+/);
  await page.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0);
});

describe('playback', () => {
  test('shows the moment that the address names, plays it, and follows to another camera', async () => {
    const moment = Date.now() - 15_000;
    await page.goto(`/play?cam=door&t=${moment}`);
    await pictured(page);
    expect(Math.abs((await shownMs(page)) - moment)).toBeLessThan(1_000);

    await page.keyboard.press('k');
    await expect.poll(() => shownMs(page)).toBeGreaterThan(moment + 500);
    await page.keyboard.press('k');
    const before = await shownMs(page);

    await page.locator('.lane-name', { hasText: 'Gate' }).click();
    await page.waitForURL(/cam=gate/);
    await pictured(page);
    expect(Math.abs((await shownMs(page)) - before)).toBeLessThan(1_500);
  });

  test('tells the moment on the timeline to who does not see it', async () => {
    await page.goto(`/play?cam=door&t=${Date.now() - 10_000}`);
    const slider = page.getByRole('slider');
    await expect.poll(() => slider.getAttribute('aria-valuetext')).toMatch(/^\d\d:\d\d:\d\d, recorded$/);
    const before = Number(await slider.getAttribute('aria-valuenow'));
    await page.keyboard.press('ArrowLeft');
    await expect.poll(async () => Number(await slider.getAttribute('aria-valuenow'))).toBe(before - 1_000);
  });

  test('offers the nearest footage where there is none', async () => {
    await page.goto(`/play?cam=door&t=${Date.now() - 5 * 3_600_000}`);
    await page.getByText(/No footage at/).waitFor();
    await page.getByRole('button', { name: /^From / }).click();
    await pictured(page);
  });

  test('saves a clip of a marked part with three keys, and shows its hash', async () => {
    const fromMs = Date.now() - 15_000;
    await page.goto(`/play?cam=door&t=${fromMs}`);
    await pictured(page);
    await page.keyboard.press('i');
    for (let second = 0; second < 5; second++) await page.keyboard.press('ArrowRight');
    await page.keyboard.press('o');
    const saved = page.waitForEvent('download', { timeout: 30_000 });
    await page.keyboard.press('e');
    const download = await saved;
    // Camera, local start and end, each with its offset.
    expect(download.suggestedFilename()).toMatch(
      /^Front door \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\+0[12]00 - .+\+0[12]00\.mp4$/,
    );
    const bytes = await readFile(await download.path());
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await page.getByRole('dialog').getByText(sha256).waitFor();
    expect(bytes.subarray(4, 8).toString('latin1')).toBe('ftyp');
  });

  test('shows cameras side by side at the same moment', async () => {
    await page.goto(`/play?cam=door&t=${Date.now() - 18_000}`);
    await page.getByRole('button', { name: 'Side by side' }).click();
    await page.waitForURL(/cam=door%2Cgate%2Cyard/);
    await page.waitForFunction(
      () => [...document.querySelectorAll('video')].filter(({ readyState }) => readyState >= 3).length === 3,
    );
    const start = await shownMs(page);
    await page.keyboard.press('k');
    await expect.poll(() => shownMs(page), { timeout: 20_000 }).toBeGreaterThan(start + 3_000);
    await page.keyboard.press('k');
    expect(await page.locator('.player[data-state="ready"]').count()).toBe(3);
  });
});

test('a camera is tested, added, changed and deleted', async () => {
  await page.goto('/cameras');
  await page.getByRole('link', { name: 'Add a camera' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name', { exact: true }).fill('Shed');
  await dialog.getByLabel('Address', { exact: true }).fill('rtsp://127.0.0.1:1/nothing');
  await dialog.getByRole('button', { name: 'Test' }).click();
  await dialog.getByRole('alert').waitFor({ timeout: 20_000 });
  await dialog.getByLabel('Address', { exact: true }).fill(scene.server.url('yard'));
  await dialog.getByRole('button', { name: 'Test' }).click();
  await dialog.getByText(/It works: H\.264 320 × 180/).waitFor({ timeout: 20_000 });
  const picture = dialog.getByRole('img', { name: 'What the camera shows now' });
  await picture.waitFor({ timeout: 30_000 });
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(320);
  await dialog.getByLabel('Record', { exact: true }).selectOption('manual');
  await dialog.getByRole('button', { name: 'Add' }).click();
  await page.getByRole('row', { name: /Shed/ }).getByText('Live').waitFor();

  await page.getByRole('button', { name: 'Start recording' }).click();
  await page.getByRole('row', { name: /Shed/ }).getByText('Recording', { exact: true }).waitFor();

  await page.getByRole('link', { name: 'Change: Shed' }).click();
  await dialog.getByLabel('Name', { exact: true }).fill('Garden shed');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('link', { name: 'Delete: Garden shed' }).click();
  await dialog.getByRole('button', { name: 'Delete the camera' }).click();
  await page.getByRole('row', { name: /Garden shed/ }).waitFor({ state: 'detached' });
});

test('a camera that is gone is told at once, and comes back by itself', async () => {
  await page.goto('/');
  await playing(page, 3);
  await scene.server.fault({ kind: 'down' }, 'yard');
  const tile = page.getByRole('article', { name: 'Yard' });
  await tile.getByText(/Offline/).waitFor({ timeout: 20_000 });
  await tile.getByText('Not recording').waitFor();
  await page.getByRole('button', { name: '2/3 recording' }).waitFor();
  await scene.server.fault({ kind: 'up' }, 'yard');
  await page.getByRole('button', { name: '3/3 recording' }).waitFor({ timeout: 40_000 });
  await playing(page, 3);
});

test('a recorder that does not answer is told, and the page goes on when it is back', async () => {
  await page.goto('/');
  await page.getByRole('button', { name: '3/3 recording' }).waitFor();
  await page.route('**/api/**', (route) => route.abort());
  await page.getByText('The recorder doesn’t answer').waitFor({ timeout: 20_000 });
  await page.unroute('**/api/**');
  await page.getByText('The recorder doesn’t answer').waitFor({ state: 'detached', timeout: 20_000 });
  await page.getByRole('button', { name: '3/3 recording' }).waitFor();
});
