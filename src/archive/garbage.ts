/**
 * Unlinks the files whose segments have left the index: row -> garbage -> unlink -> drop. A crash at any moment leaves
 * a row in the garbage, which is finished later; a file that is gone already is no failure.
 */
import { rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { NvrError } from '../domain/errors.ts';
import type { VolumeId } from '../domain/retention.ts';
import { type Clock, DAY_MS, type EpochMs } from '../domain/time.ts';
import type { Database } from './database.ts';
import type { Disk } from './disk.ts';
import type { GarbageFile } from './garbageIndex.ts';
import { IndexFlush } from './indexFlush.ts';
import type { Log } from './records.ts';
import type { RetentionIndex } from './retentionIndex.ts';
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
  readonly clock: Clock;
}

/** A file that could not be unlinked. */
interface Stuck {
  readonly volumeId: VolumeId;
  readonly bytes: number;
  /** By the steady clock. */
  readonly retryAtMs: number;
}

/** What a volume has let go of late: nothing of so many files, one after the other. */
interface Refusal {
  readonly inVain: number;
  readonly untilMs: number;
}

/** Files that could not be unlinked are tried again after so long, in ms. */
const RETRY_MS = 60_000;
/** After so many in a row, no more footage is given up on that volume for as long. */
const MOST_IN_VAIN = 3;
/** Files unlinked at a time: the disk has to write as well. */
const AT_A_TIME = 2;
/** Folders of days that are over are removed when they are empty; a clock that is set back a little does no harm. */
const DAY_IS_OVER_MS = 2 * DAY_MS;

export class Garbage {
  readonly #doors: GarbageDoors;
  readonly #flush: IndexFlush;
  /** By volume and path. */
  readonly #stuck = new Map<string, Stuck>();
  readonly #refusals = new Map<VolumeId, Refusal>();

  constructor(doors: GarbageDoors) {
    this.#doors = doors;
    this.#flush = new IndexFlush(doors.database, doors.log);
  }

  /** What unlinking will free on a volume, in bytes: what could not be unlinked does not count. */
  promised(volumeId: VolumeId): number {
    const waiting = this.#waiting(volumeId).reduce((sum, { bytes }) => sum + bytes, 0);
    return this.#doors.index.garbage.bytes(volumeId) - waiting;
  }

  /** Whether a volume lets nothing go: to condemn more of it would cost footage and free nothing. */
  refuses(volumeId: VolumeId): boolean {
    const refusal = this.#refusals.get(volumeId);
    return (refusal?.inVain ?? 0) >= MOST_IN_VAIN && this.#now() < (refusal?.untilMs ?? 0);
  }

  /** Unlinks up to so many files of a volume; gives how many bytes that freed. */
  async collect(volume: GarbageVolume, count: number): Promise<number> {
    const { index, clock } = this.#doors;
    const waiting = this.#waiting(volume.id).length;
    const files = index.garbage
      .on(volume.id, count + waiting)
      .filter((file) => !this.#waits(file))
      .slice(0, count);
    if (files.length === 0) return 0;
    // Until it is durable that the segments are gone, a power cut could bring their rows back without their files. But
    // room for what is recorded now counts more than that.
    await this.#flush.done();
    const gone: GarbageFile[] = [];
    for (let from = 0; from < files.length; from += AT_A_TIME) {
      const some = files.slice(from, from + AT_A_TIME);
      const unlinked = await Promise.all(some.map((file) => this.#unlink(volume, file)));
      gone.push(...some.filter((_, i) => unlinked[i] === true));
    }
    // Files are not gone with a disk that was pulled out meanwhile.
    await volume.verify();
    index.garbage.drop(gone);
    this.#remember(volume.id, files, new Set(gone));
    await removeFolders(volume, gone, clock.now());
    return gone.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #now(): number {
    return this.#doors.clock.monotonic();
  }

  #waits(file: GarbageFile): boolean {
    return this.#now() < (this.#stuck.get(keyOf(file))?.retryAtMs ?? 0);
  }

  #waiting(volumeId: VolumeId): Stuck[] {
    const now = this.#now();
    return [...this.#stuck.values()].filter((each) => each.volumeId === volumeId && now < each.retryAtMs);
  }

  #remember(volumeId: VolumeId, files: readonly GarbageFile[], gone: ReadonlySet<GarbageFile>): void {
    const untilMs = this.#now() + RETRY_MS;
    // That those fail again which failed before says nothing of others.
    const inVain = files.filter((file) => !this.#stuck.has(keyOf(file))).length;
    for (const file of files) {
      if (gone.has(file)) this.#stuck.delete(keyOf(file));
      else this.#stuck.set(keyOf(file), { volumeId, bytes: file.bytes, retryAtMs: untilMs });
    }
    if (gone.size > 0) this.#refusals.delete(volumeId);
    else if (inVain > 0) {
      const before = this.#refusals.get(volumeId)?.inVain ?? 0;
      this.#refusals.set(volumeId, { inVain: before + inVain, untilMs });
    }
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

function keyOf({ volumeId, path }: GarbageFile): string {
  return `${volumeId} ${path}`;
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
