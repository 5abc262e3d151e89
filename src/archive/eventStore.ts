/** Events in the index database: kept, searched page by page, and forgotten by age and number. */
import { NvrError } from '../domain/errors.ts';
import {
  type EventId,
  type EventKind,
  type EventQuery,
  LONGEST_EVENT_MS,
  type NvrEvent,
} from '../domain/event.ts';
import type { CameraId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Database, SqlValue, Statement } from './database.ts';

/** Appended as a migration. */
export const EVENT_SCHEMA = `
-- What happened. Numbers are never used again, so that a listener can go on after the last it heard.
CREATE TABLE event (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  at_ms      INTEGER NOT NULL,
  -- Of an interval.
  end_ms     INTEGER CHECK (end_ms > at_ms),
  kind       TEXT NOT NULL,
  camera_id  TEXT,
  text       TEXT NOT NULL,
  data       TEXT NOT NULL CHECK (json_valid(data))
) STRICT;
CREATE INDEX event_by_time ON event (at_ms, id);
CREATE INDEX event_by_camera ON event (camera_id, at_ms, id);
CREATE INDEX event_by_kind ON event (kind, at_ms, id);

-- Finds any three characters of a text in a row, in languages without spaces too.
CREATE VIRTUAL TABLE event_text USING fts5(text, content='event', content_rowid='id', tokenize='trigram');
CREATE TRIGGER event_added AFTER INSERT ON event BEGIN
  INSERT INTO event_text (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER event_removed AFTER DELETE ON event BEGIN
  INSERT INTO event_text (event_text, rowid, text) VALUES ('delete', old.id, old.text);
END;
CREATE TRIGGER event_changed AFTER UPDATE OF text ON event BEGIN
  INSERT INTO event_text (event_text, rowid, text) VALUES ('delete', old.id, old.text);
  INSERT INTO event_text (rowid, text) VALUES (new.id, new.text);
END;
`;

/** How much is kept. */
export interface EventLimits {
  readonly mostAgeMs: number;
  readonly most: number;
}

interface EventRow {
  readonly id: EventId;
  readonly at_ms: EpochMs;
  readonly end_ms: EpochMs | null;
  readonly kind: EventKind;
  readonly camera_id: CameraId | null;
  readonly text: string;
  readonly data: string;
}

type Named = Record<string, SqlValue>;

/** Characters from which on the index of the texts can be asked. */
const LEAST_INDEXED = 3;
/** Rows that are forgotten at once: a few milliseconds. */
const PRUNE_STEP = 500;

export class EventStore {
  readonly #database: Database;
  readonly #sql: ReturnType<typeof statements>;
  readonly #queries = new Map<string, Statement<[Named], EventRow>>();

  constructor(database: Database) {
    this.#database = database;
    this.#sql = statements(database);
  }

  /** The greatest number that was ever given; 0 before the first. */
  lastId(): number {
    return this.#sql.last.get()?.seq ?? 0;
  }

