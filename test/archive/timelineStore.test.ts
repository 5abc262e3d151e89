/** The levels of the timeline over a real index: right after every change, however it is made. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../../src/archive/database.ts';
import { MIGRATIONS, migrate } from '../../src/archive/migrations.ts';
import { TimelineStore } from '../../src/archive/timelineStore.ts';
import { cameraId, segmentId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';
import { CELL_BYTES, EMPTY_CELL, LEVELS, readCell, rowMs } from '../../src/domain/timelineCells.ts';

const CAMERA = cameraId('yard');
const MINUTE = 60_000;
/** Not a border of any level. */
const ZERO = Date.UTC(2026, 2, 28, 22, 7);
const EVER = { startMs: epochMs(0), endMs: epochMs(9e12) };
const [MINUTES, QUARTERS, WATCHES] = LEVELS;

let database: Database;
let store: TimelineStore;
beforeEach(() => {
  database = Database.open(':memory:');
  migrate(database);
  database.execute(`
    INSERT INTO volume (id, uuid, path) VALUES (1, 'v', '/v');
    INSERT INTO init (id, sha256, bytes, codecs) VALUES (1, zeroblob(32), x'00', 'avc1');
    INSERT INTO run (id, uuid, camera_id, stream, init_id, started_ms) VALUES (1, 'r', 'yard', 'main', 1, 0);`);
  store = new TimelineStore(database);
  return () => database.close();
});

function addSegment(id: number, startMs: number, endMs: number, seconds?: Buffer): void {
  database
    .prepare<[number, string, number, number]>(
      `INSERT INTO segment (id, run_id, camera_id, volume_id, path, start_ms, end_ms, start_ticks, duration_ticks,
         bytes, header_bytes, frames, gops) VALUES (?, 1, 'yard', 1, ?, ?, ?, 0, 1, 2, 1, 1, x'')`,
    )
    .run(id, String(id), startMs, endMs);
  if (seconds !== undefined) store.insertSeconds(segmentId(id), seconds);
}

function change(sql: string): void {
  database.execute(sql);
  expect(store.catchUp(() => true)).toBe(true);
}

/** The cells of a level that are not empty, by their start. */
function cells(level: (typeof LEVELS)[number] = MINUTES) {
  return new Map(
    store.read
      .rows(CAMERA, level, EVER)
      .flatMap(({ startMs, cells: bytes }) =>
        Array.from({ length: level.rowCells }, (_, index) => readCell(bytes, index)).flatMap((cell, index) =>
          JSON.stringify(cell) === JSON.stringify(EMPTY_CELL)
            ? []
            : [[startMs + index * level.cellMs, cell] as const],
        ),
      ),
  );
}

const recorded = (level?: (typeof LEVELS)[number]) =>
  [...cells(level).values()].map(({ recordedMs }) => recordedMs);

