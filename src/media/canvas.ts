/** A picture of planar pixels (I420, full range) that smaller ones are put into, and times are written on. */
import type { PictureSize } from './picturePlan.ts';

/** Bytes of a picture. @param size of even numbers */
export function pixelBytes({ width, height }: PictureSize): number {
  return (width * height * 3) / 2;
}

const DARK = 24;
const WHITE = 235;
const NO_COLOUR = 128;

/** Five rows of three points each, from the upper left: the bits of each sign. */
const SIGNS: Readonly<Record<string, string>> = {
  '0': '111101101101111',
  '1': '010110010010111',
  '2': '111001111100111',
  '3': '111001111001111',
  '4': '101101111001001',
  '5': '111100111001111',
  '6': '111100111101111',
  '7': '111001010010010',
  '8': '111101111101111',
  '9': '111101111001111',
  ':': '000010000010000',
  '-': '000000111000000',
  '.': '000000000000010',
};
const [SIGN_COLUMNS, SIGN_ROWS] = [3, 5];

export class Canvas {
  readonly size: PictureSize;
  readonly pixels: Buffer;

  /** Dark all over. @param size of even numbers */
  constructor(size: PictureSize) {
    this.size = size;
    this.pixels = Buffer.alloc(pixelBytes(size), NO_COLOUR);
    this.pixels.fill(DARK, 0, size.width * size.height);
  }

  /** Puts a picture of the same kind at a place of even numbers, where it has room. */
  put(picture: Buffer, { width, height }: PictureSize, x: number, y: number): void {
    let from = 0;
    let to = 0;
    for (const divisor of [1, 2, 2]) {
      const [columns, rows] = [width / divisor, height / divisor];
      const stride = this.size.width / divisor;
      for (let row = 0; row < rows; row++) {
        const at = to + (y / divisor + row) * stride + x / divisor;
        picture.copy(this.pixels, at, from + row * columns, from + (row + 1) * columns);
      }
      from += columns * rows;
      to += stride * (this.size.height / divisor);
    }
  }

  /** Writes digits, colons, hyphens, points and spaces on a dark ground. @param scale size of a point, in pixels */
  write(text: string, x: number, y: number, scale: number): void {
    const width = (text.length * (SIGN_COLUMNS + 1) + 1) * scale;
    this.#fill(x, y, width, (SIGN_ROWS + 2) * scale, DARK);
    for (const [index, sign] of [...text].entries()) {
      const left = x + (1 + index * (SIGN_COLUMNS + 1)) * scale;
      for (const [bit, on] of [...(SIGNS[sign] ?? '')].entries()) {
        const [column, row] = [bit % SIGN_COLUMNS, Math.floor(bit / SIGN_COLUMNS)];
        if (on === '1') this.#fill(left + column * scale, y + (1 + row) * scale, scale, scale, WHITE);
      }
    }
  }

  /** Brightness only: on thumbnails, a hint of the colour below does no harm. */
  #fill(x: number, y: number, width: number, height: number, value: number): void {
    const right = Math.min(x + width, this.size.width);
    for (let row = y; row < Math.min(y + height, this.size.height); row++) {
      const start = row * this.size.width;
      this.pixels.fill(value, start + x, start + Math.max(x, right));
    }
  }
}
