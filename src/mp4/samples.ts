/**
 * The samples of one track of a segment file, in columns: collecting them from fragments, and cutting a range out.
 * How they are stored is in `sampleIndex.ts`, what an export makes of them in `progressive.ts`.
 */
import { Cursor, malformed } from './boxes.ts';
import { type PlacedSample, readMoof } from './moof.ts';

/** Consecutive bytes of a file that hold consecutive samples of one track. */
export interface Chunk {
  /** From the start of the file. */
  readonly offset: number;
  readonly bytes: number;
  readonly samples: number;
}

/** Samples in decode order. Times in the timescale of the track, on the clock of the file. */
export interface SampleColumns {
  readonly dts: readonly number[];
  /** Presentation time minus decode time. */
  readonly cto: readonly number[];
  /** In bytes. */
  readonly size: readonly number[];
  /** Random access points. */
  readonly key: readonly boolean[];
  /** Of the last sample; any other lasts until the next. */
  readonly lastDuration: number;
  readonly chunks: readonly Chunk[];
}

/** What a file holds, by track id. */
export type FileSamples = ReadonlyMap<number, SampleColumns>;

interface Growing {
  readonly dts: number[];
  readonly cto: number[];
  readonly size: number[];
  readonly key: boolean[];
  lastDuration: number;
  readonly chunks: Chunk[];
}

/** Collects the samples of a file, fragment by fragment. */
export class SampleCollector {
  readonly #tracks = new Map<number, Growing>();

  /**
   * Adds a fragment that follows the last.
   * @param moof the whole box
   * @param offset of its first byte in the file
   * @throws NvrError `invalid` when it is malformed.
   */
  add(moof: Buffer, offset: number): void {
    for (const { trackId, samples } of readMoof(bodyOf(moof))) {
      const track = this.#tracks.get(trackId) ?? newTrack();
      this.#tracks.set(trackId, track);
      for (const sample of samples) append(track, sample);
      addChunks(track.chunks, samples, offset);
    }
  }

  /** The samples so far; grows with what is added. */
  get samples(): FileSamples {
    return this.#tracks;
  }
}

/** The samples `[from, to)` of a track, with the bytes of the file that hold them. */
export function sliceColumns(columns: SampleColumns, from: number, to: number): SampleColumns {
  const { dts, cto, size, key, lastDuration, chunks } = columns;
  const following = dts[to];
  const last = dts[to - 1];
  const cutDuration = following === undefined || last === undefined ? lastDuration : following - last;
  return {
    dts: dts.slice(from, to),
    cto: cto.slice(from, to),
    size: size.slice(from, to),
    key: key.slice(from, to),
    lastDuration: cutDuration,
    chunks: sliceChunks(chunks, size, from, to),
  };
}

function sliceChunks(chunks: readonly Chunk[], size: readonly number[], from: number, to: number): Chunk[] {
  const kept: Chunk[] = [];
  let first = 0;
  for (const { offset, samples } of chunks) {
    const start = Math.max(from, first);
    const end = Math.min(to, first + samples);
    if (start < end) {
      const bytes = sum(size, start, end);
      kept.push({ offset: offset + sum(size, first, start), bytes, samples: end - start });
    }
    first += samples;
  }
  return kept;
}

/** When the last of the samples gives way on the screen. */
export function presentationEnd({ dts, cto, lastDuration }: SampleColumns): number {
  let end = Number.NEGATIVE_INFINITY;
  for (const [index, time] of dts.entries()) {
    const until = dts[index + 1] ?? time + lastDuration;
    end = Math.max(end, until + (cto[index] ?? 0));
  }
  return end;
}

function sum(values: readonly number[], from: number, to: number): number {
  let total = 0;
  for (let index = from; index < to; index++) total += values[index] ?? 0;
  return total;
}

function bodyOf(moof: Buffer): Buffer {
  const cursor = new Cursor(moof);
  const bytes = cursor.u32();
  if (cursor.take(4).toString('latin1') !== 'moof' || bytes !== moof.length)
    throw malformed('this is no moof');
  return moof.subarray(8);
}

function newTrack(): Growing {
  return { dts: [], cto: [], size: [], key: [], lastDuration: 0, chunks: [] };
}

function append(track: Growing, { dts, cto, size, key, duration }: PlacedSample): void {
  track.dts.push(dts);
  track.cto.push(cto);
  track.size.push(size);
  track.key.push(key);
  track.lastDuration = duration;
}

/** Samples that lie side by side are one chunk; those of two fragments never are. */
function addChunks(chunks: Chunk[], samples: readonly PlacedSample[], moofOffset: number): void {
  const before = chunks.length;
  for (const { at, size } of samples) {
    const offset = moofOffset + at;
    const open = chunks.length > before ? chunks.at(-1) : undefined;
    if (open !== undefined && open.offset + open.bytes === offset) {
      chunks[chunks.length - 1] = { ...open, bytes: open.bytes + size, samples: open.samples + 1 };
    } else {
      chunks.push({ offset, bytes: size, samples: 1 });
    }
  }
}
