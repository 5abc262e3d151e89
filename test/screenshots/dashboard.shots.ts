/**
 * Pictures of every screen and state in every size, theme and language, into `.cache/screenshots/`. Real recorder,
 * real cameras; what cannot be brought about in a moment is pretended (`states.ts`).
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, onTestFinished, test } from 'vitest';
import { buildDashboard, loggedIn, openBrowser } from '../support/dashboard.ts';
import { type Recorder, startRecorder } from '../support/recorder.ts';
import { type SpawnedRtspServer, spawnRtspServer } from '../support/rtsp/process.ts';
import { connecting, noSignal, notRecording, offline, only, pretend, switchedOff } from './states.ts';

const FOLDER = fileURLToPath(new URL('../../.cache/screenshots', import.meta.url));
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
const SIZES = {
  desktop: { viewport: { width: 1440, height: 900 } },
  tablet: { viewport: { width: 820, height: 1180 }, hasTouch: true },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
} as const;
const SETTLE_MS = 5_000;

type Prepare = (page: Page) => Promise<void>;

const SCENES: readonly (readonly [name: string, address: string, prepare?: Prepare])[] = [
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
  ['playback', '/play?cam=front-door'],
  ['playback-empty', '/play?cam=front-door&t=1700000000000'],
  ['cameras', '/cameras', (page) => pretend(page, [offline, noSignal, notRecording])],
  ['camera-add', '/cameras?add=1'],
  ['camera-delete', '/cameras?delete=yard'],
  ['health', '/health'],
  ['health-bad', '/health', (page) => pretend(page, [offline, notRecording])],
  ['settings', '/settings'],
  ['login', '/live', (page) => page.context().clearCookies()],
];

let server: SpawnedRtspServer;
let recorder: Recorder;
let browser: Browser;

beforeAll(async () => {
  mkdirSync(FOLDER, { recursive: true });
  await buildDashboard();
  server = await spawnRtspServer({ cameras: NAMES.map((name) => ({ path: idOf(name), video: 'h264' })) });
  recorder = await startRecorder({ settings: { TIME_ZONE: 'Europe/Berlin' } });
  for (const name of NAMES) {
    await recorder.add({ id: idOf(name), name, source: { kind: 'rtsp', url: server.url(idOf(name)) } });
  }
  for (const name of NAMES) await recorder.recording(idOf(name));
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await recorder?.discard();
  await server?.close();
});

for (const size of ['desktop', 'tablet', 'phone'] as const) {
  for (const [colorScheme, locale] of [
    ['light', 'en-GB'],
    ['dark', 'ko-KR'],
  ] as const) {
    for (const [name, address, prepare] of SCENES) {
      test(`${size} ${colorScheme} ${locale} ${name}`, async () => {
        const context = await loggedIn(browser, recorder, { ...SIZES[size], colorScheme, locale });
        onTestFinished(() => context.close());
        const page = await context.newPage();
        await prepare?.(page);
        await page.goto(address);
        // A picture of pictures: there is no condition for "all of them look as they should".
        await page.waitForTimeout(SETTLE_MS);
        const file = `${name}-${size}-${colorScheme}-${locale.slice(0, 2)}.png`;
        await page.screenshot({ path: path.join(FOLDER, file) });
        await page.unrouteAll({ behavior: 'ignoreErrors' });
      });
    }
  }
}

function idOf(name: string): string {
  return name.toLowerCase().replaceAll(' ', '-');
}
