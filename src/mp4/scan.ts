/** Finding the fragments of a segment file, by reading only the boxes that describe them. */

import { NvrError } from '../domain/errors.ts';
import type { Gop } from '../domain/media.ts';
import { type Ticks, ticks } from '../domain/ticks.ts';
import { type BoxHeader, readBoxHeader } from './boxes.ts';
import { VIDEO_TRACK } from './init.ts';
import { endOf, type FoundTrackFragment, readMoof, sizeOf } from './moof.ts';
import { toTicks } from './timescale.ts';

/** Reads `length` bytes of the file at `offset`; fewer only where the file ends. */
export type ReadAt = (offset: number, length: number) => Buffer | Promise<Buffer>;

/** What to scan: the fragments from `start` (the length of the header) up to `end` (the length of the file). */
export interface ScanRange {
  readonly start: number;
  readonly end: number;
  /** Of the video track, in ticks per second. */
  readonly timescale: number;
}

/** A fragment as it lies in a file. */
export interface ScannedFragment {
  readonly offset: number;
  /** Length of `moof` and `mdat` together. */
  readonly bytes: number;
  /** Times of the file. */
  readonly startTicks: Ticks;
  readonly durationTicks: Ticks;
  readonly key: boolean;
  /** Video frames. */
  readonly frames: number;
}

/** The whole fragments of a file, in order, and where the last of them ends: cut a crashed file there. */
export interface ScanResult {
  readonly fragments: readonly ScannedFragment[];
  readonly endOffset: number;
}

/** One read of this length usually shows a whole `moof` and the header of its `mdat`. */
const GLANCE_BYTES = 4096;
const LONGEST_HEADER = 16;
const SHORTEST_HEADER = 8;
/** Of half a second it takes a few kilobytes: one that claims more is not what a writer was stopped in. */
const MOST_DESCRIPTION = 2 ** 16;

/**
 * Walks a segment file from fragment to fragment, without reading payload. Ends, without complaint, at the first
 * thing that is not a whole fragment with video: what a crash leaves behind.
 * @throws whatever `read` throws
 */
export async function scanSegment(read: ReadAt, range: ScanRange): Promise<ScanResult> {
  const fragments: ScannedFragment[] = [];
  let endOffset = range.start;
  for (;;) {
    const fragment = await fragmentAt(read, endOffset, range);
    if (fragment === null) return { fragments, endOffset };
    fragments.push(fragment);
    endOffset += fragment.bytes;
  }
}

/** Consecutive fragments from each key fragment up to the next; what precedes the first one is in none. */
export function gopsOf(fragments: readonly ScannedFragment[]): Gop[] {
  const gops: Gop[] = [];
  for (const fragment of fragments) {
    const { offset, bytes, startTicks, durationTicks, frames } = fragment;
    const open = gops.at(-1);
    if (fragment.key) {
      gops.push({ offset, bytes, startTicks, durationTicks, frames });
    } else if (open !== undefined) {
      gops[gops.length - 1] = {
        ...open,
        bytes: open.bytes + bytes,
        durationTicks: ticks(startTicks + durationTicks - open.startTicks),
        frames: open.frames + frames,
      };
    }
  }
  return gops;
}

/** The fragment that begins at `offset`, or null when there is no whole one. @throws whatever `read` throws */
export async function fragmentAt(
  read: ReadAt,
  offset: number,
  range: ScanRange,
): Promise<ScannedFragment | null> {
  const boxes = await boxesAt(read, offset, range);
  if (boxes?.mdat == null) return null;
  const bytes = boxes.moof.bytes + boxes.mdat.bytes;
  if (offset + bytes > range.end) return null;
  const tracks = tracksIn(boxes);
  if (tracks === null || mediaBytes(tracks) > boxes.mdat.bytes - boxes.mdat.headerBytes) return null;
  const video = videoIn(tracks, range.timescale);
  return video === null ? null : { offset, bytes, ...video };
}

/**
 * Whether a file ends within what begins at `offset` because writing ended there: a fragment that claims no more than its
 * samples take, or the free room that a closed file ends with. @throws whatever `read` throws
 */
export async function isTorn(read: ReadAt, offset: number, range: ScanRange): Promise<boolean> {
  const front = await read(offset, Math.min(LONGEST_HEADER, range.end - offset));
  const free = headerOf(front, 'free');
  if (free !== null) return offset + free.bytes >= range.end;
  const boxes = await boxesAt(read, offset, range);
  if (boxes === null) return false;
  const { moof, mdat, seen } = boxes;
  // Behind a description that is cut off there is nothing.
  if (mdat === null && moof.bytes > MOST_DESCRIPTION) return false;
  if (mdat === null) return offset + moof.bytes + SHORTEST_HEADER > range.end && !seen.includes('mdat');
  const tracks = offset + moof.bytes + mdat.bytes > range.end ? tracksIn(boxes) : null;
  return tracks !== null && endOfMedia(tracks) === moof.bytes + mdat.bytes;
}

interface FragmentBoxes {
  readonly moof: BoxHeader;
  /** Null where the file ends before it, or something else is in its place. */
  readonly mdat: BoxHeader | null;
  /** From the first byte of the `moof` to the header of the `mdat`, as far as it is there. */
  readonly seen: Buffer;
}

/** The boxes of what begins with a `moof`; null for all else. */
async function boxesAt(read: ReadAt, offset: number, range: ScanRange): Promise<FragmentBoxes | null> {
  if (offset >= range.end) return null;
  let seen = await read(offset, Math.min(GLANCE_BYTES, range.end - offset));
  const moof = headerOf(seen, 'moof');
  if (moof === null) return null;
  const wanted = moof.bytes + LONGEST_HEADER;
  if (seen.length < wanted) seen = await read(offset, Math.min(wanted, range.end - offset));
  return { moof, mdat: headerOf(seen.subarray(moof.bytes), 'mdat'), seen: seen.subarray(0, wanted) };
}

type Tracks = readonly FoundTrackFragment[];

function tracksIn({ moof, seen }: FragmentBoxes): Tracks | null {
  return unlessMalformed(() => readMoof(seen.subarray(moof.headerBytes, moof.bytes)));
}

function mediaBytes(tracks: Tracks): number {
  return tracks.reduce((sum, { samples }) => sum + sizeOf(samples), 0);
}

/** Where the last byte of any sample is, counted from the `moof`. */
function endOfMedia(tracks: Tracks): number {
  return tracks.reduce((end, { samples }) => {
    const last = samples.at(-1);
    return last === undefined ? end : Math.max(end, last.at + last.size);
  }, 0);
}

type VideoFields = Omit<ScannedFragment, 'offset' | 'bytes'>;

function videoIn(tracks: Tracks, timescale: number): VideoFields | null {
  const samples = tracks.find(({ trackId }) => trackId === VIDEO_TRACK)?.samples ?? [];
  const first = samples[0];
  if (first === undefined) return null;
  return unlessMalformed(() => {
    const startTicks = toTicks(first.dts, timescale);
    const durationTicks = ticks(toTicks(endOf(samples), timescale) - startTicks);
    return { startTicks, durationTicks, key: first.key, frames: samples.length };
  });
}

function headerOf(bytes: Buffer, type: string): BoxHeader | null {
  const header = unlessMalformed(() => readBoxHeader(bytes));
  return header?.type === type ? header : null;
}

function unlessMalformed<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch (thrown) {
    if (thrown instanceof NvrError) return null;
    throw thrown;
  }
}
