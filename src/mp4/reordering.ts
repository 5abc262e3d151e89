/** Whether frames of a fragment are shown in another order than they are sent: streams with B-frames. */
import { readMoof } from './moof.ts';
import type { Fragment, Track } from './types.ts';

/** Size and type of a box (ISO 14496-12 §4.2), before its body. */
const BOX_HEADER = 8;

/**
 * @param video the fragment's video track
 * @throws NvrError `invalid` when its `moof` is malformed.
 */
export function reorders({ chunks: [moof] }: Fragment, video: Track): boolean {
  if (moof === undefined) return false;
  const body = moof.subarray(BOX_HEADER, moof.readUInt32BE(0));
  const samples = readMoof(body).find(({ trackId }) => trackId === video.id)?.samples ?? [];
  const shown = samples.map(({ dts, cto }) => dts + cto);
  return shown.some((time, i) => time < (shown[i - 1] ?? time));
}
