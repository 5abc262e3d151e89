/**
 * The tables of the index; the comments inside are their specification. All times are UTC epoch milliseconds
 * (`_ms`) or 90 kHz ticks of a run (`_ticks`); all sizes are bytes. Intervals are half-open.
 */

/**
 * A segment longer than this, in ms, is found through an index of its own, so that a range query looks at
 * the segments that begin at most this long before the range. Key intervals make segments longer than their
 * nominal minute; there is no upper bound. Part of schema 1: never changed without a migration.
 */
export const LONG_SEGMENT_MS = 120_000;

/**
 * How much later it was than the times of a recording say, in ms, by the clock of the machine as it was set after it; the
 * times themselves are never changed. 0 where it was not set since.
 */
export const CLOCK_SCHEMA = `
ALTER TABLE recording ADD COLUMN clock_offset_ms INTEGER NOT NULL DEFAULT 0;
CREATE INDEX recording_off_clock ON recording (camera_id, start_ms, end_ms, clock_offset_ms)
  WHERE clock_offset_ms <> 0;
`;

/** Schema 1. */
export const FIRST_SCHEMA = `
-- Facts about this installation, and the user's settings, as text. 'installation' is the UUID that the
-- identity file of each of its volumes carries.
CREATE TABLE setting (
  key    TEXT PRIMARY KEY,
  value  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What the user added. Removing a camera removes this row only: its footage stays until retention takes it.
CREATE TABLE camera (
  id          TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  name        TEXT NOT NULL,
  enabled     INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  -- The source as JSON, without its password.
  source      TEXT NOT NULL CHECK (json_valid(source)),
  -- Apart from the rest, because it is a secret.
  password    TEXT,
  audio       INTEGER NOT NULL CHECK (audio IN (0, 1)),
  mode        TEXT NOT NULL CHECK (mode IN ('continuous', 'manual', 'off')),
  -- 1 when added; one more with each change.
  revision    INTEGER NOT NULL CHECK (revision >= 1),
  created_ms  INTEGER NOT NULL,
  updated_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A folder that holds segment files. Its identity file carries the same UUID.
CREATE TABLE volume (
  id    INTEGER PRIMARY KEY,
  uuid  TEXT NOT NULL UNIQUE,
  -- Absolute; follows the volume when it is mounted elsewhere.
  path  TEXT NOT NULL
) STRICT;

-- An init segment (ftyp + moov), stored once however many runs share it.
CREATE TABLE init (
  id      INTEGER PRIMARY KEY,
  sha256  BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32),
  bytes   BLOB NOT NULL,
  -- RFC 6381, as read from the bytes; all else is read from them when it is needed.
  codecs  TEXT NOT NULL
) STRICT;

-- One uninterrupted life of a pipeline. Its UUID is in its files; the number only keeps the segment rows small.
CREATE TABLE run (
  id          INTEGER PRIMARY KEY,
  uuid        TEXT NOT NULL UNIQUE,
  -- Here and below without a foreign key: footage outlives the registration of its camera.
  camera_id   TEXT NOT NULL,
  stream      TEXT NOT NULL CHECK (stream IN ('main', 'sub')),
  init_id     INTEGER NOT NULL REFERENCES init (id),
  started_ms  INTEGER NOT NULL,
  -- Null while it lasts.
  ended_ms    INTEGER,
  end_cause   TEXT,
  CHECK ((ended_ms IS NULL) = (end_cause IS NULL))
) STRICT;
CREATE INDEX run_open ON run (id) WHERE ended_ms IS NULL;

-- A segment file that is complete: all its bytes were synced before this row was stored. Its id comes from
-- open_segment and is never used again. Segments of a camera overlap only where the wall clock was set back.
CREATE TABLE segment (
  id              INTEGER PRIMARY KEY,
  run_id          INTEGER NOT NULL REFERENCES run (id),
  camera_id       TEXT NOT NULL,
  volume_id       INTEGER NOT NULL REFERENCES volume (id),
  -- Relative to the volume, with '/'.
  path            TEXT NOT NULL,
  start_ms        INTEGER NOT NULL,
  end_ms          INTEGER NOT NULL CHECK (end_ms >= start_ms),
  -- On the run's clock; the file itself begins at zero.
  start_ticks     INTEGER NOT NULL,
  duration_ticks  INTEGER NOT NULL CHECK (duration_ticks > 0),
  -- The whole file, and what precedes its first fragment.
  bytes           INTEGER NOT NULL CHECK (bytes > header_bytes),
  header_bytes    INTEGER NOT NULL CHECK (header_bytes > 0),
  frames          INTEGER NOT NULL CHECK (frames > 0),
  -- See gopCodec.ts.
  gops            BLOB NOT NULL
) STRICT;
-- Answers ranges, days and sums without the rows.
CREATE INDEX segment_by_start ON segment (camera_id, start_ms, end_ms, bytes);
CREATE INDEX segment_long ON segment (camera_id, start_ms) WHERE end_ms - start_ms > ${LONG_SEGMENT_MS};
CREATE INDEX segment_by_run ON segment (run_id, start_ticks);

-- The journal of files being written. A row is on the disk before its file is created, and goes in the same
-- transaction that brings the segment's row, so a crash leaves exactly the rows of the files to recover.
CREATE TABLE open_segment (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id       INTEGER NOT NULL REFERENCES run (id),
  camera_id    TEXT NOT NULL,
  volume_id    INTEGER NOT NULL REFERENCES volume (id),
  path         TEXT NOT NULL,
  start_ms     INTEGER NOT NULL,
  start_ticks  INTEGER NOT NULL
) STRICT;

-- A contiguous interval a camera was recorded. At most one of a camera is open.
CREATE TABLE recording (
  id            INTEGER PRIMARY KEY,
  camera_id     TEXT NOT NULL,
  start_ms      INTEGER NOT NULL,
  -- Null while it lasts.
  end_ms        INTEGER CHECK (end_ms >= start_ms),
  begin_reason  TEXT NOT NULL,
  end_reason    TEXT,
  CHECK ((end_ms IS NULL) = (end_reason IS NULL))
) STRICT;
CREATE INDEX recording_by_start ON recording (camera_id, start_ms, end_ms);
CREATE UNIQUE INDEX recording_open ON recording (camera_id) WHERE end_ms IS NULL;

-- An interval in which recording was wanted and no media became durable. At most one of a camera is open.
CREATE TABLE gap (
  id         INTEGER PRIMARY KEY,
  camera_id  TEXT NOT NULL,
  start_ms   INTEGER NOT NULL,
  -- Null while it lasts.
  end_ms     INTEGER CHECK (end_ms >= start_ms),
  cause      TEXT NOT NULL
) STRICT;
CREATE INDEX gap_by_start ON gap (camera_id, start_ms, end_ms);
CREATE UNIQUE INDEX gap_open ON gap (camera_id) WHERE end_ms IS NULL;

-- A file whose row is gone and that has yet to be unlinked: row -> garbage -> unlink -> drop.
CREATE TABLE garbage (
  volume_id  INTEGER NOT NULL REFERENCES volume (id),
  path       TEXT NOT NULL,
  bytes      INTEGER NOT NULL,
  PRIMARY KEY (volume_id, path)
) STRICT, WITHOUT ROWID;
`;
