/** Finds out what a segment file holds, from the file alone. */
import { NvrError } from '../domain/errors.ts';
import type { SegmentId } from '../domain/ids.ts';
import type { Gop } from '../domain/media.ts';
import type { EpochMs } from '../domain/time.ts';
import { type ScannedFragment, scanSegment } from '../mp4/scan.ts';
import { readSegmentHeader, type SegmentHeader } from '../mp4/segmentFile.ts';
import { type Survey, surveySegment } from '../mp4/survey.ts';
import type { DiskFile } from './disk.ts';
import { addToGops, sumOfGops } from './gops.ts';
import { endMsOf } from './openSegment.ts';
import type { ClosedSegment } from './segmentStore.ts';

/** A header is a few kilobytes; its largest part is the codec configuration. */
const HEADER_BYTES = 2 ** 13;
const MAX_HEADER_BYTES = 2 ** 18;

/** Null when it is torn, or of no segment file. @throws NvrError of the disk. */
export async function readHeader(file: DiskFile): Promise<SegmentHeader | null> {
  return parseHeader(await file.read(0, HEADER_BYTES)) ?? parseHeader(await file.read(0, MAX_HEADER_BYTES));
}

function parseHeader(front: Buffer): SegmentHeader | null {
  try {
    return readSegmentHeader(front);
  } catch (error) {
    if (error instanceof NvrError && error.kind === 'invalid') return null;
    throw error;
  }
}

/** The whole fragments of a file of so many bytes, in order. @throws NvrError of the disk. */
export async function scanFile(
  file: DiskFile,
  { headerBytes, init }: SegmentHeader,
  size: number,
): Promise<readonly ScannedFragment[]> {
  const range = { start: headerBytes, end: size, timescale: init.video.timescale };
  return (await scanSegment((offset, length) => file.read(offset, length), range)).fragments;
}

/** The same, also behind damage. @throws NvrError of the disk. */
export async function surveyFile(
  file: DiskFile,
  { headerBytes, init }: Pick<SegmentHeader, 'headerBytes' | 'init'>,
  size: number,
): Promise<Survey> {
  const range = { start: headerBytes, end: size, timescale: init.video.timescale };
  return await surveySegment((offset, length) => file.read(offset, length), range);
}

/** What the index says of these fragments; null when there are none. */
export function measure(
  { id, startMs }: { readonly id: SegmentId; readonly startMs: EpochMs },
  { headerBytes }: SegmentHeader,
  fragments: readonly ScannedFragment[],
): ClosedSegment | null {
  const last = fragments.at(-1);
  if (last === undefined) return null;
  const gops: Gop[] = [];
  for (const fragment of fragments) addToGops(gops, fragment);
  const { durationTicks, frames } = sumOfGops(gops);
  const endMs = endMsOf(startMs, durationTicks);
  const bytes = last.offset + last.bytes;
  return { id, endMs, durationTicks, bytes, headerBytes, frames, gops, samples: null };
}
