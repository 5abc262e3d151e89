/** The files that are to be unlinked, as the index knows them; `garbage.ts` unlinks them. */
import type { VolumeId } from '../domain/retention.ts';
import type { Database } from './database.ts';

/** A file that is to be unlinked. */
export interface GarbageFile {
  readonly volumeId: VolumeId;
  /** Relative to the volume. */
  readonly path: string;
  readonly bytes: number;
}

export class GarbageIndex {
  readonly #database: Database;
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: Database) {
    this.#database = database;
    this.#sql = statements(database);
  }

  /** Enters a file, in the transaction that takes it from where it was. @throws NvrError */
  bury({ volumeId, path, bytes }: GarbageFile): void {
    this.#sql.bury.run(volumeId, path, bytes);
  }

  /** At most so many files of a volume; all of them when no count is given. */
  on(volumeId: VolumeId, count = ALL): GarbageFile[] {
    return this.#sql.on.all(volumeId, count);
  }

  /** What unlinking all of a volume would free. */
  bytes(volumeId: VolumeId): number {
    return this.#sql.bytes.get(volumeId)?.bytes ?? 0;
  }

  /** They are unlinked. @throws NvrError */
  drop(files: readonly Pick<GarbageFile, 'volumeId' | 'path'>[]): void {
    if (files.length === 0) return;
    this.#database.transaction(() => {
      for (const { volumeId, path } of files) this.#sql.drop.run(volumeId, path);
    });
  }
}

/** To SQLite, no limit. */
const ALL = -1;

function statements(database: Database) {
  return {
    bury: database.prepare<[number, string, number]>(
      'INSERT OR REPLACE INTO garbage (volume_id, path, bytes) VALUES (?, ?, ?)',
    ),
    on: database.prepare<[number, number], GarbageFile>(
      'SELECT volume_id AS volumeId, path, bytes FROM garbage WHERE volume_id = ? LIMIT ?',
    ),
    bytes: database.prepare<[number], { bytes: number | null }>(
      'SELECT sum(bytes) AS bytes FROM garbage WHERE volume_id = ?',
    ),
    drop: database.prepare<[number, string]>('DELETE FROM garbage WHERE volume_id = ? AND path = ?'),
  };
}
