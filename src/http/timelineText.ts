/** A timeline as JSON. Columns of a hundred thousand small numbers are written digit by digit, which takes less time. */
import type { CellColumns } from '../domain/timelineGrid.ts';
import type { CameraTimeline, TimelineView } from './wire/timeline.ts';

/** One camera, with its cells as columns. */
export interface CameraColumns {
  readonly camera: Omit<CameraTimeline, keyof CellColumns>;
  readonly cells: CellColumns;
}

/** A `TimelineView` that is yet to be written. */
export interface TimelineColumns extends Omit<TimelineView, 'cameras'> {
  readonly cameras: readonly CameraColumns[];
}

/** Up to four bytes each, which are written at once, and then the comma. */
interface Words {
  readonly words: Uint32Array;
  readonly lengths: Uint8Array;
}

const [COMMA, OPEN, CLOSE] = [44, 91, 93];
const SHORT = 1_000;
const NUMBERS = wordsOf(Array.from({ length: SHORT + 1 }, (_, value) => `${value}`));
/** What is counted from one on, because zero is unknown. */
const KNOWN = wordsOf(['null', ...Array.from({ length: 255 }, (_, value) => `${value}`)]);
/** Of the largest number that has no word, and the comma. */
const LONGEST = 11;
/** What most cells take. */
const USUAL_CELL = 16;

function wordsOf(texts: readonly string[]): Words {
  return {
    words: Uint32Array.from(texts, (text) => Buffer.from(text.padEnd(4)).readUInt32BE(0)),
    lengths: Uint8Array.from(texts, (text) => text.length),
  };
}

/** The JSON of the `TimelineView` that this is, in UTF-8. */
export function timelineText({ cameras, ...head }: TimelineColumns): Buffer {
  const cells = cameras.reduce((sum, camera) => sum + camera.cells.counts.length, 0);
  const text = new GrowingText(cells * USUAL_CELL + 1_000);
  text.add(`${opened(head)},"cameras":[`);
  for (const [index, each] of cameras.entries()) {
    text.add(`${index > 0 ? ',' : ''}${opened(each.camera)},"counts":`);
    text.addList(each.cells.counts, NUMBERS);
    text.add(',"recorded":');
    text.addList(each.cells.recorded, NUMBERS);
    text.add(',"peaks":');
    text.addList(each.cells.peaks, KNOWN);
    text.add(',"means":');
    text.addList(each.cells.means, KNOWN);
    text.add('}');
  }
  text.add(']}');
  return text.bytes;
}

/** An object that is not empty, to be gone on with. */
function opened(value: object): string {
  return JSON.stringify(value).slice(0, -1);
}

class GrowingText {
  #bytes: Buffer;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  add(text: string): void {
    this.#makeRoom(text.length * 3);
    this.#length += this.#bytes.write(text, this.#length);
  }

  addList(values: Uint32Array, { words, lengths }: Words): void {
    this.#makeRoom(values.length * LONGEST + 2);
    const bytes = this.#bytes;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let at = this.#length;
    bytes[at++] = OPEN;
    for (let index = 0; index < values.length; index++) {
      const value = values[index] ?? 0;
      if (value < words.length) {
        view.setUint32(at, words[value] ?? 0);
        at += lengths[value] ?? 0;
      } else {
        at += bytes.write(`${value}`, at, 'latin1');
      }
      bytes[at++] = COMMA;
    }
    // Over the last comma, if there is one.
    if (values.length > 0) at--;
    bytes[at++] = CLOSE;
    this.#length = at;
  }

  /** For so many bytes more, and those that a word leaves unused. */
  #makeRoom(bytes: number): void {
    const needed = this.#length + bytes + 4;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
