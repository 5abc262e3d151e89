/** Reads the archive: what there is of a camera in a range of time, and the bytes of it. Changes nothing. */
import { join } from 'node:path';
import { NvrError } from '../domain/errors.ts';
import type { CameraId, RunId, SegmentId } from '../domain/ids.ts';
import { type Ticks, ticks } from '../domain/ticks.ts';
import type { EpochMs, Interval } from '../domain/time.ts';
import { timescalesOf } from '../mp4/init.ts';
import { rebase } from '../mp4/rebase.ts';
import type { Database } from './database.ts';
import type { Disk } from './disk.ts';
import { decodeGops } from './gopCodec.ts';
import type { Ledger } from './ledger.ts';
import type { GapRecord, RecordingRecord, SegmentRecord, StreamName } from './records.ts';
import { LONG_SEGMENT_MS } from './schema.ts';
import type { SegmentStore } from './segmentStore.ts';

/** How much of an interval is recorded. */
export interface Coverage extends Interval {
  readonly recordedMs: number;
}

/** The footage around a moment at which there is none. */
export interface Nearest {
  /** When the footage before ends. */
  readonly beforeMs: EpochMs | null;
  /** When the footage after begins. */
  readonly afterMs: EpochMs | null;
}

type Range = { readonly camera: string; readonly start: number; readonly end: number };

interface StoredSegment {
  readonly id: SegmentId;
  readonly runId: RunId;
  readonly cameraId: CameraId;
  readonly stream: StreamName;
  readonly initKey: string;
  readonly volumePath: string;
  readonly path: string;
  readonly startMs: EpochMs;
  readonly endMs: EpochMs;
  readonly startTicks: Ticks;
  readonly durationTicks: Ticks;
  readonly bytes: number;
  readonly headerBytes: number;
  readonly frames: number;
  readonly gops: Buffer;
}

export class Footage {
  readonly #disk: Disk;
  readonly #ledger: Ledger;
  readonly #store: SegmentStore;
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: Database, disk: Disk, ledger: Ledger, store: SegmentStore) {
    this.#disk = disk;
    this.#ledger = ledger;
    this.#store = store;
    this.#sql = statements(database);
  }

  /** The segments that overlap the range, those still being written too, in the order of their starts. */
  segments(cameraId: CameraId, range: Interval, stream: StreamName = 'main'): SegmentRecord[] {
    const { startMs, endMs } = range;
    const stored = this.#sql.segments.all(rangeOf(cameraId, range)).map(toRecord);
    const growing = this.#store
      .unindexed(cameraId)
      .filter((segment) => segment.startMs < endMs && segment.endMs > startMs);
    return [...stored, ...growing]
      .filter((segment) => segment.stream === stream)
      .sort((a, b) => a.startMs - b.startMs || a.id - b.id);
  }

  /** One segment, also while it is written. @throws NvrError `not-found`. */
  segment(id: SegmentId): SegmentRecord {
    const row = this.#sql.segment.get(id);
    const record = row === undefined ? this.#store.find(id) : toRecord(row);
    if (record === undefined) throw new NvrError('not-found', `There is no segment ${id}.`);
    return record;
  }

  /** The recordings that overlap the range, the open one too, in the order of their starts. */
  recordings(cameraId: CameraId, range: Interval): RecordingRecord[] {
    return this.#sql.recordings.all(rangeOf(cameraId, range));
  }

  /** The ends of the recordings around a moment, found without looking at those further away. */
  nearest(cameraId: CameraId, atMs: EpochMs): Nearest {
    return this.#sql.nearest.get({ camera: cameraId, at: atMs }) ?? { beforeMs: null, afterMs: null };
  }

  /** The gaps that overlap the range, the open one too, in the order of their starts. */
  gaps(cameraId: CameraId, range: Interval): GapRecord[] {
    return this.#sql.gaps.all(rangeOf(cameraId, range));
  }

  /** The segments of a camera that are still being written, or wait to be closed. */
  growing(cameraId: CameraId): SegmentRecord[] {
    return this.#store.unindexed(cameraId).filter(({ stream }) => stream === 'main');
  }

  /** The gap that lasts; null when there is none. */
  openGap(cameraId: CameraId): GapRecord | null {
    return this.#sql.openGap.get(cameraId) ?? null;
  }

  /** How much of each of the days is recorded; a day of a zone is given by whoever knows the zone. */
  days(cameraId: CameraId, days: readonly Interval[]): Coverage[] {
    const growing = this.#store.unindexed(cameraId);
    return days.map(({ startMs, endMs }) => {
      const stored = this.#sql.recordedMs.get({ camera: cameraId, start: startMs, end: endMs })?.sum ?? 0;
      const recorded = growing.reduce((sum, segment) => sum + overlapMs(segment, startMs, endMs), stored);
      // Segments overlap where the clock was set back.
      return { startMs, endMs, recordedMs: Math.min(recorded, endMs - startMs) };
    });
  }

  /**
   * The bytes of a segment's GOPs `[fromGop, toGop)`, in times of their run: they play behind the run's init segment
   * and join with those of the run's other segments. Of an open segment's last GOP, as much as is written.
   * @throws NvrError `not-found` when there is no such segment or its file is gone, `invalid` for a wrong range.
   */
  async readGops(id: SegmentId, fromGop: number, toGop: number): Promise<Buffer> {
    const segment = this.segment(id);
    const first = segment.gops[fromGop];
    const last = segment.gops[toGop - 1];
    if (first === undefined || last === undefined || fromGop >= toGop) {
      throw new NvrError('invalid', `The segment ${id} has GOPs 0 to ${segment.gops.length}.`, {
        field: 'gop',
      });
    }
    const length = last.offset + last.bytes - first.offset;
    const bytes = await this.#read(segment.file, first.offset, length);
    rebase(bytes, ticks(segment.startTicks), timescalesOf(this.#ledger.initOf(segment.runId)));
    return bytes;
  }

  async #read(path: string, offset: number, length: number): Promise<Buffer> {
    const file = await this.#disk.open(path, 'read');
    try {
      const bytes = await file.read(offset, length);
      if (bytes.length === length) return bytes;
      throw new NvrError('internal', `${path} is shorter than the index says.`);
    } finally {
      await file.close();
    }
  }
}

