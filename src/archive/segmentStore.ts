/**
 * Keeps the index true while segments are written: the journal row before the file, the segment's row after its last
 * byte is on the disk. Knows the segments that have no row yet, so that queries see them too.
 */
import { join } from 'node:path';
import { NvrError } from '../domain/errors.ts';
import { type CameraId, type SegmentId, segmentId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Fragment } from '../mp4/types.ts';
import type { Database } from './database.ts';
import type { Disk } from './disk.ts';
import { encodeGops } from './gopCodec.ts';
import { OpenSegment, type RunSource } from './openSegment.ts';
import type { Log, SegmentRecord } from './records.ts';
import { segmentPath } from './segmentPath.ts';
import type { Volume } from './volume.ts';

/** What only the end of a segment tells; the rest is in the journal. */
export type ClosedSegment = Pick<
  SegmentRecord,
  'id' | 'endMs' | 'durationTicks' | 'bytes' | 'headerBytes' | 'frames' | 'gops'
>;

/** More files than this never begin in the same millisecond of a camera; the clock would have to be held. */
const MAX_ATTEMPTS = 1000;

export class SegmentStore {
  readonly #database: Database;
  readonly #disk: Disk;
  readonly #volume: Volume;
  readonly #log: Log;
  readonly #sql: ReturnType<typeof statements>;
  readonly #open = new Map<SegmentId, OpenSegment>();
  /** Files that could not be closed or indexed. Their journal rows stay, so the next start finishes them. */
  readonly #stranded = new Map<SegmentId, SegmentRecord>();

  constructor(database: Database, disk: Disk, volume: Volume, log: Log) {
    this.#database = database;
    this.#disk = disk;
    this.#volume = volume;
    this.#log = log;
    this.#sql = statements(database);
  }

  /**
   * Begins a segment with its first fragment, which is not yet written.
   * @throws NvrError when the volume is gone, or the disk or the database refuses; then nothing is left behind.
   */
  async create(
    source: RunSource,
    first: Fragment,
    startMs: EpochMs,
    sidxCapacity: number,
  ): Promise<OpenSegment> {
    await this.#volume.verify();
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const path = segmentPath(source.run.cameraId, startMs, attempt);
      const file = join(this.#volume.path, path);
      if (await this.#disk.exists(file)) continue;
      const id = this.#journal(source, path, startMs, first.startTicks);
      try {
        await this.#database.flush();
        const start = { id, file, startMs, startTicks: first.startTicks, sidxCapacity };
        const segment = await OpenSegment.create(this.#disk, source, start);
        this.#open.set(id, segment);
        return segment;
      } catch (error) {
        this.forget(id);
        // Another stream of the camera may have taken the name since it was looked for.
        if (!(error instanceof NvrError && error.kind === 'conflict')) throw error;
      }
    }
    throw new NvrError(
      'conflict',
      `Every file name of the camera ${source.run.cameraId} at this time is taken.`,
    );
  }

  /**
   * Closes the segment's file and then stores its row; without a whole fragment both are forgotten.
   * @throws NvrError when that fails; queries still see the segment, and the next start recovers it.
   */
  async close(segment: OpenSegment): Promise<void> {
    try {
      if (segment.empty) await this.#discard(segment);
      else this.insert(await segment.finish());
    } catch (error) {
      this.#log.error(
        { err: error, segment: segment.id },
        'a segment could not be closed; the next start will',
      );
      this.#stranded.set(segment.id, { ...segment.record(), open: false });
      throw error;
    } finally {
      this.#open.delete(segment.id);
    }
  }

  async #discard(segment: OpenSegment): Promise<void> {
    await segment.abandon();
    await this.#disk.unlink(segment.record().file);
    this.forget(segment.id);
  }

  /** Stores the row of a closed segment in place of its journal row. @throws NvrError */
  insert(record: ClosedSegment): void {
    this.#database.transaction(() => {
      this.#sql.insert.run(
        record.endMs,
        record.durationTicks,
        record.bytes,
        record.headerBytes,
        record.frames,
        encodeGops(record.gops),
        record.id,
      );
      this.forget(record.id);
    });
  }

  /** Drops the journal row of a file that is gone. @throws NvrError */
  forget(id: SegmentId): void {
    this.#sql.forget.run(id);
  }

  /** The segments without a row, as they are now. */
  unindexed(cameraId: CameraId): SegmentRecord[] {
    const open = [...this.#open.values()].map((segment) => segment.record());
    return [...open, ...this.#stranded.values()].filter(
      (record) => record.cameraId === cameraId && record.gops.length > 0,
    );
  }

  /** One of them. */
  find(id: SegmentId): SegmentRecord | undefined {
    return this.#open.get(id)?.record() ?? this.#stranded.get(id);
  }

  #journal(source: RunSource, path: string, startMs: EpochMs, startTicks: number): SegmentId {
    const { id, cameraId } = source.run;
    return segmentId(this.#sql.journal.run(id, cameraId, this.#volume.id, path, startMs, startTicks).id);
  }
}

function statements(database: Database) {
  return {
    journal: database.prepare<[string, string, number, string, number, number]>(
      `INSERT INTO open_segment (run_id, camera_id, volume_id, path, start_ms, start_ticks)
       VALUES ((SELECT id FROM run WHERE uuid = ?), ?, ?, ?, ?, ?)`,
    ),
    insert: database.prepare<[number, number, number, number, number, Buffer, number]>(
      `INSERT INTO segment (id, run_id, camera_id, volume_id, path, start_ms, start_ticks,
         end_ms, duration_ticks, bytes, header_bytes, frames, gops)
       SELECT id, run_id, camera_id, volume_id, path, start_ms, start_ticks, ?, ?, ?, ?, ?, ?
       FROM open_segment WHERE id = ?`,
    ),
    forget: database.prepare<[number]>('DELETE FROM open_segment WHERE id = ?'),
  };
}
