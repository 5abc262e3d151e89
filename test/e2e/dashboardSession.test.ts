/** The dashboard when something ends under it: the session, the recorder, a camera that somebody watches. */
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { credentials, loggedIn, openPage } from '../support/dashboard.ts';
import { builtProgram } from '../support/product.ts';
import { eventually, freePort, Recorder } from '../support/recorder.ts';
import { expectFlawless, pictured, playing, type Scene, startScene } from './dashboardScene.ts';

const CAMERAS = [
  ['door', 'Front door', 'h264'],
  ['yard', 'Yard', 'sub'],
] as const;

let scene: Scene;

beforeAll(async () => {
  // The same address after each start: a page that is open knows no other.
  scene = await startScene(CAMERAS, 15_000, { PORT: String(await freePort()) });
});

afterAll(() => scene?.close());

async function opened(): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
  const context = await loggedIn(scene.browser, scene.recorder);
  onTestFinished(() => context.close());
  const { page, faults } = await openPage(context);
  onTestFinished(() => expect(faults).toEqual([]));
  return { context, page };
}

async function logIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('User name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.keyboard.press('Enter');
}

test('a session that ends leads to the login, and the login back to the same place', async () => {
  const { context, page } = await opened();
  const address = `/play?cam=yard&t=${Date.now() - 8_000}`;
  await page.goto(address);
  await pictured(page);
  await context.clearCookies();
  await page.getByText('Your session has ended. Log in to go on where you were.').waitFor();
  const { name, password } = credentials();
  await logIn(page, name, password);
  await pictured(page);
  const { pathname, searchParams } = new URL(page.url());
  expect([pathname, searchParams.get('cam')]).toEqual(['/play', 'yard']);
});

test('a page goes on by itself when the recorder was restarted under it', async () => {
  const { page } = await opened();
  await page.goto('/live');
  await playing(page, 2);
  await scene.recorder.kill();
  await page.getByText('The recorder doesn’t answer').waitFor({ timeout: 20_000 });
  await scene.recorder.start();
  await page.getByText('The recorder doesn’t answer').waitFor({ state: 'detached', timeout: 30_000 });
  await page.getByRole('button', { name: '2/2 recording' }).waitFor({ timeout: 40_000 });
  await playing(page, 2, 30_000);
  expect(new URL(page.url()).pathname).toBe('/live');
});

test('where no socket gets through it plays over HLS, and over the socket as soon as there is one, unnoticed', async () => {
  const { page } = await opened();
  await page.addInitScript(() => {
    window.WebSocket = class extends WebSocket {
      constructor(url: string | URL) {
        const getsThrough = document.documentElement.hasAttribute('data-sockets');
        super(getsThrough ? url : String(url).replace(/live$/, 'nowhere'));
      }
    };
  });
  const list = page.waitForRequest(/live\/playlist\.m3u8/);
  await page.goto('/live');
  await list;
  await playing(page, 2, 40_000);
  const least = await page.evaluateHandle(() => {
    const seen = { pictures: Number.POSITIVE_INFINITY };
    const look = () => {
      const videos = [...document.querySelectorAll('video')].filter((video) => video.videoWidth > 0);
      const shown = videos.filter((video) => video.style.visibility !== 'hidden');
      seen.pictures = Math.min(seen.pictures, shown.length);
      requestAnimationFrame(look);
    };
    look();
    for (const video of document.querySelectorAll('video')) video.toggleAttribute('data-hls');
    document.documentElement.toggleAttribute('data-sockets');
    return seen;
  });
  await page.waitForFunction(() => document.querySelector('video[data-hls]') === null, null, {
    timeout: 60_000,
  });
  await playing(page, 2);
  expect(await least.jsonValue()).toEqual({ pictures: 2 });
});

