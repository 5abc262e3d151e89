/**
 * The journal of segment files that have no row of their own yet, and the names that are taken. A row is on the disk
 * before its file is there, so that a crash leaves exactly the rows of the files to recover.
 */
import { type CameraId, type RunId, type SegmentId, segmentId } from '../domain/ids.ts';
import type { Ticks } from '../domain/ticks.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Database } from './database.ts';
import { IndexFlush } from './indexFlush.ts';
import type { Log } from './records.ts';

/** A step of the schema: files that are copied out of a damaged one. */
export const COPY_SCHEMA = `
-- The file whose fragments this one is made of: until it is whole, that one has them all, and it is worth nothing.
ALTER TABLE open_segment ADD COLUMN copy_of INTEGER;
`;

/** A file that is to be created. */
export interface JournalEntry {
  readonly runId: RunId;
  readonly cameraId: CameraId;
  readonly volumeId: number;
  /** Relative to the volume. */
  readonly path: string;
  readonly startMs: EpochMs;
  readonly startTicks: Ticks;
  /** The file whose fragments it will hold; null for one of a camera. */
  readonly copyOf: SegmentId | null;
}

/** A file that has been entered. */
export interface JournalRow extends Omit<JournalEntry, 'copyOf'> {
  readonly id: SegmentId;
}

export class Journal {
  readonly #sql: ReturnType<typeof statements>;
  readonly #flush: IndexFlush;
  readonly #beginning = new Set<SegmentId>();

  constructor(database: Database, log: Log) {
    this.#sql = statements(database);
    this.#flush = new IndexFlush(database, log);
  }

  /** Rows whose files are being created. */
  get beginning(): Iterable<SegmentId> {
    return this.#beginning;
  }

  /**
   * Whether the index names such a file, be it there or not: what a row says of it would be done to another that took its
   * name. @throws NvrError
   */
  names(file: Pick<JournalEntry, 'volumeId' | 'path' | 'cameraId' | 'startMs'>): boolean {
    const { volumeId, path, cameraId, startMs } = file;
    const place = [volumeId, path] as const;
    return this.#sql.named.get(...place, ...place, ...place, ...place, cameraId, startMs) !== undefined;
  }

  /**
   * Enters a file. The row is on the disk when it resolves, unless that disk hangs; to be followed by `begun`.
   * @throws NvrError of the database; then nothing is left.
   */
  async begin(entry: JournalEntry): Promise<SegmentId> {
    const { runId, cameraId, volumeId, path, startMs, startTicks, copyOf } = entry;
    const row = this.#sql.begin.run(runId, cameraId, volumeId, path, startMs, startTicks, copyOf);
    const id = segmentId(row.id);
    this.#beginning.add(id);
    await this.#flush.done().catch((error: unknown) => {
      this.#beginning.delete(id);
      this.forget(id);
      throw error;
    });
    return id;
  }

  /** The file is there, or will not be. */
  begun(id: SegmentId): void {
    this.#beginning.delete(id);
  }

  /** Drops the row of a file that is gone, or has a row of its own now. @throws NvrError */
  forget(id: SegmentId): void {
    this.#sql.forget.run(id);
  }
}

type Place = readonly [volume: number, path: string];

function statements(database: Database) {
  return {
    named: database.prepare<[...Place, ...Place, ...Place, ...Place, string, number], { found: 1 }>(
      `SELECT 1 AS found FROM garbage WHERE volume_id = ? AND path = ?
       UNION ALL SELECT 1 FROM damaged_file WHERE volume_id = ? AND path = ?
       UNION ALL SELECT 1 FROM open_segment WHERE volume_id = ? AND path = ?
       UNION ALL SELECT 1 FROM segment INDEXED BY segment_by_age
         WHERE volume_id = ? AND path = ? AND camera_id = ? AND start_ms = ?
       LIMIT 1`,
    ),
    begin: database.prepare<[string, string, number, string, number, number, number | null]>(
      `INSERT INTO open_segment (run_id, camera_id, volume_id, path, start_ms, start_ticks, copy_of)
       VALUES ((SELECT id FROM run WHERE uuid = ?), ?, ?, ?, ?, ?, ?)`,
    ),
    forget: database.prepare<[number]>('DELETE FROM open_segment WHERE id = ?'),
  };
}
