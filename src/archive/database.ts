/**
 * The only importer of the SQLite driver: opens a database, prepares typed statements, runs transactions, maps
 * the driver's errors. What is stored is in `schema.ts`; no table is named here.
 */
import { close, closeSync, fdatasync, open, openSync } from 'node:fs';
import { promisify } from 'node:util';
import Sqlite from 'better-sqlite3';
import { messageOf, NvrError } from '../domain/errors.ts';
import { AwakeLimit } from './awake.ts';

const openFd = promisify(open);
const syncFd = promisify(fdatasync);
const closeFd = promisify(close);

/** A process that is to stop has to do so within five seconds, and writers take most of them. */
const CLOSE_LIMIT_MS = 1_000;

/** What SQLite stores. Booleans are 0 and 1; times and sizes past 2^31 are whole doubles, exact to 2^53. */
export type SqlValue = string | number | Buffer | null;

/** Positional values, or one object with the named ones (`@name`). */
export type SqlParams = (SqlValue | Readonly<Record<string, SqlValue>>)[];

/** A prepared statement with typed parameters and rows; it throws `NvrError` only. */
export interface Statement<Params extends SqlParams, Row> {
  /** Gives how many rows changed, and the row id of the last insert. */
  run(...params: Params): { readonly changes: number; readonly id: number };
  get(...params: Params): Row | undefined;
  all(...params: Params): Row[];
}

export class Database {
  readonly path: string;
  readonly #driver: Sqlite.Database;
  #walFd: number | null = null;
  #flushing: Promise<void> | null = null;
  #nextFlush: Promise<void> | null = null;

  private constructor(path: string, driver: Sqlite.Database) {
    this.path = path;
    this.#driver = driver;
  }

  /**
   * Opens or creates the database file. `path` is a file path or `:memory:`.
   * @throws NvrError when the file cannot be opened or is no database.
   */
  static open(path: string): Database {
    return guard(path, () => {
      if (path !== ':memory:') keepToOneself(path);
      const driver = openDriver(path);
      try {
        driver.pragma('journal_mode = WAL');
        // With NORMAL a commit does not wait for the disk, so it never holds up the event loop; the database
        // stays consistent after a power cut and may lose its last commits. Where a commit must survive one,
        // `flush()` waits for it off the event loop: that is FULL, paid only where it is needed.
        driver.pragma('synchronous = NORMAL');
        driver.pragma('foreign_keys = ON');
        driver.pragma('busy_timeout = 5000');
        driver.pragma('cache_size = -32768');
        return new Database(path, driver);
      } catch (error) {
        driver.close();
        throw error;
      }
    });
  }

  /**
   * Opens a database file that exists, to look at it while another process writes.
   * @throws NvrError when the file cannot be opened or is no database; every change later on.
   */
  static openToRead(path: string): Database {
    return guard(path, () => {
      const driver = openDriver(path, { readonly: true, fileMustExist: true });
      try {
        driver.pragma('busy_timeout = 5000');
        return new Database(path, driver);
      } catch (error) {
        driver.close();
        throw error;
      }
    });
  }

