/**
 * Puts the archive in order after a crash, before anything is written: the files that were open are cut at their last
 * whole fragment, completed and indexed; runs and recordings that were open are ended. The journal says which files
 * those are, so no folder is listed. Doing it twice, or being killed in the middle of it, does no harm.
 */
import { join } from 'node:path';
import { NvrError } from '../domain/errors.ts';
import type { CameraId, RunId, SegmentId } from '../domain/ids.ts';
import type { Gop } from '../domain/media.ts';
import type { RecordingReason } from '../domain/recording.ts';
import type { EpochMs } from '../domain/time.ts';
import { type ScanResult, scanSegment } from '../mp4/scan.ts';
import { readSegmentHeader, type SegmentHeader } from '../mp4/segmentFile.ts';
import type { Database } from './database.ts';
import type { Disk, DiskFile } from './disk.ts';
import { addToGops, sumOfGops } from './gops.ts';
import { endMsOf, patchHeader } from './openSegment.ts';
import type { GapRecord, Log } from './records.ts';
import type { ClosedSegment, SegmentStore } from './segmentStore.ts';
import type { Volume } from './volume.ts';

/** A file that was open and is indexed now. */
export interface RecoveredSegment {
  readonly segmentId: SegmentId;
  readonly cameraId: CameraId;
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
  /** What was cut off: the fragment in flight. */
  readonly cutBytes: number;
}

/** A recording that a crash ended: where its footage ends, and why it had begun. */
export interface InterruptedRecording {
  readonly cameraId: CameraId;
  readonly reason: RecordingReason;
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
}

/** What a start found, for the log and for whoever writes the gaps. All lists are empty after a clean end. */
export interface RecoveryReport {
  readonly recovered: readonly RecoveredSegment[];
  /** Files without a whole fragment, which were removed. */
  readonly removed: readonly string[];
  /** Files that were begun and are not there, or are not the ones that were begun. */
  readonly missing: readonly string[];
  /** Files that the disk does not let us recover now; they are tried again at the next start. */
  readonly failed: readonly string[];
  readonly interrupted: readonly InterruptedRecording[];
  /** Gaps that were open, and still are. */
  readonly openGaps: readonly GapRecord[];
}

export interface RecoveryDoors {
  readonly database: Database;
  readonly disk: Disk;
  readonly volume: Volume;
  readonly store: SegmentStore;
  readonly log: Log;
}

interface JournalRow {
  readonly id: SegmentId;
  readonly runId: RunId;
  readonly cameraId: CameraId;
  readonly path: string;
  readonly startMs: EpochMs;
}

type Outcome =
  | { readonly kind: 'recovered'; readonly segment: RecoveredSegment }
  | { readonly kind: 'removed' | 'missing' | 'failed'; readonly file: string };

/** A header is a few kilobytes; its largest part is the codec configuration. */
const MAX_HEADER_BYTES = 2 ** 18;
/** Files at a time, which bounds descriptors when a disk failed for hours. */
const FILES_AT_ONCE = 16;

/** Recovers what the last process left open. @throws NvrError when the database fails. */
export async function recover(doors: RecoveryDoors): Promise<RecoveryReport> {
  const sql = statements(doors.database);
  const journal = sql.journal.all(doors.volume.id);
  const outcomes: Outcome[] = [];
  for (let at = 0; at < journal.length; at += FILES_AT_ONCE) {
    const batch = journal.slice(at, at + FILES_AT_ONCE);
    outcomes.push(...(await Promise.all(batch.map((row) => recoverFile(doors, row)))));
  }
  const interrupted = doors.database.transaction(() => {
    sql.endRuns.run();
    const recordings = sql.interrupted.all();
    for (const { cameraId, endMs } of recordings) sql.endRecording.run(endMs, cameraId);
    return recordings;
  });
  const filesOf = (kind: Outcome['kind']) =>
    outcomes.flatMap((outcome) =>
      outcome.kind !== 'recovered' && outcome.kind === kind ? [outcome.file] : [],
    );
  return {
    recovered: outcomes.flatMap((outcome) => (outcome.kind === 'recovered' ? [outcome.segment] : [])),
    removed: filesOf('removed'),
    missing: filesOf('missing'),
    failed: filesOf('failed'),
    interrupted,
    openGaps: sql.openGaps.all(),
  };
}

