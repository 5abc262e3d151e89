/**
 * The holding area: deleted cameras whose footage is still there. Their rows stay in the table of cameras, so that one
 * that is taken back comes with all of its settings; nobody else sees them. What is purged goes by way of retention.
 */
import { NvrError } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import { type EpochMs, epochMs } from '../domain/time.ts';
import type { Database } from './database.ts';
import type { PolicyStore } from './policyStore.ts';
import type { ProtectionStore } from './protectionStore.ts';
import type { RetentionIndex } from './retentionIndex.ts';

/** A step of the schema: which cameras are deleted, and when their footage goes. */
export const HOLDING_SCHEMA = `
CREATE TABLE held_camera (
  camera_id   TEXT PRIMARY KEY,
  -- Null for footage whose camera was never known, as after an index was made anew from the files.
  deleted_ms  INTEGER,
  -- When somebody asked for its footage to go; null while nobody has.
  purge_ms    INTEGER
) STRICT, WITHOUT ROWID;
`;

/** A deleted camera, or footage of one that nobody knows. */
export interface HeldCamera {
  readonly cameraId: CameraId;
  /** Null when nothing is known of the camera: then it can't be restored. */
  readonly name: string | null;
  readonly segments: number;
  readonly bytes: number;
  /** Of these, what is protected, and so stays. */
  readonly protectedBytes: number;
  readonly oldestMs: EpochMs | null;
  readonly newestMs: EpochMs | null;
  readonly deletedMs: EpochMs | null;
  /** From when on its footage goes; null for never. */
  readonly purgeMs: EpochMs | null;
}

export interface HoldingDoors {
  readonly database: Database;
  readonly index: RetentionIndex;
  readonly policies: PolicyStore;
  readonly protections: ProtectionStore;
  /** How long footage is held, in ms; null for ever. */
  readonly holdMs: number | null;
}

interface HeldRow {
  readonly cameraId: CameraId;
  readonly name: string | null;
  readonly deletedMs: EpochMs | null;
  readonly purgeMs: EpochMs | null;
}

/** A camera that was deleted may still be closing its last file, in ms. */
const CLOSING_MS = 60_000;

export class HoldingArea {
  readonly #doors: HoldingDoors;
  readonly #sql: ReturnType<typeof statements>;

  constructor(doors: HoldingDoors) {
    this.#doors = doors;
    this.#sql = statements(doors.database);
  }

  /** Those that have footage, in the order of their deletion. */
  list(): HeldCamera[] {
    const totals = this.#doors.index.totals();
    return this.#sql.held.all().flatMap((row) => {
      const parts = totals.filter(({ cameraId }) => cameraId === row.cameraId);
      return parts.length === 0 ? [] : [this.#view(row, parts)];
    });
  }

  /** @throws NvrError `not-found` for a camera that is not held, or has left no footage. */
  get(cameraId: CameraId): HeldCamera {
    const held = this.list().find((each) => each.cameraId === cameraId);
    if (held === undefined) {
      throw new NvrError('not-found', `The holding area has no footage of a camera ${cameraId}.`, {
        field: 'cameraId',
      });
    }
    return held;
  }

  /** From now on all of its footage goes that is not protected. @throws as `get`. */
  purge(cameraId: CameraId, at: EpochMs): HeldCamera {
    this.get(cameraId);
    this.#sql.purge.run(cameraId, at);
    return this.get(cameraId);
  }

  /** The cameras whose footage is to go. */
  due(now: EpochMs): ReadonlySet<CameraId> {
    const { holdMs } = this.#doors;
    const rows = this.#sql.due.all(now, holdMs === null ? -1 : now - holdMs);
    return new Set(rows.map(({ cameraId }) => cameraId));
  }

  /** Forgets the cameras of which no footage is left: settings, policies, and what was noted of their time. */
  sweep(now: EpochMs): void {
    for (const { cameraId } of this.#sql.empty.all(now - CLOSING_MS)) this.#forget(cameraId);
  }

  #forget(cameraId: CameraId): void {
    const { database, policies, protections } = this.#doors;
    database.transaction(() => {
      for (const statement of this.#sql.forget) statement.run(cameraId);
      policies.forget(cameraId);
      protections.forget(cameraId);
    });
  }

  #view(
    { cameraId, name, deletedMs, purgeMs }: HeldRow,
    parts: ReturnType<RetentionIndex['totals']>,
  ): HeldCamera {
    const { index, holdMs } = this.#doors;
    const extent = index.extent(cameraId);
    const sum = (of: (part: (typeof parts)[number]) => number) =>
      parts.reduce((all, part) => all + of(part), 0);
    const byRule = holdMs === null || deletedMs === null ? null : deletedMs + holdMs;
    const ends = [purgeMs, byRule].filter((end) => end !== null);
    return {
      ...{ cameraId, name, deletedMs },
      segments: sum(({ segments }) => segments),
      bytes: sum(({ bytes }) => bytes),
      protectedBytes: sum((part) => index.protectedBytes(part)),
      oldestMs: extent?.startMs ?? null,
      newestMs: extent?.endMs ?? null,
      purgeMs: ends.length === 0 ? null : epochMs(Math.min(...ends)),
    };
  }
}

function statements(database: Database) {
  return {
    // Footage whose camera is not known has no row until somebody wants it to go.
    held: database.prepare<[], HeldRow>(
      `SELECT held.camera_id AS cameraId, camera.name, deleted_ms AS deletedMs, purge_ms AS purgeMs
       FROM (
         SELECT camera_id, deleted_ms, purge_ms FROM held_camera
         UNION ALL
         SELECT DISTINCT camera_id, NULL, NULL FROM footage_total
         WHERE camera_id NOT IN (SELECT id FROM camera) AND camera_id NOT IN (SELECT camera_id FROM held_camera)
       ) AS held LEFT JOIN camera ON camera.id = held.camera_id
       ORDER BY deleted_ms, held.camera_id`,
    ),
    purge: database.prepare<[string, number]>(
      `INSERT INTO held_camera (camera_id, purge_ms) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET purge_ms = excluded.purge_ms`,
    ),
    due: database.prepare<[number, number], { cameraId: CameraId }>(
      'SELECT camera_id AS cameraId FROM held_camera WHERE purge_ms <= ? OR deleted_ms <= ?',
    ),
    empty: database.prepare<[number], { cameraId: CameraId }>(
      `SELECT camera_id AS cameraId FROM held_camera
       WHERE (deleted_ms IS NULL OR deleted_ms <= ?)
         AND camera_id NOT IN (SELECT camera_id FROM footage_total)
         AND camera_id NOT IN (SELECT camera_id FROM open_segment)`,
    ),
    forget: [
      'DELETE FROM recording WHERE camera_id = ?',
      'DELETE FROM gap WHERE camera_id = ?',
      'DELETE FROM run WHERE camera_id = ? AND ended_ms IS NOT NULL',
      'DELETE FROM camera WHERE id = ?',
      'DELETE FROM held_camera WHERE camera_id = ?',
    ].map((text) => database.prepare<[string]>(text)),
  };
}
