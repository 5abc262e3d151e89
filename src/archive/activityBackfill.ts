/** Measures activity anew from the sizes of frames in the segment files, for an index that was built from them. */
import { ActivityMeter } from '../domain/activity.ts';
import { messageOf } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import { DAY_MS, type EpochMs, epochMs } from '../domain/time.ts';
import { known, stored } from '../domain/timelineCells.ts';
import { columnsOf } from '../mp4/sampleIndex.ts';
import type { InitSegment } from '../mp4/types.ts';
import type { Database } from './database.ts';
import type { Disk } from './disk.ts';
import { type ExportSource, ExportSources } from './exportSources.ts';
import type { Log } from './records.ts';
import { SampleReader } from './sampleReader.ts';
import type { TimelineStore } from './timelineStore.ts';

export interface BackfillDoors {
  readonly database: Database;
  readonly disk: Disk;
  readonly timeline: TimelineStore;
  /** @throws NvrError `not-found` */
  readonly init: (initKey: string) => InitSegment;
  readonly log: Log;
}

const SLICE_MS = DAY_MS;
const NONE_GROWING = { unindexed: () => [], find: () => undefined };

/** Goes through the footage of all cameras, oldest first; a file that cannot be read is left out. */
export async function measureActivity(doors: BackfillDoors): Promise<void> {
  const sources = new ExportSources(doors.database, NONE_GROWING);
  const reader = new SampleReader(doors.disk);
  for (const { cameraId, startMs, endMs } of extents(doors.database).all()) {
    const measuring = new Measuring(doors);
    for (let fromMs: number = startMs; fromMs < endMs; fromMs += SLICE_MS) {
      const slice = { startMs: epochMs(fromMs), endMs: epochMs(fromMs + SLICE_MS) };
      for (const source of sources.find(cameraId, slice)) {
        if (source.startMs >= fromMs) await measuring.add(source, reader);
      }
    }
    measuring.end();
  }
}

/** One camera. A segment is written down when the next one has begun: its last second may go on in that. */
class Measuring {
  readonly #doors: BackfillDoors;
  readonly #meter = new ActivityMeter();
  readonly #seconds = new Map<number, number>();
  #initKey: string | null = null;
  #last: ExportSource | null = null;

  constructor(doors: BackfillDoors) {
    this.#doors = doors;
  }

  async add(source: ExportSource, reader: SampleReader): Promise<void> {
    const { init, log } = this.#doors;
    try {
      if (this.#initKey !== null && this.#initKey !== source.initKey) this.#meter.reset();
      this.#initKey = source.initKey;
      const { timescale } = init(source.initKey).video;
      const { dts, cto, size, key, lastDuration } = columnsOf((await reader.read(source)).video);
      for (const [index, time] of dts.entries()) {
        const duration = (dts[index + 1] ?? time + lastDuration) - time;
        const startMs = source.startMs + ((time - (dts[0] ?? 0)) * 1000) / timescale;
        const done = this.#meter.add({
          ...{ startMs, endMs: startMs + (duration * 1000) / timescale, key: key[index] === true },
          ...{ bytes: [size[index] ?? 0], delays: [cto[index] ?? 0], duration },
        });
        for (const { second, activity } of done) this.#seconds.set(second, stored(activity));
      }
    } catch (error) {
      log.warn({ file: source.file, reason: messageOf(error) }, 'activity could not be measured');
    }
    this.end();
    this.#last = source;
  }

  /** Writes down the segment before. */
  end(): void {
    const last = this.#last;
    this.#last = null;
    if (last === null) return;
    const first = Math.floor(last.startMs / 1000);
    const bytes = Buffer.alloc(Math.ceil(last.endMs / 1000) - first);
    for (const index of bytes.keys()) bytes[index] = this.#seconds.get(first + index) ?? 0;
    for (const second of this.#seconds.keys())
      if (second < first + bytes.length - 1) this.#seconds.delete(second);
    if (bytes.every((byte) => byte === 0)) return;
    const quiet = bytes.every((byte) => known(byte) === 0);
    this.#doors.timeline.insertSeconds(last.id, quiet ? Buffer.alloc(0) : bytes);
  }
}

function extents(database: Database) {
  return database.prepare<[], { cameraId: CameraId; startMs: EpochMs; endMs: EpochMs }>(
    `SELECT camera_id AS cameraId, min(start_ms) AS startMs, max(end_ms) AS endMs FROM segment
     GROUP BY camera_id ORDER BY camera_id`,
  );
}
