/** Intervals of footage that somebody locked: no segment that reaches into one is ever deleted. */
import { NvrError } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import type { EpochMs, Interval } from '../domain/time.ts';
import type { Database, Statement } from './database.ts';

export interface Protection extends Interval {
  readonly id: number;
  readonly cameraId: CameraId;
  /** Why, in the words of whoever locked it; may be empty. */
  readonly note: string;
  readonly createdMs: EpochMs;
  /** Name of the user. */
  readonly createdBy: string;
}

export class ProtectionStore {
  readonly #list: Statement<[string], Protection>;
  readonly #add: Statement<[string, number, number, string, number, string], never>;
  readonly #remove: Statement<[number, string], never>;
  readonly #forget: Statement<[string], never>;
  readonly #merged = new Map<CameraId, readonly Interval[]>();

  constructor(database: Database) {
    this.#list = database.prepare(
      `SELECT id, camera_id AS cameraId, start_ms AS startMs, end_ms AS endMs, note, created_ms AS createdMs,
         created_by AS createdBy FROM protection WHERE camera_id = ? ORDER BY start_ms, id`,
    );
    this.#add = database.prepare(
      `INSERT INTO protection (camera_id, start_ms, end_ms, note, created_ms, created_by)
       VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.#remove = database.prepare('DELETE FROM protection WHERE id = ? AND camera_id = ?');
    this.#forget = database.prepare('DELETE FROM protection WHERE camera_id = ?');
  }

  /** In the order of their starts. */
  list(cameraId: CameraId): Protection[] {
    return this.#list.all(cameraId);
  }

  /** @throws NvrError `invalid` when it ends before it begins. */
  add(protection: Omit<Protection, 'id'>): Protection {
    const { cameraId, startMs, endMs, note, createdMs, createdBy } = protection;
    if (endMs <= startMs) {
      throw new NvrError('invalid', 'What is protected ends after it begins.', { field: 'endMs' });
    }
    const { id } = this.#add.run(cameraId, startMs, endMs, note, createdMs, createdBy);
    this.#merged.delete(cameraId);
    return { id, ...protection };
  }

  /** @throws NvrError `not-found`. */
  remove(cameraId: CameraId, id: number): void {
    if (this.#remove.run(id, cameraId).changes === 0) {
      throw new NvrError('not-found', `There is no protection ${id} of the camera ${cameraId}.`);
    }
    this.#merged.delete(cameraId);
  }

  /** All of a camera of which there is no footage any more. */
  forget(cameraId: CameraId): void {
    this.#forget.run(cameraId);
    this.#merged.delete(cameraId);
  }

  /** What is protected of a camera, sorted, disjoint and never touching. */
  intervals(cameraId: CameraId): readonly Interval[] {
    const known = this.#merged.get(cameraId);
    if (known !== undefined) return known;
    const merged = merge(this.list(cameraId));
    this.#merged.set(cameraId, merged);
    return merged;
  }
}

function merge(sorted: readonly Interval[]): readonly Interval[] {
  const merged: { startMs: EpochMs; endMs: EpochMs }[] = [];
  for (const { startMs, endMs } of sorted) {
    const last = merged.at(-1);
    if (last === undefined || startMs > last.endMs) merged.push({ startMs, endMs });
    else if (endMs > last.endMs) last.endMs = endMs;
  }
  return merged;
}
