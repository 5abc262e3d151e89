/** A real recorder with real cameras and enough footage to go back in, for tests of the dashboard. */
import axe, { type AxeResults } from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { buildDashboard, openBrowser, openPage } from '../support/dashboard.ts';
import { type Recorder, startRecorder } from '../support/recorder.ts';
import { type SpawnedRtspServer, spawnRtspServer } from '../support/rtsp/process.ts';
import type { CameraOptions } from '../support/rtsp/types.ts';

/** As text, because the page knows `axe` and this process doesn't. */
const RUN_AXE = "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })";

/** What a finger presses, in either direction. */
const LEAST_TARGET_PX = 44;

export interface Scene {
  readonly server: SpawnedRtspServer;
  readonly recorder: Recorder;
  readonly browser: Browser;
  /** Ends everything. */
  close(): Promise<void>;
}

/** A camera: id, name, and what it sends. */
export type SceneCamera = readonly [id: string, name: string, video: CameraOptions['video']];

/** @param footageMs of the first camera, before this resolves */
export async function startScene(
  cameras: readonly SceneCamera[],
  footageMs: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<Scene> {
  await buildDashboard();
  const server = await spawnRtspServer({
    cameras: cameras.map(([path, , video]) => ({ path, video, audio: 'aac' })),
    stamp: true,
  });
  const recorder = await startRecorder({ settings: { TIME_ZONE: 'Europe/Berlin', ...settings } });
  for (const [id, name] of cameras) {
    await recorder.add({ id, name, source: { kind: 'rtsp', url: server.url(id) } });
  }
  const browser = await openBrowser();
  for (const [id] of cameras) await recorder.recording(id);
  const since = Date.now();
  const [first] = cameras[0] ?? ['none'];
  const has = ({ status }: { readonly status: { readonly lastDurableMs: number | null } }) =>
    (status.lastDurableMs ?? 0) > since + footageMs;
  await recorder.until(first, 'has footage', has, 60_000 + footageMs);
  const close = async () => {
    await browser.close();
    await recorder.discard();
    await server.close();
  };
  return { server, recorder, browser, close };
}

/**
 * One page of one profile for all tests of a file or group; each finds it without what the one before left in it.
 * To make a profile and its page takes more of the processor than most tests do. Registers the hooks that open it,
 * tell what went wrong in it, and close it.
 */
export function sharedPage(login: () => Promise<BrowserContext>): { readonly page: Page } {
  let shared: { readonly context: BrowserContext; readonly page: Page; readonly faults: string[] } | null =
    null;
  beforeAll(async () => {
    const context = await login();
    shared = { context, ...(await openPage(context)) };
  });
  afterEach(async () => {
    await shared?.page.unrouteAll({ behavior: 'ignoreErrors' });
    await shared?.page.evaluate(() => localStorage.clear());
    expect(shared?.faults.splice(0)).toEqual([]);
  });
  afterAll(() => shared?.context.close());
  return {
    get page() {
      if (shared === null) throw new Error('The page is opened before the first test.');
      return shared.page;
    },
  };
}

/** Waits until so many elements of video move on. */
export async function playing(page: Page, count: number, limitMs = 20_000): Promise<void> {
  await page.waitForFunction(
    (wanted) =>
      [...document.querySelectorAll('video')].filter(
        (video) => video.videoWidth > 0 && video.currentTime > 0.2 && !video.paused,
      ).length === wanted,
    count,
    { timeout: limitMs },
  );
}

/** The moment on show in playback, in epoch milliseconds. */
export async function shownMs(page: Page): Promise<number> {
  return Date.parse((await page.locator('.player time').first().getAttribute('datetime')) ?? '');
}

/** Waits until playback shows a picture. */
export async function pictured(page: Page, count = 1): Promise<void> {
  await page.waitForFunction(
    (wanted) =>
      [...document.querySelectorAll('video')].filter(({ readyState }) => readyState >= 2).length >= wanted,
    count,
    { timeout: 20_000 },
  );
}

/** What reaches over the right edge, when anything makes the page wider than the screen. */
function tooWide(width: number): string[] {
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.querySelectorAll('body *')].filter(
    (element) => element.getBoundingClientRect().right > width + 0.5,
  );
  return wide.map((element) => `${element.tagName} ${element.className}`);
}

/** What can be pressed, and is too small for a finger. What stands in a sentence is as high as its line. */
function tooSmall(least: number): string[] {
  const targets = [...document.querySelectorAll('a[href], button, input, select, summary')];
  return targets.flatMap((target) => {
    const isChecked = target instanceof HTMLInputElement && ['checkbox', 'radio'].includes(target.type);
    const pressed = (isChecked ? target.closest('label') : null) ?? target;
    const { width, height, right, bottom } = pressed.getBoundingClientRect();
    const isShown =
      width > 1 && right > 0 && bottom > 0 && target.checkVisibility({ visibilityProperty: true });
    if (!isShown || getComputedStyle(target).pointerEvents === 'none' || target.closest('p')) return [];
    if (Math.min(width, height) >= least) return [];
    return [`${Math.round(width)} × ${Math.round(height)}: ${target.outerHTML.slice(0, 150)}`];
  });
}

/** What fits into the screen, has no serious fault of accessibility, and on a touch screen nothing too small to press. */
export async function expectFlawless(
  at: Page,
  viewport: { readonly width: number; readonly height: number },
): Promise<void> {
  expect(await at.evaluate(tooWide, viewport.width)).toEqual([]);
  const isTouched = await at.evaluate(() => matchMedia('(pointer: coarse)').matches);
  if (isTouched) expect(await at.evaluate(tooSmall, LEAST_TARGET_PX - 0.5)).toEqual([]);
  // So tall that bars which stay in place lie over nothing, also when more of the page comes meanwhile.
  const height = await at.evaluate(() => document.documentElement.scrollHeight);
  await at.setViewportSize({ ...viewport, height: height + 3_000 });
  // Evaluated, not added as an element: the page's policy would refuse that.
  await at.evaluate(axe.source);
  const { violations }: AxeResults = await at.evaluate(RUN_AXE);
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(serious.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html.slice(0, 200))])).toEqual([]);
}
