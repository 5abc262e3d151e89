/**
 * Cutting a segment file's samples to what an export shows of it. A frame belongs to the millisecond of wall time to
 * which the moment of its presentation rounds, so that exports of adjoining ranges share no frame and miss none.
 */

import { AUDIO_TRACK, VIDEO_TRACK } from './init.ts';
import { indexOf, type SampleIndex } from './sampleIndex.ts';
import { presentationEnd, type SampleColumns, sliceColumns } from './samples.ts';
import { rescale } from './timescale.ts';
import type { InitSegment } from './types.ts';

/** A file, and the wall time at which its first frame is presented. */
export interface WallColumns {
  readonly video: SampleColumns;
  readonly audio: SampleColumns | null;
  readonly startMs: number;
}

/** What the file is cut to. */
export interface Bounds {
  /** Null where the file continues another; else from this moment on, or from its beginning when that is null too. */
  readonly head: { readonly fromMs: number | null; readonly exact: boolean } | null;
  /** Null where another file continues it; else up to this moment, or to its end. */
  readonly tail: { readonly toMs: number | null } | null;
}

/** Samples that are kept, and the presentation times, on the file's clock, between which they are shown. */
export interface TrimmedFile {
  readonly index: SampleIndex;
  readonly shownFrom: number;
  readonly shownTo: number;
  /** When the last kept frame gives way, shown or not. */
  readonly presentationEnd: number;
  /** Wall times of the first frame that is shown, and of the end of the last. */
  readonly startMs: number;
  readonly endMs: number;
}

/** A decoder of AAC needs the sample before the one that is heard, and one sample may reach over the start. */
const AUDIO_PREROLL = 2;

/**
 * Keeps the frames of the range and those they depend on, from the keyframe before; and the sound that begins while
 * they are shown. Where `exact`, what precedes the range is kept too, to be hidden by an edit list; else it is shown.
 * @returns null when the range has no frame of the file.
 */
export function trimFile(file: WallColumns, { head, tail }: Bounds, init: InitSegment): TrimmedFile | null {
  const { video, startMs } = file;
  const pts = video.dts.map((dts, index) => dts + (video.cto[index] ?? 0));
  const wallOf = (time: number) => startMs + ((time - (pts[0] ?? 0)) * 1000) / init.video.timescale;
  const isAfterHead = (time: number) => head?.fromMs == null || Math.round(wallOf(time)) >= head.fromMs;
  const isBeforeTail = (time: number) => tail?.toMs == null || Math.round(wallOf(time)) < tail.toMs;
  const wanted = pts.map((time) => isAfterHead(time) && isBeforeTail(time));
  const first = wanted.indexOf(true);
  if (first === -1) return null;
  const to = wanted.lastIndexOf(true) + 1;
  const from = head === null ? 0 : Math.max(0, video.key.lastIndexOf(true, first));
  const shown = pts.filter((_, index) => wanted[index] === true);
  const shownFrom = head?.exact === true ? least(shown) : (pts[from] ?? 0);
  const shownTo = Math.min(presentationEnd(video), least(pts.filter((time) => !isBeforeTail(time))));
  const kept = sliceColumns(video, from, to);
  const audio = trimAudio(file.audio, init, head === null ? null : { shownFrom, exact: head.exact }, {
    shownTo: tail === null ? Number.POSITIVE_INFINITY : shownTo,
  });
  const tracks = new Map([[VIDEO_TRACK, kept]]);
  if (audio !== null) tracks.set(AUDIO_TRACK, audio);
  return {
    index: indexOf(tracks),
    shownFrom,
    shownTo,
    presentationEnd: presentationEnd(kept),
    startMs: wallOf(shownFrom),
    endMs: wallOf(shownTo),
  };
}

function trimAudio(
  audio: SampleColumns | null,
  init: InitSegment,
  head: { readonly shownFrom: number; readonly exact: boolean } | null,
  { shownTo }: { readonly shownTo: number },
): SampleColumns | null {
  if (audio === null || init.audio === null) return null;
  const inAudio = (time: number) => rescale(time, init.video.timescale, init.audio?.timescale ?? 1);
  const before = (time: number) => audio.dts.filter((dts) => dts < inAudio(time)).length;
  const preroll = head?.exact === true ? AUDIO_PREROLL : 0;
  const from = head === null ? 0 : Math.max(0, before(head.shownFrom) - preroll);
  const to = shownTo === Number.POSITIVE_INFINITY ? audio.dts.length : before(shownTo);
  return from < to ? sliceColumns(audio, from, to) : null;
}

function least(values: readonly number[]): number {
  return values.reduce((smallest, value) => Math.min(smallest, value), Number.POSITIVE_INFINITY);
}
