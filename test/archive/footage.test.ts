import { rmSync, truncateSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Database } from '../../src/archive/database.ts';
import { realDisk } from '../../src/archive/disk.ts';
import { Footage } from '../../src/archive/footage.ts';
import { encodeGops } from '../../src/archive/gopCodec.ts';
import { Ledger } from '../../src/archive/ledger.ts';
import { migrate } from '../../src/archive/migrations.ts';
import { SegmentStore } from '../../src/archive/segmentStore.ts';
import { Volume } from '../../src/archive/volume.ts';
import { cameraId, runId, segmentId } from '../../src/domain/ids.ts';
import { ticks } from '../../src/domain/ticks.ts';
import { epochMs } from '../../src/domain/time.ts';
import { encode, wallTime } from './fragments.ts';
import {
  beginRun,
  EVER,
  FRONT,
  openArchive,
  START_MS,
  silentLog,
  temporaryFolder,
  volumesOf,
} from './support.ts';

const media = encode(2, false);
const RUN = runId('00000000-0000-4000-8000-000000000001');
const GOPS = encodeGops([{ offset: 9, bytes: 1, startTicks: ticks(0), durationTicks: ticks(90), frames: 1 }]);

interface Lasting {
  readonly startMs: number;
  readonly endMs: number | null;
}

/** An index of segments that have no files, and of recordings. */
function indexOf(
  list: readonly { readonly start: number; readonly length: number }[],
  recordings: readonly Lasting[] = [],
): Footage {
  const database = Database.open(':memory:');
  migrate(database);
  database.execute("INSERT INTO volume (id, uuid, path) VALUES (1, 'u', '/nowhere')");
  const ledger = new Ledger(database);
  ledger.beginRun({ id: RUN, cameraId: FRONT, stream: 'main', init: media.init, startedMs: epochMs(0) });
  const insert = database.prepare<[string, number, number, Buffer]>(
    `INSERT INTO segment (run_id, camera_id, volume_id, path, start_ms, end_ms, start_ticks, duration_ticks, bytes,
       header_bytes, frames, gops) VALUES (1, ?, 1, 'x.mp4', ?, ?, 0, 90, 10, 9, 1, ?)`,
  );
  for (const { start, length } of list) insert.run(FRONT, start, start + length, GOPS);
  insert.run('another', 0, 10_000_000, GOPS);
  const record = database.prepare<[string, number, number | null, string | null]>(
    `INSERT INTO recording (camera_id, start_ms, end_ms, begin_reason, end_reason) VALUES (?, ?, ?, 'manual', ?)`,
  );
  for (const { startMs, endMs } of recordings)
    record.run(FRONT, startMs, endMs, endMs === null ? null : 'stopped');
  record.run('another', 0, 10_000_000, 'stopped');
  const volume = new Volume({ id: 1, uuid: 'u', path: '/nowhere' });
  const volumes = volumesOf([volume]);
  const store = new SegmentStore({ database, volumes, log: silentLog, retryMs: 1000 });
  return new Footage(database, realDisk, ledger, store);
}

const anySegments = fc.array(
  fc.record({
    start: fc.nat(1_000_000),
    // Usual ones, and the long ones that another index finds; those around the limit as well.
    length: fc.oneof(
      fc.integer({ min: 1, max: 70_000 }),
      fc.integer({ min: 119_995, max: 120_005 }),
      fc.nat(900_000),
    ),
  }),
  { maxLength: 30 },
);

