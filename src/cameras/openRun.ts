/** A stream, the run that it has open, or is opening: its clock, and how long its end is waited for. */
import type { Encode, Source, StreamName } from '../domain/camera.ts';
import type { CameraId, RunId } from '../domain/ids.ts';
import type { StreamFormat } from '../domain/media.ts';
import type { MediaClock } from '../domain/mediaClock.ts';
import type { Clock, EpochMs } from '../domain/time.ts';
import type { InitSegment } from '../mp4/types.ts';
import { inTime } from './awakeTimers.ts';
import type { RunHandle } from './doors.ts';

/** One stream of a camera, as it is configured. */
export interface StreamSetup {
  readonly cameraId: CameraId;
  readonly stream: StreamName;
  readonly source: Source;
  readonly encode: Encode | null;
  readonly audio: boolean;
}

export interface OpenRun {
  readonly generation: number;
  readonly runId: RunId;
  readonly format: StreamFormat;
  handle: RunHandle | null;
  init: InitSegment | null;
  clock: MediaClock | null;
  anchoredMs: number;
  /** By the clock of the timers, which stands still while the process does. */
  lastArrivalMs: number;
  /** What still comes is not to be kept: its clock jumped, so it is of no known time, or it was given up. */
  spoiled: boolean;
  /** It has ended, or was given up. */
  over: boolean;
}

/** Re-measuring the anchor this often keeps a drifting camera's times right to a few milliseconds. */
const REANCHOR_MS = 60_000;

/** A run that is about to be opened. @param awakeMs by the clock of the timers */
export function newRun(generation: number, runId: RunId, format: StreamFormat, awakeMs: number): OpenRun {
  const empty = { handle: null, init: null, clock: null, anchoredMs: 0, spoiled: false, over: false };
  return { generation, runId, format, lastArrivalMs: awakeMs, ...empty };
}

/** To be called at key fragments only, where a file may begin: times change there. @param nowMs of the monotonic clock */
export function measureClock(run: OpenRun, clock: MediaClock, nowMs: number, wallMs: EpochMs): void {
  clock.correct();
  if (nowMs - run.anchoredMs < REANCHOR_MS) return;
  run.anchoredMs = nowMs;
  clock.reanchor(nowMs, wallMs);
}

/** Much longer than a pipeline gets to push out what it holds, and than a queue of it takes to be read. */
export const END_LIMIT_MS = 10_000;

/**
 * Asks a run to end. Resolves with whether it did in time: one that hangs must not hold up the next. What it still holds is
 * not given up because the recorder itself did not get to take it.
 */
export async function endInTime(handle: RunHandle, clock: Pick<Clock, 'monotonic'>): Promise<boolean> {
  return await inTime(handle.end(), END_LIMIT_MS, clock);
}
