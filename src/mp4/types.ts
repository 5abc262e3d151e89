/** The nouns of this room: init segment, track, fragment. Bytes are never copied between them. */
import type { RunId } from '../domain/ids.ts';
import type { Ticks } from '../domain/ticks.ts';
import type { EpochMs } from '../domain/time.ts';

/** One track of an init segment (ISO 14496-12 §8.3). */
export interface Track {
  readonly id: number;
  readonly kind: 'video' | 'audio';
  /** RFC 6381 codec string: `avc1.64001f`, `hvc1.1.6.L93.B0`, `mp4a.40.2`, `Opus`. */
  readonly codec: string;
  /** Ticks per second of this track's times. */
  readonly timescale: number;
  /** Of a video track, else 0. */
  readonly width: number;
  readonly height: number;
  /** Of an audio track, else 0. */
  readonly sampleRate: number;
  readonly channels: number;
}

/** `ftyp` + `moov`: what a decoder needs before the first fragment of a run. */
export interface InitSegment {
  readonly bytes: Buffer;
  readonly video: Track;
  readonly audio: Track | null;
  /** RFC 6381 list for `codecs=`: video first. */
  readonly codecs: string;
}

/**
 * One `moof` + `mdat` that carries both tracks. Its first video sample decides start and `key`; its audio are
 * the samples that begin before its video ends. Times of the run: 90 kHz ticks, decode time of the first
 * video sample; both tracks share the zero.
 */
export interface Fragment {
  /** Counts from 1 within a run, as in `mfhd`. */
  readonly sequence: number;
  /** Starts with a random access point (ISO 14496-12 §8.6.2). */
  readonly key: boolean;
  readonly startTicks: Ticks;
  readonly durationTicks: Ticks;
  /** The bytes in order: `moof`, `mdat` header, payload slices; write them as they are. */
  readonly chunks: readonly Buffer[];
  readonly byteLength: number;
  /** Video frames in it. */
  readonly frames: number;
  /** Size in bytes of each video frame, in order. */
  readonly frameBytes: readonly number[];
  /** From the decoding of each to its presentation, in ticks. */
  readonly frameDelays: readonly number[];
}

/** A fragment with what its run knows of it: all that ring, writer and viewers need. */
export interface RunFragment {
  readonly runId: RunId;
  readonly init: InitSegment;
  readonly fragment: Fragment;
  /** Wall time of its first frame. */
  readonly startMs: EpochMs;
}
