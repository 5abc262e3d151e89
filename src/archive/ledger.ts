/** Writes down what happened: runs, recordings and gaps. What is decided from them belongs in `domain/recording.ts`. */
import { createHash } from 'node:crypto';
import { NvrError } from '../domain/errors.ts';
import type { CameraId, RunId } from '../domain/ids.ts';
import type { EndReason, GapCause, RecordingReason } from '../domain/recording.ts';
import { type EpochMs, epochMs, type Interval } from '../domain/time.ts';
import { parseInit } from '../mp4/init.ts';
import type { InitSegment } from '../mp4/types.ts';
import type { Database } from './database.ts';
import type { GapRecord, RecordingRecord, RunRecord, StreamName } from './records.ts';

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

  /** Writes down that media was given up after its recording had ended: a gap, into which no recording reaches. */
  recordLoss(cameraId: CameraId, lost: Interval, cause: GapCause): void {
    const { startMs, endMs } = lost;
    this.#database.transaction(() => {
      const known = this.#sql.gapsIn.all(cameraId, endMs, startMs);
      for (const missing of without(lost, known)) {
        this.#sql.insertGap.run(cameraId, missing.startMs, missing.endMs, cause);
      }
      for (const recording of this.#sql.recordingsIn.all(cameraId, endMs, startMs)) {
        this.#cutRecording(recording, lost);
      }
    });
  }

  /** The number of the recording that began last; 0 when there is none. */
  get newestRecording(): number {
    return this.#sql.newestRecording.get()?.id ?? 0;
  }

  /**
   * Notes of all recordings after one by how many ms the clock that they are told by was set since, to `toMs`. Gives how
   * many they are. Their times stay: files, names and exports have said them already.
   */
  noteClock(after: number, offsetMs: number, toMs: EpochMs): number {
    // Who began in the moment until the step was noticed began by the new clock.
    return this.#sql.noteClock.run(offsetMs, after, toMs - NOTICED_MS, toMs).changes;
  }

  /** Writes down a gap that is over, whatever else there is in its time. */
  addGap(cameraId: CameraId, { startMs, endMs }: Interval, cause: GapCause): void {
    this.#sql.insertGap.run(cameraId, startMs, endMs, cause);
  }

  /** Where the newest footage in the index ends, all of which is on the disk; null when there is none. */
  durableUntil(cameraId: CameraId): EpochMs | null {
    return this.#sql.durableUntil.get(cameraId)?.endMs ?? null;
  }

  /**
   * Writes down that there is footage after all: it belongs to a recording, and no gap reaches into it but those in which
   * the camera stood still while its file went on.
   */
  recordFound(cameraId: CameraId, found: Interval): void {
    const { startMs, endMs } = found;
    this.#database.transaction(() => {
      const gaps = this.#sql.gapsIn.all(cameraId, endMs, startMs);
      const stood = gaps.filter((gap) => gap.cause === 'stalled' && gap.endMs !== null);
      const known = [...this.#sql.recordingsIn.all(cameraId, endMs, startMs), ...stood];
      for (const piece of without(found, known)) {
        if (piece.endMs - piece.startMs >= JOINED_MS) this.#addRecording(cameraId, piece);
      }
      for (const gap of gaps.filter((each) => !stood.includes(each))) {
        this.#sql.removeGap.run(gap.id);
        const whole = { startMs: gap.startMs, endMs: gap.endMs ?? FOREVER };
        for (const left of without(whole, [found])) {
          const end = left.endMs === FOREVER ? null : left.endMs;
          this.#sql.insertGap.run(cameraId, left.startMs, end, gap.cause);
        }
      }
    });
  }

  #cutRecording(recording: RecordingRecord, lost: Interval): void {
    const { id, cameraId, startMs, endMs, beginReason, endReason, clockOffsetMs } = recording;
    // An open one begins after what was lost; its start may have been rounded.
    if (endMs === null || endReason === null) return;
    this.#sql.removeRecording.run(id);
    for (const left of without({ startMs, endMs }, [lost])) {
      this.#sql.insertRecording.run(
        ...[cameraId, left.startMs, left.endMs, beginReason, endReason, clockOffsetMs],
      );
    }
  }

  /** One recording with those that end and begin beside it. */
  #addRecording(cameraId: CameraId, { startMs, endMs }: Interval): void {
    const before = this.#sql.recordingTo.get(cameraId, startMs, startMs);
    const after = this.#sql.recordingFrom.get(cameraId, endMs, endMs);
    if (before === undefined && after === undefined) {
      this.#sql.insertRecording.run(cameraId, startMs, endMs, 'continuous', 'crash', 0);
    } else if (after === undefined) {
      this.#sql.endRecordingAt.run(endMs, before?.id ?? 0);
    } else {
      if (before !== undefined) this.#sql.removeRecording.run(before.id);
      this.#sql.beginRecordingAt.run(before?.startMs ?? startMs, after.id);
    }
  }
}

