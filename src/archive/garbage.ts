/**
 * Unlinks the files whose segments have left the index: row -> garbage -> unlink -> drop. A crash at any moment leaves
 * a row in the garbage, which is finished later; a file that is gone already is no failure.
 */
import { rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NvrError } from '../domain/errors.ts';
import { DAY_MS, type EpochMs } from '../domain/time.ts';
import type { Database } from './database.ts';
import type { Disk } from './disk.ts';
import type { Log } from './records.ts';
import type { GarbageFile, RetentionIndex } from './retentionIndex.ts';
import type { Volume } from './volume.ts';

/** As much of a volume as is needed to delete from it. */
export type GarbageVolume = Pick<Volume, 'id' | 'path' | 'trouble' | 'gate' | 'verify'>;

/** Whether files can be deleted from it. One that is out of use because it is full needs just that. */
export function canDelete({ trouble }: GarbageVolume): boolean {
  return trouble === null || trouble.kind === 'exhausted';
}

export interface GarbageDoors {
  readonly database: Database;
  readonly disk: Disk;
  readonly index: RetentionIndex;
  readonly log: Log;
}

/** Files unlinked at a time: the disk has to write as well. */
const AT_A_TIME = 2;
/** Folders of days that are over are removed when they are empty; a clock that is set back a little does no harm. */
const DAY_IS_OVER_MS = 2 * DAY_MS;

export class Garbage {
  readonly #doors: GarbageDoors;

  constructor(doors: GarbageDoors) {
    this.#doors = doors;
  }

  /**
   * Unlinks up to so many files of a volume; gives how many bytes that freed, and whether all of them could be.
   * @param nowMs folders of days before are removed when they are empty
   */
  async collect(
    volume: GarbageVolume,
    count: number,
    nowMs: EpochMs,
  ): Promise<{ readonly bytes: number; readonly done: boolean }> {
    const { database, index } = this.#doors;
    const files = index.garbage(volume.id, count);
    if (files.length === 0) return { bytes: 0, done: true };
    // Until it is durable that the segments are gone, a power cut could bring their rows back without their files.
    await database.flush();
    const gone: GarbageFile[] = [];
    for (let from = 0; from < files.length; from += AT_A_TIME) {
      const some = files.slice(from, from + AT_A_TIME);
      const unlinked = await Promise.all(some.map((file) => this.#unlink(volume, file)));
      gone.push(...some.filter((_, i) => unlinked[i] === true));
    }
    // Files are not gone with a disk that was pulled out meanwhile.
    await volume.verify();
    index.drop(gone);
    await removeFolders(volume, gone, nowMs);
    return { bytes: gone.reduce((sum, { bytes }) => sum + bytes, 0), done: gone.length === files.length };
  }

  async #unlink(volume: GarbageVolume, { path }: GarbageFile): Promise<boolean> {
    const file = join(volume.path, path);
    try {
      await this.#doors.disk.unlink(file);
      return true;
    } catch (error) {
      if (error instanceof NvrError && error.kind === 'not-found') return true;
      this.#doors.log.warn({ err: error, file }, 'a file could not be deleted; it is tried again');
      return false;
    }
  }
}

/** Removes the folders of days, months and years that the files leave empty. */
async function removeFolders(
  volume: GarbageVolume,
  files: readonly GarbageFile[],
  nowMs: EpochMs,
): Promise<void> {
  const today = new Date(nowMs - DAY_IS_OVER_MS).toISOString().slice(0, 10).replaceAll('-', '/');
  for (const folder of new Set(files.map(({ path }) => dirname(path)))) {
    // <camera>/2026/03/29; that of a camera stays.
    for (let path = folder; path.includes('/'); path = dirname(path)) {
      const date = path.slice(path.indexOf('/') + 1);
      if (date >= today.slice(0, date.length)) break;
      const removed = await volume.gate
        .run(() => rmdir(join(volume.path, path)))
        .then(
          () => true,
          () => false,
        );
      if (!removed) break;
    }
  }
}
