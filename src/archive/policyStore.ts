/** How long the footage of each camera is kept, and when each camera records, as the user set it. */
import type { CameraId } from '../domain/ids.ts';
import { DEFAULT_POLICY, type RetentionPolicy } from '../domain/retention.ts';
import type { Schedule } from '../domain/schedule.ts';
import type { Database, Statement } from './database.ts';

type PolicyRow = RetentionPolicy & { readonly cameraId: CameraId };

export class PolicyStore {
  readonly #list: Statement<[], PolicyRow>;
  readonly #set: Statement<
    [string, number | null, number | null, number | null, number | null, number],
    never
  >;
  readonly #forget: Statement<[string], never>;
  #policies: ReadonlyMap<CameraId, RetentionPolicy> | null = null;

  constructor(database: Database) {
    this.#list = database.prepare(
      `SELECT camera_id AS cameraId, max_age_ms AS maxAgeMs, max_bytes AS maxBytes, min_age_ms AS minAgeMs,
         min_bytes AS minBytes, priority FROM camera_policy`,
    );
    this.#set = database.prepare(
      `INSERT OR REPLACE INTO camera_policy (camera_id, max_age_ms, max_bytes, min_age_ms, min_bytes, priority)
       VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.#forget = database.prepare('DELETE FROM camera_policy WHERE camera_id = ?');
  }

  /** Of one camera; the default one if none was set. */
  get(cameraId: CameraId): RetentionPolicy {
    return this.all().get(cameraId) ?? DEFAULT_POLICY;
  }

  /** Those that were set. */
  all(): ReadonlyMap<CameraId, RetentionPolicy> {
    this.#policies ??= new Map(this.#list.all().map(({ cameraId, ...policy }) => [cameraId, policy]));
    return this.#policies;
  }

  /** @throws NvrError `conflict` for a policy that was not validated and contradicts itself. */
  set(cameraId: CameraId, { maxAgeMs, maxBytes, minAgeMs, minBytes, priority }: RetentionPolicy): void {
    this.#set.run(cameraId, maxAgeMs, maxBytes, minAgeMs, minBytes, priority);
    this.#policies = null;
  }

  /** The default one holds again. */
  forget(cameraId: CameraId): void {
    this.#forget.run(cameraId);
    this.#policies = null;
  }
}

export class ScheduleStore {
  readonly #get: Statement<[string], { readonly schedule: string }>;
  readonly #set: Statement<[string, string], never>;

  constructor(database: Database) {
    this.#get = database.prepare('SELECT schedule FROM camera_schedule WHERE camera_id = ?');
    this.#set = database.prepare(
      'INSERT OR REPLACE INTO camera_schedule (camera_id, schedule) VALUES (?, ?)',
    );
  }

  /** Null when none was set. */
  get(cameraId: CameraId): Schedule | null {
    const row = this.#get.get(cameraId);
    return row === undefined ? null : JSON.parse(row.schedule);
  }

  /** It goes with the camera. */
  set(cameraId: CameraId, schedule: Schedule): void {
    this.#set.run(cameraId, JSON.stringify(schedule));
  }
}
