/** The twelve journeys of the dashboard in as many clicks as they may take, on a desktop and on a phone. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { loggedIn, openPage } from '../support/dashboard.ts';
import { AUTHORIZATION } from '../support/recorder.ts';
import { pictured, playing, type Scene, sharedPage, shownMs, startScene } from './dashboardScene.ts';

/** Gate is away once, at the beginning, and Yard in journey 10: what looks back shortly after looks at another camera. */
const CAMERAS = [
  ['door', 'Front door', 'h264'],
  ['yard', 'Yard', 'sub'],
  ['gate', 'Gate', 'sub'],
] as const;
const { BARS } = process.env;
const SCREENS = [
  ['desktop', { viewport: { width: 1440, height: 900 } }],
  ['phone', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
] as const;

let scene: Scene;

beforeAll(async () => {
  scene = await startScene(CAMERAS, 15_000);
  await scene.server.fault({ kind: 'down' }, 'gate');
  await scene.recorder.until('gate', 'is gone', ({ status }) => status.source.state === 'backoff', 30_000);
  await delay(3_000);
  await scene.server.fault({ kind: 'up' }, 'gate');
  await scene.recorder.recording('gate', 40_000);
});

afterAll(() => scene?.close());

describe.each(SCREENS)('on a %s', (_name, screen) => {
  const visit = sharedPage(() => loggedIn(scene.browser, scene.recorder, screen));
  let page: Page;
  /** Clicks and keys so far. */
  let steps: number;

  beforeEach(() => {
    page = visit.page;
    steps = 0;
  });

  async function click(role: 'button' | 'link', name: string | RegExp): Promise<void> {
    steps += 1;
    await page.getByRole(role, { name }).first().click();
  }

  async function press(key: string): Promise<void> {
    steps += 1;
    await page.keyboard.press(key);
  }

  test('1, 2: the wall says without a click that all record, and shows all', async () => {
    const began = performance.now();
    await page.goto('/');
    await playing(page, 3);
    process.stdout.write(`all first pictures after ${Math.round(performance.now() - began)} ms\n`);
    await page.getByRole('button', { name: '3/3 recording' }).waitFor();
    expect(steps).toBe(0);
  });

  test('3: a camera last night takes two clicks', async () => {
    await page.goto('/play');
    await click('button', 'Gate');
    await click('button', 'Last night');
    await page.getByText(/No footage at 20:00/).waitFor();
    expect(new URL(page.url()).searchParams.get('cam')).toBe('gate');
    expect(steps).toBe(2);
  });

  test('4: a whole day at a glance takes one click', async () => {
    await page.goto('/');
    await click('link', 'Playback');
    const slider = page.getByRole('slider');
    await expect
      .poll(() => slider.getAttribute('aria-valuetext'), { timeout: 20_000 })
      .toMatch(/^\d\d:\d\d:\d\d, recorded$/);
    const hours =
      Number(await slider.getAttribute('aria-valuemax')) - Number(await slider.getAttribute('aria-valuemin'));
    expect([23, 24, 25]).toContain(Math.round(hours / 3_600_000));
    expect(await page.locator('.lane-name').count()).toBe(CAMERAS.length);
    expect(steps).toBe(1);
  });

  test('9: a gap names its cause without a click', async () => {
    await page.goto('/play?cam=gate');
    await page
      .getByText(/The camera (can’t be reached|ended the stream|stopped sending)\./)
      .first()
      .waitFor();
    expect(steps).toBe(0);
  });

  test('5: a clip takes three keys', async () => {
    await page.goto(`/play?cam=door&t=${Date.now() - 15_000}`);
    await pictured(page);
    await press('i');
    await page.keyboard.press('ArrowRight');
    await press('o');
    const download = page.waitForEvent('download', { timeout: 30_000 });
    await press('e');
    expect((await download).suggestedFilename()).toMatch(/^Front door .*\+0[12]00\.mp4$/);
    await page.getByText(/^[0-9a-f]{64}$/).waitFor();
    expect(steps).toBe(3);
  });

  test('6: a camera is tested and its picture described before it is added', async () => {
    await page.goto('/cameras?add=1');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Address', { exact: true }).fill(scene.server.url('yard'));
    await dialog.getByRole('button', { name: 'Test' }).click();
    await dialog.getByText(/It works: H\.264 \d+ × \d+ .* fps/).waitFor({ timeout: 20_000 });
  });

  test('7: another lane shows the same moment of its camera', async () => {
    await page.goto(`/play?cam=door&t=${Date.now() - 10_000}`);
    await pictured(page);
    const before = await shownMs(page);
    steps += 1;
    await page.locator('.lane-name', { hasText: 'Gate' }).click({ force: true });
    await page.waitForURL(/cam=gate/);
    expect(Math.abs((await shownMs(page)) - before)).toBeLessThan(1_500);
    expect(steps).toBe(1);
  });

  test('8: J on a live tile goes ten seconds back', async () => {
    await page.goto('/live?cam=door');
    await playing(page, 1);
    const now = Date.now();
    await press('j');
    await page.waitForURL(/\/play\?cam=door&t=\d+/);
    const at = Number(new URL(page.url()).searchParams.get('t'));
    expect(now - at).toBeGreaterThan(8_000);
    expect(now - at).toBeLessThan(16_000);
  });

  test('10: a camera that is gone says so on its tile, and Test says why', async () => {
    await page.goto('/live?cam=yard');
    await playing(page, 1);
    await scene.server.fault({ kind: 'down' }, 'yard');
    const tile = page.getByRole('article', { name: 'Yard' });
    await tile.getByText(/Offline .* · last picture \d\d:\d\d/).waitFor({ timeout: 20_000 });
    await click('link', 'Check this camera');
    await page.getByRole('dialog').getByRole('button', { name: 'Test' }).click();
    await page.getByRole('dialog').getByRole('alert').waitFor({ timeout: 20_000 });
    await scene.server.fault({ kind: 'up' }, 'yard');
    await page.getByRole('button', { name: '3/3 recording' }).waitFor({ timeout: 40_000 });
  });

  test('11: how far footage goes and how long the disk lasts takes one click', async () => {
    await page.goto('/');
    await click('link', 'Health');
    for (const fact of ['Oldest footage', 'A day takes', 'Will reach back', 'Storage']) {
      await page.getByText(fact).first().waitFor();
    }
    expect(steps).toBe(1);
  });

  test('12: the address alone shows somebody the moment', async () => {
    const moment = Date.now() - 12_000;
    await page.goto(`/play?cam=door&t=${moment}`);
    await pictured(page);
    expect(Math.abs((await shownMs(page)) - moment)).toBeLessThan(1_000);
  });
});

test('by keys alone: from the login to a clip, and to the list of keys', async () => {
  const context = await loggedIn(scene.browser, scene.recorder);
  onTestFinished(() => context.close());
  const { page } = await openPage(context);
  await page.goto('/');
  await playing(page, 3);
  const tabTo = async (name: string) => {
    for (let tabs = 0; tabs < 40; tabs++) {
      await page.keyboard.press('Tab');
      const focused = page.locator(':focus');
      const text = `${await focused.textContent()} ${await focused.getAttribute('aria-label')}`;
      if (text.includes(name)) return;
    }
    throw new Error(`No way to ${name}.`);
  };
  await tabTo('Playback');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/play/);
  await pictured(page);
  await tabTo('Gate');
  await page.keyboard.press('Enter');
  await page.waitForURL(/cam=gate/);
  await pictured(page);
  for (const key of ['j', 'i', 'l', 'o']) await page.keyboard.press(key);
  const download = page.waitForEvent('download', { timeout: 30_000 });
  await page.keyboard.press('e');
  expect((await download).suggestedFilename()).toMatch(/^Gate /);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Shift+Tab');
  expect(await page.locator(':focus').count()).toBe(1);
});

