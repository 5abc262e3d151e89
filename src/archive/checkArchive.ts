/** The check as a whole: opens what it needs without a recorder, compares, and repairs or builds anew when asked to. */
import { join } from 'node:path';
import { messageOf, NvrError } from '../domain/errors.ts';
import type { EpochMs } from '../domain/time.ts';
import { epochMs } from '../domain/time.ts';
import { measureActivity } from './activityBackfill.ts';
import { compare, type Difference } from './check.ts';
import { CheckIndex } from './checkIndex.ts';
import type { DamagedTotal } from './damagedFiles.ts';
import { Database, lockFile } from './database.ts';
import { realDisk } from './disk.ts';
import { Ledger } from './ledger.ts';
import { MIGRATIONS, migrate } from './migrations.ts';
import type { Log } from './records.ts';
import { recover } from './recovery.ts';
import { adoptInstallation, openForRebuild, type Repaired, repair } from './repair.ts';
import { SegmentStore } from './segmentStore.ts';
import { TimelineStore } from './timelineStore.ts';
import { openVolumes, prepareFolder, Volume } from './volume.ts';
import { Volumes } from './volumes.ts';

export interface CheckOptions {
  readonly stateDir: string;
  /** All media folders. */
  readonly mediaDirs: readonly string[];
  /** Only look, put right, or build the index anew from the files. */
  readonly mode: 'look' | 'fix' | 'rebuild';
  /** Read the structure of every file, not only its size. */
  readonly scan: boolean;
  /** Delete the files that were kept because they are damaged; not where it only looks. */
  readonly discardDamaged: boolean;
  readonly nowMs: EpochMs;
  readonly log: Log;
  readonly onProgress: (done: number, total: number) => void;
}

export interface CheckReport {
  /** A recorder was at work. */
  readonly live: boolean;
  readonly files: number;
  /** Files that are kept because they are damaged. */
  readonly damaged: DamagedTotal;
  readonly differences: readonly Repaired[];
  /** Where a damaged index was moved to. */
  readonly movedTo: string | null;
}

/**
 * Compares the index with the files.
 * @throws NvrError when that can't be done: no index, a damaged one, a newer one; `conflict` naming the lock when
 *   something is to be changed while a recorder is at work.
 */
export async function checkArchive(options: CheckOptions): Promise<CheckReport> {
  return options.mode === 'look' ? await look(options) : await change(options);
}

async function look(options: CheckOptions): Promise<CheckReport> {
  const live = !lockIsFree(options.stateDir);
  const database = Database.openToRead(join(options.stateDir, 'nightjar.db'));
  try {
    if (database.version !== MIGRATIONS.length) {
      throw new NvrError(
        'conflict',
        `The index has schema ${database.version}, and this program ${MIGRATIONS.length}: start the recorder once, or check with the program that wrote it.`,
      );
    }
    const index = new CheckIndex(database);
    const volumes: Volume[] = [];
    const gone: Difference[] = [];
    for (const row of index.volumes()) {
      const volume = new Volume(row);
      const trouble = await volume.verify().then(
        () => null,
        (error: unknown) => error,
      );
      if (trouble === null) volumes.push(volume);
      else gone.push(missingVolume(row.path, trouble));
    }
    const { onProgress, scan } = options;
    const found = await compare({ index, disk: realDisk, volumes, live, scan, onProgress });
    const all = [...gone, ...found.differences].map((each) => ({ ...each, outcome: null }));
    return { ...found, live, differences: all, movedTo: null };
  } finally {
    await database.close();
  }
}

async function change(options: CheckOptions): Promise<CheckReport> {
  const { stateDir, mediaDirs, mode, nowMs, log, scan, discardDamaged, onProgress } = options;
  await prepareFolder(stateDir);
  const unlock = lockFile(join(stateDir, 'nightjar.lock'));
  try {
    const path = join(stateDir, 'nightjar.db');
    const entry =
      mode === 'rebuild'
        ? await openForRebuild(path, openIndex, nowMs)
        : { database: openIndex(path), movedTo: null };
    const { database, movedTo } = entry;
    try {
      for (const folder of mediaDirs) await adoptInstallation(database, folder);
      const opened = await openVolumes(database, mediaDirs);
      const there = opened.filter(({ trouble }) => trouble === null);
      const away = opened.flatMap(({ path: file, trouble }) => (trouble === null ? [] : [{ file, trouble }]));
      // What only the index knows of a volume that is away must not be forgotten.
      if (mode === 'rebuild' && away[0] !== undefined) throw away[0].trouble;
      const volumes = volumesOf(opened, log);
      const store = new SegmentStore({ database, volumes, log, retryMs: 1_000 });
      const doors = { database, volumes, store, ledger: new Ledger(database), log, now: () => nowMs };
      const index = new CheckIndex(database);
      if (mode === 'rebuild') index.clear();
      if (discardDamaged) for (const { id } of there) index.condemnDamaged(id);
      const look = { index, disk: volumes.disk, volumes: there, live: false, scan, onProgress };
      const { files, differences } = await compare(look);
      const gone = away.map(({ file, trouble }) => missingVolume(file, trouble));
      const repaired = await repair(doors, [...gone, ...differences]);
      // Runs, recordings and gaps, as at every start; and the overlaps that only now can be seen.
      await recover(doors);
      const after = await compare({ ...look, scan: false });
      await repair(doors, after.differences);
      if (mode === 'rebuild') await rebuildTimeline(database, volumes, doors);
      // A rebuild enters every file: that is no news.
      const news = repaired.filter(
        ({ kind, outcome }) => !(mode === 'rebuild' && kind === 'unknown-file' && outcome === 'fixed'),
      );
      return { live: false, files, damaged: after.damaged, differences: news, movedTo };
    } finally {
      await database.close();
    }
  } finally {
    unlock();
  }
}

/** What the timeline knows of footage is in the files, too: it is measured again. */
async function rebuildTimeline(
  database: Database,
  { disk }: Volumes,
  { ledger, log }: { readonly ledger: Ledger; readonly log: Log },
): Promise<void> {
  const timeline = new TimelineStore(database);
  await measureActivity({ database, disk, timeline, log, init: (initKey) => ledger.init(initKey) });
  timeline.rebuild();
}

function missingVolume(file: string, trouble: unknown): Difference {
  return { kind: 'missing-volume', file, message: messageOf(trouble) };
}

function openIndex(path: string): Database {
  const database = Database.open(path);
  migrate(database);
  return database;
}

function volumesOf(all: readonly Volume[], log: Log): Volumes {
  return new Volumes(all, {
    placement: 'camera',
    retryMs: 60_000,
    disk: realDisk,
    log,
    onBack: () => undefined,
    now: () => epochMs(Date.now()),
  });
}

function lockIsFree(stateDir: string): boolean {
  try {
    lockFile(join(stateDir, 'nightjar.lock'))();
    return true;
  } catch (error) {
    if (error instanceof NvrError && error.kind === 'conflict') return false;
    throw error;
  }
}
