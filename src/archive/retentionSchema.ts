/** The tables of retention, protection and schedules; the comments inside are their specification. */

/** A step of the schema: what is kept and for how long, and when cameras record. */
export const RETENTION_SCHEMA = `
-- What there is of each camera on each volume, kept by the triggers below, so that nobody counts segments.
CREATE TABLE footage_total (
  camera_id  TEXT NOT NULL,
  volume_id  INTEGER NOT NULL REFERENCES volume (id),
  segments   INTEGER NOT NULL CHECK (segments > 0),
  bytes      INTEGER NOT NULL CHECK (bytes > 0),
  PRIMARY KEY (camera_id, volume_id)
) STRICT, WITHOUT ROWID;
INSERT INTO footage_total (camera_id, volume_id, segments, bytes)
  SELECT camera_id, volume_id, count(*), sum(bytes) FROM segment GROUP BY camera_id, volume_id;

CREATE TRIGGER segment_added AFTER INSERT ON segment BEGIN
  INSERT INTO footage_total (camera_id, volume_id, segments, bytes)
    VALUES (new.camera_id, new.volume_id, 1, new.bytes)
    ON CONFLICT DO UPDATE SET segments = segments + 1, bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER segment_removed AFTER DELETE ON segment BEGIN
  DELETE FROM footage_total
    WHERE camera_id = old.camera_id AND volume_id = old.volume_id AND segments = 1;
  UPDATE footage_total SET segments = segments - 1, bytes = bytes - old.bytes
    WHERE camera_id = old.camera_id AND volume_id = old.volume_id;
END;
CREATE TRIGGER segment_resized AFTER UPDATE OF bytes ON segment BEGIN
  UPDATE footage_total SET bytes = bytes - old.bytes + new.bytes
    WHERE camera_id = new.camera_id AND volume_id = new.volume_id;
END;
CREATE TRIGGER segment_moved BEFORE UPDATE OF camera_id, volume_id ON segment
  WHEN old.camera_id <> new.camera_id OR old.volume_id <> new.volume_id BEGIN
  SELECT RAISE (ABORT, 'a segment stays with its camera and its volume');
END;

-- Answers which are the oldest of a camera on a volume without the rows.
CREATE INDEX segment_by_age ON segment (volume_id, camera_id, start_ms, end_ms, bytes);

-- How long the footage of a camera is kept; it outlives the registration of the camera, as its footage does.
CREATE TABLE camera_policy (
  camera_id   TEXT PRIMARY KEY,
  -- Each null when there is no such limit.
  max_age_ms  INTEGER CHECK (max_age_ms > 0),
  max_bytes   INTEGER CHECK (max_bytes > 0),
  min_age_ms  INTEGER CHECK (min_age_ms > 0 AND (max_age_ms IS NULL OR min_age_ms <= max_age_ms)),
  min_bytes   INTEGER CHECK (min_bytes > 0 AND (max_bytes IS NULL OR min_bytes <= max_bytes)),
  priority    INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 100)
) STRICT, WITHOUT ROWID;

-- Footage that somebody locked: segments that reach into the interval are not deleted.
CREATE TABLE protection (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  camera_id   TEXT NOT NULL,
  start_ms    INTEGER NOT NULL,
  end_ms      INTEGER NOT NULL CHECK (end_ms > start_ms),
  note        TEXT NOT NULL,
  created_ms  INTEGER NOT NULL,
  -- Name of the user.
  created_by  TEXT NOT NULL
) STRICT;
CREATE INDEX protection_by_start ON protection (camera_id, start_ms, end_ms);

-- When a camera records in the mode 'scheduled', as JSON (src/domain/schedule.ts).
CREATE TABLE camera_schedule (
  camera_id  TEXT PRIMARY KEY,
  schedule   TEXT NOT NULL CHECK (json_valid(schedule))
) STRICT, WITHOUT ROWID;

-- The list of modes is part of the table, so the table is made anew.
ALTER TABLE camera RENAME TO camera_before;
CREATE TABLE camera (
  id          TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
  name        TEXT NOT NULL,
  enabled     INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  source      TEXT NOT NULL CHECK (json_valid(source)),
  password    TEXT,
  audio       INTEGER NOT NULL CHECK (audio IN (0, 1)),
  mode        TEXT NOT NULL CHECK (mode IN ('continuous', 'manual', 'scheduled', 'off')),
  revision    INTEGER NOT NULL CHECK (revision >= 1),
  created_ms  INTEGER NOT NULL,
  updated_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO camera (id, name, enabled, source, password, audio, mode, revision, created_ms, updated_ms)
  SELECT id, name, enabled, source, password, audio, mode, revision, created_ms, updated_ms FROM camera_before;
DROP TABLE camera_before;
CREATE TRIGGER camera_removed AFTER DELETE ON camera BEGIN
  DELETE FROM camera_schedule WHERE camera_id = old.id;
END;
`;
