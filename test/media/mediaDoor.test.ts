/** The door between the cameras and GStreamer: which tap a stream's run gets, and what is left of it. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { surroundings } from '../../src/app/surroundings.ts';
import { loadConfig } from '../../src/config.ts';
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
