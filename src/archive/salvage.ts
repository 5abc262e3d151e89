/**
 * What becomes of a file that is damaged: each stretch of whole fragments is copied into a file of its own, and the
 * damaged one stays as it is, for whoever can get more out of it. In one transaction the copies become footage and the
 * file leaves the journal; until then copies are worth nothing, so doing it again begins by throwing them away.
 */
import { join } from 'node:path';
import { NvrError } from '../domain/errors.ts';
import type { SegmentId } from '../domain/ids.ts';
import { ticks } from '../domain/ticks.ts';
import { type EpochMs, epochMs, type Interval } from '../domain/time.ts';
import { timescalesOf } from '../mp4/init.ts';
import { rebaseChunks } from '../mp4/rebase.ts';
import type { ScannedFragment } from '../mp4/scan.ts';
import type { Survey } from '../mp4/survey.ts';
import { DamagedFiles } from './damagedFiles.ts';
import type { Database } from './database.ts';
import type { DiskFile } from './disk.ts';
import type { JournalRow } from './journal.ts';
import type { Ledger } from './ledger.ts';
import { endMsOf, type FinishedSegment, OpenSegment } from './openSegment.ts';
import { segmentPath } from './segmentPath.ts';
import type { SegmentStore } from './segmentStore.ts';
import type { Volumes } from './volumes.ts';

export interface SalvageDoors {
  readonly database: Database;
  readonly volumes: Volumes;
  readonly store: SegmentStore;
  readonly ledger: Ledger;
  readonly now: () => EpochMs;
}

/** What came of it. */
export interface Salvage {
  readonly copies: readonly FinishedSegment[];
  /** What is missing before and between them. */
  readonly lost: readonly Interval[];
}

/**
 * Copies what is whole and no newer file of the run has, and keeps the file.
 * @throws NvrError of a disk or the index: then everything is as it was, but for copies that `discardCopies` removes
 */
export async function salvage(
  doors: SalvageDoors,
  source: JournalRow,
  file: DiskFile,
  { stretches }: Survey,
): Promise<Salvage> {
  const { database, store, now } = doors;
  const spans = spansOf(database).all(source.runId, source.id);
  const isNew = ({ startTicks }: ScannedFragment) => {
    const at = source.startTicks + startTicks;
    return !spans.some(({ from, to }) => at >= from && at < to);
  };
  const copies: FinishedSegment[] = [];
  for (const piece of stretches.flatMap((stretch) => piecesOf(stretch, isNew))) {
    copies.push(await copy(doors, source, file, piece));
  }
  const bytes = await file.size();
  const { volumeId, path, cameraId, startMs } = source;
  database.transaction(() => {
    for (const each of copies) store.insert(each);
    // By a clock that was never set, it would seem to have been kept for years.
    const foundMs = epochMs(Math.max(now(), startMs));
    new DamagedFiles(database).keep({ volumeId, path, bytes, cameraId, startMs, foundMs });
    store.forget(source.id);
  });
  return { copies, lost: between(startMs, copies) };
}

/** Throws away what an earlier attempt left. @throws NvrError of a disk or the index */
export async function discardCopies(
  { database, volumes, store }: SalvageDoors,
  volumeId: number,
): Promise<void> {
  for (const { id, path } of copiesOn(database).all(volumeId)) {
    if (store.unfinished.has(id)) continue;
    const folder = volumes.all.find((volume) => volume.id === volumeId)?.path ?? '';
    await volumes.disk.unlink(join(folder, path)).catch((error: unknown) => {
      if (!(error instanceof NvrError && error.kind === 'not-found')) throw error;
    });
    store.forget(id);
  }
}

/** Stretches of what is wanted; each begins with a key fragment, for nothing before one can be shown. */
function piecesOf(
  stretch: readonly ScannedFragment[],
  isWanted: (fragment: ScannedFragment) => boolean,
): ScannedFragment[][] {
  const pieces: ScannedFragment[][] = [];
  let open: ScannedFragment[] | null = null;
  for (const fragment of stretch) {
    if (!isWanted(fragment)) open = null;
    else if (open !== null) open.push(fragment);
    else if (fragment.key) {
      open = [fragment];
      pieces.push(open);
    }
  }
  return pieces;
}

async function copy(
  doors: SalvageDoors,
  source: JournalRow,
  file: DiskFile,
  piece: readonly ScannedFragment[],
): Promise<FinishedSegment> {
  const { store, volumes, ledger } = doors;
  const run = ledger.run(source.runId);
  const init = ledger.init(run.initKey);
  const offset = piece[0]?.startTicks ?? ticks(0);
  const start = {
    startMs: endMsOf(source.startMs, offset),
    startTicks: ticks(source.startTicks + offset),
  };
  const folder = volumes.all.find(({ id }) => id === source.volumeId)?.path ?? '';
  const path = await freePath(doors, source, folder, start.startMs);
  const { runId, cameraId, volumeId } = source;
  const id = await store.journal.begin({ runId, cameraId, volumeId, path, ...start, copyOf: source.id });
  try {
    const segment = await OpenSegment.create(
      volumes.disk,
      { run, init },
      { id, file: join(folder, path), ...start },
    );
    try {
      const timescales = timescalesOf(init);
      for (const { offset: at, bytes, startTicks, ...fragment } of piece) {
        const whole = await file.read(at, bytes);
        const moofBytes = whole.readUInt32BE(0);
        const chunks = [whole.subarray(0, moofBytes), whole.subarray(moofBytes)];
        const placed = { ...fragment, startTicks: ticks(source.startTicks + startTicks), byteLength: bytes };
        await segment.write({ ...placed, chunks: rebaseChunks({ chunks }, source.startTicks, timescales) });
      }
      return await segment.finish();
    } finally {
      await segment.release();
    }
  } finally {
    store.journal.begun(id);
  }
}

async function freePath(
  { store, volumes }: SalvageDoors,
  { cameraId, volumeId }: JournalRow,
  folder: string,
  startMs: EpochMs,
): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const path = segmentPath(cameraId, startMs, attempt);
    if (store.journal.names({ volumeId, path, cameraId, startMs })) continue;
    if (!(await volumes.disk.exists(join(folder, path)))) return path;
  }
}

function between(startMs: EpochMs, copies: readonly FinishedSegment[]): Interval[] {
  const starts = [startMs, ...copies.map(({ endMs }) => endMs)];
  return copies
    .map((each, index) => ({ startMs: starts[index] ?? startMs, endMs: each.startMs }))
    .filter((lost) => lost.startMs < lost.endMs);
}

/** What other files of a run hold, on its clock. */
function spansOf(database: Database) {
  return database.prepare<[string, number], { readonly from: number; readonly to: number }>(
    `SELECT start_ticks AS "from", start_ticks + duration_ticks AS "to" FROM segment
     WHERE run_id = (SELECT id FROM run WHERE uuid = ?) AND id <> ?`,
  );
}

function copiesOn(database: Database) {
  return database.prepare<[number], { readonly id: SegmentId; readonly path: string }>(
    'SELECT id, path FROM open_segment WHERE volume_id = ? AND copy_of IS NOT NULL',
  );
}
