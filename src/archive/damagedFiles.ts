/**
 * Files that are damaged and may hold footage that nothing can play: they are kept as they are, apart from the footage,
 * until their time is over, somebody wants them gone, or their room is needed and the rules leave nothing else.
 */
import type { CameraId } from '../domain/ids.ts';
import type { VolumeId } from '../domain/retention.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Database } from './database.ts';
import { GarbageIndex } from './garbageIndex.ts';

/** A step of the schema: files that recovery could not make whole. */
export const DAMAGED_SCHEMA = `
-- What can be played of such a file was copied into files of its own. It leaves by way of the garbage.
CREATE TABLE damaged_file (
  volume_id  INTEGER NOT NULL REFERENCES volume (id),
  path       TEXT NOT NULL,
  bytes      INTEGER NOT NULL,
  camera_id  TEXT NOT NULL,
  -- Where its footage began.
  start_ms   INTEGER NOT NULL,
  found_ms   INTEGER NOT NULL,
  PRIMARY KEY (volume_id, path)
) STRICT, WITHOUT ROWID;
`;

/** One of them. */
export interface DamagedFile {
  readonly volumeId: VolumeId;
  /** Relative to the volume. */
  readonly path: string;
  readonly bytes: number;
  readonly cameraId: CameraId;
  readonly startMs: EpochMs;
  readonly foundMs: EpochMs;
}

/** How many there are, and the bytes of all. */
export interface DamagedTotal {
  readonly files: number;
  readonly bytes: number;
}

export class DamagedFiles {
  readonly #database: Database;
  readonly #garbage: GarbageIndex;
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: Database) {
    this.#database = database;
    this.#garbage = new GarbageIndex(database);
    this.#sql = statements(database);
  }

  /** @throws NvrError */
  keep({ volumeId, path, bytes, cameraId, startMs, foundMs }: DamagedFile): void {
    this.#sql.keep.run(volumeId, path, bytes, cameraId, startMs, foundMs);
  }

  /** On a volume, in the order in which they were found. */
  on(volumeId: VolumeId): DamagedFile[] {
    return this.#sql.on.all(volumeId);
  }

  total(volumeId: VolumeId): DamagedTotal {
    return this.#sql.total.get(volumeId) ?? { files: 0, bytes: 0 };
  }

  /** Those that were found before a moment become garbage. */
  condemnBefore(ms: EpochMs | number): void {
    this.#condemn(this.#sql.before.all(ms));
  }

  /** Those of a volume become garbage, at most so many of them, those first that were found first. */
  condemn(volumeId: VolumeId, most: number): void {
    this.#condemn(this.on(volumeId).slice(0, most));
  }

  #condemn(files: readonly DamagedFile[]): void {
    if (files.length === 0) return;
    this.#database.transaction(() => {
      for (const file of files) {
        this.#garbage.bury(file);
        this.#sql.forget.run(file.volumeId, file.path);
      }
    });
  }
}

const COLUMNS = `volume_id AS volumeId, path, bytes, camera_id AS cameraId, start_ms AS startMs,
  found_ms AS foundMs FROM damaged_file`;

function statements(database: Database) {
  return {
    keep: database.prepare<[number, string, number, string, number, number]>(
      `INSERT OR REPLACE INTO damaged_file (volume_id, path, bytes, camera_id, start_ms, found_ms)
       VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    on: database.prepare<[number], DamagedFile>(
      `SELECT ${COLUMNS} WHERE volume_id = ? ORDER BY found_ms, path`,
    ),
    before: database.prepare<[number], DamagedFile>(`SELECT ${COLUMNS} WHERE found_ms < ?`),
    total: database.prepare<[number], DamagedTotal>(
      'SELECT count(*) AS files, coalesce(sum(bytes), 0) AS bytes FROM damaged_file WHERE volume_id = ?',
    ),
    forget: database.prepare<[number, string]>('DELETE FROM damaged_file WHERE volume_id = ? AND path = ?'),
  };
}
