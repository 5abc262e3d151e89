/** Who did what, in the index database. What is written down is decided elsewhere; old lines are forgotten here. */
import type { AuditFilter, AuditLine } from '../domain/accounts.ts';
import { DAY_MS } from '../domain/time.ts';
import type { Database } from './database.ts';

/** Appended as a migration. */
export const AUDIT_SCHEMA = `
-- One line for each request that changed something, or was refused to whoever made it. Holds no secrets.
CREATE TABLE audit (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms       INTEGER NOT NULL,
  -- Empty when nobody was logged in.
  user_name   TEXT NOT NULL COLLATE NOCASE,
  -- How they said who they are: session, password, token, proxy, listed; empty when they did not.
  means       TEXT NOT NULL,
  address     TEXT NOT NULL,
  -- Method and route, e.g. 'PATCH /cameras/:cameraId'.
  action      TEXT NOT NULL,
  -- The path that was asked for.
  target      TEXT NOT NULL,
  -- Names of what the body set, as a JSON array; never values.
  fields      TEXT NOT NULL CHECK (json_valid(fields)),
  -- HTTP status of the answer.
  status      INTEGER NOT NULL,
  request_id  TEXT NOT NULL
) STRICT;
CREATE INDEX audit_by_user ON audit (user_name, id);
`;

/** As long as lines are kept, and how many at most. */
const KEPT_MS = 400 * DAY_MS;
const MOST_LINES = 100_000;
/** How many lines are added between two looks at what is too old. */
const LOOK_EVERY = 500;

type StoredLine = AuditLine & { readonly id: number };

interface AuditRow extends Omit<StoredLine, 'fields'> {
  readonly fields: string;
}

export class AuditStore {
  readonly #sql: ReturnType<typeof statements>;
  #untilLook = 0;

  constructor(database: Database) {
    this.#sql = statements(database);
  }

  add({ atMs, user, means, address, action, target, fields, status, requestId }: AuditLine): void {
    const names = JSON.stringify(fields);
    this.#sql.add.run(atMs, user, means, address, action, target, names, status, requestId);
    if (this.#untilLook-- > 0) return;
    this.#untilLook = LOOK_EVERY;
    this.#sql.forget.run(atMs - KEPT_MS, MOST_LINES);
  }

  /** The newest first. */
  list({ user, action, fromMs, toMs, beforeId, limit }: AuditFilter): StoredLine[] {
    const before = beforeId ?? Number.MAX_SAFE_INTEGER;
    return this.#sql.list
      .all({ user, action, fromMs, toMs, before, limit })
      .map(({ fields, ...row }) => ({ ...row, fields: JSON.parse(fields) }));
  }
}

function statements(database: Database) {
  return {
    add: database.prepare<[number, string, string, string, string, string, string, number, string]>(
      `INSERT INTO audit (at_ms, user_name, means, address, action, target, fields, status, request_id)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    forget: database.prepare<[number, number]>(
      'DELETE FROM audit WHERE at_ms < ? OR id <= (SELECT max(id) FROM audit) - ?',
    ),
    list: database.prepare<[Readonly<Record<string, string | number | null>>], AuditRow>(
      `SELECT id, at_ms AS atMs, user_name AS user, means, address, action, target, fields, status,
         request_id AS requestId
       FROM audit WHERE id < @before AND at_ms >= @fromMs AND at_ms < @toMs
         AND (@user IS NULL OR user_name = @user) AND (@action IS NULL OR instr(action, @action) > 0)
       ORDER BY id DESC LIMIT @limit`,
    ),
  };
}
