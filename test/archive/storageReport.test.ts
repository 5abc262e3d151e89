import { describe, expect, it } from 'vitest';
import { Gate } from '../../src/archive/gate.ts';
import { StorageReporter } from '../../src/archive/storageReport.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { DEFAULT_POLICY } from '../../src/domain/retention.ts';
import { epochMs } from '../../src/domain/time.ts';
import { addSegment, openStock, retentionOf, type Stock } from './retentionSupport.ts';
import { FRONT, START_MS } from './support.ts';

const MINUTE = 60_000;
const GONE = cameraId('gone');
const rules = { reserveBytes: 1, whenFull: 'stop-lowest' } as const;

function reporterOf(stock: Stock) {
  const retention = retentionOf(stock);
  const gate = new Gate(stock.folder);
  const volume = { id: 1, path: stock.folder, trouble: null, gate, verify: async () => undefined };
  const health = () => ({ state: 'ok', sinceMs: epochMs(START_MS), reason: null, writeDelayMs: 7 }) as const;
  const reporter = new StorageReporter({ ...stock, retention, rules, volumes: () => [volume], health });
  return { reporter, retention };
}

/** The front door is being recorded. */
function writing(stock: Stock): void {
  stock.database.execute(
    `INSERT INTO open_segment (run_id, camera_id, volume_id, path, start_ms, start_ticks)
     VALUES (1, '${FRONT}', 1, 'x', 0, 0)`,
  );
}

describe('the report', () => {
  it('says of each camera what there is, at which rate it grows and how far back it will reach', async () => {
    const stock = openStock();
    for (let minute = 0; minute < 10; minute++) addSegment(stock, minute, { bytes: 6_000 });
    addSegment(stock, 3, { camera: GONE, runId: 2 });
    writing(stock);
    stock.clock.ms = 10 * MINUTE;
    stock.policies.set(FRONT, { ...DEFAULT_POLICY, maxAgeMs: 60 * MINUTE });
    const [startMs, endMs] = [epochMs(START_MS + MINUTE), epochMs(START_MS + 3 * MINUTE)];
    stock.protections.add({
      cameraId: FRONT,
      startMs,
      endMs,
      note: '',
      createdMs: startMs,
      createdBy: 'admin',
    });
    const { reporter, retention } = reporterOf(stock);
    await retention.turn();
    const { volumes, cameras } = reporter.report();
    expect(cameras).toMatchObject([
      {
        ...{ cameraId: FRONT, segments: 10, bytes: 60_000, protectedBytes: 12_000 },
        ...{ oldestMs: START_MS, newestMs: START_MS + 10 * MINUTE, bytesPerSecond: 100 },
        ...{ keptMs: 60 * MINUTE, limit: 'age', unmet: [], stopped: false },
      },
      { cameraId: GONE, segments: 1, bytes: 1_000, keptMs: null, limit: null },
    ]);
    expect(volumes).toMatchObject([
      {
        id: 1,
        path: stock.folder,
        health: { state: 'ok', writeDelayMs: 7 },
        reserveBytes: 1,
        alarm: null,
        keptMs: 60 * MINUTE,
        fullInMs: null,
      },
    ]);
    expect(volumes[0]?.space?.freeBytes).toBeGreaterThan(0);
  });

  it('takes the last day for a rate, and a camera that is not recorded for one that does not grow', async () => {
    const stock = openStock();
    addSegment(stock, 0, { bytes: 86_400 });
    addSegment(stock, 3 * 24 * 60, { bytes: 86_400 });
    stock.clock.ms = 3 * 86_400_000 + 2 * MINUTE;
    const { reporter, retention } = reporterOf(stock);
    await retention.turn();
    expect(reporter.report().cameras).toMatchObject([{ bytesPerSecond: 1, keptMs: null }]);
    expect(reporter.report().volumes).toMatchObject([{ keptMs: null, fullInMs: null }]);
  });

  it('leaves the time of the file that is being written out of a rate, and does not keep an early one for long', () => {
    const stock = openStock();
    addSegment(stock, 0, { bytes: 15_000_000 });
    writing(stock);
    const { reporter } = reporterOf(stock);
    const rate = (seconds: number) => {
      stock.clock.ms = seconds * 1000;
      return reporter.report().cameras[0]?.bytesPerSecond;
    };
    // 2 Mbit/s from the first file on, also just before the second is complete.
    expect([rate(61), rate(119)]).toEqual([250_000, 250_000]);
    addSegment(stock, 1, { bytes: 30_000_000 });
    expect(rate(128)).toBe(375_000);
  });

  it('knows nothing of the space before it was measured', () => {
    const { reporter } = reporterOf(openStock());
    expect(reporter.report().volumes).toMatchObject([{ space: null, reserveBytes: null, shortBytes: 0 }]);
  });
});