  /** Keeps events under the numbers they have: all of them or, when it throws, none. */
  add(events: readonly NvrEvent[]): void {
    this.#database.transaction(() => {
      for (const { id, atMs, endMs, kind, cameraId, text, data } of events) {
        this.#sql.add.run(id, atMs, endMs ?? null, kind, cameraId ?? null, text, JSON.stringify(data));
      }
    });
  }

  /** @throws NvrError `not-found`. */
  get(id: EventId): NvrEvent {
    const row = this.#sql.get.get(id);
    if (row === undefined) throw new NvrError('not-found', `There is no event ${id}.`, { field: 'eventId' });
    return toEvent(row);
  }

  /** Replaces time, text and data. @throws NvrError `not-found`. */
  update({ id, atMs, endMs, text, data }: NvrEvent): void {
    if (this.#sql.update.run(atMs, endMs ?? null, text, JSON.stringify(data), id).changes > 0) return;
    throw new NvrError('not-found', `There is no event ${id}.`, { field: 'eventId' });
  }

  /** Whether there was one. */
  remove(id: EventId): boolean {
    return this.#sql.remove.run(id).changes > 0;
  }

  /** Newest first. */
  find(query: EventQuery): NvrEvent[] {
    const { where, values } = conditions(query);
    const sql = `SELECT * FROM event ${where} ORDER BY at_ms DESC, id DESC LIMIT @limit`;
    const known = this.#queries.get(sql);
    const statement = known ?? this.#database.prepare<[Named], EventRow>(sql);
    this.#queries.set(sql, statement);
    return statement.all(values).map(toEvent);
  }

  /** Those with greater numbers, in the order of their numbers. */
  since(id: number, limit: number): NvrEvent[] {
    return this.#sql.since.all(id, limit).map(toEvent);
  }

  /** How many marks there are. */
  marks(): number {
    return this.#sql.marks.get()?.count ?? 0;
  }

  /**
   * Forgets a few of those that are too old or too many, oldest first; marks stay until a person removes them.
   * Gives how many went; to be called again while it gives any.
   */
  prune(now: EpochMs, { mostAgeMs, most }: EventLimits): number {
    const aged = this.#sql.pruneOld.run(now - mostAgeMs, PRUNE_STEP).changes;
    if (aged > 0) return aged;
    const surplus = (this.#sql.count.get()?.count ?? 0) - most;
    return surplus > 0 ? this.#sql.pruneMany.run(Math.min(surplus, PRUNE_STEP)).changes : 0;
  }
}

type Clause = readonly [sql: string, values: Named];

/** One text for each shape of a query, so that few statements are ever prepared. */
function conditions(query: EventQuery): { readonly where: string; readonly values: Named } {
  const { kinds, toMs, after, limit } = query;
  const clauses: readonly (Clause | null)[] = [
    camerasClause(query),
    kinds && ['kind IN (SELECT value FROM json_each(@kinds))', { kinds: JSON.stringify(kinds) }],
    fromClause(query),
    toMs === null ? null : ['at_ms < @to', { to: toMs }],
    after && ['(at_ms, id) < (@afterMs, @afterId)', { afterMs: after.atMs, afterId: after.id }],
    textClause(query),
  ];
  const asked = clauses.filter((clause) => clause !== null);
  return {
    where: asked.length === 0 ? '' : `WHERE ${asked.map(([sql]) => sql).join(' AND ')}`,
    values: Object.assign({ limit }, ...asked.map(([, values]) => values)),
  };
}

function camerasClause({ cameras, general }: EventQuery): Clause | null {
  if (cameras === null) return null;
  const among = 'camera_id IN (SELECT value FROM json_each(@cameras))';
  return [general ? `(camera_id IS NULL OR ${among})` : among, { cameras: JSON.stringify(cameras) }];
}

function fromClause({ fromMs }: EventQuery): Clause | null {
  if (fromMs === null) return null;
  return [
    'at_ms >= @earliest AND coalesce(end_ms, at_ms + 1) > @from',
    { from: fromMs, earliest: fromMs - LONGEST_EVENT_MS },
  ];
}

function textClause({ text }: EventQuery): Clause | null {
  if (text === null) return null;
  if ([...text].length < LEAST_INDEXED) return ['instr(lower(text), lower(@text)) > 0', { text }];
  // A phrase in double quotes holds no operators.
  const phrase = `"${text.replaceAll('"', '""')}"`;
  return ['id IN (SELECT rowid FROM event_text WHERE event_text MATCH @text)', { text: phrase }];
}

function toEvent({ id, at_ms, end_ms, kind, camera_id, text, data }: EventRow): NvrEvent {
  return {
    id,
    atMs: at_ms,
    ...(end_ms === null ? {} : { endMs: end_ms }),
    kind,
    ...(camera_id === null ? {} : { cameraId: camera_id }),
    text,
    data: JSON.parse(data),
  };
}

function statements(database: Database) {
  return {
    last: database.prepare<[], { readonly seq: number }>(
      "SELECT seq FROM sqlite_sequence WHERE name = 'event'",
    ),
    add: database.prepare<[number, number, number | null, string, string | null, string, string]>(
      'INSERT INTO event (id, at_ms, end_ms, kind, camera_id, text, data) VALUES (?, ?, ?, ?, ?, ?, ?)',
    ),
    get: database.prepare<[number], EventRow>('SELECT * FROM event WHERE id = ?'),
    update: database.prepare<[number, number | null, string, string, number]>(
      'UPDATE event SET at_ms = ?, end_ms = ?, text = ?, data = ? WHERE id = ?',
    ),
    remove: database.prepare<[number]>('DELETE FROM event WHERE id = ?'),
    since: database.prepare<[number, number], EventRow>(
      'SELECT * FROM event WHERE id > ? ORDER BY id LIMIT ?',
    ),
    count: database.prepare<[], { readonly count: number }>(
      "SELECT count(*) AS count FROM event WHERE kind <> 'mark'",
    ),
    marks: database.prepare<[], { readonly count: number }>(
      "SELECT count(*) AS count FROM event WHERE kind = 'mark'",
    ),
    pruneOld: database.prepare<[number, number]>(
      `DELETE FROM event WHERE id IN
         (SELECT id FROM event WHERE at_ms < ? AND kind <> 'mark' ORDER BY at_ms LIMIT ?)`,
    ),
    pruneMany: database.prepare<[number]>(
      `DELETE FROM event WHERE id IN (SELECT id FROM event WHERE kind <> 'mark' ORDER BY at_ms, id LIMIT ?)`,
    ),
  };
}
