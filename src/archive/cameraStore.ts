/**
 * The cameras the user added, in the index database. What a camera may look like is decided before this door; what
 * becomes of the deleted ones, in `holding.ts`.
 */
import type { Camera, CameraDraft, RecordingMode, Source } from '../domain/camera.ts';
import { NvrError } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Database, Statement } from './database.ts';
import { passwordContext } from './sealing.ts';
import type { Vault } from './vault.ts';

/** A step of the schema: what a camera may have besides its source. */
export const CAMERA_EXTRAS_SCHEMA = `
-- As JSON: the second stream without its password, how the picture is encoded, and what else is not for every camera.
ALTER TABLE camera ADD COLUMN extras TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(extras));
ALTER TABLE camera ADD COLUMN sub_password TEXT;
`;

/** What only some cameras have. */
type Extras = Pick<Camera, 'sub' | 'encode' | 'onDemand' | 'segmentSeconds' | 'group' | 'tags' | 'position'>;

interface CameraRow {
  readonly id: CameraId;
  readonly name: string;
  readonly enabled: number;
  readonly source: string;
  readonly password: string | null;
  readonly audio: number;
  readonly mode: RecordingMode;
  readonly revision: number;
  readonly created_ms: EpochMs;
  readonly updated_ms: EpochMs;
  readonly extras: string;
  readonly sub_password: string | null;
}

/** Name, enabled, source, password, audio, mode, extras, password of the second stream. */
type DraftValues = [string, number, string, string | null, number, string, string, string | null];

export class CameraStore {
  readonly #database: Database;
  readonly #vault: Vault;
  readonly #list: Statement<[], CameraRow>;
  readonly #get: Statement<[string], CameraRow>;
  readonly #footage: Statement<[string, string], { readonly id: number }>;
  readonly #insert: Statement<[string, ...DraftValues, number, number], never>;
  readonly #update: Statement<[...DraftValues, number, string], never>;
  readonly #held: Statement<[string], CameraRow>;
  readonly #hold: Statement<[string, number], never>;
  readonly #release: Statement<[string], never>;
  readonly #touch: Statement<[number, string], never>;
  readonly #drop: Statement<[string], never>;

