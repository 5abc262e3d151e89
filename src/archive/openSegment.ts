/**
 * One segment file while it is written: its bytes, what is known of them, cutting and closing it. When to open, close
 * or sync is decided in `segmentWriter.ts`; what the index is told, in `segmentStore.ts`.
 */
import { NvrError } from '../domain/errors.ts';
import type { SegmentId } from '../domain/ids.ts';
import type { Gop } from '../domain/media.ts';
import { TICKS_PER_SECOND, type Ticks, ticks, ticksToMs } from '../domain/ticks.ts';
import { type EpochMs, epochMs } from '../domain/time.ts';
import { timescalesOf } from '../mp4/init.ts';
import { rebaseChunks } from '../mp4/rebase.ts';
import { encodeFront, encodeIndex, indexOf } from '../mp4/sampleIndex.ts';
import { SampleCollector } from '../mp4/samples.ts';
import type { ScannedFragment } from '../mp4/scan.ts';
import { mehdPatch, readSegmentHeader, type SegmentHeader, segmentHeader } from '../mp4/segmentFile.ts';
import type { Fragment, InitSegment } from '../mp4/types.ts';
import type { Disk, DiskFile } from './disk.ts';
import { addToGops, sumOfGops } from './gops.ts';
import type { RunRecord, SegmentRecord } from './records.ts';
import type { StoredFront } from './sampleStore.ts';

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
}

/** A pause in the media of more than this ends a segment: what is missing must not look recorded. */
const MAX_JUMP_TICKS = TICKS_PER_SECOND;
/**
 * By how much, in ms, wall time may be another than the file's, whose times all follow from its start: more than a
 * camera drifts in a minute, less than where the clock was set or put right.
 */
const MAX_SHIFT_MS = 20;

/** As much of a fragment as a file needs to know. */
export type WrittenFragment = Pick<
  Fragment,
  'chunks' | 'startTicks' | 'durationTicks' | 'byteLength' | 'key' | 'frames'
>;

/** A segment whose file is complete. */
export interface FinishedSegment extends SegmentRecord {
  /** The index of samples at the end of its file; null where there was no room for it. */
  readonly samples: StoredFront | null;
}

export class OpenSegment {
  readonly id: SegmentId;
  readonly startTicks: Ticks;
  readonly #disk: Disk;
  readonly #source: RunSource;
  readonly #start: SegmentStart;
  readonly #header: SegmentHeader;
  readonly #timescales: ReadonlyMap<number, number>;
  /** Null once it was closed. */
  #file: DiskFile | null;
  #fragments: ScannedFragment[] = [];
  #gops: Gop[] = [];
  /** Of the fragments, as they are in the file. */
  #moofs: Buffer[] = [];
  #bytes: number;
  /** How many of the fragments the disk has confirmed. */
  #durable = 0;
  /** The file may hold bytes beyond `#bytes`. */
  #torn = false;

  private constructor(
    disk: Disk,
    source: RunSource,
    start: SegmentStart,
    file: DiskFile,
    header: SegmentHeader,
  ) {
    this.id = start.id;
    this.startTicks = start.startTicks;
    this.#disk = disk;
    this.#source = source;
    this.#start = start;
    this.#file = file;
    this.#header = header;
    this.#timescales = timescalesOf(source.init);
    this.#bytes = header.headerBytes;
  }

  /** Creates the file and writes its header. @throws NvrError of the disk, or of the run's media; then no file is left. */
  static async create(disk: Disk, source: RunSource, start: SegmentStart): Promise<OpenSegment> {
    const { run, init } = source;
    const { id, startMs, startTicks } = start;
    const meta = { version: 1, cameraId: run.cameraId, runId: run.id, stream: run.stream } as const;
    const bytes = segmentHeader(init, { ...meta, startMs, startTicks, sequence: id });
    const header = readSegmentHeader(bytes);
    const file = await disk.create(start.file);
    try {
      await file.write([bytes], 0);
    } catch (error) {
      await file.close().catch(() => undefined);
      await disk.unlink(start.file).catch(() => undefined);
      throw error;
    }
    return new OpenSegment(disk, source, start, file, header);
  }

