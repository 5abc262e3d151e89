/**
 * Live view from glass to glass: a time code in the picture, read back from the frames that Chromium shows, per
 * transport and number of cameras. WebSocket is the dashboard's own wall; LL-HLS is hls.js; WebRTC is a bare page.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { buildDashboard, loggedIn, openBrowser } from '../support/dashboard.ts';
import { VIDEO } from '../support/footage.ts';
import { filesOf } from '../support/recorded.ts';
import { eventually, type Recorder } from '../support/recorder.ts';
import { readStamps, type Stamp } from '../support/rtsp/stamps.ts';
import { startCameras } from './cameras.ts';
import { rounded, type Scenario, type Settings, type Table } from './scenario.ts';
import { quantile } from './statistics.ts';
import { startNightjar } from './subjects.ts';

const TRANSPORTS = ['websocket', 'll-hls', 'whep'] as const;
type Transport = (typeof TRANSPORTS)[number];

/** One picture: of which camera, its time code, when it was shown (epoch ms), how long after it was asked for (ms). */
type Picture = readonly [camera: string, index: number, shownMs: number, sinceAskedMs: number];

/** Whoever begins to look is shown what there is since the newest keyframe at once: late on purpose. */
const BEGINNING_MS = 3_000;

export const live: Scenario = {
  describes: 'live view in Chromium, glass to glass: latency and time to the first picture per transport',
  defaults: { cameras: [1, 4, 9, 16] },
  async run(settings, say) {
    await buildDashboard();
    const browser = await openBrowser();
    const rows: Table['rows'][number][] = [];
    try {
      for (const count of settings.cameras) rows.push(...(await watchAll(browser, count, settings, say)));
    } finally {
      await browser.close();
    }
    return [{ title: 'live view, glass to glass', rows }];
  },
};

async function watchAll(browser: Browser, count: number, settings: Settings, say: (line: string) => void) {
  const { only, measure } = settings;
  const cameras = await startCameras(count, 'timecode');
  const recorder = await startNightjar(cameras.list).catch(async (thrown: unknown) => {
    await cameras.server.close();
    throw thrown;
  });
  try {
    const ids = cameras.list.map(({ id }) => id);
    const first = new Map<string, Stamp>();
    for (const id of ids) first.set(id, await firstStamp(recorder, id));
    const rows = [];
    for (const transport of TRANSPORTS.filter((each) => only.length === 0 || only.includes(each))) {
      say(`${count} cameras over ${transport}`);
      const context = await loggedIn(browser, recorder);
      const pictures = await picturesOf(await openPage(context, recorder, transport, ids), measure);
      await context.close();
      rows.push({ transport, cameras: count, ...facts(pictures, first) });
    }
    return rows;
  } finally {
    await recorder.discard();
    await cameras.server.close();
  }
}

/** The first frame that the camera sent to the recorder: the first of its time code. */
async function firstStamp(recorder: Recorder, id: string): Promise<Stamp> {
  return await eventually(
    `footage of ${id}`,
    async () => (await readStamps(filesOf(recorder, id).slice(0, 1)))[0],
  );
}

async function openPage(
  context: BrowserContext,
  { address }: Recorder,
  transport: Transport,
  cameras: readonly string[],
): Promise<Page> {
  const page = await context.newPage();
  await page.addInitScript({ content: readFileSync(new URL('pictures.js', import.meta.url), 'utf8') });
  if (transport === 'websocket') {
    await page.goto(`${address}/live`);
    return page;
  }
  const html = readFileSync(new URL('live.html', import.meta.url), 'utf8');
  const hls = readFileSync(createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js'), 'utf8');
  await page.route(`${address}/bench`, (route) => route.fulfill({ body: html, contentType: 'text/html' }));
  await page.route(`${address}/bench/hls.js`, (route) =>
    route.fulfill({ body: hls, contentType: 'text/javascript' }),
  );
  await page.goto(`${address}/bench`);
  await page.evaluate(`watch(${JSON.stringify(transport)}, ${JSON.stringify(cameras)})`);
  return page;
}

async function picturesOf(page: Page, seconds: number): Promise<readonly Picture[]> {
  await delay(BEGINNING_MS + seconds * 1000);
  return await page.evaluate<readonly Picture[]>('pictures.seen');
}

function facts(pictures: readonly Picture[], first: ReadonlyMap<string, Stamp>) {
  const later = pictures.filter(([, , , sinceAskedMs]) => sinceAskedMs > BEGINNING_MS);
  const delays = later.map(([camera, index, shownMs]) => ageMs(index, shownMs, first.get(camera)));
  const firsts = [...first.keys()].map((camera) => pictures.find(([of]) => of === camera)?.[3] ?? Number.NaN);
  return {
    'first picture p50 ms': rounded(quantile(firsts, 0.5)),
    'first picture max ms': rounded(Math.max(...firsts)),
    'p50 ms': rounded(quantile(delays, 0.5)),
    'p95 ms': rounded(quantile(delays, 0.95)),
    'max ms': rounded(Math.max(...delays)),
    pictures: later.length,
  };
}

/** How long ago a picture with this time code was sent, at the most recent of its turns in the loop. */
function ageMs(index: number, shownMs: number, first: Stamp | undefined): number {
  const { fps, frames } = VIDEO.timecode;
  const loopMs = (frames * 1000) / fps;
  const sinceMs = shownMs - (first?.sentMs ?? Number.NaN) - (index * 1000) / fps;
  return sinceMs - Math.floor(sinceMs / loopMs) * loopMs;
}
