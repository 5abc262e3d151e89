/**
 * Whether a camera's footage really reaches the disk. What counts is the age of the last durable fragment, never
 * that pictures arrive. Pure.
 */
import type { CameraView } from '../../types/api.ts';

/** `starting` is wanted and young enough to be forgiven; `failing` is wanted and not happening. */
export type Keeping = 'idle' | 'starting' | 'recording' | 'failing';

/** Footage reaches the disk in steps of a few seconds; older than this, something is wrong. */
const LATE_MS = 20_000;
/** So long a camera may take to begin. */
const GRACE_MS = 15_000;

/** @param nowMs the recorder's clock */
export function keepingOf(camera: CameraView, nowMs: number): Keeping {
  const { recording, lastDurableMs } = camera.status;
  if (!recording.wanted) return 'idle';
  const forgiven = nowMs - recording.sinceMs < GRACE_MS;
  if (recording.state !== 'recording') return forgiven && !isBroken(camera) ? 'starting' : 'failing';
  // An older fragment than this recording says nothing of it.
  if (lastDurableMs === null || lastDurableMs < recording.sinceMs) return forgiven ? 'starting' : 'failing';
  return nowMs - lastDurableMs <= LATE_MS ? 'recording' : 'failing';
}

/** Why nothing is kept, as a code; null when that is not known. */
export function failureOf({ status }: CameraView): string | null {
  return status.recording.cause ?? status.source.cause;
}

export interface Tally {
  readonly recording: number;
  /** How many should be recording. */
  readonly wanted: number;
  readonly failing: readonly CameraView[];
}

export function tallyOf(cameras: readonly CameraView[], nowMs: number): Tally {
  const states = cameras.map((camera) => ({ camera, keeping: keepingOf(camera, nowMs) }));
  return {
    recording: states.filter(({ keeping }) => keeping === 'recording').length,
    wanted: states.filter(({ keeping }) => keeping !== 'idle').length,
    failing: states.filter(({ keeping }) => keeping === 'failing').map(({ camera }) => camera),
  };
}

function isBroken({ status }: CameraView): boolean {
  return status.source.state === 'backoff' || status.source.state === 'stalled';
}
