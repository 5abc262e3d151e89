/** That the dashboard says nothing that is not so: when answers stay away, are refused, or come half. */
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest';
import type { CameraList } from '../../src/http/wire/camera.ts';
import { credentials, loggedIn, openPage } from '../support/dashboard.ts';
import { eventually, patience } from '../support/recorder.ts';
import { startStuckDoor } from '../support/stuckDoor.ts';
import { pictured, playing, type Scene, startScene } from './dashboardScene.ts';

const CAMERAS = [
  ['door', 'Front door', 'h264'],
  ['yard', 'Yard', 'h264'],
] as const;

let scene: Scene;

beforeAll(async () => {
  scene = await startScene(CAMERAS, 10_000);
});

afterAll(() => scene?.close());

async function opened(
  { onTestFinished }: TestContext,
  options: BrowserContextOptions = {},
): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
  const context = await loggedIn(scene.browser, scene.recorder, options);
  onTestFinished(() => context.close());
  const { page, faults } = await openPage(context);
  onTestFinished(() => expect(faults).toEqual([]));
  return { context, page };
}

/** Whether pictures of so many cameras move on within a second. */
async function moving(page: Page, count: number): Promise<boolean> {
  const times = () =>
    page.evaluate(() => [...document.querySelectorAll('video')].map((video) => video.currentTime));
  const before = await times();
  await page.waitForTimeout(1_000);
  const after = await times();
  return after.filter((time, index) => time > (before[index] ?? 0) + 0.1).length >= count;
}

// At once: each waits for a limit of its own, with a page of its own.
test.concurrent('a live picture that stands still because its connection is dead is not shown as live, and comes back', async (context) => {
  const door = await startStuckDoor(Number(new URL(scene.recorder.address).port));
  context.onTestFinished(() => door.close());
  const { page } = await opened(context, { baseURL: door.address });
  await page.goto('/live');
  await playing(page, 2);
  door.cut();
  await eventually('pictures that stand still', async () => !(await moving(page, 1)));
  await page
    .locator('[data-picture="live"]')
    .first()
    .waitFor({ state: 'detached', timeout: patience(20_000) });
  await eventually('pictures that move', () => moving(page, 2), patience(60_000));
});

test.concurrent('events are told again after a connection that died without a word', async (context) => {
  const door = await startStuckDoor(Number(new URL(scene.recorder.address).port));
  context.onTestFinished(() => door.close());
  const { page } = await opened(context, { baseURL: door.address });
  await page.goto('/health');
  await page.getByRole('heading', { name: 'Events' }).waitFor();
  door.cut();
  await scene.recorder.ask('POST', '/events', { cameras: ['door'], text: 'seen after the cut' });
  await page.getByText('seen after the cut').waitFor({ timeout: patience(90_000) });
});

