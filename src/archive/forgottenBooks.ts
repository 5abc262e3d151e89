/** Recordings and gaps go with their footage: where it was deleted, nothing is told to have been recorded or missed. */
import type { CameraId } from '../domain/ids.ts';
import type { EpochMs, Interval } from '../domain/time.ts';
import type { Database } from './database.ts';

interface Row {
  readonly id: number;
  readonly startMs: EpochMs;
  /** Null while it lasts. */
  readonly endMs: EpochMs | null;
}

export class ForgottenBooks {
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: Database) {
    this.#sql = statements(database);
  }

  /**
   * Forgets what the books of a camera say of the time of segments that left the index, from the footage before them
   * to that behind; older footage may stay, for it is protected or on another volume.
   */
  forget(cameraId: CameraId, gone: readonly Interval[]): void {
    let knownUntilMs = -1;
    for (const { startMs, endMs } of [...gone].sort((a, b) => a.startMs - b.startMs)) {
      if (startMs < knownUntilMs) continue;
      const fromMs = this.#sql.before.get(cameraId, startMs)?.endMs ?? 0;
      const toMs = this.#sql.behind.get(cameraId, startMs)?.startMs ?? endMs;
      if (fromMs < toMs) this.#forgetWithin(cameraId, fromMs, toMs);
      knownUntilMs = toMs;
    }
  }

  #forgetWithin(cameraId: CameraId, fromMs: number, toMs: number): void {
    for (const table of [this.#sql.recordings, this.#sql.gaps]) {
      for (const { id, startMs, endMs } of table.reaching.all(cameraId, toMs, fromMs)) {
        const staysBehind = endMs === null || endMs > toMs;
        if (startMs < fromMs && staysBehind) table.copyTo.run(fromMs, id);
        if (staysBehind) table.begin.run(toMs, id);
        else if (startMs < fromMs) table.end.run(fromMs, id);
        else table.remove.run(id);
      }
    }
  }
}

function statements(database: Database) {
  const book = (table: 'recording' | 'gap', columns: string, values: string) => ({
    reaching: database.prepare<[string, number, number], Row>(
      `SELECT id, start_ms AS startMs, end_ms AS endMs FROM ${table}
       WHERE camera_id = ? AND start_ms < ? AND (end_ms IS NULL OR end_ms > ?)`,
    ),
    remove: database.prepare<[number]>(`DELETE FROM ${table} WHERE id = ?`),
    begin: database.prepare<[number, number]>(`UPDATE ${table} SET start_ms = ? WHERE id = ?`),
    end: database.prepare<[number, number]>(`UPDATE ${table} SET end_ms = ? WHERE id = ?`),
    copyTo: database.prepare<[number, number]>(
      `INSERT INTO ${table} (camera_id, start_ms, end_ms, ${columns})
       SELECT camera_id, start_ms, ?, ${values} FROM ${table} WHERE id = ?`,
    ),
  });
  return {
    before: database.prepare<[string, number], { readonly endMs: EpochMs }>(
      `SELECT end_ms AS endMs FROM segment INDEXED BY segment_by_start WHERE camera_id = ? AND start_ms <= ?
       ORDER BY start_ms DESC LIMIT 1`,
    ),
    behind: database.prepare<[string, number], { readonly startMs: EpochMs }>(
      `SELECT start_ms AS startMs FROM segment INDEXED BY segment_by_start WHERE camera_id = ? AND start_ms >= ?
       ORDER BY start_ms LIMIT 1`,
    ),
    recordings: book(
      'recording',
      'begin_reason, end_reason, clock_offset_ms',
      "begin_reason, coalesce(end_reason, 'deleted'), clock_offset_ms",
    ),
    gaps: book('gap', 'cause', 'cause'),
  };
}
