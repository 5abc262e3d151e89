/** A run that a stream has open, or is opening, and how long its end is waited for. */
import type { RunId } from '../domain/ids.ts';
import type { StreamFormat } from '../domain/media.ts';
import type { MediaClock } from '../domain/mediaClock.ts';
import type { InitSegment } from '../mp4/types.ts';
import type { RunHandle } from './doors.ts';

export interface OpenRun {
  readonly generation: number;
  readonly runId: RunId;
  readonly format: StreamFormat;
  handle: RunHandle | null;
  init: InitSegment | null;
  clock: MediaClock | null;
  anchoredMs: number;
  lastArrivalMs: number;
  /** What still comes is not to be kept: its clock jumped, so it is of no known time, or it was given up. */
  spoiled: boolean;
  /** It has ended, or was given up. */
  over: boolean;
}

/** Much longer than a pipeline gets to push out what it holds, and than a queue of it takes to be read. */
export const END_LIMIT_MS = 10_000;

/** Asks a run to end. Resolves with whether it did in time: one that hangs must not hold up the next. */
export async function endInTime(handle: RunHandle): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, END_LIMIT_MS, false);
  });
  return await Promise.race([handle.end().then(() => true), late]).finally(() => clearTimeout(timer));
}