  /** Where the next fragment is expected to begin, on the run's clock. */
  get endTicks(): Ticks {
    return ticks(this.startTicks + sumOfGops(this.#gops).durationTicks);
  }

  /** Whether media of this time, on the run's clock and on the wall, can follow what the file has. */
  continuesAt(time: Ticks, wallMs: EpochMs): boolean {
    const expectedMs = this.#start.startMs + ticksToMs(ticks(time - this.startTicks));
    return time - this.endTicks <= MAX_JUMP_TICKS && Math.abs(wallMs - expectedMs) <= MAX_SHIFT_MS;
  }

  /** Where what the disk has confirmed ends, on the run's clock; the segment's start before that. */
  get durableTicks(): Ticks {
    const last = this.#fragments[this.#durable - 1];
    return ticks(this.startTicks + (last === undefined ? 0 : last.startTicks + last.durationTicks));
  }

  /** The same in wall time; null before the disk has confirmed anything. */
  get durableMs(): EpochMs | null {
    if (this.#durable === 0) return null;
    return endMsOf(this.#start.startMs, ticks(this.durableTicks - this.startTicks));
  }

  /**
   * Appends a fragment, moved to the file's clock; the fragment's buffers stay as they are.
   * @throws NvrError of the disk; or `invalid`, and then nothing was written
   */
  async write(fragment: WrittenFragment): Promise<void> {
    const chunks = rebaseChunks(fragment, ticks(-this.startTicks), this.#timescales);
    const file = await this.#opened();
    this.#torn = true;
    await file.write(chunks, this.#bytes);
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
    this.#moofs.push(...chunks.slice(0, 1));
    addToGops(this.#gops, placed);
    this.#bytes += fragment.byteLength;
  }

  /** Resolves when everything written before is on the disk. @throws NvrError */
  async sync(): Promise<void> {
    const written = this.#fragments.length;
    await (await this.#opened()).sync();
    this.#durable = written;
  }

  /**
   * Leaves out what the disk has not confirmed: after a failed sync the kernel may have dropped any of it, and a sync
   * that succeeds later says nothing about it.
   */
  cutToDurable(): void {
    this.#keep(this.#durable);
  }

  /** Leaves out the fragments that begin at this time of the run, or later: another segment holds them. */
  cutFrom(time: Ticks): void {
    this.#keep(this.#fragments.filter(({ startTicks }) => this.startTicks + startTicks < time).length);
  }

  #keep(count: number): void {
    if (count === this.#fragments.length) return;
    this.#fragments = this.#fragments.slice(0, count);
    this.#moofs = this.#moofs.slice(0, count);
    this.#durable = Math.min(this.#durable, count);
    this.#gops = [];
    for (const fragment of this.#fragments) addToGops(this.#gops, fragment);
    const last = this.#fragments.at(-1);
    this.#bytes = last === undefined ? this.#header.headerBytes : last.offset + last.bytes;
    this.#torn = true;
  }

  /**
   * Ends the file at its last whole fragment, fills in its duration, syncs and closes it. May be tried again.
   * @throws NvrError when that fails; the file is closed all the same.
   */
  async finish(): Promise<FinishedSegment> {
    try {
      const file = await this.#opened();
      // What counts comes first: on a disk that fails, what follows may not succeed.
      await this.sync();
      if (this.#torn) await file.truncate(this.#bytes);
      await patchHeader(file, this.#header, this.record().durationTicks);
      const samples = await this.#appendIndex(file);
      await file.sync();
      this.#torn = false;
      const { bytes } = this.record();
      return { ...this.record(), open: false, bytes: bytes + (samples?.bytes ?? 0), samples };
    } finally {
      await this.release();
    }
  }

  /** The samples of all fragments, for exports: they can do without, so a full disk is no reason not to close. */
  async #appendIndex(file: DiskFile): Promise<(StoredFront & { readonly bytes: number }) | null> {
    try {
      const collector = new SampleCollector();
      for (const [number, moof] of this.#moofs.entries()) {
        collector.add(moof, this.#fragments[number]?.offset ?? 0);
      }
      const index = indexOf(collector.samples);
      const box = encodeIndex(index);
      await file.write([box], this.#bytes);
      return { offset: this.#bytes, front: encodeFront(index), bytes: box.length };
    } catch {
      await file.truncate(this.#bytes);
      return null;
    }
  }

  /** Closes the file as it is, for the next start to find; the disk may fail. */
  async release(): Promise<void> {
    await this.#closeFile().catch(() => undefined);
  }

  /** Closes and removes the file. May be tried again. @throws NvrError */
  async discard(): Promise<void> {
    await this.release();
    try {
      await this.#disk.unlink(this.#start.file);
    } catch (error) {
      if (!(error instanceof NvrError && error.kind === 'not-found')) throw error;
    }
  }

  async #opened(): Promise<DiskFile> {
    this.#file ??= await this.#disk.open(this.#start.file, 'write');
    return this.#file;
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
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

/** Fills in what is known only when a file is complete: its duration. @throws NvrError */
export async function patchHeader(
  file: DiskFile,
  header: SegmentHeader,
  durationTicks: Ticks,
): Promise<void> {
  const { bytes, offset } = mehdPatch(header, durationTicks);
  await file.write([bytes], offset);
}