/** Pauses shorter than this, in ms, do not end a recording that is put together from files. */
const JOINED_MS = 50;
/** That the clock was set is noticed within as many ms. */
const NOTICED_MS = 2_000;
/** Where an open gap ends, for reckoning. */
const FOREVER = epochMs(253_402_300_799_999);

/** What of the interval none of the others covers. */
function without(
  whole: Interval,
  others: readonly { readonly startMs: EpochMs; readonly endMs: EpochMs | null }[],
): Interval[] {
  let rest = [whole];
  for (const { startMs, endMs } of others) {
    rest = rest.flatMap((piece) => [
      { startMs: piece.startMs, endMs: earlier(piece.endMs, startMs) },
      { startMs: later(piece.startMs, endMs ?? FOREVER), endMs: piece.endMs },
    ]);
  }
  return rest.filter((piece) => piece.startMs < piece.endMs);
}

function earlier(a: EpochMs, b: EpochMs): EpochMs {
  return a < b ? a : b;
}

function later(a: EpochMs, b: EpochMs): EpochMs {
  return a > b ? a : b;
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
    gapsIn: database.prepare<[string, number, number], GapRecord>(
      `SELECT id, camera_id AS cameraId, start_ms AS startMs, end_ms AS endMs, cause FROM gap
       WHERE camera_id = ? AND start_ms < ? AND (end_ms IS NULL OR end_ms > ?) ORDER BY start_ms, id`,
    ),
    insertGap: database.prepare<[string, number, number | null, string]>(
      'INSERT INTO gap (camera_id, start_ms, end_ms, cause) VALUES (?, ?, ?, ?)',
    ),
    durableUntil: database.prepare<[string], { endMs: EpochMs }>(
      'SELECT end_ms AS endMs FROM segment WHERE camera_id = ? ORDER BY start_ms DESC LIMIT 1',
    ),
    recordingsIn: database.prepare<[string, number, number], RecordingRecord>(
      `SELECT id, camera_id AS cameraId, start_ms AS startMs, end_ms AS endMs, begin_reason AS beginReason,
         end_reason AS endReason, clock_offset_ms AS clockOffsetMs
       FROM recording WHERE camera_id = ? AND start_ms < ? AND (end_ms IS NULL OR end_ms > ?)`,
    ),
    recordingTo: database.prepare<[string, number, number], RecordingRecord>(
      `SELECT id, start_ms AS startMs FROM recording
       WHERE camera_id = ? AND end_ms BETWEEN ? - ${JOINED_MS} AND ? ORDER BY end_ms DESC LIMIT 1`,
    ),
    recordingFrom: database.prepare<[string, number, number], RecordingRecord>(
      `SELECT id FROM recording
       WHERE camera_id = ? AND start_ms BETWEEN ? AND ? + ${JOINED_MS} ORDER BY start_ms LIMIT 1`,
    ),
    endRecordingAt: database.prepare<[number, number]>('UPDATE recording SET end_ms = ? WHERE id = ?'),
    beginRecordingAt: database.prepare<[number, number]>('UPDATE recording SET start_ms = ? WHERE id = ?'),
    removeRecording: database.prepare<[number]>('DELETE FROM recording WHERE id = ?'),
    insertRecording: database.prepare<[string, number, number, string, string, number]>(
      `INSERT INTO recording (camera_id, start_ms, end_ms, begin_reason, end_reason, clock_offset_ms)
       VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    newestRecording: database.prepare<[], { readonly id: number }>(
      'SELECT coalesce(max(id), 0) AS id FROM recording',
    ),
    noteClock: database.prepare<[number, number, number, number]>(
      `UPDATE recording SET clock_offset_ms = clock_offset_ms + ?
       WHERE id > ? AND NOT (end_ms IS NULL AND start_ms BETWEEN ? AND ?)`,
    ),
    removeGap: database.prepare<[number]>('DELETE FROM gap WHERE id = ?'),
    closeGap: database.prepare<[number, string]>(
      'UPDATE gap SET end_ms = ? WHERE camera_id = ? AND end_ms IS NULL',
    ),
  };
}
