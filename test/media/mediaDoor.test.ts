/** The door between the cameras and GStreamer: which tap a stream's run gets, and what is left of it. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { mediaDoor } from '../../src/app/mediaDoor.ts';
import { surroundings } from '../../src/app/surroundings.ts';
import { loadConfig } from '../../src/config.ts';
import { PLAIN_ENCODE } from '../../src/domain/encode.ts';
import { cameraId, runId, subKey } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';
import { LiveHub } from '../../src/live/hub.ts';
import { Captures } from '../../src/media/captures.ts';
import { REQUIRED_ELEMENTS } from '../../src/media/elements.ts';
import { Encoders } from '../../src/media/encoders.ts';
import { startGst } from '../../src/media/gst.ts';
import { Taps } from '../../src/media/tap.ts';
import { openArchive, silentLog } from '../archive/support.ts';

startGst(REQUIRED_ELEMENTS);
const folder = mkdtempSync(join(tmpdir(), 'nightjar-door-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DOOR = cameraId('door');

test('both streams of a camera have taps of their own, which go with the camera', async () => {
  const archive = await openArchive(folder);
  onTestFinished(() => archive.close());
  const taps = new Taps();
  const around = surroundings(
    loadConfig({ flags: {}, environment: {}, file: {} }).config,
    {
      ...{
        archive,
        taps,
        encoders: new Encoders(null),
        captures: new Captures(),
        runtimeDir: folder,
        publish: () => undefined,
      },
      hub: new LiveHub({ keepMs: 1_000, maxBytes: 2 ** 20 }),
    },
    { now: () => epochMs(Date.now()), monotonic: () => performance.now() },
    silentLog,
  );
  const attached = [taps.of(DOOR), taps.of(subKey(DOOR))].map((tap) => vi.spyOn(tap, 'attach'));
  for (const stream of ['main', 'sub'] as const) {
    const run = await around.media.openRun(
      {
        ...{ runId: runId(randomUUID()), cameraId: DOOR, stream, encode: null },
        source: { kind: 'test', width: 320, height: 180, fps: 25 },
        format: { video: { codec: 'h264', width: 320, height: 180, fps: 25 }, audio: null },
      },
      { onBegin: () => {}, onFragment: () => {}, onEnd: () => {} },
    );
    onTestFinished(() => run.end());
  }
  for (const attach of attached) expect(attach).toHaveBeenCalledOnce();

  const before = [DOOR, subKey(DOOR)].map((key) => taps.of(key));
  around.dropRing(DOOR);
  for (const [index, key] of [DOOR, subKey(DOOR)].entries()) expect(taps.of(key)).not.toBe(before[index]);
});

test('what is prepared are the trials of encoders where one is needed, and the process of a device or a HLS camera', async () => {
  const done: string[] = [];
  const trial = async () => {
    done.push('trial');
    return null;
  };
  const captures = new Captures();
  vi.spyOn(captures, 'prepare').mockImplementation(async (source) => {
    done.push(source.kind === 'v4l2' ? source.device : source.url);
  });
  const door = mediaDoor(loadConfig({ flags: {}, environment: {}, file: {} }).config, {
    ...{ captures, encoders: new Encoders(null, trial), taps: new Taps(), runtimeDir: folder },
    clock: { now: () => epochMs(Date.now()), monotonic: () => performance.now() },
    encoderFailed: () => undefined,
  });
  const { prepare } = door;
  if (prepare === undefined) throw new Error('Nothing is prepared.');
  const camera = { kind: 'rtsp', url: 'rtsp://192.0.2.1/1', transport: 'tcp' } as const;
  expect(prepare(camera, null)).toBeNull();
  await prepare({ kind: 'v4l2', device: '/dev/video1', pixelFormat: 'H264' }, null);
  expect(done).toEqual(['/dev/video1']);
  await prepare({ kind: 'v4l2', device: '/dev/video0' }, null);
  expect(done).toEqual(['/dev/video1', 'trial', '/dev/video0']);
  await prepare(camera, PLAIN_ENCODE);
  expect(done).toHaveLength(3);
  await prepare({ kind: 'hls', url: 'http://192.0.2.1/live.m3u8' }, null);
  expect(done.slice(3)).toEqual(['http://192.0.2.1/live.m3u8']);
});
