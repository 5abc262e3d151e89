/**
 * Everything a segment file's fragments say of its samples, gathered at its end in a `free` box: one read of some
 * kilobytes instead of one for each fragment. Its tables are those of a sample table box (ISO 14496-12 §8.6, §8.7),
 * ready to be copied into the `moov` of an export; its front says how long they are, and is kept in the index of the
 * archive too, so that a `moov` can be laid out without opening the files.
 */
import { Cursor, makeBox, malformed } from './boxes.ts';
import { AUDIO_TRACK, VIDEO_TRACK } from './init.ts';
import type { Chunk, FileSamples, SampleColumns } from './samples.ts';

/** How much a track has in a file. Times in the timescale of the track, on the clock of the file. */
export interface TrackFront {
  readonly samples: number;
  /** Entries of each table. `stts` is without the last sample, whose duration depends on what follows. */
  readonly sttsRuns: number;
  readonly cttsRuns: number;
  readonly stscRuns: number;
  readonly syncs: number;
  readonly chunks: number;
  /** Whether any composition offset is not zero, and whether any is below zero. */
  readonly reordered: boolean;
  readonly negative: boolean;
  /** Of the samples together. */
  readonly bytes: number;
  readonly firstDts: number;
  readonly lastDts: number;
  readonly lastDuration: number;
}

/** The tables, entries one after the other, big-endian. */
export interface TrackTables extends TrackFront {
  /** 32-bit counts and durations, of all samples but the last. */
  readonly stts: Buffer;
  /** 32-bit counts and signed composition offsets. */
  readonly ctts: Buffer;
  /** 32-bit numbers of the sync samples, from 1. */
  readonly stss: Buffer;
  /** 32-bit sizes. */
  readonly stsz: Buffer;
  /** 32-bit samples and bytes, 64-bit offset in the file. */
  readonly chunkList: Buffer;
}

/** The front of a file's index. */
export interface SampleFront {
  readonly video: TrackFront;
  readonly audio: TrackFront | null;
}

export interface SampleIndex extends SampleFront {
  readonly video: TrackTables;
  readonly audio: TrackTables | null;
}

const MAGIC = Buffer.from('NJSX\0\0\0\x01', 'latin1');
const TRACK_FRONT_BYTES = 60;
/** Of an entry of a list of chunks. */
export const CHUNK_BYTES = 16;

/** The tables of a file. @throws NvrError `invalid` when there is no video. */
export function indexOf(samples: FileSamples): SampleIndex {
  const video = samples.get(VIDEO_TRACK);
  const audio = samples.get(AUDIO_TRACK);
  if (video === undefined || video.dts.length === 0) throw malformed('a segment without video');
  return { video: tablesOf(video), audio: audio === undefined ? null : tablesOf(audio) };
}

/** The tables of one track. */
export function tablesOf(columns: SampleColumns): TrackTables {
  const { dts, cto, size, key, lastDuration, chunks } = columns;
  const durations = dts.slice(1).map((time, index) => time - (dts[index] ?? time));
  const syncs = key.flatMap((sync, index) => (sync ? [index + 1] : []));
  const [stts, ctts] = [runLengths(durations), runLengths(cto)];
  return {
    samples: dts.length,
    sttsRuns: stts.length / 8,
    cttsRuns: ctts.length / 8,
    stscRuns: countRuns(chunks.map(({ samples }) => samples)),
    syncs: syncs.length,
    chunks: chunks.length,
    reordered: cto.some((offset) => offset !== 0),
    negative: cto.some((offset) => offset < 0),
    bytes: size.reduce((sum, bytes) => sum + bytes, 0),
    firstDts: dts[0] ?? 0,
    lastDts: dts.at(-1) ?? 0,
    lastDuration,
    stts,
    ctts,
    stss: words(syncs),
    stsz: words(size),
    chunkList: chunkList(chunks),
  };
}

/** The columns that the tables were made of. */
export function columnsOf(track: TrackTables): SampleColumns {
  const key = new Array<boolean>(track.samples).fill(false);
  for (const number of wordsOf(track.stss)) key[number - 1] = true;
  const dts = [track.firstDts];
  for (const duration of expand(track.stts)) dts.push((dts.at(-1) ?? 0) + duration);
  return {
    dts: track.samples === 0 ? [] : dts,
    cto: expand(track.ctts),
    size: wordsOf(track.stsz),
    key,
    lastDuration: track.lastDuration,
    chunks: chunksOf(track),
  };
}

/** The chunks of a track, in the order of the file. */
export function chunksOf({ chunkList, chunks }: TrackTables): Chunk[] {
  const cursor = new Cursor(chunkList);
  return Array.from({ length: chunks }, () => ({
    samples: cursor.u32(),
    bytes: cursor.u32(),
    offset: cursor.u64(),
  }));
}

/** The box that goes to the end of a segment file. */
export function encodeIndex(index: SampleIndex): Buffer {
  const tables = [index.video, index.audio].flatMap((track) =>
    track === null ? [] : [track.stts, track.ctts, track.stss, track.stsz, track.chunkList],
  );
  return makeBox('free', MAGIC, encodeFront(index), ...tables);
}

/**
 * Reads what `encodeIndex` wrote.
 * @throws NvrError `invalid` for anything else.
 */
