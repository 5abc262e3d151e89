/** What is kept of timelines says what would be told without it, after any changes, over a real index. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { TimelineDoor } from '../../src/app/timelineParts.ts';
import { timelinePort } from '../../src/app/timelinePort.ts';
import { Database } from '../../src/archive/database.ts';
import { migrate } from '../../src/archive/migrations.ts';
import { TimelineStore } from '../../src/archive/timelineStore.ts';
import { cameraId, segmentId } from '../../src/domain/ids.ts';
import { epochMs, type Interval } from '../../src/domain/time.ts';
import { zone } from '../../src/domain/zone.ts';
import type { TimelinePort } from '../../src/http/finding.ts';
import { timelineText } from '../../src/http/timelineText.ts';

const YARD = cameraId('yard');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ZERO = Date.UTC(2026, 2, 28, 22, 7);
/** In cells of seconds, of minutes and of all that is longer, whole multiples of those of the levels or not. */
const RESOLUTIONS = [
  1_000,
  7_000,
  30_000,
  MINUTE,
  86_400,
  2 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  HOUR,
  5 * HOUR,
];

/** An index with one camera, as recorder, retention and people would change it. */
class Changing {
  readonly database = Database.open(':memory:');
  readonly store: TimelineStore;
  readonly kept: TimelinePort;
  readonly plain: TimelinePort;
  nowMs = ZERO + HOUR;
  #growsFrom: number | null = null;
  #ids = 0;
  #turns = 0;

