/** The power is cut at random moments: what the disk has by then is mounted again, and what memory held is gone. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ffprobe } from '../support/ffprobe.ts';
import { readStamps } from '../support/rtsp/stamps.ts';
import { allRecording, between, check, type Fleet, SAME, startFleet, summary } from './fleet.ts';
import { canMount, LoopDisk } from './loopDisk.ts';
import { filesBelow } from './media.ts';

const { FAULT_ROUNDS = '20' } = process.env;
const ROUNDS = Number(FAULT_ROUNDS);
/** Two seconds, and a fragment. */
const LOSS_LIMIT_MS = 2_000 + 250;

describe.runIf(canMount())('the power is cut', () => {
  let disk: LoopDisk;
  let fleet: Fleet;
  const folders = { mediaDir: '', stateDir: '' };
  beforeAll(async () => {
    disk = new LoopDisk(400);
    folders.mediaDir = path.join(disk.mount, 'media');
    folders.stateDir = path.join(disk.mount, 'state');
    for (const folder of Object.values(folders)) mkdirSync(folder);
    fleet = await startFleet(4, { MEDIA_DIR: folders.mediaDir, STATE_DIR: folders.stateDir });
  });
  afterAll(async () => {
    await fleet?.recorder.discard();
    await fleet?.server.close();
    disk?.discard();
  });

  test(`${ROUNDS} times: every file plays, and at most two seconds and a fragment are lost`, async () => {
    const losses: number[] = [];
    const played = new Set<string>();
    for (let round = 1; round <= ROUNDS; round++) {
      await allRecording(fleet);
      await delay(between(2500, 6000));
      // Stopped, so that the copy is of one moment.
      process.kill(fleet.recorder.pid, 'SIGSTOP');
      const cutMs = Date.now();
      disk.copyPlatter();
      await fleet.recorder.kill();
      disk.becomeCopy();
      await fleet.recorder.start();
      expect(await check(folders)).toEqual(SAME);
      for (const id of fleet.ids) losses.push(cutMs - (await lastBefore(id, cutMs)));
      for (const id of fleet.ids) {
        for (const file of filesBelow(path.join(folders.mediaDir, id)).slice(0, -1)) {
          if (played.has(file)) continue;
          played.add(file);
          expect({ file, errors: (await ffprobe(file)).errors }).toEqual({ file, errors: '' });
        }
      }
    }
    console.log(`${ROUNDS} power cuts: lost ${summary(losses)}; ${played.size} files played`);
    expect(Math.max(...losses)).toBeLessThanOrEqual(LOSS_LIMIT_MS);
  });

  /** When the last frame was sent that is in a file and was sent before. */
  async function lastBefore(id: string, atMs: number): Promise<number> {
    const stamps = await readStamps(filesBelow(path.join(folders.mediaDir, id)).slice(-8));
    return Math.max(0, ...stamps.map(({ sentMs }) => sentMs).filter((sentMs) => sentMs <= atMs));
  }
});