test.concurrent('footage that was deleted while it is on show is not told as a camera that is gone', async (context) => {
  const { page } = await opened(context);
  await page.route(/\/(?:gops|fragments)\//, (route) => route.fulfill({ status: 404, json: {} }));
  await page.goto(`/play?cam=door&t=${Date.now() - 8_000}`);
  await page.getByText('The footage couldn’t be loaded.').waitFor({ timeout: patience(10_000) });
  expect(await page.getByText('There is no such camera. It may have been deleted.').count()).toBe(0);
  await page.unroute(/\/(?:gops|fragments)\//);
  await page.getByRole('button', { name: 'Try again' }).click();
  await pictured(page);
});

test('a camera of which a part was refused is added once', async (context) => {
  const { page } = await opened(context);
  await page.goto('/cameras?add=1');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').first().fill('Barn');
  await dialog.getByLabel('How it is reached').first().selectOption('test');
  await dialog.locator('summary', { hasText: 'kept' }).click();
  await dialog.getByLabel('Priority').fill('1000');
  await dialog.getByRole('button', { name: 'Add' }).click();
  await dialog.getByRole('alert').waitFor();
  await dialog.getByLabel('Priority').fill('70');
  await dialog.getByRole('button', { name: 'Add' }).click();
  await dialog.waitFor({ state: 'detached' });
  const { cameras } = await scene.recorder.get<CameraList>('/cameras');
  const added = cameras.filter(({ name }) => name === 'Barn');
  expect(added).toHaveLength(1);
  for (const { id } of added) {
    expect(await scene.recorder.get(`/cameras/${id}/retention`)).toMatchObject({ priority: 70 });
    await scene.recorder.remove(id);
  }
});

test('who logs in after somebody else sees nothing of what the other saw', async (context) => {
  const user = { name: 'nora', password: 'four quiet herons wade', role: 'viewer', cameras: ['yard'] };
  expect((await scene.recorder.ask('POST', '/users', user)).status).toBe(201);
  const { page } = await opened(context);
  await page.goto('/live');
  await page.getByRole('article', { name: 'Front door' }).waitFor();
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('button', { name: 'Log in' }).waitFor();
  // Held up, as over a slow line: what is seen until it comes is what is kept of before.
  await page.route(/\/api\/v1\/cameras$/, () => undefined);
  await page.getByRole('textbox', { name: 'User name' }).fill(user.name);
  await page.getByLabel('Password').fill(user.password);
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Live' }).click();
  expect(await page.getByText('Front door').count()).toBe(0);
  await page.unroute(/\/api\/v1\/cameras$/);
  await page.reload();
  await page.getByRole('article', { name: 'Yard' }).waitFor();
  expect(await page.getByText('Front door').count()).toBe(0);
  expect(credentials().name).not.toBe(user.name);
});

test('a log-out that is answered late does not end the session that was begun since', async (context) => {
  const { page } = await opened(context);
  await page.goto('/settings');
  let answer: () => void = () => undefined;
  const later = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route(/\/api\/v1\/session$/, async (route) => {
    if (route.request().method() !== 'DELETE') return await route.fallback();
    await route.fetch();
    await later;
    await route.fulfill({ status: 204 });
  });
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('button', { name: 'Log in' }).waitFor();
  const { name, password } = credentials();
  await page.getByRole('textbox', { name: 'User name' }).fill(name);
  await page.getByLabel('Password').fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Log out' }).waitFor();
  const answered = page.waitForResponse((each) => each.request().method() === 'DELETE');
  answer();
  await (await answered).finished();
  await page.getByRole('link', { name: 'Cameras' }).click();
  await page.getByRole('heading', { name: 'Cameras', exact: true }).waitFor();
  expect(await page.getByLabel('Password').count()).toBe(0);
});

test('cameras that have yet to begin are not told as recording', async (context) => {
  const { page } = await opened(context);
  await page.route(/\/api\/v1\/cameras$/, async (route) => {
    const answer = await route.fetch();
    const list: CameraList = await answer.json();
    const cameras = list.cameras.map((camera) => ({
      ...camera,
      status: {
        ...camera.status,
        recording: { ...camera.status.recording, state: 'waiting', wanted: true, sinceMs: Date.now() },
      },
    }));
    await route.fulfill({ response: answer, json: { ...list, cameras } });
  });
  await page.goto('/health');
  await page.getByRole('button', { name: '0/2 recording, starting' }).waitFor();
  expect(await page.locator('.verdict').textContent()).not.toContain('Everything has recorded');
  expect(await page.locator('.verdict.good').count()).toBe(0);
  await page.getByRole('button', { name: '0/2 recording, starting' }).click();
  expect(await page.locator('#recording-state').textContent()).not.toContain(
    'Every camera that should record does.',
  );
});

test('what was found for another question is not shown for one that was refused', async (context) => {
  const { page } = await opened(context);
  await page.goto('/health');
  await page.locator('.events li').first().waitFor();
  await page.route(/\/events\?.*kinds=/, (route) => route.fulfill({ status: 500, json: {} }));
  await page.getByLabel('All kinds').selectOption('login');
  await page.getByText('The recorder failed. Its log says why.').waitFor();
  expect(await page.locator('.events li').count()).toBe(0);
});

test('a screen whose program cannot be fetched is said to be missing, and tried again', async (context) => {
  const { page } = await opened(context);
  await page.goto('/live');
  await page.getByRole('article', { name: 'Yard' }).waitFor();
  await page.route(/\/assets\/.*\.js$/, (route) => route.fulfill({ status: 404, body: '' }));
  await page.getByRole('link', { name: 'Cameras' }).click();
  await page.getByRole('alert').waitFor();
  await page.unroute(/\/assets\/.*\.js$/);
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('heading', { name: 'Cameras', exact: true }).waitFor();
});
