/** What the index says, in the questions of `check.ts`; and the few changes that put it right. */
import { createHash } from 'node:crypto';
import type { CameraId, RunId, SegmentId } from '../domain/ids.ts';
import { ticksToMs } from '../domain/ticks.ts';
import { DAY_MS, type EpochMs, type Interval } from '../domain/time.ts';
import type { SegmentHeader } from '../mp4/segmentFile.ts';
import { type DamagedFile, DamagedFiles } from './damagedFiles.ts';
import type { Database } from './database.ts';
import { GarbageIndex } from './garbageIndex.ts';
import type { StreamName } from './records.ts';
import { LONG_SEGMENT_MS } from './schema.ts';
import { SegmentRows } from './segmentRows.ts';

/** What the index says of a file. Paths are relative to the volume. */
export interface IndexedFile extends Interval {
  readonly id: SegmentId;
  readonly runId: RunId;
  readonly cameraId: CameraId;
  readonly path: string;
  readonly bytes: number;
  readonly headerBytes: number;
  readonly frames: number;
  readonly gops: Buffer;
}

/** A gap that claims what a segment holds. */
export interface Overlap extends Interval {
  readonly cameraId: CameraId;
  readonly gapStartMs: EpochMs;
  readonly gapEndMs: EpochMs | null;
}

export class CheckIndex {
  readonly #database: Database;
  readonly #damaged: DamagedFiles;
  readonly #garbage: GarbageIndex;
  readonly #rows: SegmentRows;
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: Database) {
    this.#database = database;
    this.#damaged = new DamagedFiles(database);
    this.#garbage = new GarbageIndex(database);
    this.#rows = new SegmentRows(database);
    this.#sql = statements(database);
  }

  volumes(): { readonly id: number; readonly uuid: string; readonly path: string }[] {
    return this.#sql.volumes.all();
  }

  /** The cameras with files on a volume. */
  cameras(volume: number): string[] {
    return this.#sql.cameras.all(volume, volume).map(({ id }) => id);
  }

  /** The files of a camera on a volume that begin on a UTC day, which begins at `dayMs`. */
  segments(volume: number, camera: string, dayMs: number): IndexedFile[] {
    return this.#sql.segments.all(volume, camera, dayMs, dayMs + DAY_MS);
  }

  /** The beginning of the first UTC day, from a moment on, on which one of them begins; null when there is none. */
  nextDay(volume: number, camera: string, fromMs: number): number | null {
    const first = this.#sql.firstFrom.get(volume, camera, fromMs)?.startMs ?? null;
    return first === null ? null : first - (first % DAY_MS);
  }

  segment(volume: number, path: string, camera: string): IndexedFile | undefined {
    return this.#sql.segment.get(volume, camera, path);
  }

  /** Paths of the files that were begun and are not in the index yet. */
  unfinished(volume: number): string[] {
    return this.#sql.unfinished.all(volume).map(({ path }) => path);
  }

  /** Paths of the files that are to be deleted. */
  garbage(volume: number): string[] {
    return this.#garbage.on(volume).map(({ path }) => path);
  }

  /** Files that are kept because they are damaged. */
  damaged(volume: number): readonly DamagedFile[] {
    return this.#damaged.on(volume);
  }

  /** All of a volume become garbage. */
  condemnDamaged(volume: number): void {
    this.#damaged.condemn(volume, Number.MAX_SAFE_INTEGER);
  }

  /** Paths of files that have no row of a segment, and of which the index knows all the same. */
  known(volume: number): ReadonlySet<string> {
    const damaged = this.damaged(volume).map(({ path }) => path);
    return new Set([...this.unfinished(volume), ...this.garbage(volume), ...damaged]);
  }

  segmentCount(): number {
    return this.#sql.count.get()?.count ?? 0;
  }

  overlaps(): Overlap[] {
    return this.#sql.overlaps.all();
  }

  /** What SQLite finds wrong with the database file; empty when nothing. */
  damage(): string[] {
    return this.#sql.damage.all().flatMap(({ quick_check: line }) => (line === 'ok' ? [] : [line]));
  }

  /** Drops the row of a segment. */
  forget(id: SegmentId): void {
    this.#rows.forget(id);
  }

  /** Turns the row of a segment into one of the journal: recovery looks at its file anew. */
  reopen(id: SegmentId): void {
    this.#database.transaction(() => this.#rows.reopen(id));
  }

  dropGarbage(volume: number, path: string): void {
    this.#garbage.drop([{ volumeId: volume, path }]);
  }

  /** Enters a file into the journal under the number it had, if that is free: recovery does the rest. */
  journal(volume: number, path: string, { meta, init }: SegmentHeader): void {
    const { runId, cameraId, stream, startMs, startTicks, sequence } = meta;
    const sha256 = createHash('sha256').update(init.bytes).digest();
    const startedMs = Math.max(0, startMs - Math.round(ticksToMs(startTicks)));
    this.#database.transaction(() => {
      this.#sql.insertInit.run(sha256, init.bytes, init.codecs);
      this.#sql.insertRun.run(runId, cameraId, stream, sha256, startedMs, startMs);
      const free = sequence > 0 && this.#sql.taken.get(sequence, sequence) === undefined;
      this.#sql.journal.run(free ? sequence : null, runId, cameraId, volume, path, startMs, startTicks);
    });
  }

  /** Forgets all footage, to find it again in the files. */
  clear(): void {
    this.#database.transaction(() => {
      this.#rows.clear();
      this.#database.execute(
        'DELETE FROM open_segment; DELETE FROM recording; DELETE FROM run; DELETE FROM init',
      );
    });
  }
}