test('who plays a camera that somebody else deletes is told so', async () => {
  const { page } = await opened();
  const other = await opened();
  await scene.recorder.add({ id: 'shed', name: 'Shed', source: { kind: 'test' } });
  await scene.recorder.recording('shed');
  await page.goto(`/play?cam=shed&t=${Date.now() - 2_000}`);
  await other.page.goto('/live?cam=shed');
  await other.page.getByRole('article', { name: 'Shed' }).waitFor();
  const third = await opened();
  await third.page.goto('/cameras?delete=shed');
  await third.page.getByRole('button', { name: 'Delete the camera' }).click();
  await page.getByText('There is no such camera. It may have been deleted.').waitFor();
  await other.page.getByText('There is no such camera. It may have been deleted.').waitFor();
});

test('two who change the same camera: the second is told, and nothing of the first is lost', async () => {
  const { page } = await opened();
  const { page: other } = await opened();
  for (const each of [page, other]) await each.goto('/cameras?edit=yard');
  const name = (at: Page) => at.getByRole('dialog').getByLabel('Name', { exact: true });
  const save = (at: Page) => at.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await name(other).fill('Back yard');
  await save(other);
  await other.getByRole('row', { name: /Back yard/ }).waitFor();
  // The list under the dialog knows of the change by now; what is being filled in does not.
  await page.getByRole('row', { name: /Back yard/, includeHidden: true }).waitFor();
  await page.getByRole('dialog').getByLabel('Sound', { exact: true }).uncheck();
  await save(page);
  await page.getByRole('dialog').getByText('Somebody else changed this in the meantime.').waitFor();
  const { cameras } = await (await page.request.get('/api/v1/cameras')).json();
  const yard = cameras.find(({ id }: { readonly id: string }) => id === 'yard');
  expect(yard).toMatchObject({ name: 'Back yard', audio: true });
  await scene.recorder.change('yard', { name: 'Yard' });
});

test('a user of one camera sees that one, and no settings of others', async () => {
  const admin = await opened();
  await admin.page.goto('/settings');
  await admin.page.getByRole('button', { name: 'Add a user' }).click();
  const dialog = admin.page.getByRole('dialog');
  await dialog.getByLabel('User name').fill('vera');
  await dialog.getByLabel('Password').fill('four quiet herons wade');
  await dialog.getByLabel('All, those to come included').uncheck();
  await dialog.getByLabel('Yard').check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await admin.page.getByText('vera', { exact: true }).first().waitFor();

  const context = await scene.browser.newContext({ baseURL: scene.recorder.address, locale: 'en-GB' });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto('/');
  await logIn(page, 'vera', 'four quiet herons wade');
  await page.getByRole('button', { name: '1/1 recording' }).waitFor();
  expect(await page.getByRole('article').count()).toBe(1);
  await page.goto('/settings');
  await page.getByText('vera', { exact: true }).first().waitFor();
  expect(await page.getByRole('heading', { name: 'Users' }).count()).toBe(0);
});

test('a new recorder is set up with the code it printed', async () => {
  const fresh = new Recorder(await builtProgram(), { ADMIN_PASSWORD: '' });
  onTestFinished(() => fresh.discard());
  await fresh.start();
  const code = await eventually('a code in the log', () => /with the code (\S+);/.exec(fresh.log)?.[1]);
  const context = await scene.browser.newContext({ baseURL: fresh.address, locale: 'en-GB' });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto('/');
  await page.getByRole('heading', { name: 'Welcome to Nightjar' }).waitFor();
  await expectFlawless(page, { width: 1_280, height: 720 });
  await page.getByLabel('Code').fill('not the code');
  await page.getByLabel('New password of admin').fill('four quiet herons wade');
  await page.getByLabel('The same password again').fill('four quiet herons');
  await page.getByText('The passwords differ.').waitFor();
  await page.getByLabel('The same password again').fill('four quiet herons wade');
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Code').fill(code);
  await page.getByRole('button', { name: 'Begin' }).click();
  await page.getByRole('button', { name: /recording/ }).waitFor();
});
