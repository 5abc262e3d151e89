/** The segment index box (ISO 14496-12 §8.16.3): where in a file each group of pictures lies, so that players seek. */
import type { Gop } from '../domain/media.ts';
import { TICKS_PER_SECOND } from '../domain/ticks.ts';
import { makeFullBox, uint32s } from './boxes.ts';
import { VIDEO_TRACK } from './init.ts';

const FIXED_BYTES = 32;
const ENTRY_BYTES = 12;
/** starts_with_SAP, SAP_type 1: every entry begins with a key frame in presentation order. */
const STARTS_WITH_SAP_1 = 0x90000000;

/** Length in bytes of a `sidx` with so many entries. */
export function sidxBytes(entries: number): number {
  return FIXED_BYTES + entries * ENTRY_BYTES;
}

/**
 * Builds a `sidx` of at most `capacity` entries; when there are more groups, neighbours share one.
 * @param gops consecutive, in order, without holes between their bytes
 * @param firstOffset bytes between the end of the `sidx` and the first group
 */
export function makeSidx(gops: readonly Gop[], capacity: number, firstOffset: number): Buffer {
  const perEntry = Math.max(1, Math.ceil(gops.length / capacity));
  const entries: number[] = [];
  for (let index = 0; index < gops.length; index += perEntry) {
    const group = gops.slice(index, index + perEntry);
    const bytes = group.reduce((sum, gop) => sum + gop.bytes, 0);
    entries.push(bytes, spanOf(group, gops[index + perEntry]), STARTS_WITH_SAP_1);
  }
  const first = gops[0]?.startTicks ?? 0;
  const fixed = uint32s(VIDEO_TRACK, TICKS_PER_SECOND, first, firstOffset, entries.length / 3);
  return makeFullBox('sidx', 0, 0, fixed, uint32s(...entries));
}

/** Up to the next group, so that a jump in time is part of the entry before it. */
function spanOf(group: readonly Gop[], next: Gop | undefined): number {
  const [first, last] = [group[0], group.at(-1)];
  if (first === undefined || last === undefined) return 0;
  return (next?.startTicks ?? last.startTicks + last.durationTicks) - first.startTicks;
}
