/**
 * Each kind of source from a real sender of its kind, recorded by the product, and played in Chromium: live by Media
 * Source Extensions, a closed file by itself, and an export. RTSP is played in `playback.test.ts`; no device is here.
 */
import { dirname } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CameraInput } from '../../src/http/wire/camera.ts';
import { Player, startBrowser } from '../support/player.ts';
import { eventually, freePort, patience, type Recorder, startRecorder } from '../support/recorder.ts';
import { CLIP, clip } from '../support/sources/clip.ts';
import { type RtmpServer, rtmpServer } from '../support/sources/rtmp.ts';
import { sendTo } from '../support/sources/sender.ts';
import { LOGIN, type WebServer, webServer } from '../support/sources/web.ts';

const PASSWORD = 'ten letters';
const KINDS = ['rtmp', 'hls', 'http', 'mjpeg', 'udp', 'srt', 'file', 'test'] as const;

let web: WebServer;
let rtmp: RtmpServer;
let nvr: Recorder;
let browser: Browser;
let sources: Readonly<Record<(typeof KINDS)[number], CameraInput['source']>>;
/** Ends what sends. */
const senders: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const file = await clip('mp4');
  nvr = await startRecorder({ settings: { FILE_SOURCE_DIR: dirname(file), SEGMENT_SECONDS: '5' } });
  web = await webServer();
  rtmp = await rtmpServer();
  browser = await startBrowser();
  const [udp, srt] = [await freePort(), await freePort()];
  sources = {
    rtmp: { kind: 'rtmp', url: `rtmp://127.0.0.1:${rtmp.port}/live/door` },
    hls: { kind: 'hls', url: web.url('live.m3u8') },
    http: { kind: 'http', url: web.url('clip.mp4') },
    mjpeg: { kind: 'http', url: web.url('guarded/door.mjpg'), ...LOGIN },
    udp: { kind: 'udp', url: `udp://127.0.0.1:${udp}` },
    srt: { kind: 'srt', url: `srt://127.0.0.1:${srt}`, role: 'listener', password: PASSWORD },
    file: { kind: 'file', path: file.slice(dirname(file).length + 1) },
    test: { kind: 'test', width: CLIP.width, height: CLIP.height, fps: CLIP.fps },
  };
  senders.push(await sending(`udp://127.0.0.1:${udp}?pkt_size=1316`));
  senders.push(await sending(`srt://127.0.0.1:${srt}?mode=caller&passphrase=${PASSWORD}&pkt_size=1316`));
});
afterAll(async () => {
  await Promise.all(senders.map((stop) => stop()));
  await browser?.close();
  await nvr?.discard();
  await rtmp?.close();
  await web?.close();
});

/** An encoder that calls again when it is hung up on, until it is stopped. */
async function sending(target: string): Promise<() => Promise<void>> {
  let stopped = false;
  let current = await sendTo(target);
  const calling = (async () => {
    while (!stopped) {
      await current.ended;
      if (!stopped) current = await sendTo(target);
    }
  })();
  return async () => {
    stopped = true;
    await current.stop();
    await calling;
  };
}

/** What the form does: a test of the connection, then the camera. */
async function addAfterTest(id: string, kind: (typeof KINDS)[number]): Promise<void> {
  const source = sources[kind];
  const tested = await eventually(
    `the connection to ${id} is tested`,
    async () => {
      const answer = await nvr.ask('POST', '/probe', { source });
      return answer.status === 200 && answer.body;
    },
    patience(30_000),
  );
  expect(tested).toMatchObject({ video: { codec: 'h264', width: CLIP.width, height: CLIP.height } });
  await nvr.add({ id, name: id, source });
}

// At once: each waits for its own camera most of the time.
test.concurrent.for(KINDS)('%s', async (kind, { task, onTestFinished }) => {
  // A second try can't have the camera of the first.
  const id = `${kind}-${task.result?.retryCount ?? 0}`;
  await addAfterTest(id, kind);
  onTestFinished(async () => void (await nvr.change(id, { enabled: false })));
  await nvr.recording(id, patience(40_000));
  const live = await Player.open(browser, nvr);
  await eventually(
    'a live playlist',
    async () => (await nvr.ask('GET', `/cameras/${id}/live/playlist.m3u8`)).status === 200,
    patience(20_000),
  );
  await live.playList(`/cameras/${id}/live/playlist.m3u8`);
  const shown = await live.until('live', ({ time, frames }) => time > 1 && frames > 10, patience(20_000));
  expect({ width: shown.width, corrupted: shown.corrupted }).toEqual({ width: CLIP.width, corrupted: 0 });
  await live.close();

  const segment = await eventually(
    'a closed file',
    async () => (await nvr.segments(id)).find(({ open, startMs, endMs }) => !open && endMs - startMs > 3_000),
    patience(40_000),
  );
  const { startMs, endMs } = segment;
  for (const route of [
    `/segments/${segment.id}/file.mp4`,
    `/cameras/${id}/export.mp4?start=${startMs}&end=${endMs}`,
  ]) {
    const page = await Player.open(browser, nvr);
    await page.playFile(route);
    const last = await page.until(`${route} at its end`, ({ ended }) => ended, patience(30_000));
    expect({ errors: last.errors, corrupted: last.corrupted }).toEqual({ errors: [], corrupted: 0 });
    expect(last.frames).toBeGreaterThan((((endMs - startMs) / 1000) * CLIP.fps) / 2);
    expect(Math.abs((last.duration ?? 0) * 1000 - (endMs - startMs))).toBeLessThan(200);
    await page.close();
  }
});
