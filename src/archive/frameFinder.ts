/** Finds the recorded frame that was on the screen at a moment, with those it depends on. */
import { NvrError } from '../domain/errors.ts';
import type { CameraId, RunId } from '../domain/ids.ts';
import type { Gop } from '../domain/media.ts';
import { msToTicks, TICKS_PER_SECOND } from '../domain/ticks.ts';
import { type EpochMs, epochMs } from '../domain/time.ts';
import { ROUNDING_MS } from '../domain/timeline.ts';
import { type Frame, frameAt, framesIn } from '../mp4/still.ts';
import { rescale } from '../mp4/timescale.ts';
import type { InitSegment } from '../mp4/types.ts';
import type { Footage } from './footage.ts';
import type { Ledger } from './ledger.ts';
import type { SegmentRecord } from './records.ts';

/** A frame of a group of pictures. */
export interface FoundFrame {
  readonly init: InitSegment;
  readonly runId: RunId;
  /** From a keyframe on, in decode order. */
  readonly frames: readonly Frame[];
  /** Of the frame, in `frames`. */
  readonly index: number;
  /** When it was presented first. */
  readonly atMs: EpochMs;
  /** Whether it will always be the frame of the moment that was asked for; else a later one may still be written. */
  readonly final: boolean;
}

export interface FrameFinderDoors {
  readonly footage: Pick<Footage, 'segments' | 'readGops'>;
  readonly ledger: Pick<Ledger, 'initOf'>;
}

export class FrameFinder {
  readonly #doors: FrameFinderDoors;

  constructor(doors: FrameFinderDoors) {
    this.#doors = doors;
  }

  /**
   * The last frame that was presented at or before a moment.
   * @returns null when nothing is recorded there
   * @throws NvrError `not-found` when the file was deleted meanwhile, or another of the disk
   */
  async find(camera: CameraId, atMs: EpochMs): Promise<FoundFrame | null> {
    const segment = this.#segmentAt(camera, atMs);
    if (segment === null) return null;
    const offset = msToTicks(Math.max(0, atMs - segment.startMs) + 0.5);
    const gop = segment.gops.findLastIndex(({ startTicks }) => startTicks <= offset);
    return await this.#frameIn(segment, Math.max(0, gop), atMs);
  }

  /** Where the clock was set back, segments overlap: the one that began last counts. */
  #segmentAt(camera: CameraId, atMs: EpochMs): SegmentRecord | null {
    const range = { startMs: epochMs(Math.max(0, atMs - ROUNDING_MS)), endMs: epochMs(atMs + 1) };
    const begun = this.#doors.footage.segments(camera, range).filter(({ gops }) => gops.length > 0);
    return begun.findLast(({ endMs }) => endMs > atMs) ?? begun.at(-1) ?? null;
  }

  async #frameIn(segment: SegmentRecord, gop: number, atMs: EpochMs): Promise<FoundFrame | null> {
    const { footage, ledger } = this.#doors;
    const init = ledger.initOf(segment.runId);
    const bytes = await footage.readGops(segment.id, gop, gop + 1);
    const frames = framesIn(bytes);
    const clock = wallClock(segment, segment.gops[gop], frames, init);
    const at = frameAt(frames, clock.timeAt(atMs));
    // Its keyframe is presented later: the moment belongs to the group before.
    if (at === -1 && gop > 0) return await this.#frameIn(segment, gop - 1, atMs);
    const index = Math.max(0, at);
    const frame = frames[index];
    if (frame === undefined)
      throw new NvrError('internal', `${segment.file} holds no frame where it should.`);
    const last = gop === segment.gops.length - 1;
    const settled = !segment.open || !last || frames.some(({ pts }) => pts > clock.timeAt(atMs));
    return { init, runId: segment.runId, frames, index, atMs: clock.wallAt(frame.pts), final: settled };
  }
}

/**
 * Presentation times of a group of pictures and wall time. A file's first frame is presented at its start; the delay
 * between decoding and presenting a keyframe is the same for all of a run.
 */
function wallClock(
  segment: SegmentRecord,
  gop: Gop | undefined,
  frames: readonly Frame[],
  init: InitSegment,
) {
  const { timescale } = init.video;
  const gopTicks = rescale(gop?.startTicks ?? 0, TICKS_PER_SECOND, timescale);
  const zero = (frames[0]?.pts ?? 0) - gopTicks;
  return {
    wallAt: (pts: number) => epochMs(Math.round(segment.startMs + ((pts - zero) * 1000) / timescale)),
    /** Frames belong to the millisecond to which their presentation rounds. */
    timeAt: (ms: EpochMs) => zero + ((ms - segment.startMs + 0.499) * timescale) / 1000,
  };
}
