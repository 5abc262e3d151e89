/** An encoder that passes its trial and fails at work, in a real pipeline: what was encoded stays, the next one follows. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { mediaDoor } from '../../src/app/mediaDoor.ts';
import { loadConfig } from '../../src/config.ts';
import { encodedFormat } from '../../src/domain/encode.ts';
import { cameraId, runId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';
import { Captures } from '../../src/media/captures.ts';
import type { Failure } from '../../src/media/causes.ts';
import { REQUIRED_ELEMENTS } from '../../src/media/elements.ts';
import { ENCODERS, type EncoderKind } from '../../src/media/encoderList.ts';
import { Encoders } from '../../src/media/encoders.ts';
import { startGst } from '../../src/media/gst.ts';
import { Taps } from '../../src/media/tap.ts';

startGst(REQUIRED_ELEMENTS);
const folder = mkdtempSync(join(tmpdir(), 'nightjar-encoder-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const x264 = ENCODERS.find(({ name }) => name === 'x264enc');
if (x264 === undefined) throw new Error('There is no x264enc in the list.');
const works: EncoderKind = x264;
/** Its element fails after so many pictures, as one does whose device was lost. */
const breaks: EncoderKind = {
  ...works,
  name: 'vah264enc',
  launch: () => 'x264enc tune=zerolatency key-int-max=25 ! identity name=encoder error-after=60',
  settings: () => [],
};

test('fails in mid-run', { timeout: 60_000 }, async () => {
  const encoders = new Encoders(null, async () => null, [breaks, works]);
  const told = vi.fn();
  const door = mediaDoor(loadConfig({ flags: {}, environment: {}, file: {} }).config, {
    ...{ encoders, captures: new Captures(), taps: new Taps(), runtimeDir: folder, encoderFailed: told },
    clock: { now: () => epochMs(Date.now()), monotonic: () => performance.now() },
  });
  const encode = { width: 160, keyframeSeconds: 1, preset: 'fast' } as const;
  const format = encodedFormat(
    { video: { codec: 'h264', width: 320, height: 180, fps: 25 }, audio: null },
    encode,
  );
  const run = async () => {
    const heard = { frames: 0, failure: undefined as Failure | null | undefined };
    const handle = await door.openRun(
      {
        ...{ runId: runId(randomUUID()), cameraId: cameraId('door'), stream: 'main', encode, format },
        source: { kind: 'test', width: 320, height: 180, fps: 25 },
      },
      {
        onBegin: () => {},
        onFragment: ({ frames }) => {
          heard.frames += frames;
        },
        onEnd: (failure) => {
          heard.failure = failure;
        },
      },
    );
    onTestFinished(() => handle.end());
    return heard;
  };

  const first = await run();
  await vi.waitUntil(() => first.failure !== undefined, 30_000);
  expect(first.failure).toMatchObject({ cause: 'encoder' });
  expect(first.frames).toBeGreaterThanOrEqual(50);
  expect(told).toHaveBeenCalledExactlyOnceWith('vah264enc', expect.any(String));

  const second = await run();
  await vi.waitUntil(() => second.frames > 80, 30_000);
  expect(second.failure).toBeUndefined();
  expect(await encoders.report()).toContainEqual(
    expect.objectContaining({
      name: 'vah264enc',
      state: 'passed-over',
      reason: expect.stringContaining('at work'),
    }),
  );
});
