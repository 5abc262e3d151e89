/**
 * The front of a segment file: `ftyp`, a `uuid` box that says whose footage it is (so that an index can be rebuilt
 * from files alone) and `moov`. The duration is not known while the file grows: a `free` box keeps its place, and
 * closing the file overwrites that. There is no `sidx`: with one in front, for each group of pictures or for each
 * fragment, ffmpeg 5.1 leaves out most of the footage after a seek.
 */
import { NvrError } from '../domain/errors.ts';
import { type CameraId, cameraId, type RunId, runId } from '../domain/ids.ts';
import { type Ticks, ticks } from '../domain/ticks.ts';
import { type EpochMs, epochMs } from '../domain/time.ts';
import { boxesIn, makeBox, makeFullBox, malformed, needBox, offsetIn, readBoxHeader } from './boxes.ts';
import { rewriteInit, rewriteMoov } from './init.ts';
import type { InitSegment } from './types.ts';

/** What a segment file says of itself. */
export interface SegmentMeta {
  readonly version: 1;
  readonly cameraId: CameraId;
  readonly runId: RunId;
  readonly stream: 'main' | 'sub';
  /** When the file's first frame was presented. */
  readonly startMs: EpochMs;
  /** The run's time at which the file's time is zero. */
  readonly startTicks: Ticks;
  /** Counts the segments of a run, or whatever else orders them: a whole number ≥ 0. */
  readonly sequence: number;
}

/** A header as found in a file. Offsets and lengths in bytes from the start of the file. */
export interface SegmentHeader {
  readonly meta: SegmentMeta;
  /** As published for the run: `ftyp` + `moov` without a duration. */
  readonly init: InitSegment;
  /** Where the first fragment begins. */
  readonly headerBytes: number;
  /** Where the duration goes. */
  readonly mehdOffset: number;
}

/** Bytes to be written at an offset of the file. */
export interface Patch {
  readonly offset: number;
  readonly bytes: Buffer;
}

/** Names our `uuid` box (ISO 14496-12 §11.1); never change it. */
const SEGMENT_UUID = Buffer.from('b0a6b7f23c1e4d5b9a576e1f0c8d2e47', 'hex');
const MEHD_BYTES = 20;

/** Builds the front of a new segment file. */
export function segmentHeader(init: InitSegment, meta: SegmentMeta): Buffer {
  const boxes = boxesIn(init.bytes);
  return Buffer.concat([
    needBox(boxes, 'ftyp').bytes,
    makeBox('uuid', SEGMENT_UUID, Buffer.from(JSON.stringify(meta))),
    rewriteMoov(needBox(boxes, 'moov'), [free(MEHD_BYTES)]),
  ]);
}

/**
 * Reads the front of a segment file, closed or not.
 * @param bytes the file's beginning, at least up to the end of `moov`; the rest is not looked at
 * @throws NvrError `invalid` when it is malformed, cut off, or not ours.
 */
export function readSegmentHeader(bytes: Buffer): SegmentHeader {
  const front = boxesIn(bytes.subarray(0, endOfMoov(bytes)));
  const about = front.find(({ type, body }) => type === 'uuid' && body.subarray(0, 16).equals(SEGMENT_UUID));
  if (about === undefined) throw malformed('this is not a segment file of ours');
  const meta = readAbout(about.body.toString('utf8', 16));
  const moov = needBox(front, 'moov');
  const duration = boxesIn(needBox(boxesIn(moov.body), 'mvex').body)[0];
  if (duration?.bytes.length !== MEHD_BYTES) throw malformed('there is no room for a duration');
  return {
    meta,
    init: rewriteInit(moov.bytes),
    headerBytes: offsetIn(bytes, moov.bytes) + moov.bytes.length,
    mehdOffset: offsetIn(bytes, duration.bytes),
  };
}

/** The patch that tells players how long a closed file is. */
export function mehdPatch(header: SegmentHeader, durationTicks: Ticks): Patch {
  const duration = Buffer.alloc(8);
  duration.writeBigUInt64BE(BigInt(durationTicks));
  return { offset: header.mehdOffset, bytes: makeFullBox('mehd', 1, 0, duration) };
}

function free(bytes: number): Buffer {
  return makeBox('free', Buffer.alloc(bytes - 8));
}

function endOfMoov(bytes: Buffer): number {
  for (let at = 0; ; ) {
    const header = readBoxHeader(bytes.subarray(at));
    if (header === null) throw malformed('a segment header is cut off');
    at += header.bytes;
    if (header.type === 'moov') return at;
  }
}

function readAbout(json: string): SegmentMeta {
  const about = parseObject(json);
  const { version, stream } = about;
  if (version !== 1) throw malformed('a segment file of a version we do not know');
  if (stream !== 'main' && stream !== 'sub') throw malformed('a segment file of an unknown stream');
  return {
    version,
    cameraId: cameraId(String(about.cameraId)),
    runId: runId(String(about.runId)),
    stream,
    startMs: epochMs(count(about.startMs)),
    startTicks: ticks(count(about.startTicks)),
    sequence: count(about.sequence),
  };
}

type About = Partial<Record<keyof SegmentMeta, unknown>>;

function parseObject(json: string): About {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new NvrError('invalid', 'Malformed MP4: the description of a segment file is no JSON.', { cause });
  }
  if (!isObject(value)) throw malformed('the description of a segment file is no object');
  return value;
}

function isObject(value: unknown): value is About {
  return typeof value === 'object' && value !== null;
}

function count(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw malformed('the description of a segment file has a wrong number');
}
