/**
 * Pictures for a decoder, as small MP4s in memory: one frame of a group of pictures with just the frames that it
 * depends on, or keyframes one after the other.
 */
import { NvrError } from '../domain/errors.ts';
import { boxesIn, makeBox, makeFullBox, malformed, needBox, readBoxHeader, uint32s } from './boxes.ts';
import { VIDEO_TRACK } from './init.ts';
import { readMoof, writeMoof } from './moof.ts';
import type { InitSegment } from './types.ts';

/** One coded picture. Times in the timescale of the video track. */
export interface Frame {
  /** Decode time. */
  readonly dts: number;
  /** Presentation time. */
  readonly pts: number;
  readonly key: boolean;
  readonly data: Buffer;
}

/**
 * The pictures of consecutive fragments, in decode order. What is cut off at the end, or damaged, ends the list.
 * @param bytes whole boxes from the start of a `moof` on; the frames are views into them
 */
export function framesIn(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (const { moof, at } of moofsIn(bytes)) {
    for (const { trackId, samples } of moof) {
      if (trackId !== VIDEO_TRACK) continue;
      for (const { dts, cto, key, size, at: offset } of samples) {
        const start = at + offset;
        if (start < 0 || start + size > bytes.length) return frames;
        frames.push({ dts, pts: dts + cto, key, data: bytes.subarray(start, start + size) });
      }
    }
  }
  return frames;
}

function moofsIn(bytes: Buffer) {
  const found: { readonly moof: ReturnType<typeof readMoof>; readonly at: number }[] = [];
  try {
    for (let at = 0; at < bytes.length; ) {
      const box = readBoxHeader(bytes.subarray(at));
      if (box === null) break;
      const end = at + box.bytes;
      if (box.type === 'moof' && end <= bytes.length) {
        found.push({ moof: readMoof(bytes.subarray(at + box.headerBytes, end)), at });
      }
      at = end;
    }
  } catch (thrown) {
    if (!(thrown instanceof NvrError)) throw thrown;
  }
  return found;
}

/**
 * Which frame is on the screen at a presentation time: the last that is presented at or before it. Pictures that
 * belong to the group before, because they are presented before its keyframe, do not count.
 * @param frames from a keyframe on, in decode order
 * @returns an index into `frames`; -1 when the first is presented later
 */
export function frameAt(frames: readonly Frame[], time: number): number {
  const first = frames[0]?.pts ?? 0;
  let found = -1;
  for (const [index, { pts }] of frames.entries()) {
    const better = found === -1 || pts > (frames[found]?.pts ?? 0);
    if (pts >= first && pts <= time && better) found = index;
  }
  return found;
}

/**
 * An MP4 of one frame and those before it from its keyframe on. It shows the wanted frame first, and then those that
 * it needs although they are presented after it: a decoder drops what is presented before.
 * @param frames in decode order
 * @throws NvrError `invalid` when there is no such frame or no keyframe before it
 */
export function stillMovie(init: InitSegment, frames: readonly Frame[], index: number): Buffer[] {
  const from = frames.findLastIndex(({ key }, at) => key && at <= index);
  const wanted = frames[index];
  if (from === -1 || wanted === undefined) throw malformed('a picture without a keyframe');
  return movieOf(init, frames.slice(from, index + 1), wanted.pts);
}

/** An MP4 of keyframes alone, one a second. @throws NvrError `invalid` for none */
export function keyframeMovie(init: InitSegment, keyframes: readonly Buffer[]): Buffer[] {
  const { timescale } = init.video;
  const frames = keyframes.map((data, index) => {
    return { dts: index * timescale, pts: index * timescale, key: true, data };
  });
  return movieOf(init, frames, 0);
}

/**
 * One fragment behind an init segment that says no duration: GStreamer's demuxer takes a frame before what is shown
 * for the end of a movie whose duration it knows.
 */
function movieOf(init: InitSegment, frames: readonly Frame[], shownFrom: number): Buffer[] {
  const [first] = frames;
  if (first === undefined) throw malformed('a picture without a frame');
  const samples = frames.map(({ dts, pts, key, data }, index) => ({
    dts: dts - first.dts,
    duration: Math.max(1, (frames[index + 1]?.dts ?? dts + init.video.timescale) - dts),
    cto: pts - dts,
    key,
    size: data.length,
  }));
  const { moof, mdat } = writeMoof(1, [{ trackId: VIDEO_TRACK, samples }]);
  return [
    initShownFrom(init, Math.max(0, shownFrom - first.dts)),
    moof,
    mdat,
    ...frames.map(({ data }) => data),
  ];
}

/** The init segment of the video alone, with an edit list (§8.6.6) that begins at a time and does not end. */
function initShownFrom(init: InitSegment, mediaTime: number): Buffer {
  const moov = boxesIn(needBox(boxesIn(init.bytes), 'moov').body);
  const trak = boxesIn(needBox(moov, 'trak').body);
  const elst = makeFullBox('elst', 0, 0, uint32s(1, 0, mediaTime, 0x10000));
  const parts = [needBox(trak, 'tkhd').bytes, makeBox('edts', elst), needBox(trak, 'mdia').bytes];
  return Buffer.concat([
    needBox(boxesIn(init.bytes), 'ftyp').bytes,
    makeBox('moov', needBox(moov, 'mvhd').bytes, makeBox('trak', ...parts), needBox(moov, 'mvex').bytes),
  ]);
}
