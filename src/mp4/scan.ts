/** Finding the fragments of a segment file, by reading only the boxes that describe them. */

import { NvrError } from '../domain/errors.ts';
import type { Gop } from '../domain/media.ts';
import { type Ticks, ticks } from '../domain/ticks.ts';
import { type BoxHeader, readBoxHeader } from './boxes.ts';
import { VIDEO_TRACK } from './init.ts';
import { endOf, readMoof } from './moof.ts';
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

/** The fragment that begins at `offset`, or null when there is no whole one. */
async function fragmentAt(read: ReadAt, offset: number, range: ScanRange): Promise<ScannedFragment | null> {
  if (offset >= range.end) return null;
  let seen = await read(offset, Math.min(GLANCE_BYTES, range.end - offset));
  const moof = headerOf(seen, 'moof');
  if (moof === null) return null;
  const wanted = moof.bytes + LONGEST_HEADER;
  if (seen.length < wanted) seen = await read(offset, Math.min(wanted, range.end - offset));
  const mdat = headerOf(seen.subarray(moof.bytes), 'mdat');
  if (mdat === null) return null;
  const bytes = moof.bytes + mdat.bytes;
  if (offset + bytes > range.end) return null;
  const video = videoIn(seen.subarray(moof.headerBytes, moof.bytes), range.timescale);
  return video === null ? null : { offset, bytes, ...video };
}

type VideoFields = Omit<ScannedFragment, 'offset' | 'bytes'>;

function videoIn(moofBody: Buffer, timescale: number): VideoFields | null {
  return unlessMalformed(() => {
    const samples = readMoof(moofBody).find(({ trackId }) => trackId === VIDEO_TRACK)?.samples ?? [];
    const first = samples[0];
    if (first === undefined) return null;
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
