/** Which camera a client of the older API means by its group and number. */

import { type CameraId, cameraId } from '../domain/ids.ts';
import type { LegacyKey } from '../domain/legacy.ts';
import type { Database, Statement } from './database.ts';

export const LEGACY_SCHEMA = `
-- A camera that was registered by a client of the older API, under the name that it has there.
CREATE TABLE legacy_camera (
  gid        TEXT NOT NULL,
  seq        INTEGER NOT NULL CHECK (seq >= 0),
  camera_id  TEXT NOT NULL UNIQUE,
  PRIMARY KEY (gid, seq)
) STRICT, WITHOUT ROWID;
`;

export interface LegacyRow extends LegacyKey {
  readonly cameraId: CameraId;
}

export class LegacyStore {
  readonly #list: Statement<[], { readonly gid: string; readonly seq: number; readonly cameraId: string }>;
  readonly #put: Statement<[string, number, string], never>;
  readonly #remove: Statement<[string], never>;

  constructor(database: Database) {
    this.#list = database.prepare(
      'SELECT gid, seq, camera_id AS cameraId FROM legacy_camera ORDER BY gid, seq',
    );
    this.#put = database.prepare(
      'INSERT OR REPLACE INTO legacy_camera (gid, seq, camera_id) VALUES (?, ?, ?)',
    );
    this.#remove = database.prepare('DELETE FROM legacy_camera WHERE camera_id = ?');
  }

  list(): LegacyRow[] {
    return this.#list.all().map((row) => ({ ...row, cameraId: cameraId(row.cameraId) }));
  }

  /** Null when no such camera was registered. */
  find({ gid, seq }: LegacyKey): CameraId | null {
    return this.list().find((row) => row.gid === gid && row.seq === seq)?.cameraId ?? null;
  }

  /** A camera has one name there: an earlier one of its is forgotten. */
  put({ gid, seq }: LegacyKey, camera: CameraId): void {
    this.#put.run(gid, seq, camera);
  }

  remove(camera: CameraId): void {
    this.#remove.run(camera);
  }
}
