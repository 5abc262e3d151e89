/** What is told of footage on volumes that are missing is what their segments say, however cameras changed volumes. */
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Archive } from '../../src/archive/archive.ts';
import { Database } from '../../src/archive/database.ts';
import { MissingFootage } from '../../src/archive/missingFootage.ts';
import { epochMs, type Interval } from '../../src/domain/time.ts';
import { intersect, joined } from '../../src/domain/timeline.ts';
import { encode } from './fragments.ts';
import { beginRun, FRONT, openArchive, temporaryFolder } from './support.ts';

const END_MS = 1_000_000;
const VOLUMES = [1, 2, 3];
let archive: Archive;
let database: Database;

beforeAll(async () => {
  const folder = temporaryFolder();
  archive = await openArchive(folder);
  beginRun(archive, encode(1, false));
  database = Database.open(join(folder, 'state', 'nightjar.db'));
  database.prepare<[]>("INSERT INTO volume (uuid, path) VALUES ('two', '/two'), ('three', '/three')").run();
});
afterAll(async () => {
  await database.close();
  await archive.close();
});

interface Segment extends Interval {
  readonly volume: number;
}

/** One after the other, some of them after a pause. */
const segments = fc
  .array(
    fc.record({
      volume: fc.constantFrom(...VOLUMES),
      pauseMs: fc.constantFrom(0, 0, 0, 1, 900, 70_000),
      lengthMs: fc.constantFrom(1, 500, 20_000, 60_000, 240_000),
    }),
    { maxLength: 30 },
  )
  .map((parts) => {
    const found: Segment[] = [];
    for (const { volume, pauseMs, lengthMs } of parts) {
      const startMs = epochMs((found.at(-1)?.endMs ?? 0) + pauseMs);
      found.push({ volume, startMs, endMs: epochMs(startMs + lengthMs) });
    }
    return found;
  });

function store(rows: readonly Segment[]): void {
  database.prepare<[]>('DELETE FROM segment').run();
  const insert = database.prepare<[string, number, string, number, number]>(
    `INSERT INTO segment (run_id, camera_id, volume_id, path, start_ms, end_ms, start_ticks, duration_ticks, bytes,
       header_bytes, frames, gops) VALUES (1, ?, ?, ?, ?, ?, 0, 1, 2, 1, 1, x'')`,
  );
  for (const [index, { volume, startMs, endMs }] of rows.entries())
    insert.run(FRONT, volume, `${index}`, startMs, endMs);
}

/** Volume 1 is there, unless it is said to be away. */
function missing(away: readonly number[]): MissingFootage {
  const named = VOLUMES.filter((id) => !away.includes(id));
  return new MissingFootage(
    database,
    named.map((id) => ({ id, path: `/${id}`, trouble: null })),
  );
}

const away = fc.subarray(VOLUMES);
const range = fc
  .tuple(fc.integer({ min: 0, max: END_MS }), fc.integer({ min: 1, max: END_MS }))
  .map(([from, length]) => ({ startMs: epochMs(from), endMs: epochMs(from + length) }));

test('stretches of a range hold all footage that is away, and of what is recorded nothing else', () => {
  fc.assert(
    fc.property(segments, away, range, (rows, gone, interval) => {
      store(rows);
      const told = missing(gone).stretches(FRONT, interval, null);
      const all = joined(rows, 0);
      const expected = joined(
        rows.filter(({ volume }) => gone.includes(volume)),
        0,
      );
      expect(joined(intersect(told, all), 0)).toEqual(intersect(expected, [interval]));
    }),
  );
});

test('stretches of cells touch every cell that footage that is away touches, and no other with footage', () => {
  fc.assert(
    fc.property(segments, away, fc.constantFrom(1_000, 60_000, 300_000), (rows, gone, stepMs) => {
      store(rows);
      const interval = { startMs: epochMs(0), endMs: epochMs(12_000_000) };
      const told = intersect(missing(gone).stretches(FRONT, interval, stepMs), joined(rows, 0));
      const expected = rows.filter(({ volume }) => gone.includes(volume));
      expect(cellsOf(told, stepMs)).toEqual(cellsOf(expected, stepMs));
    }),
  );
});

function cellsOf(intervals: readonly Interval[], stepMs: number): number[] {
  const cells = new Set<number>();
  for (const { startMs, endMs } of intervals) {
    for (let cell = Math.floor(startMs / stepMs); cell * stepMs < endMs; cell++) cells.add(cell);
  }
  return [...cells].sort((a, b) => a - b);
}
