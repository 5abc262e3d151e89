/**
 * Puts the archive in order after a crash, before anything is written: the files that were open are cut at their last
 * whole fragment, completed and indexed; the books are settled. The journal says which files those are, so no folder is
 * listed. Nothing goes that may hold media but the fragment in flight: a file that is damaged is kept, and what is whole of
 * it copied (`salvage.ts`). Doing it twice, or being killed in the middle of it, does no harm.
 */
import { join } from 'node:path';
import type { CameraId, RunId, SegmentId } from '../domain/ids.ts';
import type { EpochMs, Interval } from '../domain/time.ts';
import type { ScannedFragment } from '../mp4/scan.ts';
import { readSegmentHeader, type SegmentHeader, segmentHeader } from '../mp4/segmentFile.ts';
import type { Survey } from '../mp4/survey.ts';
import type { Database } from './database.ts';
import type { DiskFile } from './disk.ts';
import type { JournalRow } from './journal.ts';
import type { Ledger } from './ledger.ts';
import { patchHeader } from './openSegment.ts';
import type { GapRecord, Log, SegmentRecord } from './records.ts';
import { Rewritten } from './rewritten.ts';
import { discardCopies, type SalvageDoors, salvage } from './salvage.ts';
import { measure, readHeader, surveyFile } from './segmentScan.ts';
import { type InterruptedRecording, settleBooks } from './settle.ts';
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

/** What a start found, for the log and for whoever writes the gaps. All lists are empty after a clean end. */
export interface RecoveryReport {
  readonly recovered: readonly RecoveredSegment[];
  /** Files that hold no media, or none but the fragment in flight, which were removed. */
  readonly removed: readonly string[];
  /** Files that are damaged and were kept as they are. What is whole of them is among what was recovered. */
  readonly damaged: readonly string[];
  /** Files that were begun and are not there, or are not the ones that were begun. */
  readonly missing: readonly string[];
  /**
   * Files that the disk does not let us recover now, or of which only one that is away has all; they are tried again at the
   * next start.
   */
  readonly failed: readonly string[];
  readonly interrupted: readonly InterruptedRecording[];
  /** Gaps that were open, and still are. */
  readonly openGaps: readonly GapRecord[];
}

export interface RecoveryDoors extends SalvageDoors {
  readonly log: Log;
}

interface Work extends RecoveryDoors {
  readonly rewritten: Rewritten;
}

/** What became of one file. */
interface Outcome {
  readonly kind: 'recovered' | 'removed' | 'damaged' | 'missing' | 'failed';
  readonly file: string;
  readonly cameraId: CameraId;
  readonly segments: readonly RecoveredSegment[];
  /** What is missing between what was found of it. */
  readonly lost: readonly Interval[];
  /** Older files that have to be looked at anew because of it. */
  readonly reopened: readonly JournalRow[];
}

/** Recovers what the last process left open. @throws NvrError when the database fails. */
export async function recover(doors: RecoveryDoors): Promise<RecoveryReport> {
  const { database, ledger, volumes } = doors;
  const outcomes = await recoverAll(
    doors,
    volumes.all.filter(({ trouble }) => trouble === null),
  );
  const books = settleBooks(database);
  // Into a recording that is open no loss can be written.
  recordLosses(ledger, outcomes);
  return { ...listed(outcomes), ...books };
}

/** Runs at a time, which bounds descriptors when a disk failed for hours. */
const RUNS_AT_ONCE = 32;

/** What became of the files that were open. */
export type RecoveredFiles = Pick<RecoveryReport, 'recovered' | 'removed' | 'damaged' | 'missing' | 'failed'>;

/** Recovers the files in these volumes that nobody answers for. @throws NvrError when the database fails. */
export async function recoverFiles(
  doors: RecoveryDoors,
  volumes: readonly Volume[],
): Promise<RecoveredFiles> {
  const outcomes = await recoverAll(doors, volumes);
  recordLosses(doors.ledger, outcomes);
  return listed(outcomes);
}

