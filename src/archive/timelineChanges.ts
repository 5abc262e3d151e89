/**
 * Tells which intervals of which camera a timeline says something else of from now on, as they change, whoever changes
 * them: by triggers of this connection alone, the only one that writes. Those of the schema note what cells are to be made
 * anew (`timeline_due`): what is noted and what is settled is told here, and what else is read.
 */
import type { Database } from './database.ts';

/** The end is infinite of what lasts. Also told of what is then taken back with its transaction. Must not throw. */
export type TimelineListener = (cameraId: string, startMs: number, endMs: number) => void;

type Operation = 'INSERT' | 'DELETE' | 'UPDATE';
type Row = 'old' | 'new';
const ANY: readonly Operation[] = ['INSERT', 'DELETE', 'UPDATE'];

/** Rows that say something, and of which interval. */
interface Told {
  readonly table: string;
  readonly operations: readonly Operation[];
  readonly interval: (row: Row) => string;
}

const ofInterval = (row: Row) => `${row}.start_ms, ${row}.end_ms`;
const TOLD: readonly Told[] = [
  { table: 'timeline_due', operations: ['INSERT', 'DELETE'], interval: ofInterval },
  { table: 'recording', operations: ANY, interval: ofInterval },
  { table: 'gap', operations: ANY, interval: ofInterval },
  {
    table: 'event',
    operations: ANY,
    interval: (row) => `${row}.at_ms, coalesce(${row}.end_ms, ${row}.at_ms + 1)`,
  },
];

/** Rows as they were and as they are. */
const ROWS: Readonly<Record<Operation, readonly Row[]>> = {
  INSERT: ['new'],
  DELETE: ['old'],
  UPDATE: ['old', 'new'],
};

/** From now on; once for each connection. @throws NvrError when the database refuses. */
export function tellTimelineChanges(database: Database, tell: TimelineListener): void {
  database.define('timeline_changed', (camera, startMs, endMs) => {
    // Some events are of no camera.
    if (typeof camera !== 'string') return;
    tell(camera, Number(startMs), endMs === null ? Number.POSITIVE_INFINITY : Number(endMs));
  });
  for (const { table, operations, interval } of TOLD) {
    for (const operation of operations) {
      const calls = ROWS[operation].map(
        (row) => `SELECT timeline_changed(${row}.camera_id, ${interval(row)});`,
      );
      database.execute(
        `CREATE TEMP TRIGGER timeline_tells_${table}_${operation.toLowerCase()}
         AFTER ${operation} ON ${table} BEGIN ${calls.join(' ')} END`,
      );
    }
  }
}
