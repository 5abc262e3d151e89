/**
 * The movie fragment box (ISO 14496-12 §8.8.4): reading any muxer's, and writing ours. Ours has one `trun` per
 * track that says everything of every sample, a 64-bit `tfdt`, and offsets that count from the `moof` itself.
 */
import { type Box, boxesIn, Cursor, malformed, needBox } from './boxes.ts';

/** One coded frame. Times in the timescale of its track. */
export interface Sample {
  /** Decode time. */
  readonly dts: number;
  readonly duration: number;
  /** Presentation time minus decode time. */
  readonly cto: number;
  /** Random access point. */
  readonly key: boolean;
  /** In bytes. */
  readonly size: number;
}

/** A sample as found: `at` is where its bytes begin, counted from the first byte of the `moof`. */
export interface PlacedSample extends Sample {
  readonly at: number;
}

/** The samples of one track in a fragment. */
export interface TrackFragment<S extends Sample = Sample> {
  readonly trackId: number;
  readonly samples: readonly S[];
}

/** A track fragment as found: with its `tfdt`, which counts even when there are no samples. */
export interface FoundTrackFragment extends TrackFragment<PlacedSample> {
  readonly decodeTime: number;
}

/** More samples than this in one `moof` are refused: a `trun` can claim four thousand million in 20 bytes. */
const MAX_SAMPLES = 65_536;

const NON_SYNC = 0x10000;
/** Our flags (§8.8.3.1): depends on no other sample; depends on others and is no sync sample. */
const KEY_FLAGS = 0x2000000;
const DELTA_FLAGS = 0x1000000 + NON_SYNC;

const TFHD = { baseDataOffset: 1, description: 2, duration: 8, size: 0x10, flags: 0x20, baseIsMoof: 0x20000 };
const TRUN = { dataOffset: 1, firstFlags: 4, duration: 0x100, size: 0x200, flags: 0x400, cto: 0x800 };
const OUR_TRUN = TRUN.dataOffset + TRUN.duration + TRUN.size + TRUN.flags + TRUN.cto;
/** Bytes of each sample in our `trun`. */
const SAMPLE_BYTES = 16;
const OUR_TRUN_HEADER = 20;
const OUR_TRAF_HEADER = 8 + 16 + 20;
const OUR_MOOF_HEADER = 8 + 16;
const MDAT_HEADER = 8;
const VERSION_1 = 2 ** 24;

/**
 * Reads the body of a `moof`. Defaults of `trex` are taken to be zero, as mp4mux and we write them. Durations
 * that wrapped below zero are read as negative, so decode times may go backwards: `monotonic` mends that.
 * @throws NvrError `invalid` when it is malformed, has absolute offsets, or more than 65,536 samples.
 */
export function readMoof(body: Buffer): FoundTrackFragment[] {
  const state: ReadState = { left: MAX_SAMPLES, next: null };
  return boxesIn(body)
    .filter((box) => box.type === 'traf')
    .map((traf) => readTraf(traf, state));
}

interface ReadState {
  /** Samples that may still come. */
  left: number;
  /** Where the data of a `trun` without an offset begins: after the one before. */
  next: number | null;
}

interface Defaults {
  readonly trackId: number;
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
}

function readTraf(traf: Box, state: ReadState): FoundTrackFragment {
  const boxes = boxesIn(traf.body);
  const defaults = readTfhd(new Cursor(needBox(boxes, 'tfhd').body));
  const decodeTime = readTfdt(needBox(boxes, 'tfdt'));
  const samples: PlacedSample[] = [];
  let dts = decodeTime;
  for (const box of boxes.filter(({ type }) => type === 'trun')) {
    dts = readTrun(new Cursor(box.body), defaults, dts, state, samples);
  }
  return { trackId: defaults.trackId, decodeTime, samples };
}

function readTfhd(cursor: Cursor): Defaults {
  const flags = cursor.u32();
  if ((flags & TFHD.baseDataOffset) !== 0) throw malformed('a fragment has absolute offsets');
  const trackId = cursor.u32();
  if ((flags & TFHD.description) !== 0) cursor.skip(4);
  return {
    trackId,
    duration: (flags & TFHD.duration) === 0 ? 0 : cursor.i32(),
    size: (flags & TFHD.size) === 0 ? 0 : cursor.u32(),
    flags: (flags & TFHD.flags) === 0 ? 0 : cursor.u32(),
  };
}

