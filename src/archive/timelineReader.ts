/** Reads what the timeline is made of: cells of any level, and the rows of intervals behind them. Changes nothing else. */
import type { EventId, EventKind } from '../domain/event.ts';
import { LONGEST_EVENT_MS } from '../domain/event.ts';
import type { CameraId } from '../domain/ids.ts';
import type { GapCause } from '../domain/recording.ts';
import type { EpochMs, Interval } from '../domain/time.ts';
import { type Level, rowMs } from '../domain/timelineCells.ts';
import type { Database } from './database.ts';
import { OVERLAPPING, reachingInto } from './footage.ts';
import { LONGEST_ACTIVITY_MS } from './timelineSchema.ts';

/** Consecutive cells of a level, kept together. */
export interface TimelineRow {
  readonly startMs: number;
  readonly cells: Buffer;
}

/** Its end is null while it lasts. */
export interface OpenInterval {
  readonly startMs: EpochMs;
  readonly endMs: EpochMs | null;
}

/** Footage whose times the clock of the machine, as it is now, would tell so much later. */
export interface OffClock extends OpenInterval {
  readonly offsetMs: number;
}

/** An event as the timeline shows it; its end is null of a moment. */
export interface TimelineEvent {
  readonly id: EventId;
  readonly atMs: EpochMs;
  readonly endMs: EpochMs | null;
  readonly kind: EventKind;
  readonly text: string;
}

interface SegmentCells extends Interval {
  readonly seconds: Buffer | null;
}

type Range = { readonly camera: string; readonly start: number; readonly end: number };

/** More than that in one answer are a mistake of whoever makes them. */
const MOST_EVENTS = 2_000;

export class TimelineReader {
  readonly #database: Database;
  readonly #sql: ReturnType<typeof statements>;
  readonly #causes = new Map<string, number>();
  readonly #names = new Map<number, GapCause>();

  constructor(database: Database) {
    this.#database = database;
    this.#sql = statements(database);
  }

  /** Does what asks for several of these, all of one state of the index. */
  together<T>(work: () => T): T {
    return this.#database.reading(work);
  }

  /** The rows of a level that reach into the interval, in order. */
  rows(cameraId: CameraId, level: Level, { startMs, endMs }: Interval): TimelineRow[] {
    return this.#sql.rows.all(cameraId, level.level, startMs - rowMs(level), endMs);
  }

  /** The segments that reach into the interval, with their seconds where these are known. */
  seconds(cameraId: CameraId, interval: Interval): SegmentCells[] {
    return this.#sql.segments.all(rangeOf(cameraId, interval));
  }

  /** The recordings that reach into the interval, the open one too, in order. */
  recordings(cameraId: CameraId, interval: Interval): OpenInterval[] {
    return this.#sql.recordings.all(rangeOf(cameraId, interval));
  }

  /** The recordings that reach into the interval by a clock that was set since, in order. */
  offClock(cameraId: CameraId, interval: Interval): OffClock[] {
    return this.#sql.offClock.all(rangeOf(cameraId, interval));
  }

  /** The gaps that reach into the interval, the open one too, in order. */
  gaps(cameraId: CameraId, interval: Interval): (OpenInterval & { readonly cause: GapCause })[] {
    return this.#sql.gaps.all(rangeOf(cameraId, interval));
  }

  /** The marks and activities that reach into the interval, in order. */
  events(cameraId: CameraId, interval: Interval): TimelineEvent[] {
    return this.#sql.events.all(rangeOf(cameraId, interval));
  }

  /** When those began that began in the interval. */
  begun(cameraId: CameraId, interval: Interval): EpochMs[] {
    return this.#sql.begun.all(rangeOf(cameraId, interval)).map(({ atMs }) => atMs);
  }

  /** The cause of a gap that a number in a cell stands for. */
  cause(id: number): GapCause {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const cause = this.#sql.causeOf.get(id)?.cause ?? 'internal';
    this.#names.set(id, cause);
    return cause;
  }

  /** The number that stands for a cause; given to it when it has none yet. */
  causeId(cause: GapCause): number {
    const known = this.#causes.get(cause);
    if (known !== undefined) return known;
    this.#sql.addCause.run(cause);
    const id = this.#sql.causeId.get(cause)?.id ?? 0;
    this.#causes.set(cause, id);
    return id;
  }
}

function rangeOf(cameraId: CameraId, { startMs, endMs }: Interval): Range {
  return { camera: cameraId, start: startMs, end: endMs };
}

const EVENT = 'id, at_ms AS atMs, end_ms AS endMs, kind, text FROM event';
/** Left to itself, the planner takes the index of the kinds, over all cameras. */
const OF_CAMERA = "INDEXED BY event_by_camera WHERE camera_id = @camera AND kind IN ('mark', 'activity')";

function statements(database: Database) {
  return {
    segments: database.prepare<[Range], SegmentCells>(
      `SELECT found.start_ms AS startMs, found.end_ms AS endMs, segment_activity.seconds
       FROM (${OVERLAPPING}) AS found LEFT JOIN segment_activity ON segment_id = found.id ORDER BY found.start_ms`,
    ),
    recordings: database.prepare<[Range], OpenInterval>(
      `SELECT start_ms AS startMs, end_ms AS endMs FROM recording ${reachingInto('recording')}`,
    ),
    offClock: database.prepare<[Range], OffClock>(
      `SELECT start_ms AS startMs, end_ms AS endMs, clock_offset_ms AS offsetMs
       FROM recording INDEXED BY recording_off_clock
       WHERE camera_id = @camera AND clock_offset_ms <> 0 AND start_ms < @end
         AND (end_ms IS NULL OR end_ms > @start) ORDER BY start_ms, id`,
    ),
    gaps: database.prepare<[Range], OpenInterval & { readonly cause: GapCause }>(
      `SELECT start_ms AS startMs, end_ms AS endMs, cause FROM gap ${reachingInto('gap')}`,
    ),
    events: database.prepare<[Range], TimelineEvent>(
      `SELECT * FROM (
         SELECT ${EVENT} ${OF_CAMERA}
           AND at_ms >= @start - ${LONGEST_ACTIVITY_MS} AND at_ms < @end
           AND coalesce(end_ms, at_ms + 1) > @start
         UNION ALL
         SELECT ${EVENT} INDEXED BY event_long WHERE kind = 'mark' AND camera_id = @camera
           AND end_ms - at_ms > ${LONGEST_ACTIVITY_MS}
           AND at_ms >= @start - ${LONGEST_EVENT_MS} AND at_ms < @start - ${LONGEST_ACTIVITY_MS}
           AND end_ms > @start
         LIMIT ${MOST_EVENTS}) ORDER BY atMs, id`,
    ),
    begun: database.prepare<[Range], { readonly atMs: EpochMs }>(
      `SELECT at_ms AS atMs FROM event ${OF_CAMERA} AND at_ms >= @start AND at_ms < @end`,
    ),
    rows: database.prepare<[string, number, number, number], TimelineRow>(
      `SELECT start_ms AS startMs, cells FROM timeline_row
       WHERE camera_id = ? AND level = ? AND start_ms > ? AND start_ms < ? ORDER BY start_ms`,
    ),
    addCause: database.prepare<[string]>('INSERT OR IGNORE INTO timeline_cause (cause) VALUES (?)'),
    causeId: database.prepare<[string], { readonly id: number }>(
      'SELECT id FROM timeline_cause WHERE cause = ?',
    ),
    causeOf: database.prepare<[number], { readonly cause: GapCause }>(
      'SELECT cause FROM timeline_cause WHERE id = ?',
    ),
  };
}
