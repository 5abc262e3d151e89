/** Reads the samples of a file that has no index of them: fragment by fragment, without their payload. */
import { NvrError } from '../domain/errors.ts';
import { readBoxHeader } from './boxes.ts';
import { type FileSamples, SampleCollector } from './samples.ts';
import type { ReadAt } from './scan.ts';

/** One read of this length usually shows a whole `moof` and the header of its `mdat`. */
const GLANCE_BYTES = 4096;
const LONGEST_HEADER = 16;

/**
 * Everything from `start`, the length of the header, up to the last whole fragment before `end`.
 * @throws what `read` throws, and NvrError `invalid` when a `moof` is malformed.
 */
export async function walkSamples(read: ReadAt, start: number, end: number): Promise<FileSamples> {
  const collector = new SampleCollector();
  for (let at = start; at < end; ) {
    const seen = await glance(read, at, end);
    const moof = headerOf(seen, 'moof');
    const mdat = moof === null ? null : headerOf(seen.subarray(moof.bytes), 'mdat');
    if (moof === null || mdat === null || at + moof.bytes + mdat.bytes > end) break;
    collector.add(seen.subarray(0, moof.bytes), at);
    at += moof.bytes + mdat.bytes;
  }
  return collector.samples;
}

async function glance(read: ReadAt, at: number, end: number): Promise<Buffer> {
  const seen = await read(at, Math.min(GLANCE_BYTES, end - at));
  const wanted = (headerOf(seen, 'moof')?.bytes ?? 0) + LONGEST_HEADER;
  return seen.length >= wanted ? seen : await read(at, Math.min(wanted, end - at));
}

function headerOf(bytes: Buffer, type: string) {
  try {
    const header = readBoxHeader(bytes);
    return header?.type === type ? header : null;
  } catch (thrown) {
    if (thrown instanceof NvrError) return null;
    throw thrown;
  }
}
