/**
 * The common clock of a run's two tracks. A muxer starts the decode times of each track at zero and so loses how
 * they lay to each other; whoever saw them before the muxer tells it again, and this turns it into shifts.
 */
import { rescale } from './timescale.ts';

/** Running time in milliseconds, fractions allowed, at which each track's first sample is presented. */
export interface TrackOffsets {
  readonly videoMs: number;
  readonly audioMs: number;
}

/** What the muxer did not lose. */
export interface TrackStart {
  readonly timescale: number;
  /** Decode time of the first video sample, and its composition offset. */
  readonly dts: number;
  readonly cto: number;
}

/** How to come from the muxer's times to the run's. */
export interface Alignment {
  /** To be added to decode times, each in its track's timescale. */
  readonly videoShift: number;
  readonly audioShift: number;
  /** Composition offset of the run's first frame, in the video's timescale. */
  readonly reorderDelay: number;
  /** See Fragmenter.zeroMs. */
  readonly zeroMs: number;
}

/**
 * Chooses the run's zero: the earlier of the two tracks' first decode times, so that none is negative.
 * @param offsets without them the muxer's times are kept, as if video had `videoMs` equal to its first
 *   composition offset and audio had 0
 * @param audioTimescale of the audio track, or null without one; the audio that the muxer calls 0 is `audioMs`
 */
export function align(
  offsets: TrackOffsets | undefined,
  video: TrackStart,
  audioTimescale: number | null,
): Alignment {
  const ctoMs = (video.cto * 1000) / video.timescale;
  if (offsets === undefined) return { videoShift: 0, audioShift: 0, reorderDelay: video.cto, zeroMs: ctoMs };
  const videoDecodeMs = offsets.videoMs - ctoMs;
  const baseMs = audioTimescale === null ? videoDecodeMs : Math.min(videoDecodeMs, offsets.audioMs);
  return {
    videoShift: rescale(videoDecodeMs - baseMs, 1000, video.timescale) - video.dts,
    audioShift: audioTimescale === null ? 0 : rescale(offsets.audioMs - baseMs, 1000, audioTimescale),
    reorderDelay: video.cto,
    zeroMs: baseMs + ctoMs,
  };
}
