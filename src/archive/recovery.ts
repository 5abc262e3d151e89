/**
 * Puts the archive in order after a crash, before anything is written: the files that were open are cut at their last
 * whole fragment, completed and indexed; the books are settled. The journal says which files those are, so no folder is listed. Doing it twice, or being killed in the middle of it, does no harm.
 */
import { join } from 'node:path';
import type { CameraId, RunId, SegmentId } from '../domain/ids.ts';
import type { Ticks } from '../domain/ticks.ts';
import type { EpochMs } from '../domain/time.ts';
import type { ScannedFragment } from '../mp4/scan.ts';
import type { SegmentHeader } from '../mp4/segmentFile.ts';
import type { Database } from './database.ts';
import type { DiskFile } from './disk.ts';
import type { Ledger } from './ledger.ts';
import { patchHeader } from './openSegment.ts';
import type { GapRecord, Log } from './records.ts';
import { measure, readHeader, scanFile } from './segmentScan.ts';
import type { SegmentStore } from './segmentStore.ts';
import { type InterruptedRecording, settleBooks } from './settle.ts';
import type { Volume } from './volume.ts';
import type { Volumes } from './volumes.ts';

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
  readonly volumes: Volumes;
  readonly store: SegmentStore;
  readonly ledger: Ledger;
  readonly log: Log;
}

interface JournalRow {
  readonly id: SegmentId;
  readonly runId: RunId;
  readonly cameraId: CameraId;
  readonly volumeId: number;
  readonly path: string;
  readonly startMs: EpochMs;
  readonly startTicks: Ticks;
}

type Outcome =
  | { readonly kind: 'recovered'; readonly segment: RecoveredSegment }
  | { readonly kind: 'removed' | 'missing' | 'failed'; readonly file: string };

/** Recovers what the last process left open. @throws NvrError when the database fails. */
export async function recover(doors: RecoveryDoors): Promise<RecoveryReport> {
  const { database, volumes } = doors;
  const files = await recoverFiles(
    doors,
    volumes.all.filter(({ trouble }) => trouble === null),
  );
  return { ...files, ...settleBooks(database) };
}

/** Runs at a time, which bounds descriptors when a disk failed for hours. */
const RUNS_AT_ONCE = 32;

/** What became of the files that were open. */
export type RecoveredFiles = Pick<RecoveryReport, 'recovered' | 'removed' | 'missing' | 'failed'>;

/** Recovers the files in these volumes that nobody answers for. @throws NvrError when the database fails. */
export async function recoverFiles(
  doors: RecoveryDoors,
  volumes: readonly Volume[],
): Promise<RecoveredFiles> {
  const { unfinished } = doors.store;
  const journal = volumes
    .flatMap(({ id }) => journalOf(doors.database).all(id))
    .filter(({ id }) => !unfinished.has(id));
  const runs = new Map<RunId, JournalRow[]>();
  for (const row of journal) runs.set(row.runId, [...(runs.get(row.runId) ?? []), row]);
  const waiting = [...runs.values()];
  const outcomes: Outcome[] = [];
  const work = async (): Promise<void> => {
    for (let rows = waiting.shift(); rows !== undefined; rows = waiting.shift()) {
      outcomes.push(...(await recoverRun(doors, rows)));
    }
  };
  await Promise.all(Array.from({ length: RUNS_AT_ONCE }, work));
  const recovered = outcomes.flatMap((outcome) => (outcome.kind === 'recovered' ? [outcome.segment] : []));
  const filesOf = (kind: Outcome['kind']) =>
    outcomes.flatMap((outcome) =>
      outcome.kind !== 'recovered' && outcome.kind === kind ? [outcome.file] : [],
    );
  return { recovered, removed: filesOf('removed'), missing: filesOf('missing'), failed: filesOf('failed') };
}

/** Newest first: what was written again, after a disk had failed, is cut off the file that has it too. */
async function recoverRun(doors: RecoveryDoors, rows: readonly JournalRow[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const row of [...rows].sort((a, b) => b.startTicks - a.startTicks || b.id - a.id)) {
    outcomes.push(await recoverFile(doors, row));
  }
  return outcomes;
}