async function recoverFile(doors: RecoveryDoors, row: JournalRow): Promise<Outcome> {
  const path = join(doors.volume.path, row.path);
  try {
    const outcome = await recoverExisting(doors, row, path);
    if (outcome.kind !== 'recovered') doors.store.forget(row.id);
    return outcome;
  } catch (error) {
    if (error instanceof NvrError && error.kind === 'not-found') {
      doors.store.forget(row.id);
      return { kind: 'missing', file: path };
    }
    doors.log.error({ err: error, file: path }, 'an unfinished segment file could not be recovered');
    return { kind: 'failed', file: path };
  }
}

async function recoverExisting(doors: RecoveryDoors, row: JournalRow, path: string): Promise<Outcome> {
  const file = await doors.disk.open(path, 'write');
  try {
    const size = await file.size();
    const header = await readHeader(file);
    // Killed between the journal row and the file, when another file had the name.
    if (header !== null && header.meta.runId !== row.runId) return { kind: 'missing', file: path };
    const { fragments, endOffset } = header === null ? NOTHING : await scan(file, header, size);
    if (header === null || fragments.length === 0) {
      // Its header and first fragment never became durable, so neither did anything else.
      await doors.disk.unlink(path);
      return { kind: 'removed', file: path };
    }
    if (endOffset < size) await file.truncate(endOffset);
    const segment = describe(row, header, { fragments, endOffset });
    await patchHeader(file, header, fragments, segment.durationTicks);
    await file.sync();
    doors.store.insert(segment);
    const { id: segmentId, cameraId, startMs } = row;
    const { endMs } = segment;
    return {
      kind: 'recovered',
      segment: { segmentId, cameraId, startMs, endMs, cutBytes: size - endOffset },
    };
  } finally {
    await file.close();
  }
}

const NOTHING: ScanResult = { fragments: [], endOffset: 0 };

/** Null when it was torn. @throws NvrError of the disk. */
async function readHeader(file: DiskFile): Promise<SegmentHeader | null> {
  const front = await file.read(0, MAX_HEADER_BYTES);
  try {
    return readSegmentHeader(front);
  } catch (error) {
    if (error instanceof NvrError && error.kind === 'invalid') return null;
    throw error;
  }
}

async function scan(file: DiskFile, header: SegmentHeader, size: number): Promise<ScanResult> {
  const range = { start: header.headerBytes, end: size, timescale: header.init.video.timescale };
  return await scanSegment((offset, length) => file.read(offset, length), range);
}

function describe(
  { id, startMs }: JournalRow,
  { headerBytes }: SegmentHeader,
  { fragments, endOffset }: ScanResult,
): ClosedSegment {
  const gops: Gop[] = [];
  for (const fragment of fragments) addToGops(gops, fragment);
  const { durationTicks, frames } = sumOfGops(gops);
  const endMs = endMsOf(startMs, durationTicks);
  return { id, endMs, durationTicks, bytes: endOffset, headerBytes, frames, gops };
}

function statements(database: Database) {
  return {
    journal: database.prepare<[number], JournalRow>(
      `SELECT open_segment.id, run.uuid AS runId, open_segment.camera_id AS cameraId, path, start_ms AS startMs
       FROM open_segment JOIN run ON run.id = run_id WHERE volume_id = ? ORDER BY open_segment.id`,
    ),
    endRuns: database.prepare<[]>(
      `UPDATE run SET end_cause = 'crash', ended_ms = max(started_ms, coalesce((
         SELECT end_ms FROM segment WHERE run_id = run.id ORDER BY start_ticks DESC LIMIT 1), started_ms))
       WHERE ended_ms IS NULL`,
    ),
    interrupted: database.prepare<[], InterruptedRecording>(
      `SELECT camera_id AS cameraId, begin_reason AS reason, start_ms AS startMs, coalesce((
         SELECT end_ms FROM segment WHERE camera_id = recording.camera_id AND start_ms >= recording.start_ms
         ORDER BY start_ms DESC LIMIT 1), start_ms) AS endMs
       FROM recording WHERE end_ms IS NULL ORDER BY id`,
    ),
    endRecording: database.prepare<[number, string]>(
      "UPDATE recording SET end_ms = ?, end_reason = 'crash' WHERE camera_id = ? AND end_ms IS NULL",
    ),
    openGaps: database.prepare<[], GapRecord>(
      `SELECT id, camera_id AS cameraId, start_ms AS startMs, end_ms AS endMs, cause
       FROM gap WHERE end_ms IS NULL ORDER BY id`,
    ),
  };
}
