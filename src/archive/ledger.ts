/** Writes down what happened: runs, recordings and gaps. What is decided from them belongs in `domain/recording.ts`. */
import { createHash } from 'node:crypto';
import { NvrError } from '../domain/errors.ts';
import type { CameraId, RunId } from '../domain/ids.ts';
import type { EndReason, GapCause, RecordingReason } from '../domain/recording.ts';
import type { EpochMs } from '../domain/time.ts';
import { parseInit } from '../mp4/init.ts';
import type { InitSegment } from '../mp4/types.ts';
import type { Database } from './database.ts';
import type { RunRecord, StreamName } from './records.ts';

/** What begins a run. The id is made by whoever starts the pipeline. */
export interface NewRun {
  readonly id: RunId;
  readonly cameraId: CameraId;
  readonly stream: StreamName;
  readonly init: InitSegment;
  readonly startedMs: EpochMs;
}

export class Ledger {
  readonly #database: Database;
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: Database) {
    this.#database = database;
    this.#sql = statements(database);
  }

  /** Must precede the run's first segment. @throws NvrError `conflict` when the run is known already. */
  beginRun({ id, cameraId, stream, init, startedMs }: NewRun): void {
    const sha256 = createHash('sha256').update(init.bytes).digest();
    this.#database.transaction(() => {
      this.#sql.insertInit.run(sha256, init.bytes, init.codecs);
      this.#sql.insertRun.run(id, cameraId, stream, sha256, startedMs);
    });
  }

  /** @throws NvrError `not-found` when no such run is open. */
  endRun(id: RunId, endedMs: EpochMs, cause: string): void {
    const { changes } = this.#sql.endRun.run(endedMs, cause, id);
    if (changes === 0) throw new NvrError('not-found', `The run ${id} is not open.`);
  }

  /** @throws NvrError `not-found`. */
  run(id: RunId): RunRecord {
    const run = this.#sql.run.get(id);
    if (run === undefined) throw new NvrError('not-found', `There is no run ${id}.`);
    return run;
  }

  /** The init segment of a run. @throws NvrError `not-found`. */
  initOf(id: RunId): InitSegment {
    return this.init(this.run(id).initKey);
  }

  /** The init segment of a key, as runs and segments name it. @throws NvrError `not-found`. */
  init(initKey: string): InitSegment {
    const row = this.#sql.init.get(Buffer.from(initKey, 'hex'));
    if (row === undefined) throw new NvrError('not-found', `There is no init segment ${initKey}.`);
    return parseInit(row.bytes);
  }

  /** @throws NvrError `conflict` when a recording of the camera is open already. */
  beginRecording(cameraId: CameraId, reason: RecordingReason, fromMs: EpochMs): void {
    this.#sql.beginRecording.run(cameraId, fromMs, reason);
  }

  /**
   * Ends the camera's open recording; at its own start when the wall clock was set back behind that.
   * @throws NvrError `not-found` when none is open.
   */
  endRecording(cameraId: CameraId, reason: EndReason, endMs: EpochMs): void {
    const { changes } = this.#sql.endRecording.run(endMs, reason, cameraId);
    if (changes === 0) throw new NvrError('not-found', `No recording of the camera ${cameraId} is open.`);
  }

  /** @throws NvrError `conflict` when a gap of the camera is open already. */
  openGap(cameraId: CameraId, cause: GapCause, fromMs: EpochMs): void {
    this.#sql.openGap.run(cameraId, fromMs, cause);
  }

  /** Gives the camera's open gap another cause. @throws NvrError `not-found` when none is open. */
  updateGap(cameraId: CameraId, cause: GapCause): void {
    if (this.#sql.updateGap.run(cause, cameraId).changes === 0) throw noGap(cameraId);
  }

  /**
   * Closes the camera's open gap; one that ends where it began, or before, is no gap and is forgotten.
   * @throws NvrError `not-found` when none is open.
   */
  closeGap(cameraId: CameraId, atMs: EpochMs): void {
    this.#database.transaction(() => {
      const forgotten = this.#sql.forgetGap.run(cameraId, atMs).changes;
      if (forgotten + this.#sql.closeGap.run(atMs, cameraId).changes === 0) throw noGap(cameraId);
    });
  }
}

function noGap(cameraId: CameraId): NvrError {
  return new NvrError('not-found', `No gap of the camera ${cameraId} is open.`);
}

function statements(database: Database) {
  return {
    insertInit: database.prepare<[Buffer, Buffer, string]>(
      'INSERT INTO init (sha256, bytes, codecs) VALUES (?, ?, ?) ON CONFLICT (sha256) DO NOTHING',
    ),
    insertRun: database.prepare<[string, string, string, Buffer, number]>(
      `INSERT INTO run (uuid, camera_id, stream, init_id, started_ms)
       VALUES (?, ?, ?, (SELECT id FROM init WHERE sha256 = ?), ?)`,
    ),
    endRun: database.prepare<[number, string, string]>(
      'UPDATE run SET ended_ms = ?, end_cause = ? WHERE uuid = ? AND ended_ms IS NULL',
    ),
    run: database.prepare<[string], RunRecord>(
      `SELECT run.uuid AS id, camera_id AS cameraId, stream, lower(hex(init.sha256)) AS initKey,
         started_ms AS startedMs, ended_ms AS endedMs, end_cause AS endCause
       FROM run JOIN init ON init.id = run.init_id WHERE run.uuid = ?`,
    ),
    init: database.prepare<[Buffer], { bytes: Buffer }>('SELECT bytes FROM init WHERE sha256 = ?'),
    beginRecording: database.prepare<[string, number, string]>(
      'INSERT INTO recording (camera_id, start_ms, begin_reason) VALUES (?, ?, ?)',
    ),
    endRecording: database.prepare<[number, string, string]>(
      `UPDATE recording SET end_ms = max(start_ms, ?), end_reason = ?
       WHERE camera_id = ? AND end_ms IS NULL`,
    ),
    openGap: database.prepare<[string, number, string]>(
      'INSERT INTO gap (camera_id, start_ms, cause) VALUES (?, ?, ?)',
    ),
    updateGap: database.prepare<[string, string]>(
      'UPDATE gap SET cause = ? WHERE camera_id = ? AND end_ms IS NULL',
    ),
    forgetGap: database.prepare<[string, number]>(
      'DELETE FROM gap WHERE camera_id = ? AND end_ms IS NULL AND start_ms >= ?',
    ),
    closeGap: database.prepare<[number, string]>(
      'UPDATE gap SET end_ms = ? WHERE camera_id = ? AND end_ms IS NULL',
    ),
  };
}