  prepare<Params extends SqlParams, Row = never>(sql: string): Statement<Params, Row> {
    const statement = this.#guard(() => this.#driver.prepare<Params, Row>(sql));
    return {
      run: (...params) =>
        this.#guard(() => {
          const result = statement.run(...params);
          return { changes: result.changes, id: Number(result.lastInsertRowid) };
        }),
      get: (...params) => this.#guard(() => statement.get(...params)),
      all: (...params) => this.#guard(() => statement.all(...params)),
    };
  }

  /** Runs statements that take no parameters and give no rows. */
  execute(sql: string): void {
    this.#guard(() => this.#driver.exec(sql));
  }

  /** From now on, statements and triggers of this connection call it by the name, with three values; it gives null. */
  define(name: string, work: (a: SqlValue, b: SqlValue, c: SqlValue) => void): void {
    this.#guard(() =>
      this.#driver.function(name, (a: SqlValue, b: SqlValue, c: SqlValue) => {
        work(a, b, c);
        return null;
      }),
    );
  }

  /** Runs `work` in one transaction: all of it is stored, or, when it throws, nothing. */
  transaction<T>(work: () => T): T {
    return this.#guard(() => this.#driver.transaction(work).immediate());
  }

  /** Runs `work`, which only reads, on one state of the database: to lock it for each statement takes as long as some of them. */
  reading<T>(work: () => T): T {
    return this.#guard(() => this.#driver.transaction(work).deferred());
  }

  /** The schema version of the file: 0 in a new one. */
  get version(): number {
    return this.#guard(() => Number(this.#driver.pragma('user_version', { simple: true })));
  }

  set version(version: number) {
    this.#guard(() => this.#driver.pragma(`user_version = ${Math.trunc(version)}`));
  }

  /**
   * Resolves when everything committed before the call is on the disk. It syncs the write-ahead log from the
   * thread pool; calls made while one is on its way share the next.
   * @throws NvrError when the disk refuses.
   */
  flush(): Promise<void> {
    if (this.#flushing === null) return this.#startFlush();
    // The one on its way may have begun before the caller's commit.
    this.#nextFlush ??= this.#flushing
      .catch(() => undefined)
      .then(() => {
        this.#nextFlush = null;
        return this.#startFlush();
      });
    return this.#nextFlush;
  }

  /**
   * Lets the file go, when its disk answers. One that does not is not waited for long: everything committed is in the file or
   * in the log beside it, where the next who opens it finds it.
   * @returns whether it is closed; else that happens when the disk answers, or the process ends
   */
  async close(): Promise<boolean> {
    const limit = new AwakeLimit();
    limit.set(CLOSE_LIMIT_MS);
    const closed = this.#answered().then(() => this.#close());
    const late = limit.reached.then(() => false);
    return await Promise.race([closed.then(() => true), late]).finally(() => limit.clear());
  }

  /** The driver would wait for a disk that hangs, and stop the process with it: so the disk is asked before, beside it. */
  async #answered(): Promise<void> {
    const last = this.#driver.readonly ? (this.#nextFlush ?? this.#flushing) : this.flush();
    await last?.catch(() => undefined);
  }

  async #close(): Promise<void> {
    if (this.#walFd !== null) await closeFd(this.#walFd);
    this.#walFd = null;
    this.#guard(() => this.#driver.close());
  }

  #startFlush(): Promise<void> {
    const flushing = this.#sync().finally(() => {
      this.#flushing = null;
    });
    this.#flushing = flushing;
    return flushing;
  }

  async #sync(): Promise<void> {
    if (this.path === ':memory:') return;
    try {
      this.#walFd ??= await openFd(`${this.path}-wal`, 'r');
      await syncFd(this.#walFd);
    } catch (error) {
      throw new NvrError(
        'unavailable',
        `The database ${this.path} could not be synced: ${messageOf(error)}`,
        {
          cause: error,
        },
      );
    }
  }

  #guard<T>(work: () => T): T {
    return guard(this.path, work);
  }
}

/**
 * Takes the lock file at `path` for this process and gives the function that lets it go. The kernel lets it
 * go too when the process dies, however it dies, so it is never stale.
 * @throws NvrError `conflict` when another process, or this one, holds it.
 */
export function lockFile(path: string): () => void {
  return guard(path, () => {
    const driver = openDriver(path, { timeout: 0 });
    try {
      driver.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      driver.close();
      if (!codeOf(error).startsWith('SQLITE_BUSY')) throw error;
      throw new NvrError('conflict', `Another recorder is using this state folder: ${path} is locked.`, {
        cause: error,
      });
    }
    return () => {
      driver.close();
    };
  });
}

function openDriver(path: string, options: Sqlite.Options = {}): Sqlite.Database {
  try {
    return new Sqlite(path, options);
  } catch (error) {
    // The driver's own word for a missing folder.
    if (!(error instanceof TypeError)) throw error;
    throw new NvrError('unavailable', `${path} cannot be opened: ${error.message}.`, { cause: error });
  }
}

/** A new file is nobody else's to read: it has what passwords and tokens are recognised by. */
function keepToOneself(path: string): void {
  try {
    closeSync(openSync(path, 'a', 0o600));
  } catch {
    // The driver says what is wrong.
  }
}

function guard<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof Sqlite.SqliteError ? mapped(path, error) : error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof Sqlite.SqliteError ? error.code : '';
}

/** SQLite's result codes (https://www.sqlite.org/rescode.html) as our kinds, each with a sentence that helps. */
function mapped(path: string, error: Error & { code: string }): NvrError {
  const primary = error.code.split('_').slice(0, 2).join('_');
  const options = { cause: error };
  switch (primary) {
    case 'SQLITE_FULL':
      return new NvrError('exhausted', `The disk that holds the database ${path} is full.`, options);
    case 'SQLITE_CORRUPT':
    case 'SQLITE_NOTADB':
      return new NvrError(
        'internal',
        `The database ${path} is damaged (${error.message}). Move it away and rebuild it from the recorded files, or restore a copy.`,
        options,
      );
    case 'SQLITE_CONSTRAINT':
      return new NvrError('conflict', `The database refused a change: ${error.message}.`, options);
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return new NvrError('unavailable', `The database ${path} is in use by another program.`, options);
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_READONLY':
    case 'SQLITE_PERM':
      return new NvrError(
        'unavailable',
        `The database ${path} cannot be opened for writing: ${error.message}.`,
        options,
      );
    case 'SQLITE_IOERR':
      return new NvrError(
        'unavailable',
        `The disk that holds the database ${path} failed: ${error.message}.`,
        options,
      );
    default:
      return new NvrError(
        'internal',
        `The database ${path} failed: ${error.message} (${error.code}).`,
        options,
      );
  }
}
