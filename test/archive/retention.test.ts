import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { AgeClock } from '../../src/archive/ageClock.ts';
import { DamagedFiles } from '../../src/archive/damagedFiles.ts';
import { type Disk, diskError, realDisk } from '../../src/archive/disk.ts';
import { Gate } from '../../src/archive/gate.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { DEFAULT_POLICY, type RetentionPolicy } from '../../src/domain/retention.ts';
import { epochMs } from '../../src/domain/time.ts';
import { addSegment, openStock, present, retentionOf, type Stock, settle } from './retentionSupport.ts';
import { FRONT, HandClock, START_MS, temporaryFolder, until } from './support.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Segments of `count` minutes and their files; the clock stands at the end of the last. */
function filled(count: number, policy: Partial<RetentionPolicy>): { stock: Stock; files: string[] } {
  const stock = openStock();
  const files = Array.from({ length: count }, (_, minute) => addSegment(stock, minute));
  stock.clock.ms = count * MINUTE;
  stock.policies.set(FRONT, { ...DEFAULT_POLICY, ...policy });
  return { stock, files };
}

/** A damaged file that was found at a time of the clock. */
function damagedFile({ database, folder }: Stock, ms: number): string {
  const path = `${FRONT}/damaged-${ms}.mp4`;
  const at = epochMs(START_MS + ms);
  new DamagedFiles(database).keep({
    ...{ volumeId: 1, path, bytes: 1000, cameraId: FRONT },
    ...{ startMs: at, foundMs: at },
  });
  writeFileSync(join(folder, path), Buffer.alloc(1000));
  return join(folder, path);
}

