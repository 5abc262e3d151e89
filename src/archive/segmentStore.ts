/**
 * Keeps the index true while segments are written: the journal row before the file, the segment's row after its last
 * byte is on the disk. Knows the segments that have no row yet, so that queries see them too.
 */
import { join } from 'node:path';
import { NvrError } from '../domain/errors.ts';
import type { CameraId, SegmentId } from '../domain/ids.ts';
import type { EpochMs, Interval } from '../domain/time.ts';
import { Turns } from '../domain/turns.ts';
import type { Fragment } from '../mp4/types.ts';
import type { Database } from './database.ts';
import { isOfMedia } from './disk.ts';
import { encodeGops } from './gopCodec.ts';
import { Journal } from './journal.ts';
import { type FinishedSegment, OpenSegment, type RunSource } from './openSegment.ts';
import type { Log, SegmentRecord } from './records.ts';
import { SampleStore } from './sampleStore.ts';
import { segmentPath } from './segmentPath.ts';
import { Stranded } from './stranded.ts';
import { TimelineStore } from './timelineStore.ts';
import type { Volume } from './volume.ts';
import type { Volumes } from './volumes.ts';

/** What only the end of a segment tells; the rest is in the journal. */
export type ClosedSegment = Pick<
  FinishedSegment,
  'id' | 'endMs' | 'durationTicks' | 'bytes' | 'headerBytes' | 'frames' | 'gops'
> &
  Partial<Pick<FinishedSegment, 'samples'>> & {
    /** How much moved, second by second, where that is known; see `TimelineStore`. */
    readonly seconds?: Buffer | null;
  };

/** More files than this never begin in the same millisecond of a camera; the clock would have to be held. */
const MAX_ATTEMPTS = 1000;

/** Tells how much moved in an interval: one byte for each UTC second that it touches; null when that is unknown. */
export interface ActivityDoor {
  seconds(cameraId: CameraId, interval: Interval): Buffer | null;
}

export interface StoreDoors {
  readonly database: Database;
  readonly volumes: Volumes;
  readonly log: Log;
  /** What could not be closed or indexed is tried again this often, in ms. */
  readonly retryMs: number;
  /** Knows how much moved of late. */
  readonly activity?: ActivityDoor | undefined;
  /** Told of footage that is gone before it was indexed. */
  readonly onLost?: (cameraId: CameraId, lost: Interval) => void;
}

export class SegmentStore {
  readonly journal: Journal;
  /** Recovery takes its turn: a folder may come back twice while what it holds is put in order. */
  readonly recovering = new Turns();
  readonly #doors: StoreDoors;
  readonly #sql: ReturnType<typeof statements>;
  readonly #samples: SampleStore;
  readonly #timeline: TimelineStore;
  readonly #open = new Map<SegmentId, OpenSegment>();
  readonly #stranded: Stranded;
  #closed = false;