  constructor() {
    const { database } = this;
    migrate(database);
    database.execute(`
      INSERT INTO volume (id, uuid, path) VALUES (1, 'v', '/v');
      INSERT INTO init (id, sha256, bytes, codecs) VALUES (1, zeroblob(32), x'00', 'avc1');
      INSERT INTO run (id, uuid, camera_id, stream, init_id, started_ms) VALUES (1, 'r', 'yard', 'main', 1, 0);`);
    this.store = new TimelineStore(database);
    const { footage, ...door } = this.#door();
    // A clock that runs lets cells be made anew of one interval for each answer, one that stands of all.
    const clock = { now: () => epochMs(this.nowMs), monotonic: () => this.#turns++ % 3 };
    this.kept = timelinePort({ ...door, footage }, clock, zone('UTC'));
    // Never cut, because it may grow from its beginning; never kept; and the cells as the other found them.
    const uncut = {
      ...footage,
      growing: () => [{ startMs: epochMs(0), endMs: epochMs(0) }, ...footage.growing(YARD)],
    };
    const timeline = { ...door.timeline, catchUp: () => true };
    this.plain = timelinePort({ ...door, timeline, footage: uncut }, clock, zone('UTC'), 0);
  }

  #door(): TimelineDoor {
    const { store } = this;
    const open = this.database.prepare<[], { readonly startMs: number }>(
      'SELECT start_ms AS startMs FROM gap WHERE end_ms IS NULL',
    );
    return {
      footage: {
        growing: () => (this.#growsFrom === null ? [] : [between(this.#growsFrom, this.nowMs)]),
        openGap: () => {
          const [gap] = open.all();
          return gap === undefined ? null : { startMs: epochMs(gap.startMs), cause: 'unreachable' };
        },
      },
      missing: { none: true, stretches: () => [] },
      timeline: {
        read: store.read,
        catchUp: store.catchUp.bind(store),
        onChange: store.onChange.bind(store),
      },
      cameras: { list: () => [{ id: YARD }] },
      activity: { seconds: () => null },
    };
  }

  run(sql: string): void {
    this.database.execute(sql);
  }

  addSegment(startMs: number, endMs: number): void {
    const id = ++this.#ids;
    this.database.transaction(() => {
      this.run(`INSERT INTO segment (id, run_id, camera_id, volume_id, path, start_ms, end_ms, start_ticks,
        duration_ticks, bytes, header_bytes, frames, gops)
        VALUES (${id}, 1, 'yard', 1, '${id}', ${startMs}, ${endMs}, 0, 1, 2, 1, 1, x'')`);
      this.store.insertSeconds(segmentId(id), Buffer.from([0, 10 + (id % 200), 5]));
    });
  }

  /** Footage begins to grow, or what grows is closed. */
  turn(): void {
    if (this.#growsFrom !== null) this.addSegment(this.#growsFrom, this.nowMs);
    this.#growsFrom = this.#growsFrom === null ? this.nowMs : null;
  }

  /** Begins what lasts, or ends it. */
  toggle(table: 'recording' | 'gap'): void {
    const end = table === 'gap' ? '' : ", end_reason = 'stopped'";
    const lasts = this.database.prepare<[], object>(`SELECT 1 FROM ${table} WHERE end_ms IS NULL`).get();
    const values =
      table === 'gap'
        ? "cause) VALUES ('yard', ?, 'unreachable')"
        : "begin_reason) VALUES ('yard', ?, 'manual')";
    if (lasts !== undefined)
      this.run(`UPDATE ${table} SET end_ms = ${this.nowMs}${end} WHERE end_ms IS NULL`);
    else this.run(`INSERT INTO ${table} (camera_id, start_ms, ${values.replace('?', `${this.nowMs}`)}`);
  }

  /** As people mark it, or as activity is told late. */
  mark(startMs: number, lengthMs: number): void {
    const end = lengthMs === 0 ? 'NULL' : startMs + lengthMs;
    this.run(`INSERT INTO event (at_ms, end_ms, kind, camera_id, text, data)
      VALUES (${startMs}, ${end}, '${lengthMs % 2 === 0 ? 'mark' : 'activity'}', 'yard', 'It moved', '{}')`);
  }

  /** Of the rows of a table, one. */
  some(table: string, number: number): string {
    return `id = (SELECT id FROM ${table} ORDER BY id LIMIT 1
      OFFSET ${number} % max(1, (SELECT count(*) FROM ${table})))`;
  }

  async ask(startMs: number, cells: number, resolution: number): Promise<[string, string]> {
    const interval = between(startMs, startMs + cells * resolution);
    const text = async (port: TimelinePort) =>
      timelineText(await port.timeline(null, interval, resolution)).toString();
    return [await text(this.kept), await text(this.plain)];
  }
}

function between(startMs: number, endMs: number): Interval {
  return { startMs: epochMs(startMs), endMs: epochMs(endMs) };
}

const aNumber = fc.nat(1_000);
/** Something that happens, by its name. Times are since the beginning; what is closed lies in the past. */
const CHANGES: Readonly<Record<string, (index: Changing, a: number, b: number) => void>> = {
  'time passes': (index, a) => {
    index.nowMs += a * 3_000;
  },
  'footage begins to grow, or is closed': (index) => index.turn(),
  'a recording begins or ends': (index) => index.toggle('recording'),
  'a gap begins or ends': (index) => index.toggle('gap'),
  'footage arrives late': (index, a, b) => index.addSegment(ZERO + a * 5_000, ZERO + a * 5_000 + b * 100),
  'retention deletes': (index, a) => index.run(`DELETE FROM segment WHERE ${index.some('segment', a)}`),
  'a recording is cut': (index, a) =>
    index.run(`UPDATE recording SET end_ms = (start_ms + end_ms) / 2 WHERE ${index.some('recording', a)}`),
  'a recording is forgotten': (index, a) =>
    index.run(`DELETE FROM recording WHERE ${index.some('recording', a)}`),
  'the clock was set': (index, a, b) =>
    index.run(`UPDATE recording SET clock_offset_ms = ${b} WHERE ${index.some('recording', a)}`),
  'a gap has another cause': (index, a) =>
    index.run(`UPDATE gap SET cause = 'storage' WHERE ${index.some('gap', a)}`),
  'a gap is forgotten': (index, a) => index.run(`DELETE FROM gap WHERE ${index.some('gap', a)}`),
  'a mark is set': (index, a, b) => index.mark(ZERO + a * 5_000, (b % 3) * b * 1_001),
  'a mark ends later': (index, a, b) =>
    index.run(`UPDATE event SET end_ms = at_ms + ${b + 1}, text = 'later' WHERE ${index.some('event', a)}`),
  'a mark is moved': (index, a, b) =>
    index.run(`UPDATE event SET at_ms = at_ms - ${b * 1_000} WHERE ${index.some('event', a)}`),
  'a mark is removed': (index, a) => index.run(`DELETE FROM event WHERE ${index.some('event', a)}`),
};

const anAnswer = fc.record({
  from: fc.nat(40),
  cells: fc.integer({ min: 1, max: 300 }),
  of: fc.nat(RESOLUTIONS.length - 1),
});
const aHistory = fc.array(
  fc.record({
    name: fc.constantFrom(...Object.keys(CHANGES)),
    a: aNumber,
    b: aNumber,
    answers: fc.array(fc.nat(4), { maxLength: 3 }),
  }),
  { minLength: 5, maxLength: 60 },
);

it('is what is told without it, whatever changes between answers', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anAnswer, { minLength: 5, maxLength: 5 }),
      aHistory,
      async (answers, history) => {
        const index = new Changing();
        try {
          for (const { name, a, b, answers: asked } of history) {
            CHANGES[name]?.(index, a, b);
            for (const number of asked) {
              const { from, cells, of } = answers[number] ?? { from: 0, cells: 1, of: 0 };
              const resolution = RESOLUTIONS[of] ?? MINUTE;
              const [kept, plain] = await index.ask(ZERO + from * 10 * MINUTE, cells, resolution);
              expect(JSON.parse(kept)).toEqual(JSON.parse(plain));
            }
          }
        } finally {
          await index.database.close();
        }
      },
    ),
    { numRuns: 40 },
  );
});

it('heeds what changes beside it, in a cell of the level that reaches into it', async () => {
  const index = new Changing();
  try {
    // Their last cell ends within a minute that is told by halves.
    const resolution = 86_400;
    const endMs = Math.ceil((ZERO - HOUR) / resolution) * resolution;
    const cells = async () => {
      const [kept, plain] = await index.ask(endMs - 5 * resolution, 5, resolution);
      expect(kept).toBe(plain);
      return kept;
    };
    const before = await cells();
    expect(endMs % MINUTE).toBeGreaterThan(0);
    index.addSegment(endMs, endMs + 1_000);
    expect(await cells()).not.toBe(before);
  } finally {
    await index.database.close();
  }
});
