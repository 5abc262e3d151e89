/** Users and their sessions, in the index database. What a password or a token is worth is decided elsewhere. */
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

export interface StoredUser {
  readonly name: string;
  readonly role: 'viewer' | 'operator' | 'admin';
  readonly passwordHash: string;
  readonly createdMs: EpochMs;
}

export interface StoredSession {
  readonly tokenHash: string;
  readonly userName: string;
  readonly createdMs: EpochMs;
  readonly seenMs: EpochMs;
}

export class UserStore {
  readonly #sql: ReturnType<typeof userStatements>;

  constructor(database: Database) {
    this.#sql = userStatements(database);
  }

  /** Ignores the case of ASCII letters. */
  find(name: string): StoredUser | undefined {
    return this.#sql.find.get(name);
  }

  isEmpty(): boolean {
    return this.#sql.any.get() === undefined;
  }

  /** @throws NvrError `conflict` when the name is taken. */
  insert({ name, role, passwordHash, createdMs }: StoredUser): void {
    if (this.find(name) !== undefined) {
      throw new NvrError('conflict', `There is a user ${name} already.`, { field: 'name' });
    }
    this.#sql.insert.run(name, role, passwordHash, createdMs);
  }
}

export class SessionStore {
  readonly #sql: ReturnType<typeof sessionStatements>;

  constructor(database: Database) {
    this.#sql = sessionStatements(database);
  }

  find(tokenHash: string): StoredSession | undefined {
    return this.#sql.find.get(tokenHash);
  }

  insert({ tokenHash, userName, createdMs, seenMs }: StoredSession): void {
    this.#sql.insert.run(tokenHash, userName, createdMs, seenMs);
  }

  touch(tokenHash: string, seenMs: EpochMs): void {
    this.#sql.touch.run(seenMs, tokenHash);
  }

  remove(tokenHash: string): void {
    this.#sql.remove.run(tokenHash);
  }

  /** Forgets the sessions created before, or last seen before, these times. */
  removeExpired(createdBefore: EpochMs, seenBefore: EpochMs): void {
    this.#sql.removeExpired.run(createdBefore, seenBefore);
  }
}

function userStatements(database: Database) {
  return {
    find: database.prepare<[string], StoredUser>(
      'SELECT name, role, password_hash AS passwordHash, created_ms AS createdMs FROM user WHERE name = ?',
    ),
    any: database.prepare<[], { readonly one: number }>('SELECT 1 AS one FROM user LIMIT 1'),
    insert: database.prepare<[string, string, string, number]>(
      'INSERT INTO user (name, role, password_hash, created_ms) VALUES (?, ?, ?, ?)',
    ),
  };
}

function sessionStatements(database: Database) {
  return {
    find: database.prepare<[string], StoredSession>(
      `SELECT token_hash AS tokenHash, user_name AS userName, created_ms AS createdMs, seen_ms AS seenMs
       FROM session WHERE token_hash = ?`,
    ),
    insert: database.prepare<[string, string, number, number]>(
      'INSERT INTO session (token_hash, user_name, created_ms, seen_ms) VALUES (?, ?, ?, ?)',
    ),
    touch: database.prepare<[number, string]>('UPDATE session SET seen_ms = ? WHERE token_hash = ?'),
    remove: database.prepare<[string]>('DELETE FROM session WHERE token_hash = ?'),
    removeExpired: database.prepare<[number, number]>(
      'DELETE FROM session WHERE created_ms < ? OR seen_ms < ?',
    ),
  };
}