async function recoverAll(doors: RecoveryDoors, volumes: readonly Volume[]): Promise<Outcome[]> {
  return await doors.store.recovering.take(() => recoverNow(doors, volumes));
}

async function recoverNow(doors: RecoveryDoors, volumes: readonly Volume[]): Promise<Outcome[]> {
  for (const { id } of volumes) await discardCopies(doors, id);
  const { unfinished } = doors.store;
  const journal = volumes
    .flatMap(({ id }) => journalOf(doors.database).all(id))
    .filter(({ id }) => !unfinished.has(id));
  const runs = new Map<RunId, JournalRow[]>();
  for (const row of journal) runs.set(row.runId, [...(runs.get(row.runId) ?? []), row]);
  const waiting = [...runs.values()];
  const outcomes: Outcome[] = [];
  const all: Work = { ...doors, rewritten: new Rewritten(doors.database) };
  const work = async (): Promise<void> => {
    for (let rows = waiting.shift(); rows !== undefined && !doors.store.stopped; rows = waiting.shift()) {
      outcomes.push(...(await recoverRun(all, rows)));
    }
  };
  await Promise.all(Array.from({ length: RUNS_AT_ONCE }, work));
  return outcomes;
}

function recordLosses(ledger: Ledger, outcomes: readonly Outcome[]): void {
  for (const { cameraId, lost } of outcomes) {
    for (const interval of lost) ledger.recordLoss(cameraId, interval, 'storage');
  }
}

function listed(outcomes: readonly Outcome[]): RecoveredFiles {
  const of = (kind: Outcome['kind']) =>
    outcomes.filter((outcome) => outcome.kind === kind).map(({ file }) => file);
  return {
    recovered: outcomes.flatMap(({ segments }) => segments),
    ...{ removed: of('removed'), damaged: of('damaged'), missing: of('missing'), failed: of('failed') },
  };
}

/** Newest first: what was written again, after a disk had failed, is cut off the file that has it too. */
async function recoverRun(doors: Work, rows: readonly JournalRow[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting = [...rows].sort((a, b) => b.startTicks - a.startTicks || b.id - a.id);
  for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
    const outcome = await recoverFile(doors, row);
    outcomes.push(outcome);
    // The others when their disk is back.
    waiting.unshift(...outcome.reopened.filter(({ volumeId }) => isThere(doors, volumeId)));
  }
  return outcomes;
}

function isThere({ volumes }: RecoveryDoors, volumeId: number): boolean {
  return volumes.all.some(({ id, trouble }) => id === volumeId && trouble === null);
}

async function recoverFile(doors: Work, row: JournalRow): Promise<Outcome> {
  const { store, volumes, log } = doors;
  const { cameraId, volumeId, path } = row;
  const volume = volumes.all.find(({ id }) => id === volumeId);
  const file = join(volume?.path ?? '', path);
  const nothing = { file, cameraId, segments: [], lost: [], reopened: [] };
  try {
    const outcome = { ...nothing, ...(await recoverExisting(doors, row, file)) };
    if (outcome.kind === 'removed' || outcome.kind === 'missing') store.forget(row.id);
    return outcome;
  } catch (error) {
    log.error({ err: error, file }, 'an unfinished segment file could not be recovered');
    return { ...nothing, kind: 'failed' };
  }
}

type Found = Pick<Outcome, 'kind'> & Partial<Pick<Outcome, 'segments' | 'lost' | 'reopened'>>;

