/** The disk of the footage is pulled out, becomes read-only, fills up, hangs and is swapped while it is recorded to. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CameraView } from '../../src/http/wire/camera.ts';
import { ffprobe } from '../support/ffprobe.ts';
import { checkStamps, readStamps } from '../support/rtsp/stamps.ts';
import { allRecording, check, type Fleet, SAME, startFleet } from './fleet.ts';
import { canMount, LoopDisk } from './loopDisk.ts';
import { filesBelow } from './media.ts';

function isInTrouble({ status }: CameraView): boolean {
  return status.recording.cause === 'storage' || status.recording.cause === 'space';
}

describe.runIf(canMount())('the disk', () => {
  let disk: LoopDisk;
  let fleet: Fleet;
  let mediaDir: string;

  beforeEach(async () => {
    disk = new LoopDisk(200);
    mediaDir = path.join(disk.mount, 'media');
    mkdirSync(mediaDir);
    fleet = await startFleet(2, { MEDIA_DIR: mediaDir });
    await allRecording(fleet);
    await delay(3000);
  });
  afterEach(async () => {
    await fleet?.recorder.discard();
    await fleet?.server.close();
    disk?.discard();
  });

  /** Waits until storage is in trouble, and until it is told in the status of every camera. */
  async function inTrouble(): Promise<void> {
    for (const id of fleet.ids) {
      const { recorder } = fleet;
      const { recording } = (await recorder.until(id, 'is in trouble', isInTrouble, 30_000)).status;
      expect(recording.state).toBe('waiting');
    }
  }

  /** What has been lost of all that was sent, in frames, once everything is written. */
  async function lostFrames(): Promise<number> {
    await allRecording(fleet);
    await delay(3000);
    await fleet.recorder.stop();
    const { stateDir } = fleet.recorder;
    expect(await check({ mediaDir, stateDir })).toEqual(SAME);
    let lost = 0;
    for (const id of fleet.ids) {
      const files = filesBelow(path.join(mediaDir, id));
      for (const file of files)
        expect({ file, errors: (await ffprobe(file)).errors }).toEqual({ file, errors: '' });
      const found = checkStamps(await readStamps(files));
      expect(found).toMatchObject({ doubled: 0, backward: 0 });
      lost += found.lost;
    }
    return lost;
  }

  test('is pulled out and plugged in again: nothing is lost, and nothing goes to the disk below', async () => {
    disk.pullOut();
    await inTrouble();
    expect(readdirSync(disk.mount)).toEqual([]);
    disk.plugIn();
    expect(await lostFrames()).toBe(0);
  });

  test('is swapped for another: that one is left alone', async () => {
    disk.pullOut();
    const other = path.join(disk.mount, 'media');
    mkdirSync(other);
    await inTrouble();
    expect(readdirSync(other)).toEqual([]);
    rmSync(other, { recursive: true });
    disk.plugIn();
    expect(await lostFrames()).toBe(0);
  });

  test('becomes read-only, is repaired and mounted again: what was recorded plays, and that something is missing is told', async () => {
    disk.fail();
    await inTrouble();
    const file = filesBelow(path.join(mediaDir, fleet.ids[0] ?? '')).at(-1) ?? '';
    expect((await ffprobe(file)).errors).not.toContain('moov atom not found');
    disk.pullOut();
    await fleet.recorder.stop();
    disk.repair();
    await fleet.recorder.start();
    await allRecording(fleet);
    for (const id of fleet.ids) {
      const gaps = await fleet.recorder.gaps(id);
      expect(gaps.length).toBeGreaterThan(0);
    }
    await lostFrames();
  });

  test('is full, and then no more: recording goes on, and what is missing is told', async () => {
    const filler = path.join(disk.mount, 'filler');
    // Until there is no room left.
    spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=64k'], { stdio: 'ignore' });
    await inTrouble();
    rmSync(filler);
    await allRecording(fleet);
    const gaps = (await Promise.all(fleet.ids.map((id) => fleet.recorder.gaps(id)))).flat();
    const missingMs = gaps.reduce((sum, { startMs, endMs }) => sum + (endMs ?? startMs) - startMs, 0);
    // At 15 frames a second; a gap ends with a frame.
    expect(await lostFrames()).toBeLessThanOrEqual((missingMs / 1000) * 15 + gaps.length);
  });

  test('hangs for some seconds: nothing is lost, and everything else goes on', async () => {
    disk.freeze();
    try {
      await inTrouble();
    } finally {
      disk.thaw();
    }
    expect(await lostFrames()).toBe(0);
  });
});
