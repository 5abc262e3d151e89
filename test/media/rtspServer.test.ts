/** The camera simulator, as real RTSP clients see it. */
import { execFile, spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { toneIn } from '../support/receiver.ts';
import { checkStamps, readStamps } from '../support/rtsp/stamps.ts';
import { scratchFile, serve, statusOf, watch, whole } from '../support/rtspFixture.ts';

const run = promisify(execFile);
const credentials = { username: 'admin', password: 'p@#%:/ "x한글' };

describe('what arrives', () => {
  test.each([
    { video: 'h264', codec: 'h264', transport: 'tcp' },
    { video: 'h264', codec: 'h264', transport: 'udp' },
    { video: 'h265', codec: 'h265', transport: 'tcp' },
    { video: 'h265', codec: 'h265', transport: 'udp' },
    { video: 'sub', codec: 'h264', transport: 'tcp' },
  ] as const)('$video over $transport', async ({ video, codec, transport }) => {
    const server = await serve({ cameras: [{ path: 'cam', video, number: 12 }] });
    const before = Date.now();
    const receiver = watch({ url: server.url('cam'), codec, transport });
    const stamps = await receiver.stamps(60);
    expect(checkStamps(stamps)).toMatchObject(whole);
    expect(stamps[0]?.camera).toBe(12);
    expect(stamps[0]?.sentMs).toBeGreaterThanOrEqual(before);
    const { code, stderr } = await receiver.stop();
    expect({ code, stderr: stderr.replace(/handling interrupt\.\s*/, '') }).toEqual({ code: 0, stderr: '' });
    const [counters] = await server.counters();
    expect(counters?.plays).toBe(1);
    expect(counters?.frames).toBeGreaterThanOrEqual(stamps.length);
  });

  test.each([
    { kind: 'aac', rate: 16_000, hertz: 500 },
    { kind: 'pcma', rate: 8000, hertz: 400 },
    { kind: 'opus', rate: 48_000, hertz: 500 },
  ] as const)('video with $kind', async ({ kind, rate, hertz }) => {
    const server = await serve({ cameras: [{ path: 'cam', video: 'h264', audio: kind }] });
    const file = scratchFile('samples');
    const receiver = watch({ url: server.url('cam'), codec: 'h264', audio: { kind, file } });
    const stamps = await receiver.stamps(75);
    await receiver.stop();
    expect(checkStamps(stamps)).toMatchObject(whole);
    const tone = await toneIn(file, rate);
    expect(tone.seconds).toBeGreaterThan(2);
    expect(tone.peak).toBeGreaterThan(6000);
    expect(tone.peak).toBeLessThan(12_000);
    expect(Math.abs(tone.hertz - hertz)).toBeLessThan(10);
  });

  test.each(['h264', 'h265'] as const)('%s is stamped in MP4 too', async (codec) => {
    const server = await serve({ cameras: [{ path: 'cam', video: codec }] });
    const receiver = watch({ url: server.url('cam'), codec, container: 'mp4' });
    await receiver.stamps(60);
    await receiver.stop();
    const stamps = await readStamps(await readFile(receiver.file));
    expect(checkStamps(stamps)).toMatchObject(whole);
    expect(await readStamps([receiver.file, receiver.file])).toEqual([...stamps, ...stamps]);
  });

  test('no frame is lost where the footage begins again', { timeout: 40_000 }, async () => {
    const videos = ['h264', 'h264-bframes', 'h265'] as const;
    const server = await serve({ cameras: videos.map((video) => ({ path: video, video })) });
    const lengths = { h264: 250, 'h264-bframes': 180, h265: 250 };
    const receivers = videos.map((video) =>
      watch({ url: server.url(video), codec: video === 'h265' ? 'h265' : 'h264' }),
    );
    for (const [index, video] of videos.entries()) {
      const stamps = await receivers[index]?.stamps(lengths[video] + 20, 30_000);
      expect(checkStamps(stamps ?? [])).toMatchObject(whole);
    }
  });
});

describe('who may come in', () => {
  test.each(['basic', 'digest'] as const)('%s', async (scheme) => {
    const server = await serve({
      cameras: [{ path: 'live?channel=1', video: 'h264' }],
      auth: { scheme, ...credentials },
    });
    const right = watch({ url: server.url('live?channel=1', credentials), codec: 'h264' });
    await right.stamps(10);
    expect(await server.counters()).toMatchObject([{ authFailures: 0, clients: 1 }]);
    await right.stop();
    const wrong = watch({
      url: server.url('live?channel=1', { ...credentials, password: 'no' }),
      codec: 'h264',
    });
    expect((await wrong.ended).stderr).toMatch(/not authorized|unauthorized/i);
    expect((await server.counters())[0]?.authFailures).toBeGreaterThan(0);
    expect(await statusOf(server, 'live?channel=1')).toBe('RTSP/1.0 401 Unauthorized');
  });

  test('an unknown path is answered 404', async () => {
    const server = await serve({ cameras: [{ path: 'cam', video: 'sub' }] });
    expect(await statusOf(server, 'other')).toBe('RTSP/1.0 404 Not Found');
    expect(await statusOf(server, 'cam')).toBe('RTSP/1.0 200 OK');
    expect(await statusOf(server, 'cam', 'GET_PARAMETER')).toBe('RTSP/1.0 200 OK');
  });
});

describe.skipIf(spawnSync('ffprobe', ['-version']).error !== undefined)('another client', () => {
  test.each(['tcp', 'udp'])('ffprobe and ffmpeg over %s', async (transport) => {
    const server = await serve({
      cameras: [
        { path: 'one', video: 'h264-bframes', audio: 'aac' },
        { path: 'two', video: 'h265', audio: 'pcma' },
      ],
      auth: { scheme: 'digest', ...credentials },
    });
    const input = ['-v', 'error', '-rtsp_transport', transport, '-i'];
    const entries = ['-show_entries', 'stream=codec_name,width,sample_rate', '-of', 'csv=p=0'];
    const limit = { timeout: 30_000 };
    const probed = await run('ffprobe', [...input, server.url('two', credentials), ...entries], limit);
    expect(probed.stdout.trim().split('\n')).toEqual(['hevc,640', 'pcm_alaw,8000']);
    const file = scratchFile('video.h264');
    const only = ['-t', '3', '-an', '-c', 'copy', '-f', 'h264'];
    await run('ffmpeg', [...input, server.url('one', credentials), ...only, file], limit);
    const check = checkStamps(await readStamps(file));
    expect(check).toMatchObject(whole);
    expect(check.frames).toBeGreaterThan(30);
    const decoded = await run('ffmpeg', ['-v', 'error', '-i', file, '-f', 'null', '-'], limit);
    expect(decoded.stderr).toBe('');
  });
});
