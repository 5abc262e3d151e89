import { existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AgeClock } from '../../src/archive/ageClock.ts';
import { type Disk, diskError, realDisk } from '../../src/archive/disk.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { DEFAULT_POLICY, type RetentionPolicy } from '../../src/domain/retention.ts';
import { epochMs } from '../../src/domain/time.ts';
import { addSegment, openStock, present, retentionOf, type Stock, settle } from './retentionSupport.ts';
import { FRONT, HandClock, START_MS, until } from './support.ts';

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

describe('a turn', () => {
  it('deletes what a policy names, the file too, and nothing else', async () => {
    const { stock, files } = filled(6, { maxAgeMs: 4 * MINUTE });
    const elsewhere = addSegment(stock, -60, { camera: cameraId('other'), runId: 2 });
    await settle(retentionOf(stock));
    expect(present(files)).toEqual([false, false, true, true, true, true]);
    expect(existsSync(elsewhere)).toBe(true);
    expect(stock.index.totals().map(({ segments }) => segments)).toEqual([4, 1]);
    expect(stock.index.garbage(1, 9)).toEqual([]);
  });

  it('is a small one, and there are as many as it takes', async () => {
    const { stock, files } = filled(180, { maxBytes: 30_000 });
    const retention = retentionOf(stock);
    expect(await retention.turn()).toBe(0);
    expect(present(files).filter((there) => !there).length).toBeLessThanOrEqual(50);
    expect(await settle(retention)).toBeGreaterThanOrEqual(3);
    expect(present(files).indexOf(true)).toBe(150);
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
    expect(stock.index.garbage(1, 9)).toEqual([]);
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
    expect(stock.index.garbage(1, 9)).toHaveLength(2);
    expect(present(files)).toEqual([true, true, true]);
    broken = false;
    await settle(retention);
    expect(present(files)).toEqual([true, true, true]);
    stock.clock.ms += 61_000;
    await settle(retention);
    expect(stock.index.garbage(1, 9)).toEqual([]);
    expect(present(files).filter(Boolean)).toHaveLength(1);
  });
});

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
    expect(stock.index.garbage(1, 9)).toEqual([]);
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
