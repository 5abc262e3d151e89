/** An index of many days of many cameras that nobody recorded, made up around one run and one volume that are real. */
import { Database } from '../../src/archive/database.ts';
import { encodeGops } from '../../src/archive/gopCodec.ts';
import { TimelineStore } from '../../src/archive/timelineStore.ts';
import { segmentId } from '../../src/domain/ids.ts';
import type { Gop } from '../../src/domain/media.ts';
import { TICKS_PER_SECOND, ticks } from '../../src/domain/ticks.ts';

/** Where it begins, how long it is, and whose it is. */
export interface MadeUp {
  readonly ids: readonly string[];
  readonly fromMs: number;
  readonly days: number;
  /** Length of a segment. */
  readonly minutes: number;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
const DAY_MS = DAY_MINUTES * MINUTE_MS;
const GOP_SECONDS = 2;
const GOP_BYTES = 1_000_000;
/** Each day has a gap of two minutes, and something moves where a segment begins at a multiple of seven minutes. */
const BUSY_EVERY = 7;
const GAP_MINUTES = 2;
/** Of the first segment. */
const FIRST_ID = 1_000;

/**
 * Fills an index that has a run and a volume: segment by segment, with a gap and three marks a day. The first camera is
 * made as the recorder would; the others are copies of it, rows of the timeline included. Gives how long the levels of
 * the timeline took that are made of the first camera, in ms.
 */
export function fillIndex(path: string, made: MadeUp): number {
  const database = Database.open(path);
  try {
    // Nobody needs it if this machine loses its power now.
    database.execute('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF');
    const [first = '', ...others] = made.ids;
    const levelsMs = fillCamera(database, first, made);
    copyCamera(database, first, others, made);
    return levelsMs;
  } finally {
    void database.close();
  }
}

function fillCamera(database: Database, camera: string, made: MadeUp): number {
  const sql = statements(database);
  const timeline = new TimelineStore(database);
  const { minutes } = made;
  const gops = encodeGops(gopsOf(minutes));
  const busy = Buffer.from(Array.from({ length: 60 * minutes }, (_, second) => 1 + ((second * 37) % 200)));
  const run = sql.run.all(uuidOf(0), camera, made.fromMs, made.fromMs + made.days * DAY_MS)[0]?.id ?? 0;
  let id = FIRST_ID;
  let levelsMs = 0;
  for (let day = 0; day < made.days; day++) {
    const fromMs = made.fromMs + day * DAY_MS;
    database.transaction(() => {
      for (let minute = GAP_MINUTES; minute < DAY_MINUTES; minute += minutes, id++) {
        const startMs = fromMs + minute * MINUTE_MS;
        const endMs = Math.min(startMs + minutes * MINUTE_MS, fromMs + DAY_MS);
        const startTicks = (day * DAY_MINUTES + minute) * 60 * TICKS_PER_SECOND;
        sql.segment.run(id, run, camera, `${camera}/${id}`, startMs, endMs, startTicks, gops);
        timeline.insertSeconds(segmentId(id), minute % BUSY_EVERY === 0 ? busy : Buffer.alloc(0));
      }
      sql.gap.run(camera, fromMs, fromMs + GAP_MINUTES * MINUTE_MS);
      sql.recording.run(camera, fromMs + GAP_MINUTES * MINUTE_MS, fromMs + DAY_MS);
      for (const hour of [3, 11, 19]) sql.mark.run(fromMs + hour * 3_600_000, camera);
    });
    const begun = performance.now();
    timeline.catchUp(() => true);
    levelsMs += performance.now() - begun;
  }
  return levelsMs;
}

/** All that is made up of one camera, for others too. */
function copyCamera(database: Database, from: string, others: readonly string[], made: MadeUp): void {
  const names = ['timeline_segment_added', 'timeline_gap_added', 'timeline_event_added'];
  const triggers = database
    .prepare<[string], { readonly sql: string }>(
      'SELECT sql FROM sqlite_schema WHERE name IN (SELECT value FROM json_each(?))',
    )
    .all(JSON.stringify(names));
  const sql = statements(database);
  const copies = copiesOf(database);
  // They would have cells made anew, which are copied.
  for (const name of names) database.execute(`DROP TRIGGER ${name}`);
  const { days, fromMs } = made;
  const step = days * DAY_MINUTES;
  for (const [index, to] of others.entries()) {
    database.transaction(() => {
      const run = sql.run.all(uuidOf(index + 1), to, fromMs, fromMs + days * DAY_MS)[0]?.id ?? 0;
      const values = { from, to, run, since: fromMs, first: FIRST_ID, shift: (index + 1) * step };
      for (const copy of copies) copy.run(values);
    });
  }
  for (const { sql: text } of triggers) database.execute(text);
}

function uuidOf(index: number): string {
  return `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
}

function gopsOf(minutes: number): Gop[] {
  return Array.from({ length: (60 * minutes) / GOP_SECONDS }, (_, index) => ({
    offset: 1_000 + index * GOP_BYTES,
    bytes: GOP_BYTES,
    startTicks: ticks(index * GOP_SECONDS * TICKS_PER_SECOND),
    durationTicks: ticks(GOP_SECONDS * TICKS_PER_SECOND),
    frames: GOP_SECONDS * 25,
  }));
}

function statements(database: Database) {
  return {
    run: database.prepare<[string, string, number, number], { readonly id: number }>(
      `INSERT INTO run (uuid, camera_id, stream, init_id, started_ms, ended_ms, end_cause)
       SELECT ?, ?, 'main', init_id, ?, ?, 'shutdown' FROM run LIMIT 1 RETURNING id`,
    ),
    segment: database.prepare<[number, number, string, string, number, number, number, Buffer]>(
      `INSERT INTO segment (id, run_id, camera_id, volume_id, path, start_ms, end_ms, start_ticks, duration_ticks,
         bytes, header_bytes, frames, gops)
       SELECT ?, ?, ?, volume.id, ?, ?, ?, ?, ${60 * TICKS_PER_SECOND}, 30001000, 1000, 1500, ? FROM volume LIMIT 1`,
    ),
    recording: database.prepare<[string, number, number]>(
      `INSERT INTO recording (camera_id, start_ms, end_ms, begin_reason, end_reason)
       VALUES (?, ?, ?, 'continuous', 'source-lost')`,
    ),
    gap: database.prepare<[string, number, number]>(
      "INSERT INTO gap (camera_id, start_ms, end_ms, cause) VALUES (?, ?, ?, 'unreachable')",
    ),
    mark: database.prepare<[number, string]>(
      "INSERT INTO event (at_ms, kind, camera_id, text, data) VALUES (?, 'mark', ?, 'made up', '{}')",
    ),
  };
}

interface Copy extends Readonly<Record<string, string | number>> {
  readonly from: string;
  readonly to: string;
  readonly run: number;
  readonly since: number;
  readonly first: number;
  readonly shift: number;
}

/** What is real of the first camera lies after what is made up, or has lower ids. */
function copiesOf(database: Database) {
  const segments = 'FROM segment WHERE camera_id = @from AND id >= @first';
  return [
    `INSERT INTO segment (id, run_id, camera_id, volume_id, path, start_ms, end_ms, start_ticks, duration_ticks, bytes,
       header_bytes, frames, gops)
     SELECT id + @shift, @run, @to, volume_id, @to || '/' || (id + @shift), start_ms, end_ms, start_ticks,
       duration_ticks, bytes, header_bytes, frames, gops ${segments} ORDER BY start_ms`,
    `INSERT INTO segment_activity (segment_id, seconds)
     SELECT segment_id + @shift, seconds FROM segment_activity WHERE segment_id IN (SELECT id ${segments})`,
    `INSERT INTO gap (camera_id, start_ms, end_ms, cause)
     SELECT @to, start_ms, end_ms, cause FROM gap WHERE camera_id = @from AND end_ms > @since`,
    `INSERT INTO recording (camera_id, start_ms, end_ms, begin_reason, end_reason)
     SELECT @to, start_ms, end_ms, begin_reason, end_reason FROM recording WHERE camera_id = @from AND end_ms > @since`,
    `INSERT INTO event (at_ms, kind, camera_id, text, data)
     SELECT at_ms, kind, @to, text, data FROM event WHERE camera_id = @from AND kind = 'mark'`,
    `INSERT INTO timeline_row (camera_id, level, start_ms, cells)
     SELECT @to, level, start_ms, cells FROM timeline_row WHERE camera_id = @from`,
  ].map((text) => database.prepare<[Copy]>(`${text}`));
}
