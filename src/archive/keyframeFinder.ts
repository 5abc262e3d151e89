/** Finds the keyframe that stands for an interval of a camera's footage, and reads it without the rest of its group. */
import { NvrError } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import { standsFor } from '../domain/previews.ts';
import { ticksToMs } from '../domain/ticks.ts';
import { type EpochMs, epochMs, type Interval } from '../domain/time.ts';
import { framesIn } from '../mp4/still.ts';
import type { InitSegment } from '../mp4/types.ts';
import type { Disk } from './disk.ts';
import type { Footage } from './footage.ts';
import type { Ledger } from './ledger.ts';
import type { SegmentRecord } from './records.ts';

/** Where a keyframe is. */
export interface FoundKeyframe {
  readonly segment: SegmentRecord;
  /** Number of its group of pictures in the segment. */
  readonly gop: number;
  readonly atMs: EpochMs;
}

export interface Keyframe {
  readonly init: InitSegment;
  readonly initKey: string;
  readonly data: Buffer;
}

export interface KeyframeFinderDoors {
  readonly footage: Pick<Footage, 'segments' | 'segment'>;
  readonly ledger: Pick<Ledger, 'init'>;
  readonly disk: Disk;
}

/** Holds the keyframe of most cameras with what precedes it. */
const GLANCE_BYTES = 192 * 1024;
/** Where all the segments of a range are fewer than their tiles, they are looked up together. */
const TOGETHER_MS = 1_800_000;

export class KeyframeFinder {
  readonly #doors: KeyframeFinderDoors;

  constructor(doors: KeyframeFinderDoors) {
    this.#doors = doors;
  }

  /** For each of adjoining intervals the keyframe that stands for it; null where nothing is recorded. */
  find(camera: CameraId, tiles: readonly Interval[]): (FoundKeyframe | null)[] {
    const { footage } = this.#doors;
    const [first] = tiles;
    const last = tiles.at(-1);
    if (first === undefined || last === undefined) return [];
    if (last.endMs - first.startMs > TOGETHER_MS) return tiles.map((tile) => this.#findIn(camera, tile));
    const segments = footage.segments(camera, { startMs: first.startMs, endMs: last.endMs });
    return tiles.map((tile) => keyframeOf(segments, tile));
  }

  /** @throws NvrError `not-found` when the file was deleted meanwhile, or another of the disk */
  async read({ segment, gop }: FoundKeyframe): Promise<Keyframe> {
    const { disk, ledger, footage } = this.#doors;
    // It may have been found a while ago.
    const place = footage.segment(segment.id).gops[gop];
    if (place === undefined) throw new RangeError(`segment ${segment.id} has no group ${gop}`);
    const init = ledger.init(segment.initKey);
    const file = await disk.open(segment.file, 'read');
    try {
      for (const bytes of [Math.min(GLANCE_BYTES, place.bytes), place.bytes]) {
        const [frame] = framesIn(await file.read(place.offset, bytes));
        if (frame !== undefined) return { init, initKey: segment.initKey, data: frame.data };
      }
      throw new NvrError('internal', `${segment.file} holds no keyframe where it should.`);
    } finally {
      await file.close();
    }
  }

  /**
   * Of a long interval, the segments around its middle alone are looked at, if there are any; else it is looked for the
   * first, further and further from its start: there may be ten thousand.
   */
  #findIn(camera: CameraId, tile: Interval): FoundKeyframe | null {
    const middle = epochMs(Math.floor((tile.startMs + tile.endMs) / 2));
    const { footage } = this.#doors;
    const near = footage.segments(camera, { startMs: middle, endMs: epochMs(middle + 1) });
    if (near.length > 0) return keyframeOf(near, tile);
    for (let lengthMs = TOGETHER_MS; ; lengthMs *= 2) {
      const endMs = epochMs(Math.min(tile.startMs + lengthMs, tile.endMs));
      const found = footage.segments(camera, { startMs: tile.startMs, endMs });
      if (found.length > 0 || endMs === tile.endMs) return keyframeOf(found, tile);
    }
  }
}

function keyframeOf(segments: readonly SegmentRecord[], tile: Interval): FoundKeyframe | null {
  const segment = standsFor(segments, tile);
  if (segment === null) return null;
  const spans = segment.gops.map(({ startTicks, durationTicks }, gop) => {
    const startMs = epochMs(Math.round(segment.startMs + ticksToMs(startTicks)));
    return { gop, startMs, endMs: epochMs(Math.round(startMs + ticksToMs(durationTicks))) };
  });
  const span = standsFor(spans, tile);
  return span === null ? null : { segment, gop: span.gop, atMs: span.startMs };
}
