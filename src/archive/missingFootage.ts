/** Footage that is in the index and can't be reached now, because its volume is missing: neither there nor a gap. */
import { NvrError } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import { epochMs, type Interval } from '../domain/time.ts';
import { joined, ROUNDING_MS } from '../domain/timeline.ts';
import { boundsOf, type GridShape } from '../domain/timelineGrid.ts';
import type { Database } from './database.ts';
import type { Volume } from './volume.ts';
import { isReadable } from './volumeHealth.ts';

interface VolumeRow {
  readonly id: number;
  readonly path: string;
}

type Range = {
  readonly volume: number;
  readonly camera: string;
  readonly start: number;
  readonly end: number;
};

/** Segments are shorter; an hour is the most that can be asked for, and a keyframe interval may be added. */
const LONGEST_MS = 2 * 3_600_000;

export class MissingFootage {
  readonly #volumes: readonly Pick<Volume, 'id' | 'path' | 'trouble'>[];
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: Database, volumes: readonly Pick<Volume, 'id' | 'path' | 'trouble'>[]) {
    this.#volumes = volumes;
    this.#sql = statements(database);
  }

  /** The intervals of a camera's footage that are on missing volumes, joined, in order. */
  intervals(cameraId: CameraId, { startMs, endMs }: Interval): Interval[] {
    const range = { camera: cameraId, start: startMs, end: endMs };
    return this.#joined((volume) => this.#sql.spans.all({ ...range, volume }), ROUNDING_MS);
  }

  /**
   * The same in whole cells, for which a segment of each cell is looked at and not all of them: of a year it takes no
   * longer than of a day.
   */
  cells(cameraId: CameraId, shape: GridShape): Interval[] {
    const { startMs, endMs } = boundsOf(shape);
    const { stepMs: step } = shape;
    const range = { camera: cameraId, start: startMs, end: endMs, step };
    const whole = (span: Interval): Interval => ({
      startMs: epochMs(Math.max(startMs, Math.floor(span.startMs / step) * step)),
      endMs: epochMs(Math.min(endMs, Math.ceil(span.endMs / step) * step)),
    });
    return this.#joined((volume) => this.#sql.first.all({ ...range, volume }).map(whole), 0);
  }

  #joined(spansOn: (volumeId: number) => readonly Interval[], slackMs: number): Interval[] {
    const spans = this.#away().flatMap(({ id }) => spansOn(id));
    return joined(
      spans.sort((a, b) => a.startMs - b.startMs),
      slackMs,
    );
  }

  /** Whether a file of the index, named by its absolute path, can be reached now. */
  isReachable(file: string): boolean {
    return !this.#away().some(({ path }) => file.startsWith(`${path}/`));
  }

  /** @throws NvrError `unavailable` naming the folder that is missing. */
  expectReachable(file: string): void {
    const volume = this.#away().find(({ path }) => file.startsWith(`${path}/`));
    if (volume === undefined) return;
    throw new NvrError(
      'unavailable',
      `This footage is in the media folder ${volume.path}, which is missing now. It will be there again with its disk.`,
    );
  }

  /** Volumes that are missing, and those that the index knows and the settings no longer name. */
  #away(): readonly VolumeRow[] {
    const missing = this.#volumes.filter(({ trouble }) => !isReadable(trouble));
    const named = new Set(this.#volumes.map(({ id }) => id));
    return [...missing, ...this.#sql.volumes.all().filter(({ id }) => !named.has(id))];
  }
}

function statements(database: Database) {
  return {
    volumes: database.prepare<[], VolumeRow>('SELECT id, path FROM volume'),
    spans: database.prepare<[Range], Interval>(
      `SELECT start_ms AS startMs, end_ms AS endMs FROM segment INDEXED BY segment_by_age
       WHERE ${ON_VOLUME} AND start_ms > @start - ${LONGEST_MS} AND start_ms < @end AND end_ms > @start
       ORDER BY start_ms`,
    ),
    // From each that is found to the first that begins in a later cell.
    first: database.prepare<[Range & { readonly step: number }], Interval>(
      `WITH RECURSIVE found (at) AS (
         SELECT ${firstFrom(`@start - ${LONGEST_MS}`)}
         UNION ALL
         SELECT ${firstFrom('(CAST(at / @step AS INTEGER) + 1) * @step')} FROM found WHERE at IS NOT NULL)
       SELECT at AS startMs, (SELECT max(end_ms) FROM segment INDEXED BY segment_by_age
         WHERE ${ON_VOLUME} AND start_ms = at) AS endMs
       FROM found WHERE at IS NOT NULL AND endMs > @start`,
    ),
  };
}

const ON_VOLUME = 'volume_id = @volume AND camera_id = @camera';

function firstFrom(ms: string): string {
  return `(SELECT min(start_ms) FROM segment INDEXED BY segment_by_age
    WHERE ${ON_VOLUME} AND start_ms >= ${ms} AND start_ms < @end)`;
}