const FILE = `segment.id, run.uuid AS runId, segment.camera_id AS cameraId, path, segment.start_ms AS startMs,
  segment.end_ms AS endMs, bytes, header_bytes AS headerBytes, frames, gops
  FROM segment JOIN run ON run.id = run_id`;

/** Borders of gaps are as exact as the last frame before them is long. */
const BLURRED_MS = 100;

/**
 * A gap that is open lasts until now: what is later was recorded by a clock that was ahead. While a camera stands still its
 * file goes on, so a gap of that kind lies within a segment.
 */
function overlapping(index: 'segment_by_start' | 'segment_long'): string {
  return `SELECT gap.camera_id AS cameraId, gap.start_ms AS gapStartMs, gap.end_ms AS gapEndMs,
      segment.start_ms AS startMs, segment.end_ms AS endMs
    FROM gap CROSS JOIN segment INDEXED BY ${index} ON segment.camera_id = gap.camera_id
    WHERE gap.cause <> 'stalled' AND segment.end_ms > gap.start_ms + ${BLURRED_MS}
      AND segment.start_ms < coalesce(gap.end_ms, 1000 * unixepoch('subsec')) - ${BLURRED_MS}`;
}

function statements(database: Database) {
  return {
    volumes: database.prepare<[], { id: number; uuid: string; path: string }>(
      'SELECT id, uuid, path FROM volume ORDER BY id',
    ),
    cameras: database.prepare<[number, number], { id: string }>(
      `SELECT DISTINCT camera_id AS id FROM segment WHERE volume_id = ?
       UNION SELECT camera_id FROM open_segment WHERE volume_id = ?`,
    ),
    segments: database.prepare<[number, string, number, number], IndexedFile>(
      `SELECT ${FILE} WHERE volume_id = ? AND segment.camera_id = ? AND segment.start_ms >= ? AND segment.start_ms < ?`,
    ),
    firstFrom: database.prepare<[number, string, number], { startMs: number | null }>(
      `SELECT min(start_ms) AS startMs FROM segment INDEXED BY segment_by_age
       WHERE volume_id = ? AND camera_id = ? AND start_ms >= ?`,
    ),
    segment: database.prepare<[number, string, string], IndexedFile>(
      `SELECT ${FILE} WHERE volume_id = ? AND segment.camera_id = ? AND path = ?`,
    ),
    unfinished: database.prepare<[number], { path: string }>(
      'SELECT path FROM open_segment WHERE volume_id = ?',
    ),
    count: database.prepare<[], { count: number }>('SELECT count(*) AS count FROM segment'),
    // Long segments have an index of their own, so that not all that was recorded before each gap is looked at.
    overlaps: database.prepare<[], Overlap>(
      `${overlapping('segment_by_start')} AND segment.start_ms > gap.start_ms - ${LONG_SEGMENT_MS}
       UNION ALL
       ${overlapping('segment_long')} AND segment.end_ms - segment.start_ms > ${LONG_SEGMENT_MS}
         AND segment.start_ms <= gap.start_ms - ${LONG_SEGMENT_MS}`,
    ),
    damage: database.prepare<[], { quick_check: string }>('PRAGMA quick_check'),
    insertInit: database.prepare<[Buffer, Buffer, string]>(
      'INSERT INTO init (sha256, bytes, codecs) VALUES (?, ?, ?) ON CONFLICT (sha256) DO NOTHING',
    ),
    insertRun: database.prepare<[string, string, StreamName, Buffer, number, number]>(
      `INSERT INTO run (uuid, camera_id, stream, init_id, started_ms, ended_ms, end_cause)
       VALUES (?, ?, ?, (SELECT id FROM init WHERE sha256 = ?), ?, ?, 'crash') ON CONFLICT (uuid) DO NOTHING`,
    ),
    taken: database.prepare<[number, number], { id: number }>(
      'SELECT id FROM segment WHERE id = ? UNION SELECT id FROM open_segment WHERE id = ?',
    ),
    journal: database.prepare<[number | null, string, string, number, string, number, number]>(
      `INSERT INTO open_segment (id, run_id, camera_id, volume_id, path, start_ms, start_ticks)
       VALUES (?, (SELECT id FROM run WHERE uuid = ?), ?, ?, ?, ?, ?)`,
    ),
  };
}
