/** That every screen of the dashboard is accessible and fits: on a desktop in the light, on a phone in the dark. */
import { afterAll, beforeAll, describe, onTestFinished, test } from 'vitest';
import { loggedIn, openPage } from '../support/dashboard.ts';
import { expectFlawless, type Scene, sharedPage, startScene } from './dashboardScene.ts';

const CAMERAS = [
  ['door', 'Front door', 'h264'],
  ['yard', 'Yard', 'sub'],
  ['gate', 'Gate', 'h264-bframes'],
] as const;

let scene: Scene;

beforeAll(async () => {
  scene = await startScene(CAMERAS, 5_000);
});

afterAll(() => scene?.close());

describe.each([
  ['desktop, light, English', { width: 1440, height: 900 }, 'light', 'en-GB', false],
  ['phone, dark, Korean', { width: 390, height: 844 }, 'dark', 'ko-KR', true],
] as const)('on a %s screen', (_what, viewport, colorScheme, locale, hasTouch) => {
  const look = { viewport, colorScheme, locale, hasTouch };
  const visit = sharedPage(() => loggedIn(scene.browser, scene.recorder, look));

  test.each([
    '/live',
    '/live?cam=door',
    '/play?cam=door',
    '/play?cam=door,yard,gate',
    '/exports',
    '/cameras',
    '/cameras?add=1',
    '/cameras?edit=door',
    '/cameras?delete=yard',
    '/health',
    '/settings',
  ])('%s has no serious fault of accessibility and does not overflow', async (address) => {
    const { page } = visit;
    await page.setViewportSize(viewport);
    await page.goto(address);
    await page.locator('h1, h2').first().waitFor({ state: 'attached' });
    await page.getByText(/3\/3/).first().waitFor();
    await expectFlawless(page, viewport);
  });

  test('the login has none either', async () => {
    const stranger = await scene.browser.newContext({
      baseURL: scene.recorder.address,
      ...look,
    });
    onTestFinished(() => stranger.close());
    const { page: front } = await openPage(stranger);
    await front.goto('/live');
    await front.locator('form').waitFor();
    await expectFlawless(front, viewport);
  });
});