async function recoverExisting(doors: Work, row: JournalRow, path: string): Promise<Found> {
  const { disk } = doors.volumes;
  if (!(await disk.exists(path))) {
    // It may be the disk that is not there.
    await doors.volumes.all.find(({ id }) => id === row.volumeId)?.verify();
    return { kind: 'missing' };
  }
  const file = await disk.open(path, 'write');
  try {
    const size = await file.size();
    const found = await readHeader(file);
    // Killed between the journal row and the file, when another file had the name.
    if (found !== null && found.meta.runId !== row.runId) return { kind: 'missing' };
    const header = found ?? headerOf(doors, row);
    const survey = await surveyFile(file, header, size);
    const [whole = []] = survey.stretches;
    if (survey.harmed || (found === null && whole.length > 0)) {
      return await keepDamaged(doors, row, file, survey);
    }
    return await keepWhole(doors, row, { file, path, header, size }, whole);
  } finally {
    await file.close();
  }
}

interface Opened {
  readonly file: DiskFile;
  readonly path: string;
  readonly header: SegmentHeader;
  /** In bytes. */
  readonly size: number;
}

/** Cuts off what is not whole, and what a newer file has as well, and enters the rest. */
async function keepWhole(
  doors: Work,
  row: JournalRow,
  { file, path, header, size }: Opened,
  whole: readonly ScannedFragment[],
): Promise<Found> {
  const next = doors.rewritten.successorOf(row, whole);
  const mine = whole.filter(
    ({ startTicks }) => next === null || row.startTicks + startTicks < next.startTicks,
  );
  // While the disk of the newer file is away, this one may be all that anybody will ever have.
  const isNeeded = next !== null && mine.length < whole.length && !isThere(doors, next.volumeId);
  const segment = measure(row, header, mine);
  if (segment === null) {
    if (isNeeded) return { kind: 'failed' };
    await doors.volumes.disk.unlink(path);
    return { kind: 'removed' };
  }
  const { bytes } = (isNeeded ? measure(row, header, whole) : null) ?? segment;
  if (bytes < size) await file.truncate(bytes);
  await patchHeader(file, header, segment.durationTicks);
  await file.sync();
  const reopened = doors.database.transaction(() => {
    doors.store.insert(segment);
    return doors.rewritten.divide(row, segment.durationTicks);
  });
  return { kind: 'recovered', segments: [tell(doors, row, segment, size - bytes)], reopened };
}

async function keepDamaged(
  doors: RecoveryDoors,
  row: JournalRow,
  file: DiskFile,
  survey: Survey,
): Promise<Found> {
  const { copies, lost } = await salvage(doors, row, file, survey);
  return { kind: 'damaged', segments: copies.map((copy) => tell(doors, row, copy, 0)), lost };
}

function tell(
  { ledger }: RecoveryDoors,
  { cameraId, startMs: fileMs }: JournalRow,
  { id, endMs, ...segment }: Pick<SegmentRecord, 'id' | 'endMs'> & { readonly startMs?: EpochMs },
  cutBytes: number,
): RecoveredSegment {
  const { startMs = fileMs } = segment;
  ledger.recordFound(cameraId, { startMs, endMs });
  return { segmentId: id, cameraId, startMs, endMs, cutBytes };
}

/** The header that was written, as the index knows it. */
function headerOf({ ledger }: RecoveryDoors, row: JournalRow): SegmentHeader {
  const { id: sequence, runId, cameraId, startMs, startTicks } = row;
  const { stream } = ledger.run(runId);
  const meta = { version: 1, cameraId, runId, stream, startMs, startTicks, sequence } as const;
  return readSegmentHeader(segmentHeader(ledger.initOf(runId), meta));
}

function journalOf(database: Database) {
  return database.prepare<[number], JournalRow>(
    `SELECT open_segment.id, run.uuid AS runId, open_segment.camera_id AS cameraId, volume_id AS volumeId, path,
       start_ms AS startMs, start_ticks AS startTicks
     FROM open_segment JOIN run ON run.id = run_id WHERE volume_id = ? AND copy_of IS NULL
     ORDER BY open_segment.id`,
  );
}

/** Logs what was found, if there was anything. */
export function tellRecovery({ openGaps: _, ...report }: RecoveryReport, log: Log): void {
  if (Object.values(report).every(({ length }) => length === 0)) return;
  log.warn({ ...report }, 'the last process did not end cleanly');
}
