/**
 * A timeline as JSON, of parts that are text already: what has not changed is written once. Columns of a hundred thousand
 * small numbers are written digit by digit, which takes less time.
 */
import type { CellColumns } from '../domain/timelineGrid.ts';
import type { CameraTimeline, TimelineView } from './wire/timeline.ts';

/** What is told of a camera beside its cells. */
export type CameraSpans = Omit<CameraTimeline, keyof CellColumns>;

/** Consecutive cells: the numbers of each column, with commas between them. */
export type CellText = Readonly<Record<keyof CellColumns, Buffer>>;

/** One camera: the beginning of its object, and its cells, stretch after stretch. */
export interface CameraText {
  readonly head: Buffer;
  readonly cells: readonly CellText[];
}

/** A `TimelineView` whose cameras are text. */
export interface TimelineTexts extends Omit<TimelineView, 'cameras'> {
  readonly cameras: readonly CameraText[];
}

/** Up to four bytes each, which are written at once, and then the comma. */
interface Words {
  readonly words: Uint32Array;
  readonly lengths: Uint8Array;
}

const SHORT = 1_000;
const NUMBERS = wordsOf(Array.from({ length: SHORT + 1 }, (_, value) => `${value}`));
/** What is counted from one on, because zero is unknown. */
const KNOWN = wordsOf(['null', ...Array.from({ length: 255 }, (_, value) => `${value}`)]);
/** Of the largest number that has no word, and the comma. */
const LONGEST = 11;

const COMMA_CODE = 44;
const COMMA = Buffer.from(',');
const COLUMNS = (['counts', 'recorded', 'peaks', 'means'] as const).map((name, index) => ({
  name,
  opening: Buffer.from(`${index === 0 ? '' : ']'},"${name}":[`),
}));
const CAMERA_END = Buffer.from(']}');
const END = Buffer.from(']}');

function wordsOf(texts: readonly string[]): Words {
  return {
    words: Uint32Array.from(texts, (text) => Buffer.from(text.padEnd(4)).readUInt32BE(0)),
    lengths: Uint8Array.from(texts, (text) => text.length),
  };
}

/** The JSON of the `TimelineView` that this is, in UTF-8. */
export function timelineText({ cameras, ...head }: TimelineTexts): Buffer {
  const texts: Buffer[] = [Buffer.from(`${opened(head)},"cameras":[`)];
  for (const [index, camera] of cameras.entries()) {
    if (index > 0) texts.push(COMMA);
    texts.push(camera.head);
    for (const { name, opening } of COLUMNS) addColumn(texts, opening, name, camera.cells);
    texts.push(CAMERA_END);
  }
  texts.push(END);
  return Buffer.concat(texts);
}

function addColumn(
  texts: Buffer[],
  opening: Buffer,
  name: keyof CellColumns,
  stretches: readonly CellText[],
): void {
  texts.push(opening);
  let isFirst = true;
  for (const { [name]: numbers } of stretches) {
    if (numbers.length === 0) continue;
    if (!isFirst) texts.push(COMMA);
    texts.push(numbers);
    isFirst = false;
  }
}

/** The beginning of a camera's object. */
export function headText(camera: CameraSpans): Buffer {
  return Buffer.from(opened(camera));
}

/** Cells as they are to be kept: in memory of their own, and no more than they need. */
export function cellText({ counts, recorded, peaks, means }: CellColumns): CellText {
  // A word takes four bytes for a moment, however short it is.
  const most = (counts.length + recorded.length + peaks.length + means.length) * LONGEST + 4;
  if (desk.length < most) desk = Buffer.allocUnsafeSlow(most);
  const countsEnd = write(counts, NUMBERS, 0);
  const recordedEnd = write(recorded, NUMBERS, countsEnd);
  const peaksEnd = write(peaks, KNOWN, recordedEnd);
  const meansEnd = write(means, KNOWN, peaksEnd);
  const text = Buffer.allocUnsafeSlow(meansEnd);
  desk.copy(text, 0, 0, meansEnd);
  // Without the last comma, if there is one.
  const list = (from: number, to: number) => text.subarray(from, Math.max(from, to - 1));
  return {
    counts: list(0, countsEnd),
    recorded: list(countsEnd, recordedEnd),
    peaks: list(recordedEnd, peaksEnd),
    means: list(peaksEnd, meansEnd),
  };
}

/** An object that is not empty, to be gone on with. */
function opened(value: object): string {
  return JSON.stringify(value).slice(0, -1);
}

/** Where lists are written before it is known how long they are. */
let desk = Buffer.alloc(0);

/** So many equal numbers one after the other are copied: to begin that takes as long as writing some. */
const MANY = 24;

/** Writes each with a comma on the desk, from a place on; gives where they end. */
function write(values: Uint32Array, words: Words, from: number): number {
  const view = new DataView(desk.buffer, desk.byteOffset, desk.length);
  let at = from;
  for (let index = 0; index < values.length; ) {
    const value = values[index] ?? 0;
    const first = index++;
    while (index < values.length && values[index] === value) index++;
    const copies = index - first < MANY ? 0 : index - first - 1;
    const start = at;
    for (let left = index - first - copies; left > 0; left--) at = writeOne(view, value, words, at);
    if (copies === 0) continue;
    const end = at + copies * (at - start);
    desk.fill(desk.subarray(start, at), at, end);
    at = end;
  }
  return at;
}

function writeOne(view: DataView, value: number, { words, lengths }: Words, from: number): number {
  let at = from;
  if (value < words.length) {
    view.setUint32(at, words[value] ?? 0);
    at += lengths[value] ?? 0;
  } else {
    at += desk.write(`${value}`, at, 'latin1');
  }
  desk[at] = COMMA_CODE;
  return at + 1;
}
