/**
 * The lanes' footage as a bitmap that is wider than what is shown: while one pans it is only put somewhere else, while
 * one zooms it is stretched, and it is drawn again when the view leaves it or comes to rest.
 */
import type { Interval } from '../../time/zone.ts';
import { ActivityImage } from './activityImage.ts';
import { drawFootage, type Geometry, type LaneScene } from './draw.ts';
import type { Palette } from './palette.ts';
import { spanOf, type View, xOf } from './view.ts';

/** On each side, in shares of the view. */
const MARGIN = 0.25;
/** Stretched further than this, it would be told. */
const MOST_STRETCH = 1.5;
/** Views whose lengths differ by less are of one scale: panning adds rounding errors. */
const SAME = 1e-6;

interface Drawn {
  readonly lanes: readonly LaneScene[];
  readonly geometry: Geometry;
  readonly palette: Palette;
  readonly ratio: number;
}

/** The interval to draw, and how long a view it is drawn for. */
export interface Range {
  readonly wide: Interval;
  readonly spanMs: number;
}

export class LaneLayer {
  readonly #canvas = document.createElement('canvas');
  readonly #activity = new ActivityImage();
  #range: Range | null = null;
  #drawn: Drawn | null = null;

  /** What has to be known to draw a view: the same as before for as long as that will do. */
  rangeFor(view: View): Range {
    const spanMs = spanOf(view);
    if (this.#range && covers(this.#range, view)) return this.#range;
    const margin = spanMs * MARGIN;
    this.#range = { wide: { startMs: view.startMs - margin, endMs: view.endMs + margin }, spanMs };
    this.#drawn = null;
    return this.#range;
  }

  /** Whether a view is shown in its own scale, and not stretched. */
  fits(view: View): boolean {
    return this.#range !== null && Math.abs(spanOf(view) / this.#range.spanMs - 1) < SAME;
  }

  /** Makes the next range one of the scale of its view. */
  forget(): void {
    this.#range = null;
  }

  /**
   * Puts the lanes where they belong.
   * @param lanes of the last range
   * @param ratio pixels of the screen in a CSS pixel
   */
  put(
    pen: CanvasRenderingContext2D,
    view: View,
    lanes: readonly LaneScene[],
    geometry: Geometry,
    palette: Palette,
    ratio: number,
  ): void {
    const range = this.#range;
    if (!range || lanes.length === 0) return;
    const { wide, spanMs } = range;
    const next = { lanes, geometry, palette, ratio };
    if (!this.#drawn || !isSame(this.#drawn, next)) {
      const width = (spanOf(wide) / spanMs) * geometry.width;
      this.#draw(next, wide, width);
    }
    const from = xOf(wide.startMs, view, geometry.width);
    const to = xOf(wide.endMs, view, geometry.width);
    // On whole pixels, so that it is copied as it is.
    const x = this.fits(view) ? Math.round(from * ratio) / ratio : from;
    const width = this.fits(view) ? this.#canvas.width / ratio : to - from;
    pen.imageSmoothingEnabled = false;
    pen.drawImage(this.#canvas, x, 0, width, this.#canvas.height / ratio);
  }

  #draw(next: Drawn, wide: Interval, width: number): void {
    const { lanes, geometry, palette, ratio } = next;
    const pen = this.#canvas.getContext('2d');
    if (!pen) return;
    const height = geometry.laneHeight * lanes.length;
    const size = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))] as const;
    // A canvas that is given a size gets new memory, even if it is the one it has.
    if (this.#canvas.width !== size[0] || this.#canvas.height !== size[1])
      [this.#canvas.width, this.#canvas.height] = size;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    const activities = lanes.map(({ activity }) => activity);
    this.#activity.make(activities, wide, width, palette.activity);
    drawFootage(pen, lanes, wide, { ...geometry, width }, palette, (lane, top, high) =>
      this.#activity.put(pen, lane, top, high),
    );
    this.#drawn = next;
  }
}

function covers({ wide, spanMs }: Range, view: View): boolean {
  const stretch = spanOf(view) / spanMs;
  return (
    stretch < MOST_STRETCH &&
    stretch > 1 / MOST_STRETCH &&
    view.startMs >= wide.startMs &&
    view.endMs <= wide.endMs
  );
}

function isSame(before: Drawn, next: Drawn): boolean {
  return (
    before.geometry === next.geometry &&
    before.palette === next.palette &&
    before.ratio === next.ratio &&
    before.lanes.length === next.lanes.length &&
    before.lanes.every((lane, index) => isSameLane(lane, next.lanes[index]))
  );
}

/** What arrived once is never changed, only replaced. */
function isSameLane(before: LaneScene, next: LaneScene | undefined): boolean {
  return (
    before.recordings === next?.recordings &&
    before.missing === next.missing &&
    before.offClock === next.offClock &&
    before.gaps === next.gaps &&
    before.eventful === next.eventful &&
    before.activity === next.activity &&
    before.chosen === next.chosen &&
    before.protected === next.protected
  );
}
