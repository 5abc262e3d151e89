/** Sources besides RTSP, each from a real server of its kind: what a probe finds, and what a run delivers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Source, SrtSource } from '../../src/domain/camera.ts';
import { encodedFormat, PLAIN_ENCODE } from '../../src/domain/encode.ts';
import { REQUIRED_ELEMENTS } from '../../src/media/elements.ts';
import { Encoders } from '../../src/media/encoders.ts';
import { startGst } from '../../src/media/gst.ts';
import { probe } from '../../src/media/probe.ts';
import { decodeErrors, ffprobe } from '../support/ffprobe.ts';
import { freePort } from '../support/recorder.ts';
import { HeardRun } from '../support/runs.ts';
import { CLIP, clip } from '../support/sources/clip.ts';
import { type RtmpServer, rtmpServer } from '../support/sources/rtmp.ts';
import { sendTo } from '../support/sources/sender.ts';
import { soundOffsets } from '../support/sources/sync.ts';
import { LOGIN, type WebServer, webServer } from '../support/sources/web.ts';

startGst(REQUIRED_ELEMENTS);
const folder = mkdtempSync(join(tmpdir(), 'nightjar-sources-'));
let web: WebServer;
let rtmp: RtmpServer;

beforeAll(async () => {
  web = await webServer();
  rtmp = await rtmpServer();
});
afterAll(async () => {
  await web.close();
  await rtmp.close();
  rmSync(folder, { recursive: true, force: true });
});

const VIDEO = { codec: 'h264', width: CLIP.width, height: CLIP.height };
const encoders = new Encoders(null);

/** Probes, records so many frames, and gives what ffprobe, which is none of ours, says of them. */
async function recorded(source: Source, frames: number) {
  const found = await probe(source);
  if (!found.ok) throw new Error(`${found.cause}: ${found.message}`);
  const format = encodedFormat(found.format, null);
  const encoder = await encoders.choose();
  if (encoder === null) throw new Error('No encoder works.');
  const encoding = format.video.encodedFrom === undefined ? null : { encode: PLAIN_ENCODE, encoder };
  const run = await new HeardRun().open(source, format, encoding);
  const beganMs = performance.now();
  await run.received(frames);
  const tookMs = performance.now() - beganMs;
  await run.end();
  expect(await run.ended).toBeNull();
  const file = join(folder, `${source.kind}-${frames}-${Math.round(beganMs)}.mp4`);
  writeFileSync(file, run.bytes);
  return { format: found.format, run, file, tookMs, said: await ffprobe(file) };
}

/** As many frames as come in a time, in order, none lost, decodable, with sound and picture together. */
async function expectWhole({ run, file, said }: Awaited<ReturnType<typeof recorded>>, sound = true) {
  expect(said.errors).toBe('');
  // Times of arrival are not those of a camera: only where there are such may the muxer of ffmpeg complain of them.
  const complaints = (await decodeErrors(file))
    .split('\n')
    .filter((line) => sound || !/monotonically/.test(line));
  expect(complaints.join('')).toBe('');
  const steps = said.video.dts.slice(1).map((dts, index) => dts - (said.video.dts[index] ?? 0));
  for (const step of steps) expect(step).toBeGreaterThan(0);
  expect(said.video.pts).toHaveLength(run.frames);
  const { pts } = said.video;
  expect(Math.max(...pts) - Math.min(...pts)).toBeCloseTo((run.frames - 1) / CLIP.fps, 0);
  if (sound) expect(Math.max(...steps)).toBeLessThan(0.2);
  if (!sound) return;
  const offsets = await soundOffsets(file);
  expect(offsets.length).toBeGreaterThanOrEqual(2);
  for (const offset of offsets) expect(Math.abs(offset)).toBeLessThanOrEqual(45);
}