/** What it takes until a dragged playhead has its picture, in ms: new to the browser, and known to it. */
const COLD_MS = 150;
const WARM_MS = 50;

test('dragging over the timeline shows pictures, and asks for a sheet of them once', async () => {
  // A camera that no longer records has sheets that no longer change.
  await scene.recorder.change('gate', { enabled: false });
  await scene.recorder.until('gate', 'is off', ({ status }) => status.source.state === 'off');
  const { endMs } = await newestSheet('gate');
  const context = await loggedIn(scene.browser, scene.recorder);
  onTestFinished(() => context.close());
  const { page } = await openPage(context);
  const sheets = new Set<string>();
  page.on('request', (request) => {
    if (request.resourceType() === 'image' && request.url().includes('/cameras/gate/previews'))
      sheets.add(request.url());
  });
  await page.goto(`/play?cam=gate&t=${endMs - 5_000}`);
  await page.locator('.timeline-lanes canvas').waitFor();
  for (let times = 0; times < 10; times++) await page.keyboard.press('+');
  const box = await page.locator('.timeline-bubble').boundingBox();
  const lanes = await page.locator('.timeline-lanes canvas').boundingBox();
  if (!box || !lanes) throw new Error('There is no timeline.');
  const [x, y] = [box.x + box.width / 2, lanes.y + lanes.height - 10];
  await page.mouse.move(x, y);
  await page.mouse.down();
  const cold = await pictureAfter(page, x - 6);
  const warm: number[] = [];
  for (let step = 2; step < 8; step++) warm.push(await pictureAfter(page, x - 6 * step));
  await page.mouse.up();
  const slowest = Math.max(...warm);
  process.stdout.write(`a preview after ${cold.toFixed(0)} ms, then after ${slowest.toFixed(0)} ms\n`);
  // Two where an hour has just begun.
  expect([1, 2], [...sheets].join()).toContain(sheets.size);
  if (BARS === undefined) return;
  expect(cold).toBeLessThanOrEqual(COLD_MS);
  expect(slowest).toBeLessThanOrEqual(WARM_MS);
});