describe('a turn', () => {
  it('deletes what a policy names, the file too, and nothing else', async () => {
    const { stock, files } = filled(6, { maxAgeMs: 4 * MINUTE });
    const elsewhere = addSegment(stock, -60, { camera: cameraId('other'), runId: 2 });
    await settle(retentionOf(stock));
    expect(present(files)).toEqual([false, false, true, true, true, true]);
    expect(existsSync(elsewhere)).toBe(true);
    expect(stock.index.totals().map(({ segments }) => segments)).toEqual([4, 1]);
    expect(stock.index.garbage.on(1, 9)).toEqual([]);
  });

  it('makes room on one disk though another is pulled out meanwhile', async () => {
    const { stock, files } = filled(6, { maxAgeMs: 4 * MINUTE });
    const folder = temporaryFolder();
    stock.database.prepare<[string]>("INSERT INTO volume (id, uuid, path) VALUES (2, 'w', ?)").run(folder);
    stock.index.garbage.bury({ volumeId: 2, path: 'cam/a.mp4', bytes: 1000 });
    const verify = vi.fn(async () => undefined).mockResolvedValueOnce(undefined);
    verify.mockRejectedValue(new Error('It is not mounted.'));
    const pulledOut = { id: 2, path: folder, trouble: null, gate: new Gate(folder), verify };
    await retentionOf(stock, realDisk, {}, undefined, [pulledOut]).turn();
    expect(verify).toHaveBeenCalledTimes(2);
    expect(present(files)).toEqual([false, false, true, true, true, true]);
    expect(stock.index.garbage.on(2)).toHaveLength(1);
  });

  it('makes room although the disk of the index does not answer', async () => {
    const { stock, files } = filled(6, { maxAgeMs: 4 * MINUTE });
    const flush = vi.spyOn(stock.database, 'flush').mockReturnValue(new Promise(() => undefined));
    await settle(retentionOf(stock));
    expect(flush).toHaveBeenCalled();
    expect(present(files)).toEqual([false, false, true, true, true, true]);
  });

  it('deletes damaged files when their time is over, and not before', async () => {
    const { stock } = filled(3, {});
    const [old, young] = [damagedFile(stock, 0), damagedFile(stock, 2 * DAY)];
    const retention = retentionOf(stock);
    for (const days of [1, 89]) {
      stock.clock.ms = days * DAY;
      await settle(retention);
      expect(present([old, young])).toEqual([true, true]);
    }
    stock.clock.ms = 91 * DAY;
    await settle(retention);
    expect(present([old, young])).toEqual([false, true]);
    expect(new DamagedFiles(stock.database).total(1)).toEqual({ files: 1, bytes: 1000 });
  });

  it('gives up damaged files before footage that is guaranteed, when there is no room', async () => {
    const { stock, files } = filled(3, { minAgeMs: DAY });
    const all = [damagedFile(stock, 0), damagedFile(stock, 1), ...files];
    const rules = { reserveBytes: 3_000, whenFull: 'drop-oldest' } as const;
    const retention = retentionOf(stock, realDisk, rules, new FullDisk(all));
    await retention.turn();
    await retention.turn();
    expect(present(all)).toEqual([false, false, true, true, true]);
    await settle(retention);
    expect(present(all)).toEqual([false, false, false, true, true]);
  });

  it('is a small one, and there are as many as it takes', async () => {
    const { stock, files } = filled(180, { maxBytes: 30_000 });
    const retention = retentionOf(stock);
    expect(await retention.turn()).toBe(0);
    expect(present(files).filter((there) => !there).length).toBeLessThanOrEqual(50);
    expect(await settle(retention)).toBeGreaterThanOrEqual(3);
    expect(present(files).indexOf(true)).toBe(150);
  });

  it('tells nothing of what it deletes behind what is protected', async () => {
    const { stock } = filled(20, { maxAgeMs: 10 * MINUTE });
    const at = (minute: number) => epochMs(START_MS + minute * MINUTE);
    const who = { note: '', createdMs: at(0), createdBy: 'admin' };
    stock.protections.add({ cameraId: FRONT, startMs: at(2), endMs: at(4), ...who });
    stock.database.execute(
      `INSERT INTO recording (camera_id, start_ms, end_ms, begin_reason, end_reason) VALUES
         ('${FRONT}', ${at(0)}, ${at(6)}, 'continuous', 'new-run'),
         ('${FRONT}', ${at(6)}, ${at(8)}, 'continuous', 'new-run');
       INSERT INTO recording (camera_id, start_ms, begin_reason) VALUES ('${FRONT}', ${at(1)}, 'continuous');
       INSERT INTO gap (camera_id, start_ms, end_ms, cause) VALUES
         ('${FRONT}', ${at(5)}, ${at(7)}, 'stalled'), ('${FRONT}', ${at(12)}, ${at(13)}, 'stalled');`,
    );
    await settle(retentionOf(stock));
    const told = (table: string) =>
      stock.database
        .prepare<[], { from: number; to: number | null }>(
          `SELECT (start_ms - ${START_MS}) / ${MINUTE} AS "from", (end_ms - ${START_MS}) / ${MINUTE} AS "to"
           FROM ${table} ORDER BY start_ms, end_ms IS NULL`,
        )
        .all()
        .map(({ from, to }) => [from, to]);
    expect(told('segment').map(([from]) => from)).toEqual([2, 3, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(told('recording')).toEqual([
      [2, 4],
      [2, 4],
      [10, null],
    ]);
    expect(told('gap')).toEqual([[12, 13]]);
  });

  it('tells nothing of a camera of which nothing is left', async () => {
    const { stock } = filled(6, { maxAgeMs: MINUTE });
    stock.clock.ms += HOUR;
    stock.database.execute(
      `INSERT INTO recording (camera_id, start_ms, end_ms, begin_reason, end_reason)
       VALUES ('${FRONT}', ${START_MS}, ${START_MS + 6 * MINUTE}, 'continuous', 'stopped')`,
    );
    await settle(retentionOf(stock));
    expect(stock.database.prepare('SELECT id FROM recording').all()).toEqual([]);
  });

  it('never deletes what is protected', async () => {
    const { stock, files } = filled(6, { maxAgeMs: MINUTE });
    const [startMs, endMs] = [epochMs(START_MS + MINUTE), epochMs(START_MS + 3 * MINUTE)];
    const who = { note: '', createdMs: startMs, createdBy: 'admin' };
    stock.protections.add({ cameraId: FRONT, startMs, endMs, ...who });
    await settle(retentionOf(stock));
    expect(present(files)).toEqual([false, true, true, false, false, true]);
  });

  it('removes the folders of past days that it empties, and no other', async () => {
    const { stock, files } = filled(4, { maxAgeMs: MINUTE });
    stock.clock.ms = 40 * DAY;
    const today = addSegment(stock, 40 * 24 * 60 - 5);
    await settle(retentionOf(stock));
    expect(present(files)).toEqual([false, false, false, false]);
    expect(existsSync(today)).toBe(false);
    // The day that is over is gone, and its month; the one that is written to is not.
    expect(readdirSync(join(stock.folder, FRONT, '2026'))).toEqual(['05']);
    expect(existsSync(dirname(today))).toBe(true);
  });

  it('says which limits can’t be kept', async () => {
    const { stock, files } = filled(6, { maxAgeMs: MINUTE, minBytes: 3_000 });
    const retention = retentionOf(stock);
    await settle(retention);
    expect(present(files)).toEqual([false, false, false, true, true, true]);
    expect(retention.unmet).toEqual([{ cameraId: FRONT, limit: 'age', because: 'minimum' }]);
  });
});

describe('garbage', () => {
  it('that a crash left is finished, whether its files are there or not', async () => {
    const { stock, files } = filled(3, {});
    const [total] = stock.index.totals();
    if (total !== undefined) stock.index.condemn(stock.index.facts(total, 2).oldest, () => true);
    rmSync(files[0] ?? '');
    await settle(retentionOf(stock));
    expect(present(files)).toEqual([false, false, true]);
    expect(stock.index.garbage.on(1, 9)).toEqual([]);
  });

  it('that the disk does not let go stays garbage, and is tried again after a while', async () => {
    const { stock, files } = filled(3, { maxBytes: 1_000 });
    let broken = true;
    const disk: Disk = {
      ...realDisk,
      unlink: async (path) => {
        if (broken) throw diskError(path, Object.assign(new Error('EROFS'), { code: 'EROFS' }));
        await realDisk.unlink(path);
      },
    };
    const retention = retentionOf(stock, disk);
    await settle(retention);
    expect(stock.index.garbage.on(1, 9)).toHaveLength(2);
    expect(present(files)).toEqual([true, true, true]);
    broken = false;
    await settle(retention);
    expect(present(files)).toEqual([true, true, true]);
    stock.clock.ms += 61_000;
    await settle(retention);
    expect(stock.index.garbage.on(1, 9)).toEqual([]);
    expect(present(files).filter(Boolean)).toHaveLength(1);
  });
});

describe('a disk that does not let files go', () => {
  /** 300 segments on a disk that is full, of which the space of 60 is to be free; `stays` can't be unlinked. */
  function crowded(stays: (path: string) => boolean) {
    const { stock, files } = filled(300, {});
    const disk: Disk = {
      ...realDisk,
      unlink: async (path) => {
        if (stays(path)) throw diskError(path, Object.assign(new Error('EPERM'), { code: 'EPERM' }));
        await realDisk.unlink(path);
      },
    };
    const retention = retentionOf(stock, disk, { reserveBytes: 60_000 }, new FullDisk(files));
    return { stock, files, retention, left: () => stock.index.totals()[0]?.segments ?? 0 };
  }

  it('costs no other footage where it is a single one', async () => {
    const { files, retention, left } = crowded((path) => path.endsWith('T01-02-30.000Z.mp4'));
    await settle(retention);
    expect(present(files).filter((there) => !there)).toHaveLength(60);
    expect(left()).toBe(239);
  });

  it('costs a slice of it a minute where it is all of them, and raises the alarm', async () => {
    const { stock, files, retention, left } = crowded(() => true);
    await settle(retention);
    expect(left()).toBe(250);
    expect(retention.alarms).toMatchObject([{ kind: 'space', volumeId: 1 }]);
    stock.clock.ms += 30_000;
    await settle(retention);
    expect([left(), present(files).includes(false)]).toEqual([250, false]);
  });
});

describe('the alarm', () => {
  it('ends at once when another program has given back what it took', async () => {
    const { stock, files } = filled(3, { minAgeMs: DAY });
    const others = Array.from({ length: 100 }, (_, n) => join(stock.folder, `other-${n}`));
    for (const other of others) writeFileSync(other, '');
    const gate = new FullDisk([...files, ...others]);
    const retention = retentionOf(stock, realDisk, { reserveBytes: 10_000 }, gate);
    await settle(retention);
    expect(retention.alarms).toMatchObject([{ kind: 'space', left: 'guaranteed' }]);
    for (const other of others.slice(0, 15)) rmSync(other);
    stock.clock.ms += 1_000;
    await settle(retention);
    expect(retention.alarms).toHaveLength(1);
    for (const other of others.slice(15)) rmSync(other);
    stock.clock.ms += 1_000;
    await settle(retention);
    expect(retention.alarms).toEqual([]);
    expect(present(files)).toEqual([true, true, true]);
  });
});

/** Nothing is free on it but what these files of 1000 bytes leave behind. */
class FullDisk extends Gate {
  readonly #files: readonly string[];

  constructor(files: readonly string[]) {
    super('/');
    this.#files = files;
  }

  override async run<T>(work: () => Promise<T>): Promise<T> {
    const found = await super.run(work);
    if (typeof found !== 'object' || found === null || !('bavail' in found)) return found;
    const free = this.#files.filter((file) => !existsSync(file)).length;
    return Object.assign(found, { bavail: free, bfree: free, blocks: 1000, bsize: 1000 });
  }
}

describe('the runner', () => {
  it('looks by itself, at once when told to, and ends when it is closed', async () => {
    const { stock, files } = filled(6, {});
    const retention = retentionOf(stock);
    retention.start(() => undefined);
    await until(() => retention.spaceOf(1) !== null);
    expect(present(files)).not.toContain(false);
    stock.policies.set(FRONT, { ...DEFAULT_POLICY, maxAgeMs: 2 * MINUTE });
    retention.hurry();
    await until(() => present(files).filter(Boolean).length === 2);
    await retention.close();
    expect(stock.index.garbage.on(1, 9)).toEqual([]);
  });

  it('does not believe a clock that leaps a year ahead', async () => {
    const { stock, files } = filled(6, { maxAgeMs: 30 * DAY });
    const wall = stock.clock.ms;
    const clock = new HandClock();
    const leapt = { now: () => epochMs(START_MS + wall + 365 * DAY + clock.ms), monotonic: () => clock.ms };
    const retention = retentionOf({ ...stock, clock: Object.assign(clock, leapt) });
    await settle(retention);
    expect(present(files)).not.toContain(false);
    clock.ms += HOUR;
    await settle(retention);
    expect(present(files)).not.toContain(true);
  });
});

describe('the time by which ages are told', () => {
  const t0 = START_MS;
  function clocks(newest: number | null) {
    let [wall, monotonic] = [t0, 0];
    const clock = { now: () => epochMs(wall), monotonic: () => monotonic };
    const ages = new AgeClock(clock, newest === null ? null : epochMs(newest));
    const pass = (ms: number) => {
      wall += ms;
      monotonic += ms;
      return ages.now() - t0;
    };
    const step = (ms: number) => {
      wall += ms;
      return ages.now() - t0;
    };
    return { pass, step };
  }

  it('follows the wall clock, and small steps of it', () => {
    const { pass, step } = clocks(t0 - MINUTE);
    expect(pass(0)).toBe(0);
    expect(pass(DAY)).toBe(DAY);
    expect(step(30 * MINUTE)).toBe(DAY + 30 * MINUTE);
  });

  it('goes back at once, and on from there', () => {
    const { pass, step } = clocks(t0);
    expect(step(-5 * DAY)).toBe(-5 * DAY);
    expect(pass(MINUTE)).toBe(-5 * DAY + MINUTE);
  });

  it('takes an hour to believe a leap forward, and forgets one that was taken back', () => {
    const { pass, step } = clocks(t0);
    expect(step(DAY)).toBe(0);
    expect(pass(59 * MINUTE)).toBe(59 * MINUTE);
    expect(step(-DAY)).toBe(59 * MINUTE);
    expect(step(DAY)).toBe(59 * MINUTE);
    expect(pass(59 * MINUTE)).toBe(118 * MINUTE);
    expect(pass(2 * MINUTE)).toBe(DAY + 120 * MINUTE);
  });

  it('counts a long time without footage as a leap, but not an archive without any', () => {
    expect(clocks(t0 - DAY).pass(MINUTE)).toBe(-DAY + MINUTE);
    expect(clocks(null).pass(MINUTE)).toBe(MINUTE);
  });
});
