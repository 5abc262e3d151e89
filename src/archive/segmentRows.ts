/**
 * The one door by which the row of a segment leaves the index, and what becomes of its file: it is to be deleted, to be
 * looked at anew, or not there. To be used within the transaction that says why.
 */
import type { SegmentId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import { type GarbageFile, GarbageIndex } from './garbageIndex.ts';

/** A file whose row is gone, and the run it was of. */
export interface BuriedFile extends GarbageFile {
  /** The number of the run in the index. */
  readonly run: number;
}

export class SegmentRows {
  readonly #garbage: GarbageIndex;
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: Database) {
    this.#garbage = new GarbageIndex(database);
    this.#sql = statements(database);
  }

  /** Its file becomes garbage. Null when there is no such segment. @throws NvrError */
  bury(id: SegmentId): BuriedFile | null {
    const file = this.#sql.file.get(id);
    if (file === undefined) return null;
    this.#garbage.bury(file);
    this.forget(id);
    return file;
  }

  /** Its file goes back to the journal, under the same number: recovery looks at it anew. @throws NvrError */
  reopen(id: SegmentId): void {
    this.#sql.reopen.run(id);
    this.forget(id);
  }

  /** Nothing becomes of its file, which is not there. @throws NvrError */
  forget(id: SegmentId): void {
    this.#sql.forget.run(id);
  }

  /** All of them go, to be found again in the files. @throws NvrError */
  clear(): void {
    this.#sql.clear.run();
  }
}

function statements(database: Database) {
  return {
    file: database.prepare<[number], BuriedFile>(
      'SELECT volume_id AS volumeId, path, bytes, run_id AS run FROM segment WHERE id = ?',
    ),
    reopen: database.prepare<[number]>(
      `INSERT INTO open_segment (id, run_id, camera_id, volume_id, path, start_ms, start_ticks)
       SELECT id, run_id, camera_id, volume_id, path, start_ms, start_ticks FROM segment WHERE id = ?`,
    ),
    forget: database.prepare<[number]>('DELETE FROM segment WHERE id = ?'),
    clear: database.prepare<[]>('DELETE FROM segment'),
  };
}
