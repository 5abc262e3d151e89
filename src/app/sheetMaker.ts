/** Makes thumbnails of keyframes, and one picture of many of them. */
import type { FoundKeyframe, Keyframe, KeyframeFinder } from '../archive/keyframeFinder.ts';
import { NvrError } from '../domain/errors.ts';
import { Canvas, pixelBytes } from '../media/canvas.ts';
import type { Decoder, Urgency } from '../media/decoder.ts';
import type { PictureSize } from '../media/picturePlan.ts';
import { keyframeMovie } from '../mp4/still.ts';
import type { InitSegment } from '../mp4/types.ts';

export interface SheetMakerDoors {
  readonly keyframes: KeyframeFinder;
  readonly decoder: Pick<Decoder, 'pixels' | 'sheet'>;
}

/** The pixels of a tile; null where nothing is recorded or nothing could be decoded. */
export type Tile = Buffer | null;

/** Files read at the same time: recording comes first. */
const READS_AT_ONCE = 4;
/** Shapes beyond are shown with borders. */
const [TALLEST, FLATTEST] = [2, 0.25];

export class SheetMaker {
  readonly #doors: SheetMakerDoors;

  constructor(doors: SheetMakerDoors) {
    this.#doors = doors;
  }

  /** The thumbnails of some keyframes. Footage that is deleted meanwhile, or damaged, is left out. */
  async tiles(
    found: readonly (FoundKeyframe | null)[],
    size: PictureSize,
    urgency: Urgency,
  ): Promise<Tile[]> {
    const read = await this.#read(found);
    const pixels = new Map<string, Buffer>();
    for (const initKey of new Set(Array.from(read.values(), (keyframe) => keyframe.initKey))) {
      const group = [...read].filter(([, keyframe]) => keyframe.initKey === initKey);
      const [first] = group;
      if (first === undefined) continue;
      const data = group.map(([, keyframe]) => keyframe.data);
      const decoded = await this.#decode(first[1].init, data, size, urgency);
      for (const [index, [key]] of group.entries()) {
        const tile = decoded[index];
        if (tile != null) pixels.set(key, tile);
      }
    }
    return found.map((each) => (each === null ? null : (pixels.get(keyOf(each)) ?? null)));
  }

  /** A JPEG of tiles of one size, row by row. @param draw adds to it, above and on the tiles */
  async sheet(
    tiles: readonly Tile[],
    { columns, size, top = 0 }: { columns: number; size: PictureSize; top?: number },
    urgency: Urgency,
    draw: (canvas: Canvas) => void = () => undefined,
  ): Promise<Buffer> {
    const rows = Math.ceil(tiles.length / columns);
    const canvas = new Canvas({ width: columns * size.width, height: top + rows * size.height });
    for (const [index, tile] of tiles.entries()) {
      const [x, y] = [(index % columns) * size.width, top + Math.floor(index / columns) * size.height];
      if (tile !== null) canvas.put(tile, size, x, y);
    }
    draw(canvas);
    return await this.#doors.decoder.sheet(canvas.pixels, canvas.size, urgency);
  }

  async #read(found: readonly (FoundKeyframe | null)[]): Promise<Map<string, Keyframe>> {
    // A long group of pictures stands for several tiles.
    const wanted = new Map(found.flatMap((each) => (each === null ? [] : [[keyOf(each), each] as const])));
    const read = new Map<string, Keyframe>();
    const queue = [...wanted];
    for (let at = 0; at < queue.length; at += READS_AT_ONCE) {
      await Promise.all(
        queue.slice(at, at + READS_AT_ONCE).map(async ([key, each]) => {
          const keyframe = await this.#doors.keyframes.read(each).catch(missing);
          if (keyframe !== null) read.set(key, keyframe);
        }),
      );
    }
    return read;
  }

  /** All together; where that gives another number of pictures, one by one, to know which failed. */
  async #decode(
    init: InitSegment,
    data: readonly Buffer[],
    size: PictureSize,
    urgency: Urgency,
  ): Promise<Tile[]> {
    const bytes = pixelBytes(size);
    const decode = (some: readonly Buffer[]) =>
      this.#doors.decoder.pixels(init.video, keyframeMovie(init, some), size, urgency).catch(missing);
    const together = await decode(data);
    if (together?.length === bytes * data.length) {
      return data.map((_, index) => together.subarray(index * bytes, (index + 1) * bytes));
    }
    const tiles: Tile[] = [];
    for (const each of data) {
      const tile = await decode([each]);
      tiles.push(tile !== null && tile.length >= bytes ? tile.subarray(0, bytes) : null);
    }
    return tiles;
  }
}

/** The size of tiles of a width that have the shape of a video, in even numbers. */
export function tileSizeOf({ video }: InitSegment, width: number): PictureSize {
  const shape = Math.min(TALLEST, Math.max(FLATTEST, video.height / video.width));
  const even = (value: number) => 2 * Math.round(value / 2);
  return { width: even(width), height: even(even(width) * shape) };
}

function keyOf({ segment, gop }: FoundKeyframe): string {
  return `${segment.id} ${gop}`;
}

/** Of one picture among many; too many at once is everybody's trouble. */
function missing(error: unknown): null {
  if (error instanceof NvrError && error.kind !== 'exhausted') return null;
  throw error;
}
