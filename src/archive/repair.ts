/**
 * Makes the index true again, and builds it anew from the files alone. A file counts, not what is said of it: what the
 * index has and the files have not is written down as lost. Done twice, or interrupted, it does no harm.
 */
import { readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { NvrError } from '../domain/errors.ts';
import type { Difference } from './check.ts';
import { CheckIndex } from './checkIndex.ts';
import type { Database } from './database.ts';
import { codeOf } from './disk.ts';
import { type RecoveryDoors, recoverFiles } from './recovery.ts';
import { readHeader } from './segmentScan.ts';
import { IDENTITY_FILE } from './volume.ts';

/** A difference, and what has become of it: null while nothing was tried. */
export type Repaired = Difference & { readonly outcome: 'fixed' | 'left' | null };

/** Puts right what can be put right. @throws NvrError of the index or a disk */
export async function repair(doors: RecoveryDoors, differences: readonly Difference[]): Promise<Repaired[]> {
  const index = new CheckIndex(doors.database);
  const repaired: Repaired[] = [];
  for (const difference of differences) {
    const fixed = await repairOne(doors, index, difference);
    repaired.push({ ...difference, outcome: fixed ? 'fixed' : 'left' });
  }
  const { failed } = await recoverFiles(doors, doors.volumes.all);
  return repaired.map((each) =>
    'file' in each && failed.includes(each.file) ? { ...each, outcome: 'left' } : each,
  );
}

async function repairOne(doors: RecoveryDoors, index: CheckIndex, found: Difference): Promise<boolean> {
  const { disk } = doors.volumes;
  switch (found.kind) {
    case 'unknown-file':
      return await enter(doors, index, found);
    case 'wrong-size':
    case 'damaged-file': {
      const { row } = found;
      index.reopen(row.id);
      doors.ledger.recordLoss(row.cameraId, row, 'storage');
      return true;
    }
    case 'missing-file':
      index.forget(found.row.id);
      doors.ledger.recordLoss(found.row.cameraId, found.row, 'storage');
      return true;
    case 'garbage':
      if (!isFootage(index, found) && (await disk.exists(found.file))) await disk.unlink(found.file);
      index.dropGarbage(found.volume, found.path);
      return true;
    case 'leftover':
      await unlink(found.file);
      return true;
    case 'gap-overlap':
      doors.ledger.recordFound(found.overlap.cameraId, found.overlap);
      return true;
    case 'unfinished':
      return true;
    case 'foreign-file':
    case 'missing-volume':
    case 'damaged-index':
      return false;
  }
}

/** Whether the file that is to be deleted is gone, and another has its name by now. */
function isFootage(
  index: CheckIndex,
  { volume, path }: { readonly volume: number; readonly path: string },
): boolean {
  return index.segment(volume, path, path.slice(0, path.indexOf('/'))) !== undefined;
}

/** Enters a file into the journal, from where recovery takes it. */
async function enter(
  { volumes }: RecoveryDoors,
  index: CheckIndex,
  { volume, path, file }: { readonly volume: number; readonly path: string; readonly file: string },
): Promise<boolean> {
  const open = await volumes.disk.open(file, 'read');
  try {
    const header = await readHeader(open);
    if (header !== null) index.journal(volume, path, header);
    return header !== null;
  } finally {
    await open.close();
  }
}

/**
 * Opens the index for building it anew. One that is damaged is moved aside; all that only it knew is lost: cameras,
 * users, settings.
 * @returns the index, and where the damaged one is now
 */
export async function openForRebuild(
  path: string,
  open: (path: string) => Database,
  nowMs: number,
): Promise<{ readonly database: Database; readonly movedTo: string | null }> {
  try {
    const database = open(path);
    if (new CheckIndex(database).damage().length === 0) return { database, movedTo: null };
    await database.close();
  } catch (error) {
    if (!(error instanceof NvrError && error.kind === 'internal')) throw error;
  }
  const movedTo = `${path}.damaged-${nowMs}`;
  for (const suffix of ['', '-wal', '-shm']) {
    await rename(`${path}${suffix}`, `${movedTo}${suffix}`).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
  }
  return { database: open(path), movedTo };
}

/** An index that was made anew belongs to the installation that its media folder names. */
export async function adoptInstallation(database: Database, mediaDir: string): Promise<void> {
  const text = await readFile(join(mediaDir, IDENTITY_FILE), 'utf8').catch(() => null);
  // Opening the volume says what is wrong with one that has none.
  if (text === null) return;
  const identity: { readonly installation?: unknown } = JSON.parse(text);
  database
    .prepare<[string]>("INSERT INTO setting (key, value) VALUES ('installation', ?) ON CONFLICT DO NOTHING")
    .run(String(identity.installation));
}
