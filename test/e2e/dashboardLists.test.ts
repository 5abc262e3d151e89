/** What the dashboard does with many cameras and with what happens: groups, order, deliveries, events as they come. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { buildDashboard, loggedIn, openBrowser, openPage } from '../support/dashboard.ts';
import { AUTHORIZATION, type Recorder, startRecorder } from '../support/recorder.ts';
import { expectFlawless } from './dashboardScene.ts';

const CAMERAS = [
  { id: 'hall', name: 'Hall', group: 'House', tags: ['indoor'] },
  { id: 'loft', name: 'Loft', group: 'House', tags: ['indoor'] },
  { id: 'gate', name: 'Gate', group: 'Outside' },
] as const;

let recorder: Recorder;
let browser: Browser;

beforeAll(async () => {
  await buildDashboard();
  recorder = await startRecorder({ settings: { TIME_ZONE: 'Europe/Berlin', WEBHOOKS_TO_LOOPBACK: 'true' } });
  for (const camera of CAMERAS) {
    await recorder.add({
      ...camera,
      tags: [...('tags' in camera ? camera.tags : [])],
      source: { kind: 'test' },
    });
  }
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await recorder?.discard();
});

async function opened(address: string): Promise<Page> {
  const context = await loggedIn(browser, recorder);
  const { page, faults } = await openPage(context);
  onTestFinished(async () => {
    await context.close();
    expect(faults).toEqual([]);
  });
  await page.goto(address);
  return page;
}

const PHONE = { width: 390, height: 844 };
/** How long a page may take on a machine that has other things to do. */
const PATIENCE = { timeout: 20_000 };
const names = (page: Page) => expect.poll(() => page.locator('tbody th a').allTextContents(), PATIENCE);
const shown = (page: Page) => expect.poll(() => page.getByRole('article').count(), PATIENCE);

test('the wall shows a group or a tag, and the address says which', async () => {
  const page = await opened('/live');
  await page.getByRole('button', { name: 'House', exact: true }).click();
  await shown(page).toBe(2);
  expect(new URL(page.url()).searchParams.get('only')).toBe('group:House');
  await page.getByRole('link', { name: 'Open Loft' }).click();
  await page.getByRole('link', { name: 'All cameras' }).click();
  await shown(page).toBe(2);
  await page.reload();
  await shown(page).toBe(2);
  await page.getByRole('button', { name: 'All', exact: true }).click();
  await shown(page).toBe(3);
  await page.setViewportSize(PHONE);
  await expectFlawless(page, PHONE);
});

test('of more cameras than fit, the one on show stands where it can be seen', async () => {
  const page = await opened('/play?cam=loft');
  await page.setViewportSize({ width: 150, height: 800 });
  await page.reload();
  const chip = page.locator('.cameras .chip', { hasText: 'Loft' });
  const row = page.locator('.chip-group.cameras');
  const isInSight = async () => {
    const [inner, outer] = [await chip.boundingBox(), await row.boundingBox()];
    return inner && outer && inner.x >= outer.x && inner.x + inner.width <= outer.x + outer.width + 0.5;
  };
  await expect.poll(isInSight, PATIENCE).toBe(true);
  expect(await row.evaluate((each) => each.scrollWidth > each.clientWidth)).toBe(true);
  expect(await page.evaluate(() => window.scrollY)).toBe(0);
});

test('what was chosen with the pointer or typed leaves the keys to the page', async () => {
  const page = await opened('/live');
  await page.getByRole('radio', { name: '2 × 2' }).click();
  await page.keyboard.press('2');
  await page.waitForURL(/cam=hall/);
  await page.goto('/play?cam=gate');
  const field = page.getByRole('textbox', { name: 'Go to a time of this day' });
  await field.fill('0000');
  await page.keyboard.press('Enter');
  expect(await field.inputValue()).toBe('');
  await page.keyboard.press('3');
  await page.waitForURL(/cam=loft/);
});

test('cameras are put in order with keys and with the pointer', async () => {
  const page = await opened('/cameras');
  await names(page).toEqual(['Gate', 'Hall', 'Loft']);
  await page.getByRole('button', { name: 'Move Loft, 3 of 3' }).focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await names(page).toEqual(['Loft', 'Gate', 'Hall']);
  expect(await page.locator(':focus').textContent()).toBe('Move Loft, 1 of 3');
  await page.getByRole('button', { name: 'Move Gate, 2 of 3' }).hover();
  await page.mouse.down();
  const hall = await page.getByRole('row', { name: /Hall/ }).boundingBox();
  await page.mouse.move(hall?.x ?? 0, (hall?.y ?? 0) + 20, { steps: 5 });
  await page.mouse.up();
  await names(page).toEqual(['Loft', 'Hall', 'Gate']);
  const kept = async () => {
    const answer = await page.request.get('/api/v1/cameras');
    const { cameras } = await answer.json();
    return cameras.map(({ id }: { readonly id: string }) => id);
  };
  await expect.poll(kept, PATIENCE).toEqual(['loft', 'hall', 'gate']);
  await page.setViewportSize(PHONE);
  await expectFlawless(page, PHONE);
});

test('a camera gets its group, tags and place in its form', async () => {
  const page = await opened('/cameras?edit=gate');
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Group, tags and order').click();
  await dialog.getByLabel('Tags', { exact: true }).fill('night, drive');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('row', { name: /Gate.*Outside.*night.*drive/s }).waitFor();
});