async function recoverFile(doors: RecoveryDoors, row: JournalRow): Promise<Outcome> {
  const { store, volumes, log } = doors;
  const volume = volumes.all.find(({ id }) => id === row.volumeId);
  const file = join(volume?.path ?? '', row.path);
  try {
    const outcome = await recoverExisting(doors, row, file);
    if (outcome.kind !== 'recovered') store.forget(row.id);
    return outcome;
  } catch (error) {
    log.error({ err: error, file }, 'an unfinished segment file could not be recovered');
    return { kind: 'failed', file };
  }
}

async function recoverExisting(doors: RecoveryDoors, row: JournalRow, path: string): Promise<Outcome> {
  const { disk } = doors.volumes;
  if (!(await disk.exists(path))) {
    // It may be the disk that is not there.
    await doors.volumes.all.find(({ id }) => id === row.volumeId)?.verify();
    return { kind: 'missing', file: path };
  }
  const file = await disk.open(path, 'write');
  try {
    const size = await file.size();
    const header = await readHeader(file);
    // Killed between the journal row and the file, when another file had the name.
    if (header !== null && header.meta.runId !== row.runId) return { kind: 'missing', file: path };
    const segment = header === null ? null : measure(row, header, await scan(doors, row, file, header, size));
    if (header === null || segment === null) {
      // Its header and first fragment never became durable, so neither did anything else.
      await disk.unlink(path);
      return { kind: 'removed', file: path };
    }
    if (segment.bytes < size) await file.truncate(segment.bytes);
    await patchHeader(file, header, segment.durationTicks);
    await file.sync();
    doors.store.insert(segment);
    const { id: segmentId, cameraId, startMs } = row;
    const { endMs } = segment;
    doors.ledger.recordFound(cameraId, { startMs, endMs });
    const cutBytes = size - segment.bytes;
    return { kind: 'recovered', segment: { segmentId, cameraId, startMs, endMs, cutBytes } };
  } finally {
    await file.close();
  }
}

/** The whole fragments of the file that no newer file of the run has. */
async function scan(
  { database }: RecoveryDoors,
  row: JournalRow,
  file: DiskFile,
  header: SegmentHeader,
  size: number,
): Promise<readonly ScannedFragment[]> {
  const fragments = await scanFile(file, header, size);
  const { startTicks: lastTicks = 0, durationTicks = 0 } = fragments.at(-1) ?? {};
  const range = { run: row.runId, id: row.id, start: row.startTicks };
  const endTicks = row.startTicks + lastTicks + durationTicks;
  const next = nextStart(database).get({ ...range, end: endTicks })?.ticks ?? null;
  return fragments.filter(({ startTicks }) => next === null || row.startTicks + startTicks < next);
}

function journalOf(database: Database) {
  return database.prepare<[number], JournalRow>(
    `SELECT open_segment.id, run.uuid AS runId, open_segment.camera_id AS cameraId, volume_id AS volumeId, path,
       start_ms AS startMs, start_ticks AS startTicks
     FROM open_segment JOIN run ON run.id = run_id WHERE volume_id = ? ORDER BY open_segment.id`,
  );
}

type RunRange = {
  readonly run: string;
  readonly id: number;
  readonly start: number;
  readonly end: number;
};

/** One that begins at the same moment has it all if it is newer and at least as long. */
function nextStart(database: Database) {
  return database.prepare<[RunRange], { ticks: Ticks | null }>(
    `SELECT min(start_ticks) AS ticks FROM segment
     WHERE run_id = (SELECT id FROM run WHERE uuid = @run) AND (start_ticks > @start
       OR (start_ticks = @start AND id > @id AND start_ticks + duration_ticks >= @end))`,
  );
}

/** Logs what was found, if there was anything. */
export function tellRecovery(report: RecoveryReport, log: Log): void {
  const { recovered, removed, missing, failed, interrupted } = report;
  if (recovered.length + removed.length + missing.length + failed.length + interrupted.length === 0) return;
  log.warn({ recovered, removed, missing, failed, interrupted }, 'the last process did not end cleanly');
}
