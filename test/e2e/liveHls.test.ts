/** Live HLS as it is served, played part by part by hls.js in Chromium and as ordinary HLS by ffmpeg and GStreamer. */
import { execFile, spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { parse, setOptions } from 'hls-parser';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type LoginProxy, startLoginProxy } from '../support/loginProxy.ts';
import { Player, startBrowser } from '../support/player.ts';
import { eventually, patience, type Recorder, startRecorder } from '../support/recorder.ts';

const run = promisify(execFile);
const LIST = '/cameras/pattern/live/playlist.m3u8';
/** What a viewer by low-latency HLS may be behind, on a machine of its own. */
const MOST_DELAY_MS = 2_000;

let recorder: Recorder;
let browser: Browser;
let proxy: LoginProxy;
let list: string;

beforeAll(async () => {
  browser = await startBrowser();
  recorder = await startRecorder();
  const source = { kind: 'test', width: 640, height: 360, fps: 25 } as const;
  await recorder.add({ id: 'pattern', name: 'Pattern', source });
  await recorder.recording('pattern');
  proxy = await startLoginProxy(recorder);
  list = `${proxy.address}/api/v1${LIST}`;
  await eventually('a live playlist', async () => (await recorder.ask('GET', LIST)).status === 200);
});

afterAll(async () => {
  await browser?.close();
  proxy?.close();
  await recorder?.discard();
});

test('hls.js plays it part by part, less than two seconds behind', async () => {
  const page = await Player.open(browser, recorder);
  onTestFinished(() => page.close());
  await page.playList(LIST);
  await page.until('playing', ({ time, frames }) => frames > 0 && time > 0, 20_000);
  await delay(3_000);
  const delays: number[] = [];
  for (let i = 0; i < 100; i++) {
    const { delayMs } = await page.state();
    if (delayMs !== null) delays.push(delayMs);
    await delay(100);
  }
  delays.sort((a, b) => a - b);
  const [p50, p95] = [0.5, 0.95].map((share) => delays[Math.floor(delays.length * share)] ?? Number.NaN);
  process.stdout.write(`LL-HLS in Chromium: p50 ${p50} ms, p95 ${p95} ms behind\n`);
  const { errors } = await page.state();
  expect(errors.filter(({ fatal }) => fatal)).toEqual([]);
  expect(delays.length).toBeGreaterThan(90);
  expect(p95).toBeLessThanOrEqual(patience(MOST_DELAY_MS));
});

test('ffmpeg plays it for twelve seconds', async () => {
  const play = ['-i', list, '-t', '12', '-c', 'copy', '-f', 'null', '-'];
  const { stderr } = await run('ffmpeg', ['-v', 'warning', '-stats', ...play], { timeout: 60_000 });
  const frames = Number(/.*frame= *(\d+)/s.exec(stderr)?.[1]);
  expect(frames).toBeGreaterThanOrEqual(298);
  // It reads the init segment again after each reload, and wonders.
  const usual = /^frame=|^$|duplicated MOOV|Last message repeated/;
  expect(stderr.split(/[\r\n]+/).filter((line) => !usual.test(line))).toEqual([]);
});

test('GStreamer plays it for twelve seconds', async () => {
  const plan = `souphttpsrc location=${list} ! hlsdemux ! qtdemux ! h264parse ! avdec_h264`;
  const sink = '! identity name=count silent=false ! fakesink sync=true';
  const player = spawn('gst-launch-1.0', ['-v', ...`${plan} ${sink}`.split(' ')]);
  onTestFinished(() => void player.kill('SIGKILL'));
  let text = '';
  for (const output of [player.stdout, player.stderr])
    output.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
  const frames = () => text.match(/count: last-message = chain/g)?.length ?? 0;
  await eventually('300 frames', () => player.exitCode !== null || frames() >= 300, patience(30_000));
  expect(text).not.toMatch(/WARNING|ERROR/);
  expect(frames()).toBeGreaterThanOrEqual(300);
});

test('its playlists follow one another as a strict parser wants', async () => {
  setOptions({ strictMode: true });
  const ask = async (query: string) => String((await recorder.ask('GET', `${LIST}${query}`)).body);
  const first = parse(await ask(''));
  if (first.isMasterPlaylist) throw new Error('A media playlist was meant.');
  let msn = first.mediaSequenceBase ?? 0;
  for (let i = 0; i < 3; i++) {
    msn += first.segments.length - 1 + i;
    const started = performance.now();
    const text = await ask(`?_HLS_msn=${msn}&_HLS_part=0&_HLS_skip=YES`);
    expect(performance.now() - started).toBeLessThan(6_000);
    expect(() => parse(text)).not.toThrow();
    expect(text).toMatch(/#EXT-X-PRELOAD-HINT:TYPE=PART/);
    msn = first.mediaSequenceBase ?? 0;
  }
});
