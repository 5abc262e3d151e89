/** Clips and exports beyond the first: where the focus stays, the time in the picture, footage of another clock. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { TimelineView } from '../../types/api.ts';
import { loggedIn, openPage } from '../support/dashboard.ts';
import { pictured, type Scene, startScene } from './dashboardScene.ts';

const SLOW_MS = 37 * 60_000;

let scene: Scene;

beforeAll(async () => {
  scene = await startScene([['door', 'Front door', 'sub']], 15_000);
});

afterAll(() => scene?.close());

async function opened(): Promise<Page> {
  const context = await loggedIn(scene.browser, scene.recorder);
  const { page, faults } = await openPage(context);
  onTestFinished(async () => {
    await context.close();
    expect(faults).toEqual([]);
  });
  return page;
}

/** Marks three seconds and saves them, by keys. */
async function savedByKeys(page: Page): Promise<void> {
  await page.goto(`/play?cam=door&t=${Date.now() - 12_000}`);
  await pictured(page);
  await page.keyboard.press('i');
  for (let second = 0; second < 3; second++) await page.keyboard.press('ArrowRight');
  await page.keyboard.press('o');
  const download = page.waitForEvent('download', { timeout: 30_000 });
  await page.keyboard.press('e');
  await download;
}

test('Enter after a clip was saved closes the dialog and orders nothing', async () => {
  const page = await opened();
  const ordered: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/exports')) ordered.push(request.url());
  });
  await savedByKeys(page);
  const dialog = page.getByRole('dialog', { name: 'Save a clip' });
  expect(await page.locator(':focus').getAttribute('aria-label')).toBe('Close');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  expect(ordered).toEqual([]);
  // One goes on where one was: the keys of playback work at once.
  await page.keyboard.press('k');
  await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
});

test('the time can be drawn into an export; what that costs is said before', async () => {
  const page = await opened();
  await savedByKeys(page);
  const dialog = page.getByRole('dialog', { name: 'Save a clip' });
  const price = dialog.getByText(/The picture is encoded anew: .* as long as the footage lasts, 3 s\./);
  expect(await price.count()).toBe(0);
  await dialog.getByLabel('Draw the time into the picture').check();
  await price.waitFor();
  const order = page.waitForRequest(
    (request) => request.method() === 'POST' && request.url().endsWith('/exports'),
  );
  await dialog.getByRole('button', { name: 'Let the recorder make it' }).click();
  expect((await order).postDataJSON()).toMatchObject({ cameras: ['door'], burnTime: true, zip: false });
  await page.waitForURL(/\/exports$/);
  const job = page.getByRole('listitem').filter({ hasText: 'time in the picture' });
  await job.getByText('Ready').waitFor({ timeout: 120_000 });
  const download = page.waitForEvent('download', { timeout: 30_000 });
  await job.getByRole('link', { name: 'Download' }).click();
  expect((await download).suggestedFilename()).toMatch(/^Front door .*\.mp4$/);
});

test('footage of another clock says what time it really was, seen and heard', async () => {
  const page = await opened();
  const atMs = Date.now() - 12_000;
  await page.route('**/api/v1/timeline?*', async (route) => {
    const response = await route.fetch();
    const view: TimelineView = await response.json();
    const offClock = [{ startMs: view.startMs, endMs: Date.now(), offsetMs: SLOW_MS }];
    await route.fulfill({
      response,
      json: { ...view, cameras: view.cameras.map((camera) => ({ ...camera, offClock })) },
    });
  });
  await page.goto(`/play?cam=door&t=${atMs}`);
  await pictured(page);
  const note = page.locator('.player-note');
  await note.waitFor();
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/Berlin',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const near = [-1_000, 0, 1_000].map((step) => clock.format(atMs + SLOW_MS + step));
  const text = ((await note.textContent()) ?? '').trim();
  // With its date where that is another.
  const told = /^The recorder’s clock was 37 min slow then: it was about (?:.+ )?(\S+)\.$/.exec(text)?.[1];
  expect(near).toContain(told);
  const heard = () => page.getByRole('slider').getAttribute('aria-valuetext');
  await expect.poll(heard).toMatch(/recorded, by a clock that was 37 min slow$/);
});