/** Decode time of a `tfdt` of either version (§8.8.12). */
export function readTfdt(box: Box): number {
  const cursor = new Cursor(box.body);
  return cursor.u8() === 1 ? cursor.skip(3).u64() : cursor.skip(3).u32();
}

/** Appends the samples of one `trun` and returns the decode time after them. */
function readTrun(
  cursor: Cursor,
  defaults: Defaults,
  start: number,
  state: ReadState,
  into: PlacedSample[],
): number {
  const has = cursor.skip(1).u24();
  const count = cursor.u32();
  state.left -= count;
  if (state.left < 0) throw malformed('a fragment has too many samples');
  let at = (has & TRUN.dataOffset) === 0 ? state.next : cursor.i32();
  if (at === null) throw malformed('a fragment does not say where its samples are');
  let firstFlags = (has & TRUN.firstFlags) === 0 ? null : cursor.u32();
  let dts = start;
  for (let index = 0; index < count; index++) {
    const duration = (has & TRUN.duration) === 0 ? defaults.duration : cursor.i32();
    const size = (has & TRUN.size) === 0 ? defaults.size : cursor.u32();
    const ownFlags = (has & TRUN.flags) === 0 ? defaults.flags : cursor.u32();
    // Signed in either version: muxers wrap negative offsets in version 0.
    const cto = (has & TRUN.cto) === 0 ? 0 : cursor.i32();
    into.push({ dts, duration, cto, size, at, key: isKey(firstFlags ?? ownFlags) });
    firstFlags = null;
    dts += duration;
    at += size;
  }
  state.next = at;
  return dts;
}

/** §8.8.3.1: a sync sample, unless it depends on others (sample_depends_on = 1). */
function isKey(flags: number): boolean {
  return (flags & NON_SYNC) === 0 && ((flags >>> 24) & 3) !== 1;
}

/**
 * The same samples `shift` later, with decode times that do not go below `floor` and always go forward: a timestamper
 * gives frames whose times are irregular the same decode time, which players and muxers take for an error.
 * @throws NvrError `invalid` when that takes a decode time further from its presentation than can be written.
 */
export function monotonic<S extends Sample>(samples: readonly S[], shift: number, floor: number): S[] {
  let least = floor;
  const starts = samples.map(({ dts }) => {
    const start = Math.max(least, dts + shift);
    least = start + 1;
    return start;
  });
  return samples.map((sample, index) => {
    const dts = starts[index] ?? floor;
    const end = starts[index + 1] ?? Math.max(dts + 1, sample.dts + shift + sample.duration);
    // Presentation keeps its time: what the decode time gained, the composition offset loses.
    const cto = sample.cto + sample.dts + shift - dts;
    if (Math.abs(cto) >= 2 ** 31) throw malformed('decode and presentation times are too far apart');
    return { ...sample, dts, duration: end - dts, cto };
  });
}

/** The decode time after the last sample; `fallback` when there is none. */
export function endOf(samples: readonly Sample[], fallback = 0): number {
  const last = samples.at(-1);
  return last === undefined ? fallback : last.dts + last.duration;
}

/** Bytes of the samples together. */
export function sizeOf(samples: readonly Sample[]): number {
  return samples.reduce((sum, { size }) => sum + size, 0);
}

/**
 * Writes a `moof` and the header of the `mdat` that has to follow it with the samples, track after track.
 * @param sequence for `mfhd`
 * @param tracks with decode times ≥ 0 and durations > 0, continuous within a track
 */
