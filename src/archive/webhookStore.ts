/** Webhooks and what is on its way to them, in the index database, so that a restart loses none. */
import { NvrError } from '../domain/errors.ts';
import type { EventKind } from '../domain/event.ts';
import type { CameraId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type {
  Delivery,
  DeliveryState,
  Outcome,
  Webhook,
  WebhookDraft,
  WebhookId,
} from '../domain/webhook.ts';
import type { Database } from './database.ts';

/** Appended as a migration. */
export const WEBHOOK_SCHEMA = `
CREATE TABLE webhook (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  name        TEXT NOT NULL,
  url         TEXT NOT NULL,
  enabled     INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  -- JSON arrays; null is all.
  kinds       TEXT CHECK (json_valid(kinds)),
  cameras     TEXT CHECK (json_valid(cameras)),
  -- Signs what is sent; sealed.
  secret      TEXT NOT NULL,
  created_ms  INTEGER NOT NULL
) STRICT;

CREATE TABLE delivery (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  webhook_id  INTEGER NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
  body        TEXT NOT NULL,
  created_ms  INTEGER NOT NULL,
  state       TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'given-up')),
  attempts    INTEGER NOT NULL,
  tried_ms    INTEGER,
  next_ms     INTEGER,
  status      INTEGER,
  error       TEXT
) STRICT;
CREATE INDEX delivery_by_webhook ON delivery (webhook_id, id);
CREATE INDEX delivery_waiting ON delivery (webhook_id, next_ms, id) WHERE state = 'waiting';
`;

interface WebhookRow {
  readonly id: WebhookId;
  readonly name: string;
  readonly url: string;
  readonly enabled: number;
  readonly kinds: string | null;
  readonly cameras: string | null;
  readonly createdMs: EpochMs;
}

/** What is to be sent. */
export interface DueDelivery {
  readonly id: number;
  readonly body: string;
  readonly attempts: number;
}

type Values = [string, string, number, string | null, string | null];

export class WebhookStore {
  readonly #database: Database;
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: Database) {
    this.#database = database;
    this.#sql = statements(database);
  }

  list(): Webhook[] {
    return this.#sql.list.all().map(toWebhook);
  }

  /** @throws NvrError `not-found` */
  get(id: WebhookId): Webhook {
    const row = this.#sql.get.get(id);
    if (row === undefined) throw unknown(id);
    return toWebhook(row);
  }

  /** @param secret sealed */
  insert(draft: WebhookDraft, secret: string, at: EpochMs): Webhook {
    const { id } = this.#sql.insert.run(...valuesOf(draft), secret, at);
    return this.get(id as WebhookId);
  }

  /** @throws NvrError `not-found` */
  update(id: WebhookId, draft: WebhookDraft): Webhook {
    if (this.#sql.update.run(...valuesOf(draft), id).changes === 0) throw unknown(id);
    return this.get(id);
  }

  /** With everything that is on its way to it. @throws NvrError `not-found` */
  remove(id: WebhookId): void {
    if (this.#sql.remove.run(id).changes === 0) throw unknown(id);
  }

  /** Sealed. @throws NvrError `not-found` */
  secret(id: WebhookId): string {
    const row = this.#sql.secret.get(id);
    if (row === undefined) throw unknown(id);
    return row.secret;
  }

  /** @throws NvrError `not-found` */
  setSecret(id: WebhookId, sealed: string): void {
    if (this.#sql.setSecret.run(sealed, id).changes === 0) throw unknown(id);
  }

  /** One delivery of a body to each of these, due at once. Of those that wait for one, at most so many stay. */
  enqueue(ids: readonly WebhookId[], body: string, at: EpochMs, mostWaiting: number): void {
    this.#database.transaction(() => {
      for (const id of ids) {
        this.#sql.enqueue.run(id, body, at, at);
        this.#sql.giveUp.run(id, id, mostWaiting);
      }
    });
  }

  /** The delivery that is due first of a webhook; undefined when none is due yet. */
  due(id: WebhookId, now: EpochMs): DueDelivery | undefined {
    return this.#sql.due.get(id, now);
  }

  /** When the next delivery is due of any webhook that is not among these; null when none waits. */
  nextMs(busy: readonly WebhookId[]): EpochMs | null {
    return this.#sql.next.get(JSON.stringify(busy))?.nextMs ?? null;
  }

  /** A try is over. @param next when it is tried again; null when it is not */
  note(delivery: number, state: DeliveryState, outcome: Outcome, now: EpochMs, next: EpochMs | null): void {
    this.#sql.note.run(state, now, next, outcome.status, outcome.error, delivery);
  }

  /** The newest, newest first. */
  deliveries(id: WebhookId, limit: number): Delivery[] {
    this.get(id);
    return this.#sql.deliveries.all(id, limit);
  }

  /** Forgets what is over, but for the newest of each webhook. */
  prune(keep: number): void {
    for (const { id } of this.list()) this.#sql.prune.run(id, id, keep);
  }
}

function unknown(id: WebhookId): NvrError {
  return new NvrError('not-found', `There is no webhook ${id}.`, { field: 'webhookId' });
}

function valuesOf({ name, url, enabled, kinds, cameras }: WebhookDraft): Values {
  const json = (list: readonly string[] | null) => (list === null ? null : JSON.stringify(list));
  return [name, url, Number(enabled), json(kinds), json(cameras)];
}

function toWebhook({ enabled, kinds, cameras, ...row }: WebhookRow): Webhook {
  const kindList: readonly EventKind[] | null = kinds === null ? null : JSON.parse(kinds);
  const cameraList: readonly CameraId[] | null = cameras === null ? null : JSON.parse(cameras);
  return { ...row, enabled: enabled === 1, kinds: kindList, cameras: cameraList };
}

const WEBHOOK = 'SELECT id, name, url, enabled, kinds, cameras, created_ms AS createdMs FROM webhook';

function statements(database: Database) {
  return {
    list: database.prepare<[], WebhookRow>(`${WEBHOOK} ORDER BY id`),
    get: database.prepare<[number], WebhookRow>(`${WEBHOOK} WHERE id = ?`),
    insert: database.prepare<[...Values, string, number]>(
      `INSERT INTO webhook (name, url, enabled, kinds, cameras, secret, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    update: database.prepare<[...Values, number]>(
      'UPDATE webhook SET name = ?, url = ?, enabled = ?, kinds = ?, cameras = ? WHERE id = ?',
    ),
    remove: database.prepare<[number]>('DELETE FROM webhook WHERE id = ?'),
    secret: database.prepare<[number], { readonly secret: string }>(
      'SELECT secret FROM webhook WHERE id = ?',
    ),
    setSecret: database.prepare<[string, number]>('UPDATE webhook SET secret = ? WHERE id = ?'),
    ...deliveryStatements(database),
  };
}

function deliveryStatements(database: Database) {
  return {
    enqueue: database.prepare<[number, string, number, number]>(
      `INSERT INTO delivery (webhook_id, body, created_ms, state, attempts, next_ms)
       VALUES (?, ?, ?, 'waiting', 0, ?)`,
    ),
    giveUp: database.prepare<[number, number, number]>(
      `UPDATE delivery SET state = 'given-up', next_ms = NULL, error = 'Too many were waiting.'
       WHERE webhook_id = ? AND state = 'waiting' AND id <=
         (SELECT id FROM delivery WHERE webhook_id = ? AND state = 'waiting' ORDER BY id DESC LIMIT 1 OFFSET ?)`,
    ),
    due: database.prepare<[number, number], DueDelivery>(
      `SELECT id, body, attempts FROM delivery WHERE webhook_id = ? AND state = 'waiting' AND next_ms <= ?
       ORDER BY next_ms, id LIMIT 1`,
    ),
    next: database.prepare<[string], { readonly nextMs: EpochMs | null }>(
      `SELECT min(next_ms) AS nextMs FROM delivery JOIN webhook ON webhook.id = webhook_id
       WHERE state = 'waiting' AND enabled = 1 AND webhook_id NOT IN (SELECT value FROM json_each(?))`,
    ),
    note: database.prepare<[string, number, number | null, number | null, string | null, number]>(
      `UPDATE delivery SET state = ?, attempts = attempts + 1, tried_ms = ?, next_ms = ?, status = ?, error = ?
       WHERE id = ?`,
    ),
    deliveries: database.prepare<[number, number], Delivery>(
      `SELECT id, created_ms AS createdMs, state, attempts, tried_ms AS triedMs,
         next_ms AS nextMs, status, error FROM delivery WHERE webhook_id = ? ORDER BY id DESC LIMIT ?`,
    ),
    prune: database.prepare<[number, number, number]>(
      `DELETE FROM delivery WHERE webhook_id = ? AND state <> 'waiting' AND id <=
         (SELECT id FROM delivery WHERE webhook_id = ? AND state <> 'waiting' ORDER BY id DESC LIMIT 1 OFFSET ?)`,
    ),
  };
}
