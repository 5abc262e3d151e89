/** Exports that are made in the background: what was ordered, how far it is, and what became of it. */
import { NvrError } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Database } from './database.ts';

/** Appended as a migration. */
export const EXPORT_JOB_SCHEMA = `
-- Exports that are made in the background. Their files are named by the id, which is never used again.
CREATE TABLE export_job (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  -- What was ordered, as JSON (src/archive/exportJobStore.ts).
  spec         TEXT NOT NULL CHECK (json_valid(spec)),
  state        TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed')),
  created_ms   INTEGER NOT NULL,
  created_by   TEXT NOT NULL,
  finished_ms  INTEGER,
  -- Of the file that was made: its name for people, size, SHA-256 in hex.
  name         TEXT,
  bytes        INTEGER,
  sha256       TEXT,
  -- Why it failed, as a sentence.
  error        TEXT
) STRICT;
`;

export type ExportFormat = 'mp4' | 'fmp4' | 'ts';

/** What is ordered. */
export interface ExportSpec {
  readonly cameras: readonly CameraId[];
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly format: ExportFormat;
  readonly zip: boolean;
  /** Pictures are encoded anew, with the wall time drawn into them. */
  readonly burnTime: boolean;
}

export type ExportState = 'queued' | 'running' | 'done' | 'failed';

export interface ExportJob extends ExportSpec {
  readonly id: number;
  readonly state: ExportState;
  readonly createdMs: EpochMs;
  readonly createdBy: string;
  readonly finishedMs: EpochMs | null;
  readonly name: string | null;
  readonly bytes: number | null;
  readonly sha256: string | null;
  readonly error: string | null;
}

/** A file that was made. */
export interface MadeFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

type Row = Omit<ExportJob, keyof ExportSpec> & { readonly spec: string };

export class ExportJobStore {
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: Database) {
    this.#sql = statements(database);
  }

  add(spec: ExportSpec, createdBy: string, createdMs: EpochMs): ExportJob {
    return this.get(this.#sql.add.run(JSON.stringify(spec), createdMs, createdBy).id);
  }

  /** Newest first. */
  list(): ExportJob[] {
    return this.#sql.list.all().map(toJob);
  }

  /** @throws NvrError `not-found`. */
  get(id: number): ExportJob {
    const row = this.#sql.get.get(id);
    if (row === undefined)
      throw new NvrError('not-found', `There is no export ${id}.`, { field: 'exportId' });
    return toJob(row);
  }

  /** The one that waits longest; null when none does. */
  next(): ExportJob | null {
    const row = this.#sql.next.get();
    return row === undefined ? null : toJob(row);
  }

  /** Those that a process left unfinished wait again. */
  requeue(): void {
    this.#sql.requeue.run();
  }

  begin(id: number): void {
    this.#sql.begin.run(id);
  }

  done(id: number, { name, bytes, sha256 }: MadeFile, atMs: EpochMs): void {
    this.#sql.done.run(atMs, name, bytes, sha256, id);
  }

  failed(id: number, error: string, atMs: EpochMs): void {
    this.#sql.failed.run(atMs, error, id);
  }

  remove(id: number): void {
    this.#sql.remove.run(id);
  }

  /** Forgets those that were finished before; gives their ids. */
  removeFinished(beforeMs: EpochMs): number[] {
    return this.#sql.removeFinished.all(beforeMs).map(({ id }) => id);
  }
}

function toJob({ spec, ...row }: Row): ExportJob {
  // Those that were ordered by older versions say nothing of it.
  const ordered: Omit<ExportSpec, 'burnTime'> & Partial<ExportSpec> = JSON.parse(spec);
  return { burnTime: false, ...row, ...ordered };
}

const COLUMNS = `id, spec, state, created_ms AS createdMs, created_by AS createdBy, finished_ms AS finishedMs, name,
  bytes, sha256, error FROM export_job`;

function statements(database: Database) {
  return {
    add: database.prepare<[string, number, string]>(
      "INSERT INTO export_job (spec, state, created_ms, created_by) VALUES (?, 'queued', ?, ?)",
    ),
    list: database.prepare<[], Row>(`SELECT ${COLUMNS} ORDER BY id DESC`),
    get: database.prepare<[number], Row>(`SELECT ${COLUMNS} WHERE id = ?`),
    next: database.prepare<[], Row>(`SELECT ${COLUMNS} WHERE state = 'queued' ORDER BY id LIMIT 1`),
    requeue: database.prepare<[]>("UPDATE export_job SET state = 'queued' WHERE state = 'running'"),
    begin: database.prepare<[number]>("UPDATE export_job SET state = 'running' WHERE id = ?"),
    done: database.prepare<[number, string, number, string, number]>(
      `UPDATE export_job SET state = 'done', finished_ms = ?, name = ?, bytes = ?, sha256 = ? WHERE id = ?`,
    ),
    failed: database.prepare<[number, string, number]>(
      "UPDATE export_job SET state = 'failed', finished_ms = ?, error = ? WHERE id = ?",
    ),
    remove: database.prepare<[number]>('DELETE FROM export_job WHERE id = ?'),
    removeFinished: database.prepare<[number], { readonly id: number }>(
      'DELETE FROM export_job WHERE finished_ms < ? RETURNING id',
    ),
  };
}
