import { describe, expect, it } from 'vitest';
import { Downtime } from '../../src/app/downtime.ts';
import type { Archive } from '../../src/archive/archive.ts';
import { epochMs } from '../../src/domain/time.ts';
import { EVER, FRONT, HandClock, openArchive, START_MS, temporaryFolder } from '../archive/support.ts';

const YEAR_MS = 365 * 86_400_000;
const gapsOf = (archive: Archive) =>
  archive.footage.gaps(FRONT, { ...EVER, startMs: epochMs(0) }).map(({ startMs, endMs, cause }) => ({
    startMs: startMs - START_MS,
    endMs: endMs === null ? null : endMs - START_MS,
    cause,
  }));

/** A recorder that was shut down at 0 while it should have recorded, and starts again. */
async function restarted(folder = temporaryFolder()) {
  const before = await openArchive(folder);
  before.ledger.openGap(FRONT, 'shutdown', epochMs(START_MS));
  await before.close();
  return await started(folder);
}

async function started(folder: string, clock = new HandClock()) {
  const archive = await openArchive(folder, { clock });
  return { folder, archive, clock, downtime: new Downtime(archive, clock) };
}

describe('the time the recorder was down', () => {
  it('is a gap up to its start', async () => {
    const { archive, clock, downtime } = await restarted();
    clock.ms = 60_000;
    downtime.settle();
    expect(gapsOf(archive)).toEqual([{ startMs: 0, endMs: 60_000, cause: 'shutdown' }]);
    await archive.close();
  });

  it('is known after all when a clock that was wrong at the start is put right', async () => {
    const { archive, clock, downtime } = await restarted();
    clock.leap(-YEAR_MS);
    downtime.settle();
    expect(gapsOf(archive)).toEqual([]);
    // Two minutes later the time service answers: the recorder was down for an hour.
    clock.ms += 120_000;
    const fromMs = clock.now();
    clock.leap(YEAR_MS + 3_600_000);
    downtime.clockSet({ fromMs, toMs: clock.now() });
    expect(gapsOf(archive)).toEqual([{ startMs: 0, endMs: 3_600_000, cause: 'shutdown' }]);
    downtime.clockSet({ fromMs, toMs: clock.now() });
    expect(gapsOf(archive)).toHaveLength(1);
    await archive.close();
  });

  it('is remembered over a start with a wrong clock', async () => {
    const { folder, archive, clock, downtime } = await restarted();
    clock.leap(-YEAR_MS);
    downtime.settle();
    await archive.close();
    const again = await started(folder);
    again.clock.ms = 7_200_000;
    again.downtime.settle();
    expect(gapsOf(again.archive)).toEqual([{ startMs: 0, endMs: 7_200_000, cause: 'shutdown' }]);
    await again.archive.close();
  });
});
