/** The GOP list of a segment: growing with each fragment, or as found in a file, without holes between GOPs. */
import type { Gop } from '../domain/media.ts';
import { type Ticks, ticks } from '../domain/ticks.ts';
import type { ScannedFragment } from '../mp4/scan.ts';

/**
 * Adds a fragment that follows the last. A key fragment begins a GOP, any other belongs to the last one. A jump in
 * time is part of the GOP before it, so that the durations add up to the segment's.
 */
export function addToGops(gops: Gop[], { key, ...fragment }: ScannedFragment): void {
  const last = gops.at(-1);
  if (last === undefined) {
    gops.push(fragment);
    return;
  }
  const { offset, startTicks } = last;
  const end = key ? fragment.startTicks : fragment.startTicks + fragment.durationTicks;
  gops[gops.length - 1] = {
    offset,
    bytes: key ? last.bytes : last.bytes + fragment.bytes,
    startTicks,
    durationTicks: ticks(end - startTicks),
    frames: key ? last.frames : last.frames + fragment.frames,
  };
  if (key) gops.push(fragment);
}

/** Where the list ends, in ticks from the segment's start, and how many frames are in it. */
export function sumOfGops(gops: readonly Gop[]): { readonly durationTicks: Ticks; readonly frames: number } {
  const last = gops.at(-1);
  return {
    durationTicks: ticks(last === undefined ? 0 : last.startTicks + last.durationTicks),
    frames: gops.reduce((sum, gop) => sum + gop.frames, 0),
  };
}