  constructor(doors: StoreDoors) {
    this.#doors = doors;
    this.#sql = statements(doors.database);
    this.#samples = new SampleStore(doors.database);
    this.journal = new Journal(doors.database, doors.log);
    this.#timeline = new TimelineStore(doors.database);
    const { log, retryMs } = doors;
    this.#stranded = new Stranded({
      ...{ log, retryMs },
      close: (segment) => this.close(segment),
      isGone: async (segment) => await this.#isGone(segment),
      giveUp: (segment) => this.#giveUp(segment),
    });
  }

  /** Whether there is a disk to begin a segment on. */
  get usable(): boolean {
    return this.#doors.volumes.usable;
  }

  /**
   * Begins a segment with its first fragment, which is not yet written.
   * @throws NvrError when no volume can be used, the database refuses, or the media can't be written to any; then nothing is
   *   left behind, but for what goes when its volume is back.
   */
  async create(source: RunSource, first: Fragment, startMs: EpochMs): Promise<OpenSegment> {
    const { volumes } = this.#doors;
    for (;;) {
      const volume = await volumes.choose(source.run.cameraId);
      try {
        return await this.#createIn(volume, source, first, startMs);
      } catch (error) {
        if (error instanceof DatabaseRefused) throw error.error;
        if (isOfMedia(error)) throw error;
        volumes.suspect(volume, error);
        if (!volumes.usable) throw error;
      }
    }
  }

  async #createIn(
    volume: Volume,
    source: RunSource,
    first: Fragment,
    startMs: EpochMs,
  ): Promise<OpenSegment> {
    const { disk } = this.#doors.volumes;
    const { startTicks } = first;
    const { id: runId, cameraId } = source.run;
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const path = segmentPath(cameraId, startMs, attempt);
      const file = join(volume.path, path);
      const entry = { runId, cameraId, volumeId: volume.id, path, startMs, startTicks, copyOf: null };
      if (refusable(() => this.journal.names(entry)) || (await disk.exists(file))) continue;
      const id = await this.journal.begin(entry).catch(refused);
      try {
        const segment = await OpenSegment.create(disk, source, { id, file, startMs, startTicks });
        this.#open.set(id, segment);
        await this.#verifyNow(volume, segment);
        return segment;
      } catch (error) {
        // Another stream of the camera may have taken the name since it was looked for.
        const isTaken = error instanceof NvrError && error.kind === 'conflict';
        // What is left of it goes with its journal row, when the volume is back.
        if (isTaken || (await this.#doors.volumes.isGone(volume, file))) this.forget(id);
        if (!isTaken) throw error;
      } finally {
        this.journal.begun(id);
      }
    }
    throw new NvrError(
      'conflict',
      `Every file name of the camera ${source.run.cameraId} at this time is taken.`,
    );
  }

  /** The volume may have been unmounted since it was chosen: then the file lies on the disk below. */
  async #verifyNow(volume: Volume, segment: OpenSegment): Promise<void> {
    try {
      await volume.verify();
    } catch (error) {
      this.#open.delete(segment.id);
      await segment.discard().catch(() => undefined);
      throw error;
    }
  }

  /**
   * Closes the segment's file and then stores its row; without a whole fragment both are forgotten. What the
   * database refuses is tried again by itself.
   * @throws NvrError when the file cannot be closed; queries still see the segment. To be followed by `strand`.
   */
  async close(segment: OpenSegment): Promise<void> {
    if (segment.empty) {
      await segment.discard();
    } else {
      const record = await segment.finish();
      try {
        this.insert({ ...record, seconds: this.#doors.activity?.seconds(record.cameraId, record) ?? null });
      } catch (error) {
        const fields = { err: error, segment: segment.id };
        if (!this.#stranded.all.has(segment.id))
          this.#doors.log.error(fields, 'a segment could not be indexed');
        this.strand(segment);
        return;
      }
    }
    this.#open.delete(segment.id);
    this.#stranded.delete(segment.id);
    if (segment.empty) this.forget(segment.id);
  }

  /** Takes over a segment that could not be closed: it is tried again until that succeeds, or its file is gone. */
  strand(segment: OpenSegment): void {
    this.#open.delete(segment.id);
    this.#stranded.add(segment);
  }

  async #isGone(segment: OpenSegment): Promise<boolean> {
    const volume = this.#volumeOf(segment);
    return volume !== undefined && (await this.#doors.volumes.isGone(volume, segment.record().file));
  }

  #giveUp(segment: OpenSegment): void {
    const { id, cameraId, startMs, endMs } = segment.record();
    this.#doors.database.transaction(() => {
      this.forget(id);
      if (!segment.empty) this.#doors.onLost?.(cameraId, { startMs, endMs });
    });
  }

  /** A disk that failed is taken out of use. */
  suspect(segment: OpenSegment, error: unknown): void {
    const volume = this.#volumeOf(segment);
    if (volume !== undefined) this.#doors.volumes.suspect(volume, error);
  }

  /** Whether a segment is to go on in another volume, because its own is out of use. */
  shouldMove(segment: OpenSegment): boolean {
    return this.usable && (this.#volumeOf(segment)?.trouble ?? null) !== null;
  }

  /** How long the disk of a segment took to write or sync something of late, at most, in ms. */
  delayMs(segment: OpenSegment): number {
    return this.#volumeOf(segment)?.gate.writing.slowestMs ?? 0;
  }

  #volumeOf(segment: OpenSegment): Volume | undefined {
    const { file } = segment.record();
    return this.#doors.volumes.all.find(({ path }) => file.startsWith(`${path}/`));
  }

  /** No more attempts: the next start does the rest. Resolves when no file is being put in order any more. */
  async stop(): Promise<void> {
    this.#closed = true;
    this.#stranded.stop();
    await this.recovering.take(async () => undefined);
  }

  /** Whether what is left is left to the next start. */
  get stopped(): boolean {
    return this.#closed;
  }

  /** Stores the row of a closed segment in place of its journal row. @throws NvrError */
  insert(record: ClosedSegment): void {
    this.#doors.database.transaction(() => {
      const { id, endMs, durationTicks, bytes, headerBytes, frames, gops } = record;
      this.#sql.insert.run(endMs, durationTicks, bytes, headerBytes, frames, encodeGops(gops), id);
      if (record.samples != null) this.#samples.insert(record.id, record.samples);
      if (record.seconds != null) this.#timeline.insertSeconds(record.id, record.seconds);
      this.forget(record.id);
    });
  }

  /** Drops the journal row of a file that is gone. @throws NvrError */
  forget(id: SegmentId): void {
    this.journal.forget(id);
  }

  /** The segments without a row, as they are now. */
  unindexed(cameraId: CameraId): SegmentRecord[] {
    return [...this.#open.keys(), ...this.#stranded.all.keys()].flatMap((id) => {
      const record = this.find(id);
      return record?.cameraId === cameraId && record.gops.length > 0 ? [record] : [];
    });
  }

  /** One of them. */
  find(id: SegmentId): SegmentRecord | undefined {
    const stranded = this.#stranded.all.get(id);
    return stranded === undefined ? this.#open.get(id)?.record() : { ...stranded.record(), open: false };
  }

  /** Ids of the journal rows that this process answers for. */
  get unfinished(): ReadonlySet<SegmentId> {
    return new Set([...this.journal.beginning, ...this.#open.keys(), ...this.#stranded.all.keys()]);
  }
}

/** The media folder is not to blame. */
class DatabaseRefused extends Error {
  readonly error: unknown;

  constructor(error: unknown) {
    super('The database refused.');
    this.error = error;
  }
}

function refused(error: unknown): never {
  throw new DatabaseRefused(error);
}

function refusable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    return refused(error);
  }
}

function statements(database: Database) {
  return {
    insert: database.prepare<[number, number, number, number, number, Buffer, number]>(
      `INSERT INTO segment (id, run_id, camera_id, volume_id, path, start_ms, start_ticks,
         end_ms, duration_ticks, bytes, header_bytes, frames, gops)
       SELECT id, run_id, camera_id, volume_id, path, start_ms, start_ticks, ?, ?, ?, ?, ?, ?
       FROM open_segment WHERE id = ?`,
    ),
  };
}