/** Has the sheets of the last hours made that the page will ask for. */
async function newestSheet(camera: string): Promise<{ readonly endMs: number }> {
  const endMs = Date.now();
  const hour = Math.floor(endMs / 3_600_000) * 3_600_000;
  for (const from of [hour - 3_600_000, hour]) {
    const to = Math.min(from + 3_600_000, endMs);
    const { sheets } = await scene.recorder.get<{ readonly sheets: readonly { readonly url: string }[] }>(
      `/cameras/${camera}/previews?from=${from}&to=${to}`,
    );
    for (const { url } of sheets) {
      const made = await fetch(`${scene.recorder.address}${url}`, {
        headers: { authorization: AUTHORIZATION },
      });
      await made.arrayBuffer();
    }
  }
  return { endMs };
}

/** Drags to a place, and gives how long it took until its picture could be seen, in ms of the page. */
async function pictureAfter(page: Page, clientX: number): Promise<number> {
  return await page.evaluate(async (x) => {
    const canvas = document.querySelector('.timeline-lanes canvas');
    if (!canvas) throw new Error('There is no timeline.');
    const { bottom } = canvas.getBoundingClientRect();
    const began = performance.now();
    const what = { clientX: x, clientY: bottom - 10, pointerId: 1, pointerType: 'mouse', buttons: 1 };
    canvas.dispatchEvent(new PointerEvent('pointermove', { ...what, bubbles: true }));
    for (;;) {
      const address = document.querySelector('.scrub-picture image')?.getAttribute('href');
      if (address) {
        // The same bytes: the browser holds them once.
        const picture = new Image();
        picture.src = address;
        await picture.decode();
        return performance.now() - began;
      }
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }, clientX);
}
