/** Tokens of programs that use the API, in the index database. What a token is worth is decided elsewhere. */
import type { Role } from '../domain/access.ts';
import type { Token } from '../domain/accounts.ts';
import { NvrError } from '../domain/errors.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Database } from './database.ts';

/** Appended as a migration. */
export const TOKEN_SCHEMA = `
-- What programs use the API with. A token is kept as its SHA-256 in hex, so that a stolen copy of this file is none.
CREATE TABLE api_token (
  id          TEXT PRIMARY KEY,
  token_hash  TEXT NOT NULL UNIQUE CHECK (length(token_hash) = 64),
  -- What it is for, in the words of who made it.
  name        TEXT NOT NULL,
  user_name   TEXT NOT NULL COLLATE NOCASE REFERENCES user (name) ON DELETE CASCADE,
  -- What it may do at most; never more than its user may.
  role        TEXT NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
  cameras     TEXT NOT NULL CHECK (json_valid(cameras)),
  created_ms  INTEGER NOT NULL,
  -- Null when it does not expire.
  expires_ms  INTEGER,
  -- Last use, to within a minute; null before the first.
  used_ms     INTEGER
) STRICT, WITHOUT ROWID;
`;

interface TokenRow extends Omit<Token, 'cameras'> {
  readonly cameras: string;
}

type TokenValues = [string, string, string, string, Role, string, number, number | null, number | null];

export class TokenStore {
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: Database) {
    this.#sql = statements(database);
  }

  find(tokenHash: string): Token | undefined {
    const row = this.#sql.find.get(tokenHash);
    return row === undefined ? undefined : toToken(row);
  }

  /** All of them, the newest first. */
  list(): Token[] {
    return this.#sql.list.all().map(toToken);
  }

  insert(token: Token): void {
    const { id, tokenHash, name, userName, role, cameras, createdMs, expiresMs, usedMs } = token;
    const grant = JSON.stringify(cameras);
    this.#sql.insert.run(id, tokenHash, name, userName, role, grant, createdMs, expiresMs, usedMs);
  }

  touch(id: string, usedMs: EpochMs): void {
    this.#sql.touch.run(usedMs, id);
  }

  /** @throws NvrError `not-found` */
  remove(id: string): void {
    if (this.#sql.remove.run(id).changes === 0) {
      throw new NvrError('not-found', `There is no token ${id}.`, { field: 'tokenId' });
    }
  }
}

function toToken({ cameras, ...row }: TokenRow): Token {
  return { ...row, cameras: JSON.parse(cameras) };
}

function statements(database: Database) {
  const columns = `SELECT id, token_hash AS tokenHash, name, user_name AS userName, role, cameras,
    created_ms AS createdMs, expires_ms AS expiresMs, used_ms AS usedMs FROM api_token`;
  return {
    find: database.prepare<[string], TokenRow>(`${columns} WHERE token_hash = ?`),
    list: database.prepare<[], TokenRow>(`${columns} ORDER BY created_ms DESC, id`),
    insert: database.prepare<TokenValues>(
      `INSERT INTO api_token (id, token_hash, name, user_name, role, cameras, created_ms, expires_ms, used_ms)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    touch: database.prepare<[number, string]>('UPDATE api_token SET used_ms = ? WHERE id = ?'),
    remove: database.prepare<[string]>('DELETE FROM api_token WHERE id = ?'),
  };
}
