/**
 * Pictures of every screen and state in every size, theme and language, into `.cache/screenshots/`. Real recorder,
 * real cameras; what cannot be brought about in a moment is pretended (`states.ts`, `scenes.ts`). `FOOTAGE_DIR` names a
 * folder of videos that the cameras show instead of test pictures. `-t 'phone ko-KR (live|exports)'` takes a part of them.
 */
import { mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { buildDashboard, loggedIn, openBrowser } from '../support/dashboard.ts';
import { type Recorder, startRecorder } from '../support/recorder.ts';
import { type SpawnedRtspServer, spawnRtspServer } from '../support/rtsp/process.ts';
import {
  aDay,
  aHook,
  aWeek,
  awayDay,
  blockPlaying,
  firstRun,
  markPart,
  openView,
  otherClock,
  saveClip,
  showDeliveries,
  someExports,
  testCamera,
  testNothing,
  toEnd,
  unfold,
  withoutCodecs,
  withoutProgram,
  wrongLogin,
} from './scenes.ts';
import {
  connecting,
  failing,
  noSignal,
  notRecording,
  offline,
  only,
  pretend,
  slow,
  switchedOff,
} from './states.ts';

const FOLDER = fileURLToPath(new URL('../../.cache/screenshots', import.meta.url));
const PICTURES = fileURLToPath(new URL('../../web/pictures', import.meta.url));
const NAMES = [
  'Front door',
  'Yard',
  'Gate',
  'Car park',
  'Loading bay',
  'Entrance',
  'Ring road',
  'Bus stop',
  'Shed',
];
const { FOOTAGE_DIR } = process.env;
const WITH_FOOTAGE = FOOTAGE_DIR !== undefined;
const SIZES = {
  desktop: { viewport: { width: 1440, height: 900 } },
  tablet: { viewport: { width: 820, height: 1180 }, hasTouch: true },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
} as const;
/** Of the README: sharper than it is shown there, and no more than a page should have to load. */
const PICTURE = { viewport: { width: 1440, height: 920 }, deviceScaleFactor: 4 / 3 };
const LARGEST_PICTURE_BYTES = 400_000;
const SETTLE_MS = 4_000;
const REPAINT_MS = 400;
const VIDEO = /\.(mp4|ts|mkv)$/;

type Prepare = (page: Page) => Promise<void>;
type Scene = readonly [name: string, address: string, before?: Prepare | undefined, after?: Prepare];

const SCENES: readonly Scene[] = [
  ['live-9', '/live'],
  ['live-4', '/live', (page) => only(page, 4)],
  ['live-1', '/live', (page) => only(page, 1)],
  [
    'live-states',
    '/live',
    (page) => pretend(page, [offline, noSignal, notRecording, connecting, switchedOff]),
  ],
  ['live-large', '/live?cam=front-door'],
  ['live-empty', '/live', (page) => only(page, 0)],
  ['live-group', '/live?only=group%3AOutside'],
  ['live-blocked', '/live', blockPlaying],
  ['live-kiosk', '/live?kiosk=1'],
  ['live-view', '/live', (page) => pretend(page, []), openView],
  ['playback', '/play?cam=front-door', aDay],
  ['playback-four', '/play?cam=front-door,yard,gate,car-park', aDay],
  ['playback-marked', '/play?cam=front-door', aDay, markPart],
  ['playback-clip', '/play?cam=front-door', undefined, saveClip],
  ['playback-short-day', '/play?cam=front-door&t=1774749600000', aDay],
  ['playback-long-day', '/play?cam=front-door&t=1792882800000', aDay],
  ['playback-empty', '/play?cam=front-door&t=1700000000000'],
  ['playback-week', '/play?cam=front-door&t=1794700800000', aDay, aWeek],
  ['playback-missing', '/play?cam=front-door&t=1794700800000', awayDay],
  ['playback-other-clock', '/play?cam=front-door', otherClock],
  ['playback-gone', '/play?cam=nobody'],
  ['keys', '/play?cam=front-door', undefined, (page) => page.keyboard.press('?')],
  ['exports', '/exports', someExports],
  ['exports-empty', '/exports'],
  ['exports-failed', '/exports', (page) => failing(page, '**/api/v1/exports')],
  ['cameras', '/cameras', (page) => pretend(page, [offline, noSignal, notRecording])],
  ['camera-add', '/cameras?add=1'],
  ['camera-edit', '/cameras?edit=front-door', undefined, unfold],
  ['camera-tested', '/cameras?add=1', undefined, (page) => testCamera(page, server.url('gate'))],
  ['camera-failed', '/cameras?add=1', undefined, testNothing],
  ['camera-delete', '/cameras?delete=yard'],
  ['health', '/health', aDay],
  [
    'health-bad',
    '/health',
    async (page) => {
      await aDay(page);
      await pretend(page, [offline, notRecording]);
    },
  ],
  ['health-events', '/health', undefined, toEnd],
  ['settings', '/settings'],
  ['settings-hooks', '/settings', undefined, showDeliveries],
  ['lost', '/live', undefined, (page) => failing(page, '**/api/**')],
  ['loading', '/health', (page) => slow(page)],
  ['missing', '/live', undefined, withoutProgram],
  ['setup', '/live', firstRun],
  ['live-unsupported', '/live', withoutCodecs],
  ['login', '/live', (page) => page.context().clearCookies()],
  ['login-wrong', '/live', (page) => page.context().clearCookies(), wrongLogin],
];

let server: SpawnedRtspServer;
let recorder: Recorder;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  await buildDashboard();
  server = await spawnRtspServer({ cameras: NAMES.map((name) => ({ path: idOf(name), video: 'h264' })) });
  const files = videos();
  recorder = await startRecorder({
    settings: { TIME_ZONE: 'Europe/Berlin', ...(FOOTAGE_DIR ? { FILE_SOURCE_DIR: FOOTAGE_DIR } : {}) },
  });
  for (const [index, name] of NAMES.entries()) {
    const file = files[index % files.length];
    const rtsp = { kind: 'rtsp', url: server.url(idOf(name)) } as const;
    const source = file ? ({ kind: 'file', path: file } as const) : rtsp;
    await recorder.add({ id: idOf(name), name, source, ...placeOf(name) });
  }
  for (const name of NAMES) await recorder.recording(idOf(name));
  browser = await openBrowser();
  await aHook(recorder);
});

