/**
 * The archive as another process sees it: read-only, beside a recorder or without one. Footage that is still being
 * written has no row in the index and so is not seen.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NvrError } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import { Database } from './database.ts';
import { realDisk } from './disk.ts';
import { Exporter } from './exporter.ts';
import { ExportSources } from './exportSources.ts';
import { Ledger } from './ledger.ts';
import { MIGRATIONS } from './migrations.ts';

/** A camera that has footage, or could have. */
export interface SeenCamera {
  readonly id: CameraId;
  /** Null when it has been removed and its footage has not. */
  readonly name: string | null;
}

/** A contiguous interval that was recorded; its end is null while it lasts. */
export interface SeenRecording {
  readonly startMs: EpochMs;
  readonly endMs: EpochMs | null;
}

export class Onlooker {
  readonly exporter: Exporter;
  readonly #database: Database;
  readonly #sql: ReturnType<typeof statements>;

  private constructor(database: Database) {
    const ledger = new Ledger(database);
    this.#database = database;
    this.#sql = statements(database);
    this.exporter = new Exporter({
      sources: new ExportSources(database, { unindexed: () => [], find: () => undefined }),
      disk: realDisk,
      init: (initKey) => ledger.init(initKey),
    });
  }

  /**
   * @param stateDir absolute path of the folder of the index
   * @throws NvrError when there is no index, or one of another schema.
   */
  static open(stateDir: string): Onlooker {
    const path = join(stateDir, 'nightjar.db');
    if (!existsSync(path)) {
      throw new NvrError('not-found', `There is no index of footage in ${stateDir}.`, { field: 'state-dir' });
    }
    const database = Database.openToRead(path);
    if (database.version === MIGRATIONS.length) return new Onlooker(database);
    const seen = database.version;
    void database.close();
    throw new NvrError(
      'conflict',
      `The database ${path} has schema ${seen}, and this program knows ${MIGRATIONS.length}: use the program that records into it.`,
    );
  }

  /** Those that were added, and those that left footage, by id. */
  cameras(): SeenCamera[] {
    return this.#sql.cameras.all();
  }

  /** The recordings of a camera, in the order of their starts. */
  recordings(cameraId: CameraId): SeenRecording[] {
    return this.#sql.recordings.all(cameraId);
  }

  async close(): Promise<void> {
    await this.#database.close();
  }
}

function statements(database: Database) {
  return {
    cameras: database.prepare<[], SeenCamera>(
      `SELECT id, iif(id IN (SELECT camera_id FROM held_camera), NULL, name) AS name FROM camera
       UNION ALL SELECT DISTINCT camera_id, NULL FROM run WHERE camera_id NOT IN (SELECT id FROM camera)
       ORDER BY id`,
    ),
    recordings: database.prepare<[string], SeenRecording>(
      `SELECT start_ms AS startMs, end_ms AS endMs FROM recording
       WHERE camera_id = ? ORDER BY start_ms, id`,
    ),
  };
}
