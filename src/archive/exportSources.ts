/** The segments of a range as an export needs them: where their files and their samples are, without their GOPs. */
import { join } from 'node:path';
import { NvrError } from '../domain/errors.ts';
import type { CameraId, RunId, SegmentId } from '../domain/ids.ts';
import type { Gop } from '../domain/media.ts';
import type { Ticks } from '../domain/ticks.ts';
import type { EpochMs, Interval } from '../domain/time.ts';
import { decodeFront, type SampleFront } from '../mp4/sampleIndex.ts';
import type { Database } from './database.ts';
import { OVERLAPPING } from './footage.ts';
import { decodeGops } from './gopCodec.ts';
import type { SegmentRecord, StreamName } from './records.ts';

/** A segment file that may go into an export. */
export interface ExportSource extends Interval {
  readonly id: SegmentId;
  readonly runId: RunId;
  readonly initKey: string;
  /** Absolute path. */
  readonly file: string;
  readonly startTicks: Ticks;
  readonly durationTicks: Ticks;
  /** The whole file; while it is written, its whole fragments. */
  readonly bytes: number;
  readonly headerBytes: number;
  /** Null where the file has no index of its samples: they are found by walking through it. */
  readonly samples: { readonly offset: number; readonly front: SampleFront } | null;
}

/** Knows the segments that have no row yet, as they are now. */
export interface Unindexed {
  unindexed(cameraId: CameraId): readonly SegmentRecord[];
  find(id: SegmentId): SegmentRecord | undefined;
}

interface Row extends Omit<ExportSource, 'file' | 'samples'> {
  readonly volumePath: string;
  readonly path: string;
  readonly offset: number | null;
  readonly front: Buffer | null;
}

type Range = {
  readonly camera: string;
  readonly start: EpochMs;
  readonly end: EpochMs;
  readonly stream: StreamName;
};

export class ExportSources {
  readonly #segments: ReturnType<typeof segmentStatement>;
  readonly #gops: ReturnType<typeof gopStatement>;
  readonly #growing: Unindexed;
  readonly #expectReachable: (files: readonly string[]) => void;

  /** @param expectReachable throws an `NvrError` if one of the files can't be read now */
  constructor(
    database: Database,
    growing: Unindexed,
    expectReachable: (files: readonly string[]) => void = () => undefined,
  ) {
    this.#segments = segmentStatement(database);
    this.#gops = gopStatement(database);
    this.#growing = growing;
    this.#expectReachable = expectReachable;
  }

  /**
   * Those that overlap the range, also while they are written, in the order of their starts.
   * @throws NvrError `unavailable` when one of them is on a volume that is missing.
   */
  find(cameraId: CameraId, { startMs, endMs }: Interval, stream: StreamName = 'main'): ExportSource[] {
    const stored = this.#segments.all({ camera: cameraId, start: startMs, end: endMs, stream });
    const growing = this.#growing
      .unindexed(cameraId)
      .filter((record) => record.stream === stream && record.startMs < endMs && record.endMs > startMs)
      .map((record): ExportSource => ({ ...record, samples: null }));
    const sources = stored.map(toSource);
    this.#expectReachable(sources.map(({ file }) => file));
    if (growing.length === 0) return sources;
    return [...sources, ...growing].sort((a, b) => a.startMs - b.startMs || a.id - b.id);
  }

  /**
   * The GOPs of a segment that were there when it was found.
   * @throws NvrError `not-found` when it has been deleted since.
   */
  gops({ id, headerBytes, bytes }: ExportSource): readonly Gop[] {
    const row = this.#gops.get(id);
    const found = row === undefined ? this.#growing.find(id)?.gops : decodeGops(row.gops, headerBytes);
    if (found === undefined) throw new NvrError('not-found', `There is no segment ${id}.`);
    return found.filter(({ offset }) => offset < bytes);
  }
}

/** Field by field: rest and spread are slow, and a day is 1440 rows. */
function toSource(row: Row): ExportSource {
  const { id, runId, initKey, startMs, endMs, startTicks, durationTicks, bytes, headerBytes, offset, front } =
    row;
  const samples = offset === null || front === null ? null : { offset, front: decodeFront(front) };
  const file = join(row.volumePath, row.path);
  return { id, runId, initKey, file, startMs, endMs, startTicks, durationTicks, bytes, headerBytes, samples };
}

function segmentStatement(database: Database) {
  return database.prepare<[Range], Row>(`
    SELECT segment.id, run.uuid AS runId, lower(hex(init.sha256)) AS initKey, volume.path AS volumePath,
      segment.path, segment.start_ms AS startMs, segment.end_ms AS endMs, segment.start_ticks AS startTicks,
      segment.duration_ticks AS durationTicks, segment.bytes, segment.header_bytes AS headerBytes,
      sample_index.offset, sample_index.front
    FROM segment JOIN run ON run.id = segment.run_id JOIN init ON init.id = run.init_id
    JOIN volume ON volume.id = segment.volume_id LEFT JOIN sample_index ON segment_id = segment.id
    WHERE segment.id IN (SELECT id FROM (${OVERLAPPING})) AND run.stream = @stream
    ORDER BY segment.start_ms, segment.id`);
}

function gopStatement(database: Database) {
  return database.prepare<[number], { gops: Buffer }>('SELECT gops FROM segment WHERE id = ?');
}