export function decodeIndex(box: Buffer): SampleIndex {
  const cursor = new Cursor(box);
  if (cursor.u32() !== box.length || !cursor.skip(4).take(MAGIC.length).equals(MAGIC)) {
    throw malformed('this is no index of samples');
  }
  const tracks = takeFronts(cursor);
  const [video, audio] = tracks.map((front) => takeTables(cursor, front));
  if (video === undefined || cursor.left > 0) throw malformed('an index of samples is of another length');
  return { video, audio: audio ?? null };
}

/** The front alone, for the archive's index. */
export function encodeFront({ video, audio }: SampleFront): Buffer {
  const tracks = audio === null ? [video] : [video, audio];
  const bytes = Buffer.alloc(4 + tracks.length * TRACK_FRONT_BYTES);
  bytes.writeUInt32BE(tracks.length, 0);
  for (const [index, track] of tracks.entries()) {
    writeFront(bytes.subarray(4 + index * TRACK_FRONT_BYTES), track);
  }
  return bytes;
}

/** @throws NvrError `invalid` when it is not what `encodeFront` wrote. */
export function decodeFront(bytes: Buffer): SampleFront {
  const cursor = new Cursor(bytes);
  const [video, audio] = takeFronts(cursor);
  if (video === undefined || cursor.left > 0) throw malformed('a front of another length');
  return { video, audio: audio ?? null };
}

function writeFront(bytes: Buffer, track: TrackFront): void {
  const flags = (track.reordered ? 1 : 0) + (track.negative ? 2 : 0);
  const counts = [track.samples, track.sttsRuns, track.cttsRuns, track.stscRuns, track.syncs, track.chunks];
  const long = [track.bytes, track.firstDts, track.lastDts, track.lastDuration];
  for (const [index, value] of [...counts, flags].entries()) bytes.writeUInt32BE(value, index * 4);
  for (const [index, value] of long.entries()) bytes.writeBigUInt64BE(BigInt(value), 28 + index * 8);
}

function takeFronts(cursor: Cursor): TrackFront[] {
  const tracks = cursor.u32();
  if (tracks < 1 || tracks > 2) throw malformed('an index of so many tracks');
  return Array.from({ length: tracks }, () => takeFront(cursor));
}

function takeFront(cursor: Cursor): TrackFront {
  const bytes = cursor.take(TRACK_FRONT_BYTES);
  const word = (index: number) => bytes.readUInt32BE(index * 4);
  // Below 2⁵³, and thousands of them in an export: without the detour by a BigInt.
  const long = (index: number) => word(index) * 2 ** 32 + word(index + 1);
  return {
    samples: word(0),
    sttsRuns: word(1),
    cttsRuns: word(2),
    stscRuns: word(3),
    syncs: word(4),
    chunks: word(5),
    reordered: (word(6) & 1) !== 0,
    negative: (word(6) & 2) !== 0,
    bytes: long(7),
    firstDts: long(9),
    lastDts: long(11),
    lastDuration: long(13),
  };
}

/** @throws NvrError `invalid` when a table is of another number of samples: one wrong bit would make it millions. */
function takeTables(cursor: Cursor, front: TrackFront): TrackTables {
  const tables: TrackTables = {
    ...front,
    stts: cursor.take(front.sttsRuns * 8),
    ctts: cursor.take(front.cttsRuns * 8),
    stss: cursor.take(front.syncs * 4),
    stsz: cursor.take(front.samples * 4),
    chunkList: cursor.take(front.chunks * CHUNK_BYTES),
  };
  const { samples, stts, ctts, stss, chunkList } = tables;
  const agrees =
    countsIn(stts, 8) === Math.max(0, samples - 1) &&
    countsIn(ctts, 8) === samples &&
    countsIn(chunkList, CHUNK_BYTES) === samples &&
    wordsOf(stss).every((number) => number >= 1 && number <= samples);
  if (!agrees) throw malformed('an index of samples contradicts itself');
  return tables;
}

/** The sum of the counts with which entries of so many bytes begin. */
function countsIn(entries: Buffer, bytes: number): number {
  let sum = 0;
  for (let at = 0; at < entries.length; at += bytes) sum += entries.readUInt32BE(at);
  return sum;
}

/** Pairs of a count and a value, as in `stts` and `ctts`. */
function runLengths(values: readonly number[]): Buffer {
  const runs = Buffer.alloc(countRuns(values) * 8);
  let at = -8;
  let before: number | undefined;
  for (const value of values) {
    if (value !== before) {
      at += 8;
      runs.writeInt32BE(value | 0, at + 4);
    }
    runs.writeUInt32BE(runs.readUInt32BE(at) + 1, at);
    before = value;
  }
  return runs;
}

function countRuns(values: readonly number[]): number {
  return values.reduce((count, value, index) => (value === values[index - 1] ? count : count + 1), 0);
}

function expand(runs: Buffer): number[] {
  const cursor = new Cursor(runs);
  const values: number[] = [];
  while (cursor.left > 0) {
    const count = cursor.u32();
    const value = cursor.i32();
    for (let index = 0; index < count; index++) values.push(value);
  }
  return values;
}

function words(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

function wordsOf(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32BE(index * 4));
}

function chunkList(chunks: readonly Chunk[]): Buffer {
  const bytes = Buffer.alloc(chunks.length * CHUNK_BYTES);
  for (const [index, { samples, bytes: length, offset }] of chunks.entries()) {
    bytes.writeUInt32BE(samples, index * CHUNK_BYTES);
    bytes.writeUInt32BE(length, index * CHUNK_BYTES + 4);
    bytes.writeBigUInt64BE(BigInt(offset), index * CHUNK_BYTES + 8);
  }
  return bytes;
}
