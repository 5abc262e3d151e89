/**
 * One segment file while it is written: its bytes, what is known of them, and closing it. When to open, close or
 * sync is decided in `segmentWriter.ts`; what the index is told, in `segmentStore.ts`.
 */
import type { SegmentId } from '../domain/ids.ts';
import type { Gop } from '../domain/media.ts';
import { type Ticks, ticks, ticksToMs } from '../domain/ticks.ts';
import { type EpochMs, epochMs } from '../domain/time.ts';
import { timescalesOf } from '../mp4/init.ts';
import { rebaseChunks } from '../mp4/rebase.ts';
import type { ScannedFragment } from '../mp4/scan.ts';
import {
  mehdPatch,
  readSegmentHeader,
  type SegmentHeader,
  segmentHeader,
  sidxPatch,
} from '../mp4/segmentFile.ts';
import type { Fragment, InitSegment } from '../mp4/types.ts';
import type { Disk, DiskFile } from './disk.ts';
import { addToGops, sumOfGops } from './gops.ts';
import type { RunRecord, SegmentRecord } from './records.ts';

/** A run, and what its files begin with. */
export interface RunSource {
  readonly run: RunRecord;
  readonly init: InitSegment;
}

/** What is settled when a segment begins. */
export interface SegmentStart {
  readonly id: SegmentId;
  /** Absolute path. */
  readonly file: string;
  readonly startMs: EpochMs;
  readonly startTicks: Ticks;
  /** Entries of the file's index. */
  readonly sidxCapacity: number;
}

export class OpenSegment {
  readonly id: SegmentId;
  readonly startTicks: Ticks;
  readonly #source: RunSource;
  readonly #start: SegmentStart;
  readonly #file: DiskFile;
  readonly #header: SegmentHeader;
  readonly #timescales: ReadonlyMap<number, number>;
  readonly #fragments: ScannedFragment[] = [];
  readonly #gops: Gop[] = [];
  #bytes: number;
  /** Bytes beyond `#bytes` that a failed write may have left. */
  #torn = false;
  #durableMs: EpochMs | null = null;

  private constructor(source: RunSource, start: SegmentStart, file: DiskFile, header: SegmentHeader) {
    this.id = start.id;
    this.startTicks = start.startTicks;
    this.#source = source;
    this.#start = start;
    this.#file = file;
    this.#header = header;
    this.#timescales = timescalesOf(source.init);
    this.#bytes = header.headerBytes;
  }

  /** Creates the file and writes its header. @throws NvrError of the disk; then no file is left. */
  static async create(disk: Disk, source: RunSource, start: SegmentStart): Promise<OpenSegment> {
    const { run, init } = source;
    const { id, startMs, startTicks, sidxCapacity } = start;
    const meta = { version: 1, cameraId: run.cameraId, runId: run.id, stream: run.stream } as const;
    const bytes = segmentHeader(init, { ...meta, startMs, startTicks, sequence: id }, sidxCapacity);
    const file = await disk.create(start.file);
    try {
      await file.write([bytes], 0);
    } catch (error) {
      await file.close().catch(() => undefined);
      await disk.unlink(start.file).catch(() => undefined);
      throw error;
    }
    return new OpenSegment(source, start, file, readSegmentHeader(bytes));
  }

  /** Where the next fragment is expected to begin, on the run's clock. */
  get endTicks(): Ticks {
    return ticks(this.startTicks + sumOfGops(this.#gops).durationTicks);
  }

  /** Where what the disk has confirmed ends; null before that. */
  get durableMs(): EpochMs | null {
    return this.#durableMs;
  }

  /** Appends a fragment, moved to the file's clock; the fragment's buffers stay as they are. @throws NvrError */
  async write(fragment: Fragment): Promise<void> {
    const chunks = rebaseChunks(fragment, ticks(-this.startTicks), this.#timescales);
    this.#torn = true;
    await this.#file.write(chunks, this.#bytes);
    this.#torn = false;
    const placed = {
      offset: this.#bytes,
      bytes: fragment.byteLength,
      startTicks: ticks(fragment.startTicks - this.startTicks),
      durationTicks: fragment.durationTicks,
      key: fragment.key,
      frames: fragment.frames,
    };
    this.#fragments.push(placed);
    addToGops(this.#gops, placed);
    this.#bytes += fragment.byteLength;
  }

  /** Resolves when everything written before is on the disk. @throws NvrError */
  async sync(): Promise<void> {
    const { endMs } = this.record();
    await this.#file.sync();
    this.#durableMs = endMs;
  }

  /**
   * Ends the file at its last whole fragment, fills in its duration and index, syncs and closes it.
   * @throws NvrError when that fails; the file is closed all the same, and recovery will find it.
   */
  async finish(): Promise<SegmentRecord> {
    try {
      // What counts comes first: on a disk that fails, what follows may not succeed.
      await this.sync();
      if (this.#torn) await this.#file.truncate(this.#bytes);
      await patchHeader(this.#file, this.#header, this.#fragments, this.record().durationTicks);
      await this.#file.sync();
    } finally {
      await this.#file.close().catch(() => undefined);
    }
    return { ...this.record(), open: false };
  }

  /** Closes the file as it is. @throws NvrError */
  async abandon(): Promise<void> {
    await this.#file.close();
  }

  /** Without a whole fragment. */
  get empty(): boolean {
    return this.#gops.length === 0;
  }

  /** The segment as it is now. */
  record(): SegmentRecord {
    const { run } = this.#source;
    const { durationTicks, frames } = sumOfGops(this.#gops);
    return {
      id: this.id,
      runId: run.id,
      cameraId: run.cameraId,
      stream: run.stream,
      initKey: run.initKey,
      open: true,
      file: this.#start.file,
      startMs: this.#start.startMs,
      endMs: endMsOf(this.#start.startMs, durationTicks),
      startTicks: this.startTicks,
      durationTicks,
      bytes: this.#bytes,
      headerBytes: this.#header.headerBytes,
      frames,
      gops: [...this.#gops],
    };
  }
}

/** Where a segment ends in wall time: its media's duration after its start, whatever the clock did meanwhile. */
export function endMsOf(startMs: EpochMs, durationTicks: Ticks): EpochMs {
  return epochMs(startMs + Math.round(ticksToMs(durationTicks)));
}

/** Fills in what is known only when a file is complete: its duration and its index. @throws NvrError */
export async function patchHeader(
  file: DiskFile,
  header: SegmentHeader,
  fragments: readonly ScannedFragment[],
  durationTicks: Ticks,
): Promise<void> {
  const patches = [mehdPatch(header, durationTicks), sidxPatch(header, fragments)];
  for (const { bytes, offset } of patches) await file.write([bytes], offset);
}