afterAll(async () => {
  await browser?.close();
  await recorder?.discard();
  await server?.close();
});

const LOOKS = (['desktop', 'tablet', 'phone'] as const).flatMap((size) => [
  { size, locale: 'en-GB' } as const,
  { size, locale: 'ko-KR' } as const,
]);

for (const look of LOOKS) {
  for (const scene of SCENES) {
    test(`${look.size} ${look.locale} ${scene[0]}`, () => take(look, scene));
  }
}

/** For the README: with real footage, or not at all. */
test.runIf(WITH_FOOTAGE)('pictures of live and playback', async () => {
  const context = await loggedIn(browser, recorder, { ...PICTURE, colorScheme: 'light', locale: 'en-GB' });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  for (const [name, address] of [
    ['live', '/live'],
    ['playback', '/play?cam=car-park'],
  ] as const) {
    if (name === 'playback') await aDay(page);
    await page.goto(address);
    await page.waitForTimeout(SETTLE_MS);
    await page.locator('.spinner').first().waitFor({ state: 'detached', timeout: 120_000 });
    await page.getByRole('button', { name: '9/9 recording', exact: true }).waitFor({ timeout: 120_000 });
    await page.waitForFunction(allPictured, null, { timeout: 120_000 });
    const picture = await page.screenshot({
      path: path.join(PICTURES, `${name}.jpg`),
      type: 'jpeg',
      quality: 82,
    });
    expect(picture.length).toBeLessThan(LARGEST_PICTURE_BYTES);
  }
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});

/** In the page: whether every video has a picture. */
function allPictured(): boolean {
  const videos = [...document.querySelectorAll('video')];
  return videos.length > 0 && videos.every(({ readyState }) => readyState >= 2);
}

/** At last, because the cameras stay. */
test('a wall of sixteen', async () => {
  const files = videos();
  for (let index = NAMES.length; index < 16; index++) {
    const file = files[index % files.length];
    const source = file ? ({ kind: 'file', path: file } as const) : ({ kind: 'test' } as const);
    await recorder.add({ id: `more-${index}`, name: `Corridor ${index - NAMES.length + 1}`, source });
  }
  for (let index = NAMES.length; index < 16; index++) await recorder.recording(`more-${index}`);
  for (const look of LOOKS) await take(look, ['live-16', '/live']);
});

/** One scene in light and in dark. */
async function take(
  { size, locale }: (typeof LOOKS)[number],
  [name, address, before, after]: Scene,
): Promise<void> {
  const context = await loggedIn(browser, recorder, { ...SIZES[size], colorScheme: 'light', locale });
  try {
    const page = await context.newPage();
    await before?.(page);
    await page.goto(address);
    await after?.(page);
    // A picture of pictures: there is no condition for "all of them look as they should".
    await page.waitForTimeout(SETTLE_MS);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(REPAINT_MS);
      const file = `${name}-${size}-${colorScheme}-${locale.slice(0, 2)}.png`;
      await page.screenshot({ path: path.join(FOLDER, file) });
    }
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  } finally {
    await context.close();
  }
}

function videos(): readonly string[] {
  const files = FOOTAGE_DIR ? readdirSync(FOOTAGE_DIR).sort() : [];
  return files.filter((file) => VIDEO.test(file));
}

function placeOf(name: string): object {
  if (['Entrance', 'Shed'].includes(name)) return { group: 'House', tags: ['door'] };
  if (name === 'Front door') return { group: 'House', tags: ['door', 'night'] };
  return { group: 'Outside', tags: name === 'Yard' ? ['night'] : [] };
}

function idOf(name: string): string {
  return name.toLowerCase().replaceAll(' ', '-');
}
