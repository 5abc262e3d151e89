/** What the archive gives out: plain data of runs, segments, recordings and gaps, and the log it writes to. */
import type { CameraId, RunId } from '../domain/ids.ts';
import type { EndReason, GapCause, RecordingReason } from '../domain/recording.ts';
import type { EpochMs } from '../domain/time.ts';
import type { SegmentRow } from '../domain/timeline.ts';

export type StreamName = 'main' | 'sub';

export interface RunRecord {
  readonly id: RunId;
  readonly cameraId: CameraId;
  readonly stream: StreamName;
  /** SHA-256 of the init segment, in hex. */
  readonly initKey: string;
  readonly startedMs: EpochMs;
  /** Null while it lasts. */
  readonly endedMs: EpochMs | null;
  readonly endCause: string | null;
}

export interface SegmentRecord extends SegmentRow {
  readonly cameraId: CameraId;
  readonly stream: StreamName;
  /**
   * Still being written: `endMs`, `durationTicks`, `bytes`, `frames` and the last of `gops` grow. What is complete of
   * it never changes.
   */
  readonly open: boolean;
  /** Absolute path. */
  readonly file: string;
  /** The whole file, and what precedes its first fragment. */
  readonly bytes: number;
  readonly headerBytes: number;
  readonly frames: number;
}

export interface RecordingRecord {
  readonly id: number;
  readonly cameraId: CameraId;
  readonly startMs: EpochMs;
  /** Null while it lasts. */
  readonly endMs: EpochMs | null;
  readonly beginReason: RecordingReason;
  readonly endReason: EndReason | null;
  /** How much later it was than its times say, by the clock as it is now; 0 as long as that was not set since. */
  readonly clockOffsetMs: number;
}

export interface GapRecord {
  readonly id: number;
  readonly cameraId: CameraId;
  readonly startMs: EpochMs;
  /** Null while it lasts. */
  readonly endMs: EpochMs | null;
  readonly cause: GapCause;
}

/** As much of a pino logger as the archive needs. */
export interface Log {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}
