/**
 * Sheets of thumbnails on the disk of the index: as lasting as the footage they show, bounded in bytes, and made again
 * when they are missing. A row is there before its file and goes after it, so no folder is ever listed.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { CameraId } from '../domain/ids.ts';
import { LONGEST_SHEET_MS } from '../domain/previews.ts';
import type { EpochMs, Interval } from '../domain/time.ts';
import type { Database } from './database.ts';

/** Appended as a migration. */
export const PREVIEW_SCHEMA = `
CREATE TABLE preview_sheet (
  -- Names the file; never used again.
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  camera_id  TEXT NOT NULL,
  step_ms    INTEGER NOT NULL,
  start_ms   INTEGER NOT NULL,
  end_ms     INTEGER NOT NULL CHECK (end_ms > start_ms AND end_ms - start_ms <= ${LONGEST_SHEET_MS}),
  -- Of which keyframes it is made.
  tag        TEXT NOT NULL,
  -- 0 until its file is there.
  bytes      INTEGER NOT NULL,
  used_ms    INTEGER NOT NULL,
  -- Its file is to be unlinked.
  doomed     INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX preview_by_time ON preview_sheet (camera_id, start_ms, step_ms);
CREATE INDEX preview_by_use ON preview_sheet (used_ms, bytes) WHERE doomed = 0;
CREATE INDEX preview_doomed ON preview_sheet (id) WHERE doomed = 1;

-- What is deleted must not be seen any more.
CREATE TRIGGER segment_removed_from_previews AFTER DELETE ON segment BEGIN
  UPDATE preview_sheet SET doomed = 1
    WHERE camera_id = old.camera_id AND start_ms > old.start_ms - ${LONGEST_SHEET_MS} AND start_ms < old.end_ms
      AND end_ms > old.start_ms;
END;
`;

/** Which sheet. */
export interface SheetName {
  readonly cameraId: CameraId;
  readonly stepMs: number;
  readonly startMs: EpochMs;
  readonly tag: string;
}

/** Files unlinked in one go. */
const SLICE = 50;
/** The time of use is written down no more often. */
const USED_EVERY_MS = 3_600_000;

export class PreviewStore {
  readonly #folder: string;
  readonly #sql: ReturnType<typeof statements>;

  /** @param folder for the files; made when it is needed */
  constructor(database: Database, folder: string) {
    this.#folder = folder;
    this.#sql = statements(database);
  }

  /** Bytes of all sheets. */
  get bytes(): number {
    return this.#sql.total.get()?.bytes ?? 0;
  }

  /** What a crash left half made goes with the next sweep. To be called once, before sheets are made. */
  settle(): void {
    this.#sql.settle.run();
  }

  has(name: SheetName): boolean {
    return this.#row(name) !== undefined;
  }

  /** The JPEG; null when there is none, or its file is gone. */
  async read(name: SheetName, nowMs: EpochMs): Promise<Buffer | null> {
    const row = this.#row(name);
    if (row === undefined) return null;
    try {
      const jpeg = await readFile(this.#path(row.id));
      if (nowMs - row.usedMs > USED_EVERY_MS) this.#sql.used.run(nowMs, row.id);
      return jpeg;
    } catch {
      this.#sql.doom.run(row.id);
      return null;
    }
  }

  /** Keeps a sheet, in place of any other of the same tiles. @throws what the disk refuses */
  async keep(
    name: SheetName,
    { endMs }: Pick<Interval, 'endMs'>,
    jpeg: Buffer,
    nowMs: EpochMs,
  ): Promise<void> {
    const { cameraId, stepMs, startMs, tag } = name;
    const { id } = this.#sql.insert.run(cameraId, stepMs, startMs, endMs, tag, nowMs);
    const path = this.#path(id);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.tmp`, jpeg);
    await rename(`${path}.tmp`, path);
    // Of footage that was deleted meanwhile it is doomed already, and stays so, or gone.
    if (this.#sql.finish.run(jpeg.length, id).changes === 0) await rm(path, { force: true });
    this.#sql.replace.run(cameraId, stepMs, startMs, id);
  }

  /** Unlinks what is doomed, and what was unused the longest beyond so many bytes. Gives whether more is to be done. */
  async sweep(maxBytes: number): Promise<boolean> {
    let over = this.bytes - maxBytes;
    for (const { id, bytes } of over > 0 ? this.#sql.unused.all(SLICE) : []) {
      if (over <= 0) break;
      this.#sql.doom.run(id);
      over -= bytes;
    }
    const doomed = this.#sql.doomed.all(SLICE);
    for (const { id } of doomed) {
      await Promise.all([this.#path(id), `${this.#path(id)}.tmp`].map((path) => rm(path, { force: true })));
      this.#sql.drop.run(id);
    }
    return doomed.length === SLICE || over > 0;
  }

  #row({ cameraId, stepMs, startMs, tag }: SheetName) {
    return this.#sql.find.get(cameraId, startMs, stepMs, tag);
  }

  /** A thousand files to a folder. */
  #path(id: number): string {
    return join(this.#folder, String(Math.floor(id / 1000)), `${id}.jpg`);
  }
}

function statements(database: Database) {
  return {
    find: database.prepare<[string, number, number, string], { id: number; usedMs: number }>(
      `SELECT id, used_ms AS usedMs FROM preview_sheet
       WHERE camera_id = ? AND start_ms = ? AND step_ms = ? AND tag = ? AND doomed = 0 AND bytes > 0`,
    ),
    insert: database.prepare<[string, number, number, number, string, number]>(
      `INSERT INTO preview_sheet (camera_id, step_ms, start_ms, end_ms, tag, bytes, used_ms)
       VALUES (?, ?, ?, ?, ?, 0, ?)`,
    ),
    finish: database.prepare<[number, number]>('UPDATE preview_sheet SET bytes = ? WHERE id = ?'),
    replace: database.prepare<[string, number, number, number]>(
      `UPDATE preview_sheet SET doomed = 1
       WHERE camera_id = ? AND step_ms = ? AND start_ms = ? AND id <> ? AND bytes > 0`,
    ),
    used: database.prepare<[number, number]>('UPDATE preview_sheet SET used_ms = ? WHERE id = ?'),
    total: database.prepare<[], { bytes: number | null }>(
      'SELECT sum(bytes) AS bytes FROM preview_sheet INDEXED BY preview_by_use WHERE doomed = 0',
    ),
    settle: database.prepare<[]>('UPDATE preview_sheet SET doomed = 1 WHERE bytes = 0'),
    unused: database.prepare<[number], { id: number; bytes: number }>(
      'SELECT id, bytes FROM preview_sheet WHERE doomed = 0 AND bytes > 0 ORDER BY used_ms LIMIT ?',
    ),
    doom: database.prepare<[number]>('UPDATE preview_sheet SET doomed = 1 WHERE id = ?'),
    doomed: database.prepare<[number], { id: number }>(
      'SELECT id FROM preview_sheet WHERE doomed = 1 ORDER BY id LIMIT ?',
    ),
    drop: database.prepare<[number]>('DELETE FROM preview_sheet WHERE id = ?'),
  };
}