export function writeMoof(
  sequence: number,
  tracks: readonly TrackFragment[],
): { moof: Buffer; mdat: Buffer } {
  const trafBytes = tracks.map(
    ({ samples }) => OUR_TRAF_HEADER + OUR_TRUN_HEADER + samples.length * SAMPLE_BYTES,
  );
  const moofBytes = trafBytes.reduce((sum, bytes) => sum + bytes, OUR_MOOF_HEADER);
  const moof = new Writer(Buffer.allocUnsafe(moofBytes))
    .box('moof', moofBytes)
    .box('mfhd', 16)
    .u32(0)
    .u32(sequence);
  let dataOffset = moofBytes + MDAT_HEADER;
  for (const [index, track] of tracks.entries()) {
    writeTraf(moof, track, trafBytes[index] ?? 0, dataOffset);
    dataOffset += sizeOf(track.samples);
  }
  const mdat = new Writer(Buffer.allocUnsafe(MDAT_HEADER)).box('mdat', dataOffset - moofBytes);
  return { moof: moof.bytes, mdat: mdat.bytes };
}

function writeTraf(
  out: Writer,
  { trackId, samples }: TrackFragment,
  bytes: number,
  dataOffset: number,
): void {
  out.box('traf', bytes);
  out.box('tfhd', 16).u32(TFHD.baseIsMoof).u32(trackId);
  out.box('tfdt', 20).u32(VERSION_1);
  out.u64(samples[0]?.dts ?? 0);
  out.box('trun', bytes - OUR_TRAF_HEADER).u32(VERSION_1 + OUR_TRUN);
  out.u32(samples.length).u32(dataOffset);
  for (const { duration, size, key, cto } of samples) {
    out.u32(Math.min(duration, 2 ** 32 - 1)).u32(size);
    out.u32(key ? KEY_FLAGS : DELTA_FLAGS).i32(cto);
  }
}

/**
 * Takes the samples that end at or before `time` out of a `traf` that `writeMoof` made, in place: a `free` box after
 * it (or in its stead) fills the room, and the `mdat` stays as it is. The sample that reaches over `time` is
 * shortened to begin there.
 * @param time from the traf's `tfdt`, in the timescale of the track
 * @returns how long the samples were that are gone; for the caller to add to the `tfdt`
 * @throws NvrError `invalid` when the traf is not ours.
 */
export function dropLeadingSamples(traf: Box, time: number): number {
  const trun = needBox(boxesIn(traf.body), 'trun').body;
  const entries = trun.subarray(OUR_TRUN_HEADER - 8);
  const count = entries.length / SAMPLE_BYTES;
  if (trun.readUInt32BE(0) !== VERSION_1 + OUR_TRUN || !Number.isInteger(count))
    throw malformed('a foreign trun');
  let [dropped, gone, goneBytes] = [0, 0, 0];
  for (; dropped < count; dropped++) {
    const duration = entries.readUInt32BE(dropped * SAMPLE_BYTES);
    if (gone + duration > time) {
      entries.writeUInt32BE(gone + duration - time, dropped * SAMPLE_BYTES);
      break;
    }
    gone += duration;
    goneBytes += entries.readUInt32BE(dropped * SAMPLE_BYTES + 4);
  }
  const room = dropped === count ? traf.bytes.length : dropped * SAMPLE_BYTES;
  const kept = traf.bytes.length - room;
  if (kept > 0) {
    entries.copyWithin(0, room);
    trun.writeUInt32BE(count - dropped, 4);
    trun.writeUInt32BE(trun.readUInt32BE(8) + goneBytes, 8);
    traf.bytes.writeUInt32BE(kept, 0);
    traf.bytes.writeUInt32BE(kept - OUR_TRAF_HEADER, OUR_TRAF_HEADER);
  }
  if (room > 0) new Writer(traf.bytes.subarray(kept)).box('free', room);
  return gone;
}

/** Fills a buffer of known size from front to back. */
class Writer {
  readonly bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  box(type: string, bytes: number): this {
    this.u32(bytes);
    this.#at += this.bytes.write(type, this.#at, 'latin1');
    return this;
  }

  u32(value: number): this {
    this.#at = this.bytes.writeUInt32BE(value, this.#at);
    return this;
  }

  i32(value: number): this {
    this.#at = this.bytes.writeInt32BE(value, this.#at);
    return this;
  }

  u64(value: number): this {
    this.#at = this.bytes.writeBigUInt64BE(BigInt(value), this.#at);
    return this;
  }
}