describe('each kind of source', () => {
  it('rtmp', async () => {
    const source: Source = { kind: 'rtmp', url: `rtmp://127.0.0.1:${rtmp.port}/live/door` };
    const result = await recorded(source, 100);
    expect(result.format).toMatchObject({ video: VIDEO, audio: { codec: 'aac', sampleRate: 48_000 } });
    await expectWhole(result);
  });

  it.each(['all.m3u8', 'live.m3u8'])('hls: %s', async (path) => {
    const result = await recorded({ kind: 'hls', url: web.url(path) }, 100);
    expect(result.format).toMatchObject({ video: VIDEO, audio: { codec: 'aac' } });
    // Segments come at once, pictures at their own pace.
    expect(result.tookMs).toBeGreaterThan(3_000);
    await expectWhole(result);
  });

  it.each(['hls', 'rtmp', 'http'] as const)('%s, without its sound', async (kind) => {
    const rest = `127.0.0.1:${rtmp.port}/live/door`;
    const url = kind === 'rtmp' ? `rtmp://${rest}` : web.url(kind === 'hls' ? 'all.m3u8' : 'clip.mp4');
    const found = await probe({ kind, url });
    if (!found.ok) throw new Error(found.message);
    const run = await new HeardRun().open({ kind, url }, { ...found.format, audio: null });
    await run.received(75);
    await run.end();
    expect(await run.ended).toBeNull();
  });

  it.each(['clip.mp4', 'clip.ts'])('http, progressive: %s', async (path) => {
    const result = await recorded({ kind: 'http', url: web.url(path) }, 75);
    expect(result.format).toMatchObject({ video: VIDEO, audio: { codec: 'aac' } });
    expect(result.tookMs).toBeGreaterThan(2_000);
    await expectWhole(result);
  });

  it('http, JPEG pictures one after the other, with a password', async () => {
    const source: Source = { kind: 'http', url: web.url('guarded/door.mjpg'), ...LOGIN };
    const result = await recorded(source, 60);
    expect(result.format).toMatchObject({
      video: { ...VIDEO, encodedFrom: 'image/jpeg' },
      audio: null,
      multipart: true,
    });
    await expectWhole(result, false);
  });

  it('udp', async () => {
    const port = await freePort();
    const sender = await sendTo(`udp://127.0.0.1:${port}?pkt_size=1316`);
    const result = await recorded({ kind: 'udp', url: `udp://127.0.0.1:${port}` }, 100);
    await sender.stop();
    expect(result.format).toMatchObject({ video: VIDEO, audio: { codec: 'aac' } });
    await expectWhole(result);
  });

  it.each(['caller', 'listener'] as const)('srt, as %s, encrypted', async (role) => {
    const port = await freePort();
    const other = role === 'caller' ? 'listener' : 'caller';
    const password = 'ten letters';
    const source: SrtSource = { kind: 'srt', url: `srt://127.0.0.1:${port}`, role, password, latencyMs: 125 };
    const url = `srt://127.0.0.1:${port}?mode=${other}&passphrase=${password}&pkt_size=1316&connect_timeout=10000`;
    const senders = [await sendTo(url)];
    // A sender that calls or is called once is gone after the probe.
    const again = setInterval(() => void sendTo(url).then((sender) => senders.push(sender)), 1_500);
    try {
      await expectWhole(await recorded(source, 100));
    } finally {
      clearInterval(again);
      await Promise.all(senders.map((sender) => sender.stop()));
    }
  });

  it('file, at its own pace, to its end', async () => {
    const source: Source = { kind: 'file', path: await clip('mp4') };
    const result = await recorded(source, 75);
    expect(result.tookMs).toBeGreaterThan(2_000);
    await expectWhole(result);
  });
});

describe('what is no source says why', () => {
  const http = (path: string, login = {}): Source => ({ kind: 'http', url: web.url(path), ...login });
  const cases: readonly [string, () => Source | Promise<Source>, string, RegExp][] = [
    ['a page', () => http('text'), 'no-media', /no media/],
    ['a single picture', () => http('picture.jpg'), 'no-media', /single picture/],
    ['nothing there', () => http('nothing'), 'not-found', /no stream/],
    ['no password', () => http('guarded/clip.mp4'), 'unauthorised', /user name or password/],
    [
      'another password',
      () => http('guarded/clip.mp4', { ...LOGIN, password: 'x' }),
      'unauthorised',
      /password/,
    ],
    ['no such list', () => ({ kind: 'hls', url: web.url('nothing.m3u8') }), 'not-found', /no stream/],
    [
      'a closed port',
      async () => ({ kind: 'rtmp', url: `rtmp://127.0.0.1:${await freePort()}/a/b` }),
      'unreachable',
      /reached/,
    ],
    [
      'a file that is no media',
      () => ({ kind: 'file', path: join(folder, 'text.mp4') }),
      'no-media',
      /no media/,
    ],
    ['a file that is away', () => ({ kind: 'file', path: join(folder, 'nothing.mp4') }), 'not-found', /./],
    [
      'a device that is away',
      () => ({ kind: 'v4l2', device: '/dev/video99' }),
      'not-found',
      /\/dev\/video99/,
    ],
  ];
  it.each(cases)('%s', async (_what, source, cause, message) => {
    writeFileSync(join(folder, 'text.mp4'), 'There is nothing to see here.');
    const found = await probe(await source(), { limitMs: 4_000 });
    expect(found).toMatchObject({ ok: false, cause, message: expect.stringMatching(message) });
  });
});