  /** @param vault seals the passwords */
  constructor(database: Database, vault: Vault) {
    this.#database = database;
    this.#vault = vault;
    const held = '(SELECT camera_id FROM held_camera)';
    this.#list = database.prepare(`SELECT * FROM camera WHERE id NOT IN ${held} ORDER BY created_ms, id`);
    this.#get = database.prepare(`SELECT * FROM camera WHERE id = ? AND id NOT IN ${held}`);
    this.#held = database.prepare(`SELECT * FROM camera WHERE id = ? AND id IN ${held}`);
    this.#footage = database.prepare(
      `SELECT id FROM segment WHERE camera_id = ?
       UNION ALL SELECT id FROM open_segment WHERE camera_id = ? LIMIT 1`,
    );
    this.#insert = database.prepare(
      `INSERT INTO camera (id, name, enabled, source, password, audio, mode, extras, sub_password, revision,
       created_ms, updated_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)`,
    );
    this.#update = database.prepare(
      `UPDATE camera SET name = ?, enabled = ?, source = ?, password = ?, audio = ?, mode = ?, extras = ?,
       sub_password = ?, revision = revision + 1, updated_ms = ? WHERE id = ?`,
    );
    this.#hold = database.prepare('INSERT INTO held_camera (camera_id, deleted_ms) VALUES (?, ?)');
    this.#release = database.prepare('DELETE FROM held_camera WHERE camera_id = ?');
    this.#touch = database.prepare('UPDATE camera SET revision = revision + 1, updated_ms = ? WHERE id = ?');
    this.#drop = database.prepare('DELETE FROM camera WHERE id = ?');
  }

  /** All of them, oldest first. */
  list(): Camera[] {
    return this.#list.all().map((row) => toCamera(row, this.#vault));
  }

  /** @throws NvrError `not-found`. */
  get(id: CameraId): Camera {
    const row = this.#get.get(id);
    if (row === undefined) throw new NvrError('not-found', `There is no camera ${id}.`);
    return toCamera(row, this.#vault);
  }

  /** Whether a camera is registered, or was and has left footage. */
  knows(id: CameraId): boolean {
    return this.#get.get(id) !== undefined || this.#footage.get(id, id) !== undefined;
  }

  /** Footage outlives the registration of its camera. @throws NvrError `not-found` for a camera that is not known */
  expectKnown(id: CameraId): void {
    if (!this.knows(id)) throw new NvrError('not-found', `There is no camera ${id}.`, { field: 'cameraId' });
  }

  /** @throws NvrError `conflict` when the id is taken, or was the id of a camera whose footage is still there. */
  insert(draft: CameraDraft, at: EpochMs): Camera {
    return this.#database.transaction(() => {
      if (this.#get.get(draft.id) !== undefined) {
        throw new NvrError('conflict', `There is a camera ${draft.id} already.`, { field: 'id' });
      }
      if (this.#footage.get(draft.id, draft.id) !== undefined) {
        throw new NvrError(
          'conflict',
          `There is footage of a camera ${draft.id} that was removed: under the same id it would be taken for the new camera’s. Restore or purge what is held of it, or choose another id.`,
          { field: 'id' },
        );
      }
      // One that was deleted and left nothing.
      this.#release.run(draft.id);
      this.#drop.run(draft.id);
      this.#insert.run(draft.id, ...valuesOf(draft, this.#vault), at, at);
      return this.get(draft.id);
    });
  }

  /**
   * Replaces everything the user can change of the camera `draft.id`.
   * @throws NvrError `not-found`, or `conflict` when its revision is no longer the expected one.
   */
  update(draft: CameraDraft, expectedRevision: number, at: EpochMs): Camera {
    return this.#database.transaction(() => {
      this.#expect(draft.id, expectedRevision);
      this.#update.run(...valuesOf(draft, this.#vault), at, draft.id);
      return this.get(draft.id);
    });
  }

  /**
   * Moves the camera to the holding area, with its footage.
   * @throws NvrError `not-found`, or `conflict` when its revision is no longer the expected one.
   */
  remove(id: CameraId, expectedRevision: number, at: EpochMs): void {
    this.#database.transaction(() => {
      this.#expect(id, expectedRevision);
      this.#hold.run(id, at);
    });
  }

  /** Takes a camera out of the holding area, as it was. @throws NvrError `not-found` when none is held there. */
  restore(id: CameraId, at: EpochMs): Camera {
    return this.#database.transaction(() => {
      if (this.#held.get(id) === undefined) {
        throw new NvrError('not-found', `There is no deleted camera ${id} to restore.`, {
          field: 'cameraId',
        });
      }
      this.#release.run(id);
      this.#touch.run(at, id);
      return this.get(id);
    });
  }

  #expect(id: CameraId, revision: number): void {
    const current = this.get(id).revision;
    if (current !== revision) {
      throw new NvrError(
        'conflict',
        `The camera ${id} was changed in the meantime: it is at revision ${current}, not ${revision}.`,
      );
    }
  }
}

function valuesOf(draft: CameraDraft, vault: Vault): DraftValues {
  const sealed = (password: string | null, stream: 'main' | 'sub') =>
    password === null ? null : vault.seal(password, passwordContext(draft.id, stream));
  const [source, password] = withoutPassword(draft.source);
  const [sub, subPassword] = draft.sub ? withoutPassword(draft.sub) : [null, null];
  const { encode, onDemand, segmentSeconds, group, tags = [], position = null } = draft;
  const extras: Extras = {
    ...(sub && { sub }),
    ...(encode && { encode }),
    ...(onDemand && { onDemand }),
    ...(segmentSeconds && { segmentSeconds }),
    ...(group && { group }),
    ...(tags.length > 0 && { tags }),
    ...(position !== null && { position }),
  };
  return [
    draft.name,
    Number(draft.enabled),
    JSON.stringify(source),
    sealed(password, 'main'),
    Number(draft.audio),
    draft.mode,
    JSON.stringify(extras),
    sealed(subPassword, 'sub'),
  ];
}

function withoutPassword(source: Source): readonly [Source, string | null] {
  if (!('password' in source)) return [source, null];
  const { password = null, ...rest } = source;
  return [rest, password];
}

function withPassword(source: Source, password: string | null): Source {
  return password === null ? source : Object.assign({}, source, { password });
}

/** A password that can't be opened is none: the camera asks for it again. */
function toCamera(row: CameraRow, vault: Vault): Camera {
  const opened = (password: string | null, stream: 'main' | 'sub') =>
    password === null ? null : vault.open(password, passwordContext(row.id, stream));
  const source: Source = JSON.parse(row.source);
  const { sub, ...extras }: Extras = JSON.parse(row.extras);
  return {
    id: row.id,
    name: row.name,
    enabled: row.enabled === 1,
    source: withPassword(source, opened(row.password, 'main')),
    ...extras,
    ...(sub && { sub: withPassword(sub, opened(row.sub_password, 'sub')) }),
    audio: row.audio === 1,
    mode: row.mode,
    revision: row.revision,
    createdMs: row.created_ms,
    updatedMs: row.updated_ms,
  };
}
