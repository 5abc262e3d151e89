/** Footage that is in the index and can't be reached now, because its volume is missing: neither there nor a gap. */
import { NvrError } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import { epochMs, type Interval } from '../domain/time.ts';
import { joined, ROUNDING_MS } from '../domain/timeline.ts';
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

  /** Whether no volume is missing. */
  get none(): boolean {
    return this.#away().length === 0;
  }

  /** The intervals of a camera's footage that are on missing volumes, joined, in order. */
  intervals(cameraId: CameraId, { startMs, endMs }: Interval): Interval[] {
    const range = { camera: cameraId, start: startMs, end: endMs };
    const spans = this.#away().flatMap(({ id }) => this.#sql.spans.all({ ...range, volume: id }));
    return joined(
      spans.sort((a, b) => a.startMs - b.startMs),
      ROUNDING_MS,
    );
  }

  /**
   * From where to where a camera's footage is on missing volumes, whatever is not recorded at all between: a few questions
   * for each change of the volume, so of a year it takes no longer than of a day.
   * @param cellMs what begins in the cell in which such a stretch ends is told from there on; null to tell all
   */
  stretches(cameraId: CameraId, { startMs, endMs }: Interval, cellMs: number | null): Interval[] {
    const away = this.#away().map(({ id }) => id);
    const found: Interval[] = [];
    if (away.length === 0) return found;
    const there = this.#sql.volumes.all().flatMap(({ id }) => (away.includes(id) ? [] : [id]));
    for (let at: number = startMs; at < endMs; ) {
      const from = this.#endBefore(away, cameraId, at) > at ? at : this.#startFrom(away, cameraId, at, endMs);
      if (from === null) break;
      const other = this.#startFrom(there, cameraId, from + 1, endMs) ?? endMs;
      const to = Math.min(this.#endBefore(away, cameraId, other), endMs);
      found.push({ startMs: epochMs(from), endMs: epochMs(to) });
      at = Math.max(other, cellMs === null ? to : Math.ceil(to / cellMs) * cellMs);
    }
    return found;
  }

  /** Where the first segment on any of the volumes begins that begins in `[startMs, endMs)`. */
  #startFrom(volumes: readonly number[], camera: CameraId, startMs: number, endMs: number): number | null {
    return volumes.reduce<number | null>((first, volume) => {
      const { at } = this.#sql.start.get(volume, camera, startMs, endMs) ?? { at: null };
      return at === null || (first !== null && first < at) ? first : at;
    }, null);
  }

  /** Where the last segment on any of the volumes ends that begins before; 0 when there is none. */
  #endBefore(volumes: readonly number[], camera: CameraId, beforeMs: number): number {
    return Math.max(0, ...volumes.map((volume) => this.#sql.end.get(volume, camera, beforeMs)?.at ?? 0));
  }

  /** Those whose files, named by absolute paths, can be reached now. */
  reachable<T extends { readonly file: string }>(found: readonly T[]): T[] {
    const away = this.#away();
    return found.filter(({ file }) => !away.some(({ path }) => file.startsWith(`${path}/`)));
  }

  /** @throws NvrError `unavailable` naming the folder that is missing. */
  expectReachable(files: readonly string[]): void {
    const away = this.#away();
    const volume = away.find(({ path }) => files.some((file) => file.startsWith(`${path}/`)));
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
       WHERE volume_id = @volume AND camera_id = @camera AND start_ms > @start - ${LONGEST_MS} AND start_ms < @end AND end_ms > @start
       ORDER BY start_ms`,
    ),
    start: database.prepare<[number, string, number, number], { readonly at: number | null }>(
      `SELECT min(start_ms) AS at FROM segment INDEXED BY segment_by_age
       WHERE volume_id = ? AND camera_id = ? AND start_ms >= ? AND start_ms < ?`,
    ),
    end: database.prepare<[number, string, number], { readonly at: number }>(
      `SELECT end_ms AS at FROM segment INDEXED BY segment_by_age
       WHERE volume_id = ? AND camera_id = ? AND start_ms < ? ORDER BY start_ms DESC LIMIT 1`,
    ),
  };
}
