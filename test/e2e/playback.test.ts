/** What the recorder serves, played by Chromium: live, recorded, across files and runs, and a file by itself. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { SegmentView } from '../../src/http/wire/archive.ts';
import { Player, type Playing, startBrowser } from '../support/player.ts';
import { eventually, type Recorder, startRecorder } from '../support/recorder.ts';
import { type SpawnedRtspServer, spawnRtspServer } from '../support/rtsp/process.ts';

/** A camera with B-frames and sound, and one that restarts in the meantime. */
const CAMERAS = [
  { path: 'steady', video: 'h264-bframes', audio: 'aac' },
  { path: 'broken', video: 'sub' },
] as const;

let server: SpawnedRtspServer;
let recorder: Recorder;
let browser: Browser;

beforeAll(async () => {
  browser = await startBrowser();
  server = await spawnRtspServer({ cameras: CAMERAS });
  recorder = await startRecorder();
  for (const { path: id } of CAMERAS) {
    await recorder.add({ id, name: id, source: { kind: 'rtsp', url: server.url(id) } });
    await recorder.recording(id);
  }
  await closed('broken', 1);
  await server.fault({ kind: 'reset' }, 'broken');
  await closed('steady', 4);
  await closed('broken', 3);
});

afterAll(async () => {
  await browser?.close();
  await recorder?.discard();
  await server?.close();
});

/** Waits until that many segments of a camera are complete, and gives them. */
async function closed(id: string, count: number): Promise<readonly SegmentView[]> {
  const look = async () => {
    const segments = (await recorder.segments(id)).filter(({ open }) => !open);
    return segments.length >= count && segments;
  };
  return await eventually(`${count} segments of ${id}`, look, 60_000);
}

async function player(): Promise<Player> {
  const opened = await Player.open(browser, recorder);
  onTestFinished(() => opened.close());
  return opened;
}

/** A wait that is shorter is the browser's own, for its decoder or the processor. */
const STALL_MS = 300;

/** Nothing went wrong that a viewer would see or a player would complain of. */
function expectSmooth({ errors, stalls, corrupted }: Playing): void {
  const seen = stalls.filter(({ ms }) => ms >= STALL_MS);
  expect({ errors, stalls: seen, corrupted }).toEqual({ errors: [], stalls: [], corrupted: 0 });
}

test('live', async () => {
  const page = await player();
  await page.playList('/cameras/steady/live/playlist.m3u8');
  const first = await page.until('showing a picture', ({ frames }) => frames > 0, 20_000);
  const last = await page.until('6 s further', ({ time }) => time > first.time + 6, 20_000);
  expectSmooth(last);
  expect(last.frames - first.frames).toBeGreaterThan(6 * 15 * 0.8);
});

test('a range over four files', async () => {
  const [first, , , fourth] = await closed('steady', 4);
  const [start, end] = [(first?.endMs ?? 0) - 1_000, (fourth?.startMs ?? 0) + 1_000];
  const page = await player();
  await page.playList(`/cameras/steady/playlist.m3u8?start=${start}&end=${end}`);
  const last = await page.until('at the end', ({ ended }) => ended, (end - start) * 2 + 20_000);
  expectSmooth(last);
  const seconds = last.duration ?? 0;
  // Pieces of up to 4 s and a GOP are played whole.
  expect(seconds * 1_000).toBeGreaterThanOrEqual(end - start - 100);
  expect(seconds * 1_000).toBeLessThan(end - start + 12_000);
  expect(last.time).toBeCloseTo(seconds, 0);
  expect(last.frames).toBeGreaterThan(seconds * 15 - 3);
});

test('a range over two runs, whose gap is played across', async () => {
  const segments = await closed('broken', 3);
  const [start, end] = [segments[0]?.startMs ?? 0, segments[2]?.endMs ?? 0];
  expect(new Set(segments.slice(0, 3).map(({ runId }) => runId)).size).toBe(2);
  const { body } = await recorder.ask('GET', `/cameras/broken/playlist.m3u8?start=${start}&end=${end}`);
  expect(String(body).match(/#EXT-X-DISCONTINUITY\n/g)).toHaveLength(1);
  expect(String(body)).toMatch(/#EXT-X-DATERANGE:[^\n]*CLASS="gap"/);
  const page = await player();
  await page.playList(`/cameras/broken/playlist.m3u8?start=${start}&end=${end}`);
  const last = await page.until('at the end', ({ ended }) => ended, (end - start) * 2 + 20_000);
  expectSmooth(last);
  const recordedMs = segments.slice(0, 3).reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  expect(Math.abs((last.duration ?? 0) * 1000 - recordedMs)).toBeLessThan(500);
});

test('a seek in a range, back and forth', async () => {
  const segments = await closed('steady', 4);
  const [start, end] = [segments[0]?.startMs ?? 0, segments[3]?.endMs ?? 0];
  const page = await player();
  await page.playList(`/cameras/steady/playlist.m3u8?start=${start}&end=${end}`);
  await page.until('playing', ({ time }) => time > 0.5, 20_000);
  for (const seconds of [15, 3, 9]) {
    await page.seek(seconds);
    const near = (playing: Playing) => playing.time > seconds + 0.5 && playing.time < seconds + 5;
    expectSmooth(await page.until(`playing from ${seconds} s`, near, 20_000));
  }
});

test('a closed file by itself, from its beginning, and from anywhere', async () => {
  const [segment] = await closed('steady', 1);
  if (segment === undefined) throw new Error('There is no segment.');
  const page = await player();
  await page.playFile(`/segments/${segment.id}/file.mp4`);
  const first = await page.until('playing', ({ time }) => time > 0, 20_000);
  expect(first.time).toBeLessThan(1);
  expect(Math.abs((first.duration ?? 0) * 1000 - (segment.endMs - segment.startMs))).toBeLessThan(200);
  await page.seek(4);
  const further = await page.until('playing on', ({ time }) => time > 4.3, 20_000);
  expectSmooth(further);
  const last = await page.until('at the end', ({ ended }) => ended, 20_000);
  expectSmooth(last);
});
