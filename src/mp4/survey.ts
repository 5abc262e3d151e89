/**
 * Finding what there is to find in a segment file that may be damaged anywhere: where the walk from fragment to fragment
 * ends, the next `moof` that can be one of the file is searched for. Nothing is judged by how long a file is.
 */
import { TICKS_PER_SECOND } from '../domain/ticks.ts';
import { fragmentAt, isTorn, type ReadAt, type ScannedFragment, type ScanRange } from './scan.ts';

/** What a file holds. */
export interface Survey {
  /** Whole fragments, in stretches without damage; each but the first begins with a key fragment. */
  readonly stretches: readonly (readonly ScannedFragment[])[];
  /** Whether other bytes may hold media too: all but zeros, free room, and the fragment in flight when writing ended. */
  readonly harmed: boolean;
}

/** Between fragments that follow each other in a file there is at most a second; the rest is room for doubt. */
const LONGEST_PAUSE_TICKS = 2 * TICKS_PER_SECOND;
/** What is further from what precedes it than this is no time of the file. */
const LONGEST_LEAP_TICKS = 86_400 * TICKS_PER_SECOND;
const BLOCK_BYTES = 2 ** 20;
const MOOF = Buffer.from('moof');
/** Of a box, up to the end of its type. */
const NAME_END = 8;

/**
 * Finds every whole fragment of a file, also behind damage. Without damage it reads what `scanSegment` reads, and what
 * there is of the fragment in flight. @throws whatever `read` throws
 */
export async function surveySegment(read: ReadAt, range: ScanRange): Promise<Survey> {
  const stretches: ScannedFragment[][] = [[]];
  let last: ScannedFragment | undefined;
  for (let at = range.start; ; ) {
    const fragment = await fragmentAt(read, at, range);
    if (fragment !== null && follows(last, fragment, LONGEST_PAUSE_TICKS)) {
      stretches.at(-1)?.push(fragment);
      last = fragment;
      at += fragment.bytes;
      continue;
    }
    const next = await nextKey(read, at, range, last);
    if (next === null) {
      const harmed = stretches.length > 1 || !(await isEmpty(read, at, range));
      return { stretches: stretches.filter(({ length }) => length > 0), harmed };
    }
    stretches.push([next]);
    last = next;
    at = next.offset + next.bytes;
  }
}

function follows(
  last: ScannedFragment | undefined,
  { startTicks }: ScannedFragment,
  mostTicks: number,
): boolean {
  if (last === undefined) return startTicks <= LONGEST_LEAP_TICKS;
  return startTicks >= last.startTicks && startTicks <= last.startTicks + last.durationTicks + mostTicks;
}

/** The next whole key fragment behind `from` whose time can be one of the file. */
async function nextKey(
  read: ReadAt,
  from: number,
  range: ScanRange,
  last: ScannedFragment | undefined,
): Promise<ScannedFragment | null> {
  for (let block = from + 1; block + NAME_END <= range.end; block += BLOCK_BYTES) {
    const bytes = await read(block, Math.min(BLOCK_BYTES + NAME_END - 1, range.end - block));
    for (let name = bytes.indexOf(MOOF, 4); name >= 0; name = bytes.indexOf(MOOF, name + 1)) {
      const fragment = await fragmentAt(read, block + name - 4, range);
      if (fragment?.key === true && follows(last, fragment, LONGEST_LEAP_TICKS)) return fragment;
    }
  }
  return null;
}

/** Whether what begins at `at`, up to the end of the file, certainly holds no media but that of a fragment in flight. */
async function isEmpty(read: ReadAt, at: number, range: ScanRange): Promise<boolean> {
  if (range.end - at < NAME_END || (await isTorn(read, at, range))) return true;
  for (let block = at; block < range.end; block += BLOCK_BYTES) {
    const bytes = await read(block, Math.min(BLOCK_BYTES, range.end - block));
    if (bytes.some((byte) => byte !== 0)) return false;
  }
  return true;
}
