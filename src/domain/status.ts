/** What the world is told of a camera: plain data, made from the states of its machines. Nothing decides here. */
import type { RunId } from './ids.ts';
import type { StreamFormat } from './media.ts';
import { type GapCause, type RecordingReason, type RecordingState, wantedReason } from './recording.ts';
import { SOURCE_CAUSES, type SourceCause, type SourceState, type Trouble } from './source.ts';
import type { EpochMs } from './time.ts';

export interface SourceStatus {
  readonly state: SourceState['name'];
  /** When this state began. */
  readonly sinceMs: EpochMs;
  /** Attempts that failed since the source was last settled. */
  readonly attempt: number;
  /** Why no media comes, or why the attempt before this one failed; null when all is well. */
  readonly cause: SourceCause | null;
  /** The same as a sentence, with what the camera said if it said anything. */
  readonly message: string | null;
  /** In `backoff`: the delay from `sinceMs` to the next attempt, in milliseconds. */
  readonly retryMs: number | null;
}

export interface RecordingStatus {
  readonly state: RecordingState['name'];
  /** Whether the camera should be recording now. */
  readonly wanted: boolean;
  /** Why it is being recorded, or should be. */
  readonly reason: RecordingReason | null;
  /** Why nothing is kept although it is wanted. */
  readonly cause: GapCause | null;
  /** When the recording or the gap began, or when recording was last wanted. */
  readonly sinceMs: EpochMs;
}

/** What is known of the media that arrives. */
export interface MediaStatus {
  readonly format: StreamFormat | null;
  /** RFC 6381 list: video first. */
  readonly codecs: string | null;
  readonly runId: RunId | null;
  /** When the newest fragment arrived. */
  readonly lastFragmentMs: EpochMs | null;
  /** Up to when footage has reached the disk for sure. */
  readonly lastDurableMs: EpochMs | null;
  /** How much faster (+) the camera's clock runs than this machine's, in parts of a million; null when not known. */
  readonly driftPpm: number | null;
  /** Why a device is recorded without the sound that its source names; null when nothing is missing. */
  readonly silent: Trouble | null;
}

export interface CameraStatus extends MediaStatus {
  readonly source: SourceStatus;
  readonly recording: RecordingStatus;
}

/** The status of a camera from the states of its machines and what is known of its media. */
export function cameraStatus(
  source: SourceState,
  recording: RecordingState,
  media: MediaStatus,
): CameraStatus {
  return { source: sourceStatus(source), recording: recordingStatus(recording), ...media };
}

/** Whether the camera is recorded if, and only if, it should be, and media is arriving. */
export function isRecordingAsWanted({ source, recording }: CameraStatus): boolean {
  if (!recording.wanted) return recording.state === 'idle';
  return recording.state === 'recording' && source.state === 'live';
}

function sourceStatus(state: SourceState): SourceStatus {
  const { name, sinceMs } = state;
  const status = { state: name, sinceMs, cause: null, message: null, retryMs: null };
  switch (state.name) {
    case 'off':
      return { ...status, attempt: 0 };
    case 'connecting':
      return { ...status, attempt: state.attempt, ...state.trouble };
    case 'live':
      return { ...status, attempt: state.attempt };
    case 'stalled':
      return { ...status, attempt: state.attempt, cause: 'stalled', message: SOURCE_CAUSES.stalled };
    case 'backoff': {
      const { attempt, cause, message, retryMs } = state;
      return { ...status, attempt, cause, message, retryMs };
    }
  }
}

function recordingStatus(state: RecordingState): RecordingStatus {
  return {
    state: state.name,
    wanted: wantedReason(state) !== null,
    reason: state.name === 'idle' ? null : state.reason,
    cause: state.name === 'waiting' ? state.cause : null,
    sinceMs: state.sinceMs,
  };
}
