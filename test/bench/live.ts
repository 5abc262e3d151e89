/**
 * Live view from glass to glass: a time code in the picture, read back from the frames that Chromium shows, per
 * transport and number of cameras. WebSocket is the dashboard's own wall; LL-HLS its player for where no
 * WebSocket gets through, on a bare page; WebRTC a bare page. All of it over TLS on one port, as the recorder is reached
 * from other machines: by HTTP/2, but for the WebSocket.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { makeCertificate } from '../support/certificate.ts';
import { buildDashboard } from '../support/dashboard.ts';
import { VIDEO } from '../support/footage.ts';
import { filesOf } from '../support/recorded.ts';
import { eventually, type Recorder } from '../support/recorder.ts';
import { readStamps, type Stamp } from '../support/rtsp/stamps.ts';
import { type BareBrowser, type BarePage, startBareBrowser } from './bareBrowser.ts';
import { startCameras } from './cameras.ts';
import { rounded, type Scenario, type Settings, type Table } from './scenario.ts';
import { quantile } from './statistics.ts';
import { startNightjar } from './subjects.ts';

const TRANSPORTS = ['websocket', 'll-hls', 'whep'] as const;
type Transport = (typeof TRANSPORTS)[number];

/** One picture: of which camera, its time code, when it was shown (epoch ms), how long after it was asked for (ms). */
type Picture = readonly [camera: string, index: number, shownMs: number, sinceAskedMs: number];

/** A camera that showed nothing: no figure can be told. */
const NEVER: Picture = ['', Number.NaN, Number.NaN, Number.NaN];

/** What the cameras send; walls of many cameras are measured with what cameras have for walls as well. */
const PICTURES = ['timecode', 'timecode-sub'] as const;
type PictureName = (typeof PICTURES)[number];
const WALL_FROM = 9;

/** Whoever begins to look is shown what there is since the newest keyframe at once: late on purpose. */
const BEGINNING_MS = 3_000;

export const live: Scenario = {
  describes: 'live view in Chromium, glass to glass: latency and time to the first picture per transport',
  defaults: { cameras: [1, 4, 9, 16] },
  async run(settings, say) {
    await buildDashboard();
    const tls = await certificateFiles();
    const browser = await startBareBrowser();
    const rows: Table['rows'][number][] = [];
    try {
      for (const count of settings.cameras) {
        for (const pictures of count < WALL_FROM ? PICTURES.slice(0, 1) : PICTURES)
          rows.push(...(await watchAll({ browser, count, pictures, tls: tls.settings }, settings, say)));
      }
    } finally {
      await browser.close();
      tls.remove();
    }
    return [{ title: 'live view over TLS (HTTP/2, WebSocket), glass to glass', rows }];
  },
};

/** A self-signed certificate, which this process, being the one who made it, need not check. */
async function certificateFiles() {
  Object.assign(process.env, { NODE_TLS_REJECT_UNAUTHORIZED: '0' });
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-bench-tls-'));
  const { cert, key } = await makeCertificate();
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key);
  return {
    settings: { TLS: 'own', TLS_CERTIFICATE: files.cert, TLS_KEY: files.key },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

interface Wall {
  readonly browser: BareBrowser;
  readonly count: number;
  readonly pictures: PictureName;
  readonly tls: Readonly<Record<string, string>>;
}

async function watchAll(
  { browser, count, pictures: name, tls }: Wall,
  { only, measure }: Settings,
  say: (line: string) => void,
) {
  const { width, height, fps } = VIDEO[name];
  const cameras = await startCameras(count, name);
  const recorder = await startNightjar(cameras.list, tls).catch(async (thrown: unknown) => {
    await cameras.server.close();
    throw thrown;
  });
  try {
    const ids = cameras.list.map(({ id }) => id);
    const first = new Map<string, Stamp>();
    for (const id of ids) first.set(id, await firstStamp(recorder, id));
    const rows = [];
    for (const transport of TRANSPORTS.filter((each) => only.length === 0 || only.includes(each))) {
      say(`${count} cameras, ${width}×${height} at ${fps}/s, over ${transport}`);
      const page = await browser.open(recorder);
      await watch(page, recorder, transport, ids);
      const pictures = await picturesOf(page, measure);
      await page.close();
      rows.push({ transport, cameras: count, picture: `${height}p${fps}`, ...facts(pictures, first, name) });
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

async function watch(
  page: BarePage,
  { address }: Recorder,
  transport: Transport,
  cameras: readonly string[],
): Promise<void> {
  const pictures = read('pictures.js');
  if (transport === 'websocket') {
    await page.show(`${address}/live`, pictures);
    return;
  }
  // Of the same origin, and with nothing in it.
  await page.show(`${address}/healthz`, pictures);
  if (transport === 'll-hls') await page.evaluate(await hlsPlayer());
  await page.evaluate(read('players.js'));
  await page.evaluate(`watch(${JSON.stringify(transport)}, ${JSON.stringify(cameras)})`);
}

function read(file: string): string {
  return readFileSync(new URL(file, import.meta.url), 'utf8');
}

/** The dashboard's player of HLS and all that it takes as one script, which makes `hlsPlayer` of it. */
async function hlsPlayer(): Promise<string> {
  const entry = fileURLToPath(new URL('../../web/live/hlsPlayer.ts', import.meta.url));
  const lib = { entry, formats: ['iife' as const], name: 'hlsPlayer' };
  const built = await build({ configFile: false, logLevel: 'error', build: { write: false, lib } });
  const [{ output = [] } = {}] = Array.isArray(built) ? built : [];
  const [script] = output;
  if (script?.type !== 'chunk') throw new Error('The player of HLS could not be built.');
  return script.code;
}

async function picturesOf(page: BarePage, seconds: number): Promise<readonly Picture[]> {
  await delay(BEGINNING_MS + seconds * 1000);
  const seen: readonly Picture[] = JSON.parse(String(await page.evaluate('JSON.stringify(pictures.seen)')));
  return seen;
}

function facts(pictures: readonly Picture[], first: ReadonlyMap<string, Stamp>, name: PictureName) {
  const later = pictures.filter(([, , , sinceAskedMs]) => sinceAskedMs > BEGINNING_MS);
  const delays = later.map(([camera, index, shownMs]) =>
    ageMs(index, shownMs, first.get(camera), VIDEO[name]),
  );
  const firsts = [...first.keys()].map((camera) => pictures.find(([of]) => of === camera) ?? NEVER);
  const tookMs = firsts.map(([, , , sinceAskedMs]) => sinceAskedMs);
  const beganMs = Math.min(...firsts.map(([, , shownMs, sinceAskedMs]) => shownMs - sinceAskedMs));
  return {
    'first picture p50 ms': rounded(quantile(tookMs, 0.5)),
    'first picture max ms': rounded(Math.max(...tookMs)),
    'all shown ms': rounded(Math.max(...firsts.map(([, , shownMs]) => shownMs)) - beganMs),
    'p50 ms': rounded(quantile(delays, 0.5)),
    'p95 ms': rounded(quantile(delays, 0.95)),
    'max ms': rounded(Math.max(...delays)),
    pictures: later.length,
  };
}

/** How long ago a picture with this time code was sent, at the most recent of its turns in the loop. */
function ageMs(
  index: number,
  shownMs: number,
  first: Stamp | undefined,
  { fps, frames }: { readonly fps: number; readonly frames: number },
): number {
  const loopMs = (frames * 1000) / fps;
  const sinceMs = shownMs - (first?.sentMs ?? Number.NaN) - (index * 1000) / fps;
  return sinceMs - Math.floor(sinceMs / loopMs) * loopMs;
}