function rangeOf(cameraId: CameraId, { startMs, endMs }: Interval): Range {
  return { camera: cameraId, start: startMs, end: endMs };
}

function toRecord(row: StoredSegment): SegmentRecord {
  const { volumePath, path, gops, ...rest } = row;
  return { ...rest, open: false, file: join(volumePath, path), gops: decodeGops(gops, row.headerBytes) };
}

function overlapMs(segment: Interval, startMs: EpochMs, endMs: EpochMs): number {
  return Math.max(0, Math.min(segment.endMs, endMs) - Math.max(segment.startMs, startMs));
}

/**
 * The segments of `@camera` that overlap [`@start`, `@end`). Those of usual length begin at most `LONG_SEGMENT_MS`
 * before the range; the few that begin earlier have an index of their own. Left to itself, the planner looks for
 * these among all the segments before the range.
 */
export const OVERLAPPING = `
  SELECT id, start_ms, end_ms FROM segment INDEXED BY segment_by_start
  WHERE camera_id = @camera AND start_ms > @start - ${LONG_SEGMENT_MS} AND start_ms < @end AND end_ms > @start
  UNION ALL
  SELECT id, start_ms, end_ms FROM segment INDEXED BY segment_long
  WHERE camera_id = @camera AND end_ms - start_ms > ${LONG_SEGMENT_MS}
    AND start_ms <= @start - ${LONG_SEGMENT_MS} AND end_ms > @start`;

/**
 * Of `@camera`, those that began last before a moment: intervals of these tables overlap only where the clock was set back,
 * so a few are looked at and not all there ever were.
 */
function lastBegun(table: 'recording' | 'gap', at: '@start' | '@at'): string {
  return `SELECT start_ms, end_ms FROM ${table} WHERE camera_id = @camera AND start_ms <= ${at}
    ORDER BY start_ms DESC LIMIT 8`;
}

/** Of `@camera` and [`@start`, `@end`), in order. */
export function reachingInto(table: 'recording' | 'gap'): string {
  return `WHERE camera_id = @camera AND start_ms < @end AND (end_ms IS NULL OR end_ms > @start)
    AND start_ms >= coalesce((SELECT min(start_ms) FROM (${lastBegun(table, '@start')})), 0)
    ORDER BY start_ms, id`;
}

const COLUMNS = `
  segment.id, run.uuid AS runId, segment.camera_id AS cameraId, run.stream, lower(hex(init.sha256)) AS initKey,
  volume.path AS volumePath, segment.path, segment.start_ms AS startMs, segment.end_ms AS endMs,
  segment.start_ticks AS startTicks, segment.duration_ticks AS durationTicks, segment.bytes,
  segment.header_bytes AS headerBytes, segment.frames, segment.gops
  FROM segment JOIN run ON run.id = segment.run_id JOIN init ON init.id = run.init_id
  JOIN volume ON volume.id = segment.volume_id`;

function statements(database: Database) {
  return {
    segments: database.prepare<[Range], StoredSegment>(
      `SELECT ${COLUMNS} WHERE segment.id IN (SELECT id FROM (${OVERLAPPING}))`,
    ),
    segment: database.prepare<[number], StoredSegment>(`SELECT ${COLUMNS} WHERE segment.id = ?`),
    recordedMs: database.prepare<[Range], { sum: number | null }>(
      `SELECT sum(min(end_ms, @end) - max(start_ms, @start)) AS sum FROM (${OVERLAPPING})`,
    ),
    recordings: database.prepare<[Range], RecordingRecord>(
      `SELECT id, camera_id AS cameraId, start_ms AS startMs, end_ms AS endMs, begin_reason AS beginReason,
         end_reason AS endReason, clock_offset_ms AS clockOffsetMs
       FROM recording ${reachingInto('recording')}`,
    ),
    nearest: database.prepare<[{ readonly camera: string; readonly at: number }], Nearest>(
      `SELECT (SELECT max(end_ms) FROM (${lastBegun('recording', '@at')}) WHERE end_ms <= @at) AS beforeMs,
         (SELECT min(start_ms) FROM recording WHERE camera_id = @camera AND start_ms > @at) AS afterMs`,
    ),
    openGap: database.prepare<[string], GapRecord>(
      `SELECT id, camera_id AS cameraId, start_ms AS startMs, end_ms AS endMs, cause
       FROM gap WHERE camera_id = ? AND end_ms IS NULL`,
    ),
    gaps: database.prepare<[Range], GapRecord>(
      `SELECT id, camera_id AS cameraId, start_ms AS startMs, end_ms AS endMs, cause
       FROM gap ${reachingInto('gap')}`,
    ),
  };
}
