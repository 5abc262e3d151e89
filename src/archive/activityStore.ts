/** When activity of each camera is an event, as the user set it. */
import { type ActivityRule, DEFAULT_RULE } from '../domain/activityTrigger.ts';
import type { CameraId } from '../domain/ids.ts';
import type { Database, Statement } from './database.ts';

/** Appended as a migration. */
export const ACTIVITY_SCHEMA = `
-- When activity of a camera is an event, as JSON (src/domain/activityTrigger.ts).
CREATE TABLE camera_activity (
  camera_id  TEXT PRIMARY KEY,
  rule       TEXT NOT NULL CHECK (json_valid(rule))
) STRICT, WITHOUT ROWID;
CREATE TRIGGER camera_activity_removed AFTER DELETE ON camera BEGIN
  DELETE FROM camera_activity WHERE camera_id = old.id;
END;
`;

export class ActivityStore {
  readonly #get: Statement<[string], { readonly rule: string }>;
  readonly #set: Statement<[string, string], never>;
  /** Every camera is asked for every second. */
  readonly #rules = new Map<CameraId, ActivityRule>();

  constructor(database: Database) {
    this.#get = database.prepare('SELECT rule FROM camera_activity WHERE camera_id = ?');
    this.#set = database.prepare('INSERT OR REPLACE INTO camera_activity (camera_id, rule) VALUES (?, ?)');
  }

  /** The default one if none was set. */
  get(cameraId: CameraId): ActivityRule {
    const known = this.#rules.get(cameraId);
    if (known !== undefined) return known;
    const row = this.#get.get(cameraId);
    const rule: ActivityRule = row === undefined ? DEFAULT_RULE : JSON.parse(row.rule);
    this.#rules.set(cameraId, rule);
    return rule;
  }

  /** It goes with the camera. */
  set(cameraId: CameraId, rule: ActivityRule): void {
    this.#set.run(cameraId, JSON.stringify(rule));
    this.#rules.set(cameraId, rule);
  }

  /** The camera is gone, or another one has its id. */
  forget(cameraId: CameraId): void {
    this.#rules.delete(cameraId);
  }
}
