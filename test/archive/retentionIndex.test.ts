import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Database } from '../../src/archive/database.ts';
import { MIGRATIONS, migrate } from '../../src/archive/migrations.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';
import { addSegment, openStock, type Stock } from './retentionSupport.ts';
import { FRONT, START_MS } from './support.ts';

const MINUTE = 60_000;
const BACK = cameraId('back-yard');
const at = (minute: number) => epochMs(START_MS + minute * MINUTE);

/** Minutes after the start at which the oldest segments begin that may be deleted. */
function oldest(stock: Stock, count: number): number[] {
  const [total] = stock.index.totals();
  if (total === undefined) return [];
  return stock.index.facts(total, count).oldest.map(({ startMs }) => (startMs - START_MS) / MINUTE);
}

function protect({ protections }: Stock, from: number, to: number) {
  const who = { note: '', createdMs: at(0), createdBy: 'admin' };
  return protections.add({ cameraId: FRONT, startMs: at(from), endMs: at(to), ...who });
}

function rows<Row>({ database }: Stock, sql: string): Row[] {
  return database.prepare<[], Row>(sql).all();
}

describe('totals', () => {
  it('are kept as segments come and go', () => {
    const change = fc.record({
      remove: fc.boolean(),
      camera: fc.constantFrom(FRONT, BACK),
      bytes: fc.integer({ min: 2, max: 1000 }),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const stock = openStock();
        for (const [minute, { remove, camera, bytes }] of changes.entries()) {
          if (remove) stock.database.execute('DELETE FROM segment WHERE id = (SELECT min(id) FROM segment)');
          else addSegment(stock, minute, { camera, bytes });
          stock.database.execute(`UPDATE segment SET bytes = bytes + 1 WHERE camera_id = '${camera}'`);
        }
        expect(stock.index.totals()).toEqual(
          rows(
            stock,
            `SELECT camera_id AS cameraId, volume_id AS volumeId, count(*) AS segments, sum(bytes) AS bytes
             FROM segment GROUP BY camera_id, volume_id ORDER BY camera_id, volume_id`,
          ),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('are counted once for an archive that was there before them', () => {
    const database = Database.open(':memory:');
    const before = MIGRATIONS.findIndex(({ name }) => name.startsWith('retention'));
    migrate(database, MIGRATIONS.slice(0, before));
    database.execute(
      `INSERT INTO camera VALUES ('a', 'A', 1, '{}', NULL, 1, 'manual', 3, 1, 2);
       INSERT INTO volume VALUES (1, 'v', '/v');
       INSERT INTO init VALUES (1, randomblob(32), x'00', '');
       INSERT INTO run VALUES (1, 'r', 'a', 'main', 1, 0, NULL, NULL);
       INSERT INTO segment VALUES (1, 1, 'a', 1, 'x', 0, 1, 0, 1, 10, 1, 1, x''), (2, 1, 'a', 1, 'y', 1, 2, 0, 1, 20, 1, 1, x'');`,
    );
    migrate(database);
    const stock = { ...openStock(), database };
    expect(rows(stock, 'SELECT * FROM footage_total')).toEqual([
      { camera_id: 'a', volume_id: 1, segments: 2, bytes: 30 },
    ]);
    expect(rows(stock, 'SELECT name, mode, revision FROM camera')).toEqual([
      { name: 'A', mode: 'manual', revision: 3 },
    ]);
  });
});

describe('the oldest segments', () => {
  it('are given in order, and it is said whether there are more', () => {
    const stock = openStock();
    for (const minute of [3, 1, 0, 2]) addSegment(stock, minute);
    addSegment(stock, -1, { camera: BACK, runId: 2 });
    const total = { cameraId: FRONT, volumeId: 1, segments: 4, bytes: 4000 };
    expect(stock.index.facts(total, 3)).toMatchObject({ more: true, bytes: 4000 });
    expect(stock.index.facts(total, 3).oldest.map(({ startMs }) => startMs)).toEqual([at(0), at(1), at(2)]);
    expect(stock.index.facts(total, 9)).toMatchObject({ more: false });
  });

  it('pass over what is protected, however much that is', () => {
    const stock = openStock();
    for (let minute = 0; minute < 10; minute++) addSegment(stock, minute);
    protect(stock, 0, 2);
    protect(stock, 1, 4);
    expect(oldest(stock, 3)).toEqual([4, 5, 6]);
    const other = protect(stock, 5.5, 5.6);
    expect(oldest(stock, 3)).toEqual([4, 6, 7]);
    protect(stock, 9.9, 20);
    expect(oldest(stock, 9)).toEqual([4, 6, 7, 8]);
    stock.protections.remove(FRONT, other.id);
    expect(oldest(stock, 2)).toEqual([4, 5]);
  });

  it('are not protected by an interval that only touches them', () => {
    const stock = openStock();
    for (const minute of [0, 1, 2]) addSegment(stock, minute);
    protect(stock, 1, 2);
    expect(oldest(stock, 9)).toEqual([0, 2]);
  });

  it('do not include a long one that reaches into what is protected', () => {
    const stock = openStock();
    addSegment(stock, 0, { minutes: 30 });
    addSegment(stock, 40);
    protect(stock, 29, 30);
    expect(oldest(stock, 1)).toEqual([40]);
  });

  it('are found again when a clock that was set back brings older ones, at the latest after a while', () => {
    const stock = openStock();
    addSegment(stock, 10);
    protect(stock, 5, 6);
    expect(oldest(stock, 1)).toEqual([10]);
    addSegment(stock, 0);
    for (let look = 0; look < 200 && oldest(stock, 1)[0] !== 0; look++);
    expect(oldest(stock, 1)).toEqual([0]);
  });
});

describe('protections', () => {
  it('are listed with who wrote them and why, and refused when they end before they begin', () => {
    const { protections } = openStock();
    const one = {
      cameraId: FRONT,
      startMs: at(0),
      endMs: at(5),
      note: 'theft',
      createdMs: at(9),
      createdBy: 'eve',
    };
    const { id } = protections.add(one);
    expect(protections.list(FRONT)).toEqual([{ ...one, id }]);
    expect(protections.list(BACK)).toEqual([]);
    expect(() => protections.add({ ...one, endMs: at(0) })).toThrow(
      expect.objectContaining({ kind: 'invalid', field: 'endMs' }),
    );
    expect(() => protections.remove(BACK, id)).toThrow(expect.objectContaining({ kind: 'not-found' }));
    protections.remove(FRONT, id);
    expect(protections.list(FRONT)).toEqual([]);
  });
});

describe('segments that are condemned', () => {
  it('become garbage, with the books of their time', () => {
    const stock = openStock();
    for (const minute of [0, 1, 2, 3]) addSegment(stock, minute, { runId: minute < 2 ? 1 : 2 });
    stock.database.execute(
      `INSERT INTO recording (camera_id, start_ms, end_ms, begin_reason, end_reason) VALUES
         ('${FRONT}', ${at(0)}, ${at(1.5)}, 'manual', 'stopped'),
         ('${FRONT}', ${at(1.5)}, ${at(3.5)}, 'manual', 'stopped'),
         ('${FRONT}', ${at(3.5)}, NULL, 'manual', NULL),
         ('${BACK}', ${at(0)}, ${at(1)}, 'manual', 'stopped');
       INSERT INTO gap (camera_id, start_ms, end_ms, cause) VALUES
         ('${FRONT}', ${at(-5)}, ${at(0)}, 'stalled'), ('${FRONT}', ${at(3.2)}, ${at(3.3)}, 'stalled');`,
    );
    const [total] = stock.index.totals();
    const doomed = total === undefined ? [] : stock.index.facts(total, 2).oldest;
    const files = stock.index.condemn(doomed, () => true);
    expect(stock.index.garbage.on(1, 9)).toEqual(files);
    expect(stock.index.garbage.bytes(1)).toBe(2000);
    expect(oldest(stock, 9)).toEqual([2, 3]);
    expect(rows(stock, 'SELECT id FROM run')).toEqual([{ id: 2 }]);
    expect(rows(stock, `SELECT start_ms FROM recording ORDER BY camera_id, start_ms`)).toEqual([
      { start_ms: at(0) },
      { start_ms: at(2) },
      { start_ms: at(3.5) },
    ]);
    expect(rows(stock, 'SELECT start_ms FROM gap')).toEqual([{ start_ms: at(3.2) }]);
    stock.index.garbage.drop(files.slice(0, 1));
    expect(stock.index.garbage.on(1, 9)).toEqual(files.slice(1));
  });

  it('are as many as there is time for', () => {
    const stock = openStock();
    for (let minute = 0; minute < 6; minute++) addSegment(stock, minute);
    const [total] = stock.index.totals();
    let left = 2;
    const doomed = total === undefined ? [] : stock.index.facts(total, 6).oldest;
    expect(stock.index.condemn(doomed, () => --left > 0)).toHaveLength(2);
    expect(oldest(stock, 9)).toEqual([2, 3, 4, 5]);
  });
});

describe('policies', () => {
  it('are kept, and contradictions that nobody refused are', () => {
    const { policies } = openStock();
    const policy = { maxAgeMs: MINUTE, maxBytes: null, minAgeMs: MINUTE, minBytes: 5, priority: 7 };
    expect(policies.get(FRONT)).toMatchObject({ maxAgeMs: null, priority: 50 });
    policies.set(FRONT, policy);
    expect(policies.get(FRONT)).toEqual(policy);
    policies.set(FRONT, { ...policy, priority: 8 });
    expect(policies.all()).toEqual(new Map([[FRONT, { ...policy, priority: 8 }]]));
    expect(() => policies.set(FRONT, { ...policy, maxAgeMs: MINUTE - 1 })).toThrow(
      expect.objectContaining({ kind: 'conflict' }),
    );
  });
});