describe('the levels of the timeline', () => {
  it('hold a segment that spans two minutes, in every level', () => {
    addSegment(1, ZERO + 30_000, ZERO + 90_000, Buffer.alloc(60, 41));
    store.catchUp(() => true);
    expect([...cells()]).toEqual([
      [ZERO, { ...EMPTY_CELL, recordedMs: 30_000, peak: 40, mean: 40 }],
      [ZERO + MINUTE, { ...EMPTY_CELL, recordedMs: 30_000, peak: 40, mean: 40 }],
    ]);
    expect(recorded(QUARTERS)).toEqual([60_000]);
    expect([...cells(WATCHES)]).toEqual([
      [Date.UTC(2026, 2, 28, 20), { ...EMPTY_CELL, recordedMs: 60_000, peak: 40, mean: 40 }],
    ]);
  });

  it('know nothing of what moved where nothing is known, and that nothing did where that is', () => {
    addSegment(1, ZERO, ZERO + MINUTE);
    addSegment(2, ZERO + MINUTE, ZERO + 2 * MINUTE, Buffer.alloc(0));
    store.catchUp(() => true);
    expect([...cells().values()].map(({ peak, mean }) => [peak, mean])).toEqual([
      [null, null],
      [0, 0],
    ]);
  });

  it('give up what is deleted, and their rows with the last of it', () => {
    addSegment(1, ZERO, ZERO + MINUTE);
    addSegment(2, ZERO + MINUTE, ZERO + 90_000);
    store.catchUp(() => true);
    change('DELETE FROM segment WHERE id = 1');
    expect([...cells()]).toEqual([[ZERO + MINUTE, { ...EMPTY_CELL, recordedMs: 30_000 }]]);
    change('DELETE FROM segment');
    expect(LEVELS.flatMap((level) => store.read.rows(CAMERA, level, EVER))).toEqual([]);
  });

  it('hold gaps with the cause that lasted longest, once they are over', () => {
    change(`INSERT INTO gap (camera_id, start_ms, cause) VALUES ('yard', ${ZERO}, 'unreachable')`);
    expect(cells().size).toBe(0);
    change(`UPDATE gap SET end_ms = ${ZERO + 10_000}`);
    change(`INSERT INTO gap (camera_id, start_ms, end_ms, cause)
      VALUES ('yard', ${ZERO + 20_000}, ${ZERO + 2 * MINUTE}, 'storage')`);
    const found = [...cells().values()].map(({ gapMs, cause }) => [gapMs, store.read.cause(cause)]);
    expect(found).toEqual([
      [50_000, 'storage'],
      [60_000, 'storage'],
    ]);
    change('DELETE FROM gap');
    expect(cells().size).toBe(0);
  });

  it('count the marks and activities that begin in a cell, and no other events', () => {
    change(`INSERT INTO event (at_ms, kind, camera_id, text, data) VALUES
      (${ZERO}, 'mark', 'yard', 'here', '{}'), (${ZERO + 1}, 'activity', 'yard', 'there', '{}'),
      (${ZERO}, 'camera-offline', 'yard', 'gone', '{}'), (${ZERO}, 'mark', NULL, 'all', '{}')`);
    expect([...cells()]).toEqual([[ZERO, { ...EMPTY_CELL, events: 2 }]]);
    change(`UPDATE event SET at_ms = ${ZERO + MINUTE} WHERE kind = 'mark'`);
    expect([...cells().values()].map(({ events }) => events)).toEqual([1, 1]);
  });

  it('are brought up to date in steps, none of which is long', () => {
    addSegment(1, ZERO, ZERO + 3 * 86_400_000);
    let steps = 1;
    while (!store.catchUp(() => false)) steps++;
    expect(steps).toBeGreaterThan(10);
    const sum = recorded().reduce((total, ms) => total + ms, 0);
    expect(sum).toBe(3 * 86_400_000);
    for (const level of LEVELS) expect(recorded(level).reduce((total, ms) => total + ms, 0)).toBe(sum);
  });

  it('are the same when they are made anew', () => {
    const changes = fc.array(
      fc.record({ at: fc.nat(40), length: fc.integer({ min: 1, max: 200_000 }), gone: fc.boolean() }),
      { minLength: 1, maxLength: 12 },
    );
    let id = 0;
    fc.assert(
      fc.property(changes, (list) => {
        database.execute('DELETE FROM segment; DELETE FROM gap');
        for (const { at, length, gone } of list) {
          id++;
          addSegment(id, ZERO + at * 7_001, ZERO + at * 7_001 + length, Buffer.alloc(300, at));
          store.catchUp(() => true);
          if (gone) change(`DELETE FROM segment WHERE id = ${id}`);
        }
        const before = LEVELS.map((level) => [...cells(level)]);
        store.rebuild();
        expect(LEVELS.map((level) => [...cells(level)])).toEqual(before);
      }),
      { numRuns: 30 },
    );
  });

  it('lie in rows that begin at whole multiples of their length', () => {
    addSegment(1, ZERO, ZERO + 86_400_000);
    store.catchUp(() => true);
    for (const level of LEVELS) {
      for (const { startMs } of store.read.rows(CAMERA, level, EVER)) expect(startMs % rowMs(level)).toBe(0);
    }
  });
});

describe('an index with shorter rows', () => {
  const NAME = 'longer rows of the timeline';
  const SHORT_ROWS = [
    { level: 1, rowMs: 3_600_000, bytes: 720 },
    { level: 2, rowMs: 43_200_000, bytes: 576 },
    { level: 3, rowMs: 604_800_000, bytes: 504 },
  ];
  /** Of any bytes, also such as are no text. */
  const cellsOf = (place: number, bytes: number) =>
    Buffer.from(Array.from({ length: bytes }, (_, index) => (index * 7 + place * 31) % 256));

  it.each(SHORT_ROWS)('keeps each byte of level $level where it was', ({ level, rowMs: shortMs, bytes }) => {
    const old = Database.open(':memory:');
    const before = MIGRATIONS.findIndex(({ name }) => name === NAME);
    migrate(old, MIGRATIONS.slice(0, before));
    const add = old.prepare<[string, number, number, Buffer]>('INSERT INTO timeline_row VALUES (?, ?, ?, ?)');
    const places = [1, 2, 3, 6, 7, 20, 21];
    for (const id of ['yard', 'a'.repeat(64)]) {
      for (const place of places) add.run(id, level, place * shortMs, cellsOf(place, bytes));
    }
    migrate(old);
    const found = LEVELS.find((each) => each.level === level) ?? MINUTES;
    for (const id of ['yard', 'a'.repeat(64)]) {
      const rows = new TimelineStore(old).read.rows(cameraId(id), found, EVER);
      const last = Buffer.alloc(rowMs(found) * 5 * (bytes / shortMs));
      for (const { startMs, cells: kept } of rows) {
        expect([startMs % rowMs(found), kept.length]).toEqual([0, found.rowCells * CELL_BYTES]);
        kept.copy(last, startMs * (bytes / shortMs));
      }
      const wanted = Buffer.alloc(last.length);
      for (const place of places) cellsOf(place, bytes).copy(wanted, place * bytes);
      expect(last.equals(wanted)).toBe(true);
    }
    void old.close();
  });
});
