/**
 * Brings a database file to the schema this program knows. Steps are only ever appended: a released step is
 * never edited, because databases in the field have already taken it.
 */
import { messageOf, NvrError } from '../domain/errors.ts';
import { ACTIVITY_SCHEMA } from './activityStore.ts';
import { AUDIT_SCHEMA } from './auditStore.ts';
import { CAMERA_EXTRAS_SCHEMA } from './cameraStore.ts';
import { DAMAGED_SCHEMA } from './damagedFiles.ts';
import type { Database } from './database.ts';
import { EVENT_SCHEMA } from './eventStore.ts';
import { EXPORT_JOB_SCHEMA } from './exportJobStore.ts';
import { HOLDING_SCHEMA } from './holding.ts';
import { COPY_SCHEMA } from './journal.ts';
import { LEGACY_SCHEMA } from './legacyStore.ts';
import { PREVIEW_SCHEMA } from './previewStore.ts';
import { RETENTION_SCHEMA } from './retentionSchema.ts';
import { SAMPLE_SCHEMA } from './sampleStore.ts';
import { CLOCK_SCHEMA, FIRST_SCHEMA } from './schema.ts';
import { LONG_EVENT_SCHEMA, LONG_ROW_SCHEMA, TIMELINE_SCHEMA } from './timelineSchema.ts';
import { TOKEN_SCHEMA } from './tokenStore.ts';
import { GRANT_SCHEMA, USER_SCHEMA } from './userStore.ts';
import { WEBHOOK_SCHEMA } from './webhookStore.ts';

/** One step; the n-th of the list (from 1) leads to schema version n. */
export interface Migration {
  /** What it changes, for the error message when it fails. */
  readonly name: string;
  readonly sql: string;
}

export const MIGRATIONS: readonly Migration[] = [
  { name: 'first schema', sql: FIRST_SCHEMA },
  { name: 'users and sessions', sql: USER_SCHEMA },
  { name: 'indexes of samples', sql: SAMPLE_SCHEMA },
  { name: 'retention, protection and schedules', sql: RETENTION_SCHEMA },
  { name: 'events', sql: EVENT_SCHEMA },
  { name: 'deleted cameras are held', sql: HOLDING_SCHEMA },
  { name: 'levels of the timeline', sql: TIMELINE_SCHEMA },
  { name: 'activity', sql: ACTIVITY_SCHEMA },
  { name: 'users of some cameras', sql: GRANT_SCHEMA },
  { name: 'second streams and encoding of cameras', sql: CAMERA_EXTRAS_SCHEMA },
  { name: 'tokens of programs', sql: TOKEN_SCHEMA },
  { name: 'who did what', sql: AUDIT_SCHEMA },
  { name: 'sheets of thumbnails', sql: PREVIEW_SCHEMA },
  { name: 'webhooks', sql: WEBHOOK_SCHEMA },
  { name: 'cameras of the older API', sql: LEGACY_SCHEMA },
  { name: 'exports in the background', sql: EXPORT_JOB_SCHEMA },
  { name: 'index of events that last', sql: LONG_EVENT_SCHEMA },
  { name: 'recordings by a clock that was set', sql: CLOCK_SCHEMA },
  { name: 'damaged files are kept', sql: `${COPY_SCHEMA}${DAMAGED_SCHEMA}` },
  { name: 'longer rows of the timeline', sql: LONG_ROW_SCHEMA },
];

/**
 * Runs the steps the file has not taken yet, each in a transaction with its version number: a step that fails
 * leaves the file at the version before it. Gives the version before and after.
 * @throws NvrError `conflict` when the file was written by a newer program, and what a failing step throws.
 */
export function migrate(
  database: Database,
  migrations: readonly Migration[] = MIGRATIONS,
): { readonly from: number; readonly to: number } {
  const from = database.version;
  const to = migrations.length;
  if (from > to) {
    throw new NvrError(
      'conflict',
      `The database ${database.path} has schema ${from}, and this program knows ${to} at most: it was written by a newer Nightjar. Start that one, or restore a copy of the database from before the upgrade.`,
    );
  }
  for (const [index, step] of migrations.entries()) {
    if (index >= from) take(database, step, index + 1);
  }
  return { from, to };
}

function take(database: Database, step: Migration, version: number): void {
  try {
    database.transaction(() => {
      database.execute(step.sql);
      database.version = version;
    });
  } catch (error) {
    throw new NvrError(
      error instanceof NvrError ? error.kind : 'internal',
      `The database ${database.path} could not be brought to schema ${version} (${step.name}); it was left as it was. ${messageOf(error)}`,
      { cause: error },
    );
  }
}
