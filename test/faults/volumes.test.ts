/** Footage goes to two disks, and one of them fails while it is recorded to: the other takes over, and nothing is lost. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RecordingList } from '../../src/http/wire/archive.ts';
import type { StorageView } from '../../src/http/wire/storage.ts';
import { eventually, patience } from '../support/recorder.ts';
import { checkStamps, readStamps } from '../support/rtsp/stamps.ts';
import { allRecording, type Fleet, startFleet } from './fleet.ts';
import { canMount, LoopDisk } from './loopDisk.ts';
import { filesBelow } from './media.ts';

/** The other disk has to be written to after so long. */
const TAKEOVER_MS = 2_000;
/** A disk that does not answer is waited for as long. */
const STALL_MS = 5_000;
const CAMERAS = 4;

interface Trouble {
  readonly what: string;
  readonly state: string;
  /** How long it takes until the trouble can be known. */
  readonly noticedMs: number;
  begin(disk: LoopDisk): void;
  /** The disk is healthy again, which may need a recorder that has let it go. */
  end(disk: LoopDisk): void;
}

const TROUBLES: readonly Trouble[] = [
  {
    ...{ what: 'is unmounted', state: 'missing', noticedMs: 4_000 },
    begin: (disk) => disk.pullOut(),
    end: (disk) => disk.plugIn(),
  },
  {
    ...{ what: 'has another in its place', state: 'missing', noticedMs: 4_000 },
    begin(disk) {
      disk.pullOut();
      mkdirSync(path.join(disk.mount, 'media'));
    },
    end(disk) {
      expect(readdirSync(path.join(disk.mount, 'media'))).toEqual([]);
      rmSync(path.join(disk.mount, 'media'), { recursive: true });
      disk.plugIn();
    },
  },
  {
    ...{ what: 'does not answer', state: 'slow', noticedMs: STALL_MS },
    begin: (disk) => disk.freeze(),
    end: (disk) => disk.thaw(),
  },
  {
    ...{ what: 'becomes read-only', state: 'read-only', noticedMs: 0 },
    begin: (disk) => disk.fail(),
    end(disk) {
      disk.pullOut();
      disk.repair();
    },
  },
];

describe.runIf(canMount())('one of two disks', () => {
  let disks: readonly LoopDisk[] = [];
  let fleet: Fleet;
  const folderOf = (disk: LoopDisk) => path.join(disk.mount, 'media');

  beforeEach(async () => {
    disks = [new LoopDisk(200), new LoopDisk(200)];
    for (const disk of disks) mkdirSync(folderOf(disk));
    const [first = '', ...more] = disks.map(folderOf);
    fleet = await startFleet(CAMERAS, { MEDIA_DIR: first, MORE_MEDIA_DIRS: JSON.stringify(more) });
    await allRecording(fleet);
    // Longer than a segment, so that each camera has one in the index.
    await delay(7_000);
  });
  afterEach(async () => {
    await fleet?.recorder.discard();
    await fleet?.server.close();
    for (const disk of disks) disk.discard();
  });

  const filesOf = (disk: LoopDisk, id: string) => filesBelow(path.join(folderOf(disk), id));
  async function stateOf(disk: LoopDisk): Promise<string | undefined> {
    const { volumes } = await fleet.recorder.get<StorageView>('/storage');
    return volumes.find(({ folder }) => folder === folderOf(disk))?.state;
  }

  test.each(TROUBLES)('$what', async ({ state, noticedMs, begin, end }) => {
    const { recorder, ids } = fleet;
    const [busy] = [...disks].sort(
      (a, b) =>
        ids.filter((id) => filesOf(b, id).length > 0).length -
        ids.filter((id) => filesOf(a, id).length > 0).length,
    );
    const other = disks.find((disk) => disk !== busy);
    if (busy === undefined || other === undefined) throw new Error('There are two disks.');
    const moving = ids.filter((id) => filesOf(busy, id).length > 0);
    expect(moving.length).toBeGreaterThan(0);
    const gapsBefore = (await Promise.all(ids.map((id) => recorder.gaps(id)))).flat().length;
    begin(busy);
    const began = performance.now();
    const tookMs: number[] = [];
    for (const id of moving) {
      await eventually(`${id} is on the other disk`, () => filesOf(other, id).length > 0, 30_000);
      tookMs.push(performance.now() - began);
    }
    const takeoverMs = Math.max(...tookMs);
    // A file system that aborts gives EIO to what is under way, and says what it is to what comes later.
    await eventually(`it is called ${state}`, async () => (await stateOf(busy)) === state);
    const all = `start=${Date.now() - 3_600_000}&end=${Date.now() + 3_600_000}`;
    const { onMissingVolume } = await recorder.get<RecordingList>(`/cameras/${moving[0]}/recordings?${all}`);
    await delay(3_000);
    end(busy);
    await eventually('it is used again', async () => (await stateOf(busy)) === 'ok', 20_000).catch(
      (error) => {
        // A repaired file system is mounted anew, where the old one is still held open.
        if (state !== 'read-only') throw error;
      },
    );
    await delay(2_000);
    const gaps = (await Promise.all(ids.map((id) => recorder.gaps(id)))).flat().length;
    await recorder.stop();
    const stoppedMs = Date.now();
    // What the disk could not be told then is cut off now.
    await recorder.start();
    await allRecording(fleet);
    await recorder.stop();
    let found = { lost: 0, doubled: 0, backward: 0 };
    for (const id of ids) {
      const files = disks.flatMap((disk) => filesOf(disk, id));
      files.sort((a, b) => (path.basename(a) < path.basename(b) ? -1 : 1));
      // The recorder was stopped on purpose for a moment: each life is looked at by itself.
      const stamps = await readStamps(files);
      const pause = stamps.findIndex(({ sentMs }) => sentMs > stoppedMs);
      for (const part of pause < 0 ? [stamps] : [stamps.slice(0, pause), stamps.slice(pause)]) {
        const { lost, doubled, backward } = checkStamps(part);
        found = {
          lost: found.lost + lost,
          doubled: found.doubled + doubled,
          backward: found.backward + backward,
        };
      }
    }
    console.log(
      `${state}: ${moving.length} of ${CAMERAS} cameras moved within ${Math.round(takeoverMs)} ms; ${JSON.stringify(found)}`,
    );
    expect(found).toEqual({ lost: 0, doubled: 0, backward: 0 });
    expect(gaps).toBe(gapsBefore);
    expect(takeoverMs).toBeLessThan(noticedMs + patience(TAKEOVER_MS));
    expect(onMissingVolume.length > 0).toBe(state === 'missing' || state === 'slow');
  });
});