describe('Footage', () => {
  it('finds exactly the segments that overlap a range, however long they are', () => {
    fc.assert(
      fc.property(anySegments, fc.nat(1_100_000), fc.nat(300_000), (list, from, length) => {
        const found = indexOf(list).segments(FRONT, {
          startMs: epochMs(from),
          endMs: epochMs(from + length),
        });
        const expected = list
          .map(({ start, length }, n) => ({ id: n + 1, start, end: start + length }))
          .filter(({ start, end }) => start < from + length && end > from)
          .sort((a, b) => a.start - b.start || a.id - b.id);
        expect(found.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      }),
    );
  });

  it('says where the footage around a moment ends and begins', () => {
    const aLength = fc.record({ pause: fc.integer({ min: 1, max: 50 }), length: fc.nat(50) });
    fc.assert(
      fc.property(fc.array(aLength, { maxLength: 30 }), fc.nat(1_500), fc.boolean(), (list, at, lasts) => {
        let endMs = 0;
        const recordings = list.map(({ pause, length }, index) => {
          const startMs = endMs + pause;
          endMs = startMs + length;
          return { startMs, endMs: lasts && index === list.length - 1 ? null : endMs };
        });
        const ends = recordings.flatMap(({ endMs }) => (endMs !== null && endMs <= at ? [endMs] : []));
        const starts = recordings.flatMap(({ startMs }) => (startMs > at ? [startMs] : []));
        expect(indexOf([], recordings).nearest(FRONT, epochMs(at))).toEqual({
          beforeMs: ends.at(-1) ?? null,
          afterMs: starts[0] ?? null,
        });
      }),
      { numRuns: 30 },
    );
  });

  it('sums what is recorded of days, whatever their length', () => {
    const hour = 3_600_000;
    const footage = indexOf([
      { start: 23 * hour - 30_000, length: 60_000 },
      { start: 30 * hour, length: 2 * hour },
    ]);
    const days = [
      { startMs: epochMs(0), endMs: epochMs(23 * hour) },
      { startMs: epochMs(23 * hour), endMs: epochMs(48 * hour) },
      { startMs: epochMs(48 * hour), endMs: epochMs(72 * hour) },
    ];
    expect(footage.days(FRONT, days).map(({ recordedMs }) => recordedMs)).toEqual([
      30_000,
      2 * hour + 30_000,
      0,
    ]);
  });

  it('never says that more of a day is recorded than the day is long', () => {
    const footage = indexOf([
      { start: 0, length: 60_000 },
      { start: 0, length: 60_000 },
    ]);
    const day = { startMs: epochMs(0), endMs: epochMs(60_000) };
    expect(footage.days(FRONT, [day])).toEqual([{ ...day, recordedMs: 60_000 }]);
  });

  it('refuses GOPs and segments that are not there, and files that are gone or short', async () => {
    const archive = await openArchive(temporaryFolder());
    const { footage } = archive;
    const writer = archive.writer(beginRun(archive, media), () => undefined);
    for (const fragment of media.fragments) writer.append(fragment, wallTime(START_MS, fragment));
    await writer.end();
    const [segment] = footage.segments(FRONT, EVER);
    if (segment === undefined) throw new Error('no segment');
    for (const [from, to] of [
      [0, 3],
      [1, 1],
      [-1, 1],
      [0.5, 1],
    ] as const) {
      await expect(footage.readGops(segment.id, from, to)).rejects.toThrow(
        expect.objectContaining({ kind: 'invalid' }),
      );
    }
    const notFound = expect.objectContaining({ kind: 'not-found' });
    await expect(footage.readGops(segmentId(99), 0, 1)).rejects.toThrow(notFound);
    const [, last] = segment.gops;
    truncateSync(segment.file, (last?.offset ?? 0) + (last?.bytes ?? 0) - 1);
    await expect(footage.readGops(segment.id, 1, 2)).rejects.toThrow('shorter than the index says');
    await expect(footage.readGops(segment.id, 0, 1)).resolves.toBeInstanceOf(Buffer);
    rmSync(segment.file);
    await expect(footage.readGops(segment.id, 0, 1)).rejects.toThrow(notFound);
    await archive.close();
  });

  it('counts an open segment, and keeps cameras and streams apart', async () => {
    const archive = await openArchive(temporaryFolder());
    const { footage } = archive;
    const writer = archive.writer(beginRun(archive, media), () => undefined);
    const startMs = epochMs(START_MS);
    for (const fragment of media.fragments) writer.append(fragment, wallTime(START_MS, fragment));
    await expect.poll(() => footage.segments(FRONT, EVER)[0]?.frames).toBe(50);
    const day = { startMs: epochMs(START_MS + 500), endMs: epochMs(START_MS + 86_400_000) };
    expect(footage.days(FRONT, [day])).toEqual([{ ...day, recordedMs: 1500 }]);
    expect(footage.segments(cameraId('another'), EVER)).toEqual([]);
    expect(footage.segments(FRONT, EVER, 'sub')).toEqual([]);
    expect(footage.segments(FRONT, { startMs: epochMs(START_MS + 2000), endMs: EVER.endMs })).toEqual([]);
    expect(footage.segments(FRONT, { startMs: EVER.startMs, endMs: startMs })).toEqual([]);
    await archive.close();
  });
});
