/** Settles the books after a crash: runs and recordings that were open are ended where their footage ends. */
import type { CameraId } from '../domain/ids.ts';
import type { RecordingReason } from '../domain/recording.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Database } from './database.ts';
import type { GapRecord } from './records.ts';

/** A recording that a crash ended: where its footage ends, and why it had begun. */
export interface InterruptedRecording {
  readonly cameraId: CameraId;
  readonly reason: RecordingReason;
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
}

/** What was open. */
export interface OpenBooks {
  readonly interrupted: readonly InterruptedRecording[];
  /** Gaps that were open, and still are. */
  readonly openGaps: readonly GapRecord[];
}

/** To be done when all files are recovered. @throws NvrError of the database. */
export function settleBooks(database: Database): OpenBooks {
  const sql = statements(database);
  return database.transaction(() => {
    // By the runs that were open, so before these are ended.
    const interrupted = sql.interrupted.all();
    sql.endRuns.run();
    for (const { cameraId, endMs } of interrupted) sql.endRecording.run(endMs, cameraId);
    for (const { recordingId, gapId, endMs } of sql.overstated.all()) {
      sql.cutRecording.run(endMs, recordingId);
      sql.widenGap.run(endMs, gapId);
    }
    return { interrupted, openGaps: sql.openGaps.all() };
  });
}

/** A recording's end and its footage's end are rounded to milliseconds on different ways. */
const ROUNDING_MS = 2;

function statements(database: Database) {
  return {
    endRuns: database.prepare<[]>(
      `UPDATE run SET end_cause = 'crash', ended_ms = max(started_ms, coalesce((
         SELECT end_ms FROM segment WHERE run_id = run.id ORDER BY start_ticks DESC LIMIT 1), started_ms))
       WHERE ended_ms IS NULL`,
    ),
    // Its own footage: what a clock that was ahead has recorded may be later than that.
    interrupted: database.prepare<[], InterruptedRecording>(
      `SELECT camera_id AS cameraId, begin_reason AS reason, start_ms AS startMs, coalesce((
         SELECT segment.end_ms FROM run JOIN segment ON segment.run_id = run.id
         WHERE run.camera_id = recording.camera_id AND run.ended_ms IS NULL AND segment.end_ms >= recording.start_ms
         ORDER BY run.id DESC, segment.start_ticks DESC LIMIT 1), start_ms) AS endMs
       FROM recording WHERE end_ms IS NULL ORDER BY id`,
    ),
    endRecording: database.prepare<[number, string]>(
      "UPDATE recording SET end_ms = ?, end_reason = 'crash' WHERE camera_id = ? AND end_ms IS NULL",
    ),
    // A disk was failing or too slow: what waited for it in memory is gone, so the open gap begins earlier.
    overstated: database.prepare<[], { recordingId: number; gapId: number; endMs: number }>(
      `SELECT recordingId, gapId, footageMs AS endMs FROM (
         SELECT recording.id AS recordingId, gap.id AS gapId, gap.start_ms AS gapMs,
           max(recording.start_ms, coalesce((
             SELECT end_ms FROM segment WHERE camera_id = gap.camera_id ORDER BY start_ms DESC LIMIT 1), 0)
           ) AS footageMs
         FROM gap JOIN recording ON recording.camera_id = gap.camera_id AND recording.end_ms = gap.start_ms
         WHERE gap.end_ms IS NULL)
       WHERE footageMs < gapMs - ${ROUNDING_MS}`,
    ),
    cutRecording: database.prepare<[number, number]>('UPDATE recording SET end_ms = ? WHERE id = ?'),
    widenGap: database.prepare<[number, number]>('UPDATE gap SET start_ms = ? WHERE id = ?'),
    openGaps: database.prepare<[], GapRecord>(
      `SELECT id, camera_id AS cameraId, start_ms AS startMs, end_ms AS endMs, cause
       FROM gap WHERE end_ms IS NULL ORDER BY id`,
    ),
  };
}
