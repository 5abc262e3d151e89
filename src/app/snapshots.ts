/** Single pictures of cameras, of now out of the ring and of any moment out of the archive, decoded when asked for. */
import { createHash } from 'node:crypto';
import type { Footage } from '../archive/footage.ts';
import type { FrameFinder } from '../archive/frameFinder.ts';
import { NvrError } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import { type Clock, type EpochMs, epochMs } from '../domain/time.ts';
import { formatLocal, type Zone } from '../domain/zone.ts';
import type { Snapshot, SnapshotRequest } from '../http/picturePort.ts';
import type { LiveHub } from '../live/hub.ts';
import type { Decoder } from '../media/decoder.ts';
import { type Frame, frameAt, framesIn, stillMovie } from '../mp4/still.ts';
import type { InitSegment, RunFragment } from '../mp4/types.ts';
import { SharedCache } from './sharedCache.ts';

export interface SnapshotDoors {
  readonly hub: Pick<LiveHub, 'get'>;
  readonly finder: FrameFinder;
  readonly footage: Pick<Footage, 'nearest'>;
  readonly decoder: Pick<Decoder, 'picture'>;
  readonly clock: Clock;
  readonly zone: Zone;
}

/** Whoever asks for the picture of now within this time of another gets the same one. */
const FRESH_MS = 1_000;
/** A camera that has delivered nothing for so long has no picture of now. */
const STALE_MS = 10_000;
const KEPT_MS = 600_000;
const CACHE_BYTES = 24 * 2 ** 20;
/** Part of every tag: another number when the same frame becomes another picture. */
const CODING_VERSION = 1;

interface LiveMoment {
  readonly entries: readonly RunFragment[];
  readonly untilMs: number;
}

export class Snapshots {
  readonly #doors: SnapshotDoors;
  readonly #cache: SharedCache;
  /** What of each camera was newest when it was asked for last. */
  readonly #moments = new Map<CameraId, LiveMoment>();

  constructor(doors: SnapshotDoors) {
    this.#doors = doors;
    this.#cache = new SharedCache(CACHE_BYTES, () => doors.clock.monotonic());
  }

  /** As `PicturePort.snapshot`. */
  async of(camera: CameraId, { atMs, width }: SnapshotRequest): Promise<Snapshot> {
    return atMs === null ? this.#now(camera, width) : await this.#then(camera, atMs, width);
  }

  #now(camera: CameraId, width: number | null): Snapshot {
    const entries = this.#newest(camera);
    const last = entries.at(-1);
    if (last === undefined) throw this.#nothingNow(camera);
    const { init, runId, fragment, startMs } = last;
    const size = sizeOf(init, width);
    const tag = tagOf(runId, `n${fragment.sequence}`, size);
    const read = () =>
      this.#cache.get(tag, KEPT_MS, async () => {
        const frames = framesIn(Buffer.concat(entries.flatMap(({ fragment: { chunks } }) => chunks)));
        return await this.#decode(init, frames, frameAt(frames, Number.POSITIVE_INFINITY), size);
      });
    return { tag, atMs: startMs, final: false, read };
  }

  /** The fragments of the newest group of pictures, the same for all who ask within a second. */
  #newest(camera: CameraId): readonly RunFragment[] {
    const { hub, clock } = this.#doors;
    const stream = hub.get(camera);
    const known = this.#moments.get(camera);
    if (known !== undefined && known.untilMs > clock.monotonic()) return known.entries;
    this.#moments.delete(camera);
    const entries = stream.ring.fromLastKey();
    const newestMs = entries.at(-1)?.startMs;
    if (newestMs === undefined || clock.now() - newestMs > STALE_MS) return [];
    for (const [id, { untilMs }] of this.#moments) {
      if (untilMs <= clock.monotonic()) this.#moments.delete(id);
    }
    this.#moments.set(camera, { entries, untilMs: clock.monotonic() + FRESH_MS });
    return entries;
  }

  async #then(camera: CameraId, atMs: EpochMs, width: number | null): Promise<Snapshot> {
    const found = await this.#doors.finder.find(camera, atMs);
    if (found === null) throw this.#nothingThen(camera, atMs);
    const { init, runId, frames, index } = found;
    const size = sizeOf(init, width);
    const tag = tagOf(runId, `t${frames[index]?.dts}`, size);
    const read = () =>
      this.#cache.get(tag, KEPT_MS, async () => await this.#decode(init, frames, index, size));
    return { tag, atMs: found.atMs, final: found.final, read };
  }

  async #decode(init: InitSegment, frames: readonly Frame[], index: number, width: number | null) {
    if (frames[index] === undefined) throw new NvrError('unavailable', 'The picture could not be decoded.');
    return await this.#doors.decoder.picture(init.video, stillMovie(init, frames, index), width);
  }

  #nothingNow(camera: CameraId): NvrError {
    const words = this.#around(camera, this.#doors.clock.now());
    return new NvrError('conflict', `The camera delivers no picture now.${words}`, { field: 't' });
  }

  #nothingThen(camera: CameraId, atMs: EpochMs): NvrError {
    const words = this.#around(camera, atMs) || ' There is no footage of the camera.';
    return new NvrError('not-found', `Nothing was recorded then.${words}`, { field: 't' });
  }

  /** The nearest footage in words, with the value of `t` that shows it; empty when there is none. */
  #around(camera: CameraId, atMs: EpochMs): string {
    const { beforeMs, afterMs } = this.#doors.footage.nearest(camera, atMs);
    const text = (ms: EpochMs) => `${formatLocal(ms, this.#doors.zone)} (t=${ms})`;
    const before = beforeMs === null ? '' : ` The footage before ends at ${text(epochMs(beforeMs - 1))}.`;
    const after = afterMs === null ? '' : ` The footage after begins at ${text(afterMs)}.`;
    return before + after;
  }
}

/** Never larger than the video; null for its own size. */
function sizeOf({ video }: InitSegment, width: number | null): number | null {
  return width === null || width >= video.width ? null : width;
}

function tagOf(...facts: readonly (string | number | null)[]): string {
  return createHash('sha256')
    .update(JSON.stringify([CODING_VERSION, ...facts]))
    .digest('base64url')
    .slice(0, 27);
}