test('a view of the wall has a name, cameras in its own order and a layout, and stays', async () => {
  const page = await opened('/live');
  await page.getByRole('button', { name: 'New view' }).click();
  const dialog = page.getByRole('dialog', { name: 'New view' });
  await dialog.getByLabel('Name of the view').fill('Night');
  await dialog.getByLabel('Layout').selectOption('1 + 5');
  const gate = dialog.getByRole('checkbox', { name: 'Gate' });
  // Ticked anew, it comes last.
  await gate.uncheck();
  await gate.check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByLabel('View', { exact: true }).selectOption('Night');
  await page.waitForURL(/view=Night/);
  await page.reload();
  const tiles = () => page.getByRole('article').evaluateAll((all) => all.map((each) => each.ariaLabel));
  await expect.poll(tiles, PATIENCE).toHaveLength(CAMERAS.length);
  expect((await tiles()).at(-1)).toBe('Gate');
  const widths = await page
    .getByRole('article')
    .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().width));
  const [large = 0, ...small] = widths;
  for (const width of small) expect(large / width).toBeGreaterThan(1.9);
  await page.getByRole('button', { name: 'Change this view' }).click();
  await page.getByRole('button', { name: 'Delete the view' }).click();
  await shown(page).toBe(CAMERAS.length);
  expect(await page.getByLabel('View', { exact: true }).count()).toBe(0);
});

test('a kiosk is the wall alone, on a screen that stays on until Esc ends it', async () => {
  const page = await opened('/cameras');
  await page.evaluate(() => {
    const lock = {
      released: false,
      release: async () => void document.body.setAttribute('data-lock', 'off'),
    };
    const request = async () => {
      document.body.setAttribute('data-lock', 'on');
      return lock;
    };
    Object.defineProperty(navigator, 'wakeLock', { value: { request } });
  });
  await page.getByRole('link', { name: 'Live', exact: true }).click();
  await page.getByRole('button', { name: /^Kiosk/ }).click();
  await page.locator('body[data-lock="on"]').waitFor();
  await shown(page).toBe(CAMERAS.length);
  expect(await page.getByRole('navigation').count()).toBe(0);
  expect(await page.getByRole('banner').count()).toBe(0);
  await page.keyboard.press('Escape');
  await page.getByRole('navigation').waitFor();
  await page.locator('body[data-lock="off"]').waitFor();
});

test('a time that clocks show twice on a day is asked for', async () => {
  // The 25th of October 2026 in Berlin: 02:30 of summer time, then of winter time.
  const first = Date.UTC(2026, 9, 25, 0, 30);
  const page = await opened(`/play?cam=hall&t=${first - 3_600_000}`);
  const field = page.getByLabel('Go to a time of this day');
  for (const [choice, ms] of [
    [/^First \(GMT\+2\)$/, first],
    [/^Second \(GMT\+1\)$/, first + 3_600_000],
  ] as const) {
    await field.fill('02:30');
    await field.press('Enter');
    await page.getByText('02:30 comes twice on this day. Which one?').waitFor();
    await page.getByRole('button', { name: choice }).click();
    await expect.poll(() => Number(new URL(page.url()).searchParams.get('t')), PATIENCE).toBe(ms);
  }
});

test('what is sent to a webhook is listed with what became of it', async () => {
  const hook = createServer((_request, response) => response.writeHead(500).end());
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void hook.close());
  const { port } = hook.address() as AddressInfo;
  const body = { name: 'Pager', url: `http://127.0.0.1:${port}/`, kinds: ['mark'] };
  await post('/webhooks', body);
  const page = await opened('/settings');
  await page.getByRole('button', { name: 'Deliveries' }).click();
  await page.getByText('Nothing has been sent yet.').waitFor();
  await post('/events', { cameras: ['hall'], atMs: Date.now() - 1_000, text: 'Parcel' });
  await page.locator('.delivery', { hasText: '500' }).waitFor({ timeout: 20_000 });
  await page.getByRole('button', { name: 'Send a test' }).click();
  await page.getByRole('alert').waitFor();
  await page.setViewportSize(PHONE);
  await expectFlawless(page, PHONE);
});

test('an event is shown as it happens, and nobody asks without having been told', async () => {
  const page = await opened('/live');
  let [asked, told] = [0, 0];
  page.on('request', (request) => {
    if (request.url().includes('/api/v1/events?')) asked += 1;
  });
  page.on('websocket', (socket) => {
    if (!socket.url().endsWith('/events/live')) return;
    socket.on('framereceived', () => {
      told += 1;
    });
  });
  await page.getByRole('link', { name: 'Health' }).click();
  await page.getByRole('heading', { name: 'Events' }).waitFor();
  await expect.poll(() => told, PATIENCE).toBeGreaterThan(0);
  await post('/events', { cameras: ['hall'], atMs: Date.now() - 1_000, text: 'A fox' });
  await page.getByText('A fox').waitFor();
  // Once when the screen is opened, and once for each time it was told of something, at most.
  expect(asked).toBeLessThanOrEqual(1 + told);
});

async function post(path: string, body: object): Promise<void> {
  const answer = await fetch(`${recorder.address}/api/v1${path}`, {
    method: 'POST',
    headers: { authorization: AUTHORIZATION, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path} was answered with ${answer.status}: ${await answer.text()}`);
}
