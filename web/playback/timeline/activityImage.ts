/**
 * How much moved, of all lanes, as one small image: a column for each CSS pixel, a row for each step. Stretched to the bars
 * it costs one drawing a lane, where a rectangle for each column took thousands.
 */
import type { Activity } from '../archive.ts';
import { activityLevels, LEVELS } from './runs.ts';
import type { View } from './view.ts';

/** A pixel that covers, in either order of bytes. */
const COVERED = 0xffffffff;

export class ActivityImage {
  readonly #canvas = document.createElement('canvas');
  #image: ImageData | null = null;

  /** Makes the image of some lanes. @param width in CSS pixels */
  make(lanes: readonly (readonly Activity[])[], view: View, width: number, colour: string): void {
    const pen = this.#canvas.getContext('2d');
    const size = { width: Math.max(1, Math.ceil(width)), height: Math.max(1, lanes.length * LEVELS) };
    if (!pen) return;
    if (this.#image?.width !== size.width || this.#image.height !== size.height) {
      Object.assign(this.#canvas, size);
      this.#image = pen.createImageData(size.width, size.height);
    }
    const pixels = new Uint32Array(this.#image.data.buffer);
    for (const [index, activity] of lanes.entries()) {
      const levels = activityLevels(activity, view, size.width);
      for (let row = 0; row < LEVELS; row++) {
        const begin = (index * LEVELS + row) * size.width;
        const least = LEVELS - row;
        for (let x = 0; x < size.width; x++) pixels[begin + x] = (levels[x] ?? 0) >= least ? COVERED : 0;
      }
    }
    pen.putImageData(this.#image, 0, 0);
    pen.globalCompositeOperation = 'source-in';
    pen.fillStyle = colour;
    pen.fillRect(0, 0, size.width, size.height);
  }

  /** Puts a lane of it somewhere, as high as is wanted; CSS pixels. */
  put(pen: CanvasRenderingContext2D, lane: number, top: number, height: number): void {
    const { width } = this.#canvas;
    pen.imageSmoothingEnabled = false;
    pen.drawImage(this.#canvas, 0, lane * LEVELS, width, LEVELS, 0, top, width, height);
  }
}
