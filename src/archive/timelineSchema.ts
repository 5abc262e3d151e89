/** The tables of the timeline; the comments inside are their specification. */

/** Of an interval of a camera that changed, from a row of the tables that cells are made of. */
function due(row: 'old' | 'new', start: string, end: string, when = ''): string {
  return `INSERT INTO timeline_due (camera_id, start_ms, end_ms)
    SELECT ${row}.camera_id, ${row}.${start}, ${end} WHERE ${row}.camera_id IS NOT NULL ${when};`;
}

const GAP = (row: 'old' | 'new') =>
  due(row, 'start_ms', `${row}.end_ms`, `AND ${row}.end_ms > ${row}.start_ms`);
const SEGMENT = (row: 'old' | 'new') => due(row, 'start_ms', `max(${row}.end_ms, ${row}.start_ms + 1)`);
/** Other events say what recordings and gaps say already. */
const EVENT = (row: 'old' | 'new') =>
  due(row, 'at_ms', `${row}.at_ms + 1`, `AND ${row}.kind IN ('mark', 'activity')`);

export const TIMELINE_SCHEMA = `
-- How much moved in each second of a segment: one byte for each UTC second that it touches, see
-- domain/timelineCells.ts. Empty when nothing moved; without a row, nothing is known.
CREATE TABLE segment_activity (
  segment_id  INTEGER PRIMARY KEY REFERENCES segment (id) ON DELETE CASCADE,
  seconds     BLOB NOT NULL
) STRICT;

-- Numbers for the causes of gaps, as cells name them.
CREATE TABLE timeline_cause (
  id     INTEGER PRIMARY KEY,
  cause  TEXT NOT NULL UNIQUE
) STRICT;

-- Cells of a level of the timeline (domain/timelineCells.ts), made of segments, gaps and events, and of the level
-- below. A row of nothing but empty cells is not kept.
CREATE TABLE timeline_row (
  camera_id  TEXT NOT NULL,
  level      INTEGER NOT NULL,
  start_ms   INTEGER NOT NULL,
  cells      BLOB NOT NULL,
  PRIMARY KEY (camera_id, level, start_ms)
) STRICT, WITHOUT ROWID;

-- Intervals whose cells are yet to be made anew. The triggers below write them, so that no change is forgotten.
CREATE TABLE timeline_due (
  id         INTEGER PRIMARY KEY,
  camera_id  TEXT NOT NULL,
  start_ms   INTEGER NOT NULL,
  end_ms     INTEGER NOT NULL CHECK (end_ms > start_ms)
) STRICT;
INSERT INTO timeline_due (camera_id, start_ms, end_ms)
  SELECT camera_id, min(start_ms), max(max(end_ms), min(start_ms) + 1) FROM segment GROUP BY camera_id;
INSERT INTO timeline_due (camera_id, start_ms, end_ms)
  SELECT camera_id, start_ms, end_ms FROM gap WHERE end_ms > start_ms;

CREATE TRIGGER timeline_segment_added AFTER INSERT ON segment BEGIN ${SEGMENT('new')} END;
CREATE TRIGGER timeline_segment_removed AFTER DELETE ON segment BEGIN ${SEGMENT('old')} END;
CREATE TRIGGER timeline_segment_changed AFTER UPDATE OF start_ms, end_ms ON segment BEGIN
  ${SEGMENT('old')} ${SEGMENT('new')}
END;
CREATE TRIGGER timeline_gap_added AFTER INSERT ON gap BEGIN ${GAP('new')} END;
CREATE TRIGGER timeline_gap_removed AFTER DELETE ON gap BEGIN ${GAP('old')} END;
CREATE TRIGGER timeline_gap_changed AFTER UPDATE OF start_ms, end_ms, cause ON gap BEGIN
  ${GAP('old')} ${GAP('new')}
END;
CREATE TRIGGER timeline_event_added AFTER INSERT ON event BEGIN ${EVENT('new')} END;
CREATE TRIGGER timeline_event_removed AFTER DELETE ON event BEGIN ${EVENT('old')} END;
CREATE TRIGGER timeline_event_changed AFTER UPDATE OF at_ms ON event BEGIN ${EVENT('old')} ${EVENT('new')} END;
`;

/** Activity never lasts longer; marks may. */
export const LONGEST_ACTIVITY_MS = 3_700_000;

/** Appended as a migration. */
export const LONG_EVENT_SCHEMA = `
-- The few events that last long, so that a stretch of time is not searched for a week before it begins.
CREATE INDEX event_long ON event (camera_id, at_ms) WHERE end_ms - at_ms > ${LONGEST_ACTIVITY_MS};
`;

/** Short rows of a level as long ones, each of so many: what lies between them is empty. */
function joined(level: number, rowMs: number, rowBytes: number, count: number): string {
  return `INSERT INTO timeline_row (camera_id, level, start_ms, cells)
    WITH RECURSIVE place (number) AS (SELECT 0 UNION ALL SELECT number + 1 FROM place WHERE number < ${count - 1})
    SELECT long.camera_id, ${level}, long.start_ms, CAST(group_concat(
      CAST(coalesce(short.cells, zeroblob(${rowBytes})) AS TEXT), '' ORDER BY number) AS BLOB)
    FROM (SELECT DISTINCT camera_id, start_ms - start_ms % ${rowMs * count} AS start_ms
      FROM short_row WHERE level = ${level}) AS long
    CROSS JOIN place LEFT JOIN short_row AS short ON short.camera_id = long.camera_id
      AND short.level = ${level} AND short.start_ms = long.start_ms + number * ${rowMs}
    GROUP BY long.camera_id, long.start_ms;`;
}

/** Appended as a migration: rows of an hour, half a day and a week become longer ones. */
export const LONG_ROW_SCHEMA = `
ALTER TABLE timeline_row RENAME TO short_row;
-- As before, but for the key: to find one of rows as long as a page by a key that is part of them, SQLite reads others whole.
CREATE TABLE timeline_row (
  id         INTEGER PRIMARY KEY,
  camera_id  TEXT NOT NULL,
  level      INTEGER NOT NULL,
  start_ms   INTEGER NOT NULL,
  cells      BLOB NOT NULL,
  UNIQUE (camera_id, level, start_ms)
) STRICT;
${joined(1, 3_600_000, 720, 5)}
${joined(2, 43_200_000, 576, 6)}
${joined(3, 604_800_000, 504, 7)}
DROP TABLE short_row;
`;
