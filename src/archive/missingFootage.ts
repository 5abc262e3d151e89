/** Footage that is in the index and can't be reached now, because its volume is missing: neither there nor a gap. */
import { NvrError } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import type { Interval } from '../domain/time.ts';
import { recordedRuns, type SegmentSpan } from '../domain/timeline.ts';
import type { Database } from './database.ts';
import { OVERLAPPING } from './footage.ts';
import type { Volume } from './volume.ts';
import { isReadable } from './volumeHealth.ts';

interface VolumeRow {
  readonly id: number;
  readonly path: string;
}

type Range = { readonly camera: string; readonly start: number; readonly end: number };

export class MissingFootage {
  readonly #volumes: readonly Pick<Volume, 'id' | 'path' | 'trouble'>[];
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: Database, volumes: readonly Pick<Volume, 'id' | 'path' | 'trouble'>[]) {
    this.#volumes = volumes;
    this.#sql = statements(database);
  }

  /** The intervals of a camera's footage that are on missing volumes, joined, in order. */
  intervals(cameraId: CameraId, { startMs, endMs }: Interval): Interval[] {
    const away = new Set(this.#away().map(({ id }) => id));
    if (away.size === 0) return [];
    const range = { camera: cameraId, start: startMs, end: endMs };
    return recordedRuns(this.#sql.spans.all(range).filter(({ volumeId }) => away.has(volumeId)));
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
    spans: database.prepare<[Range], SegmentSpan & { readonly volumeId: number }>(
      `SELECT start_ms AS startMs, end_ms AS endMs, run.uuid AS runId, volume_id AS volumeId
       FROM segment JOIN run ON run.id = run_id
       WHERE segment.id IN (SELECT id FROM (${OVERLAPPING})) AND run.stream = 'main'
       ORDER BY start_ms, segment.id`,
    ),
  };
}
