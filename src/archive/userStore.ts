/** Users and their sessions, in the index database. What a password or a token is worth is decided elsewhere. */
import type { Role } from '../domain/access.ts';
import type { Session, User } from '../domain/accounts.ts';
import { NvrError } from '../domain/errors.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Database } from './database.ts';

/** Appended as a migration. */
export const USER_SCHEMA = `
-- Who may log in. A name is one name whatever the case of its ASCII letters.
CREATE TABLE user (
  name           TEXT PRIMARY KEY COLLATE NOCASE,
  role           TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
  -- Encoded argon2id (PHC string format).
  password_hash  TEXT NOT NULL,
  created_ms     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who is logged in. A token is kept as its SHA-256 in hex, so that a stolen copy of this file opens no session.
CREATE TABLE session (
  token_hash  TEXT PRIMARY KEY CHECK (length(token_hash) = 64),
  user_name   TEXT NOT NULL COLLATE NOCASE REFERENCES user (name) ON DELETE CASCADE,
  created_ms  INTEGER NOT NULL,
  seen_ms     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`;

/** Appended as a migration. */
export const GRANT_SCHEMA = `
-- The cameras that a user may use, as JSON: "all", or an array of ids.
ALTER TABLE user ADD COLUMN cameras TEXT NOT NULL DEFAULT '"all"' CHECK (json_valid(cameras));
ALTER TABLE user ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1));
-- The last login; null before the first.
ALTER TABLE user ADD COLUMN login_ms INTEGER;
-- Where the login came from, and with which program.
ALTER TABLE session ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN agent TEXT NOT NULL DEFAULT '';
`;

interface UserRow extends Omit<User, 'cameras' | 'enabled'> {
  readonly cameras: string;
  readonly enabled: number;
}

export class UserStore {
  readonly #sql: ReturnType<typeof userStatements>;

  constructor(database: Database) {
    this.#sql = userStatements(database);
  }

  /** Ignores the case of ASCII letters. */
  find(name: string): User | undefined {
    const row = this.#sql.find.get(name);
    return row === undefined ? undefined : toUser(row);
  }

  /** All of them, by name. */
  list(): User[] {
    return this.#sql.list.all().map(toUser);
  }

  isEmpty(): boolean {
    return this.#sql.any.get() === undefined;
  }

  /** @throws NvrError `conflict` when the name is taken. */
  insert(user: User): void {
    const { name, role, cameras, enabled, passwordHash, createdMs, loginMs } = user;
    if (this.find(name) !== undefined) {
      throw new NvrError('conflict', `There is a user ${name} already.`, { field: 'name' });
    }
    const grant = JSON.stringify(cameras);
    this.#sql.insert.run(name, role, grant, Number(enabled), passwordHash, createdMs, loginMs);
  }

  /** Replaces all but the name and the times. @throws NvrError `not-found` */
  update({ name, role, cameras, enabled, passwordHash }: User): void {
    const grant = JSON.stringify(cameras);
    const { changes } = this.#sql.update.run(role, grant, Number(enabled), passwordHash, name);
    if (changes === 0) throw noUser(name);
  }

  noteLogin(name: string, atMs: EpochMs): void {
    this.#sql.noteLogin.run(atMs, name);
  }

  /** Removes the user with their sessions and tokens. @throws NvrError `not-found` */
  remove(name: string): void {
    if (this.#sql.remove.run(name).changes === 0) throw noUser(name);
  }
}

function noUser(name: string): NvrError {
  return new NvrError('not-found', `There is no user ${name}.`);
}

function toUser({ cameras, enabled, ...row }: UserRow): User {
  return { ...row, cameras: JSON.parse(cameras), enabled: enabled === 1 };
}

export class SessionStore {
  readonly #sql: ReturnType<typeof sessionStatements>;

  constructor(database: Database) {
    this.#sql = sessionStatements(database);
  }

  find(tokenHash: string): Session | undefined {
    return this.#sql.find.get(tokenHash);
  }

  /** All of them, the last used first. */
  list(): Session[] {
    return this.#sql.list.all();
  }

  insert({ tokenHash, userName, createdMs, seenMs, address, agent }: Session): void {
    this.#sql.insert.run(tokenHash, userName, createdMs, seenMs, address, agent);
  }

  touch(tokenHash: string, seenMs: EpochMs): void {
    this.#sql.touch.run(seenMs, tokenHash);
  }

  remove(tokenHash: string): void {
    this.#sql.remove.run(tokenHash);
  }

  /** Ends what a user has open, but for the session of one token. */
  removeOf(userName: string, exceptHash: string | null): void {
    this.#sql.removeOf.run(userName, exceptHash ?? '');
  }

  /** Forgets the sessions created before, or last seen before, these times. */
  removeExpired(createdBefore: EpochMs, seenBefore: EpochMs): void {
    this.#sql.removeExpired.run(createdBefore, seenBefore);
  }
}

const USER = `SELECT name, role, cameras, enabled, password_hash AS passwordHash, created_ms AS createdMs,
  login_ms AS loginMs FROM user`;

function userStatements(database: Database) {
  return {
    find: database.prepare<[string], UserRow>(`${USER} WHERE name = ?`),
    list: database.prepare<[], UserRow>(`${USER} ORDER BY name`),
    any: database.prepare<[], { readonly one: number }>('SELECT 1 AS one FROM user LIMIT 1'),
    insert: database.prepare<[string, Role, string, number, string, number, number | null]>(
      `INSERT INTO user (name, role, cameras, enabled, password_hash, created_ms, login_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    update: database.prepare<[string, string, number, string, string]>(
      'UPDATE user SET role = ?, cameras = ?, enabled = ?, password_hash = ? WHERE name = ?',
    ),
    noteLogin: database.prepare<[number, string]>('UPDATE user SET login_ms = ? WHERE name = ?'),
    remove: database.prepare<[string]>('DELETE FROM user WHERE name = ?'),
  };
}

const SESSION = `SELECT token_hash AS tokenHash, user_name AS userName, created_ms AS createdMs,
  seen_ms AS seenMs, address, agent FROM session`;

function sessionStatements(database: Database) {
  return {
    find: database.prepare<[string], Session>(`${SESSION} WHERE token_hash = ?`),
    list: database.prepare<[], Session>(`${SESSION} ORDER BY seen_ms DESC, token_hash`),
    insert: database.prepare<[string, string, number, number, string, string]>(
      `INSERT INTO session (token_hash, user_name, created_ms, seen_ms, address, agent)
       VALUES (?, ?, ?, ?, ?, ?)`,
    ),
    removeOf: database.prepare<[string, string]>(
      'DELETE FROM session WHERE user_name = ? AND token_hash <> ?',
    ),
    touch: database.prepare<[number, string]>('UPDATE session SET seen_ms = ? WHERE token_hash = ?'),
    remove: database.prepare<[string]>('DELETE FROM session WHERE token_hash = ?'),
    removeExpired: database.prepare<[number, number]>(
      'DELETE FROM session WHERE created_ms < ? OR seen_ms < ?',
    ),
  };
}
