/** A timeline as JSON. Lists of a hundred thousand small numbers are written digit by digit, which takes less time. */
import type { CameraTimeline, TimelineView } from './wire/timeline.ts';

/** Of the largest whole number, and the comma. */
const LONGEST = 17;
const [COMMA, OPEN, CLOSE] = [44, 91, 93];
/** Up to here a number is four bytes at most, which are written at once, and then the comma. */
const SHORT = 1_000;
const WORDS = Uint32Array.from({ length: SHORT + 1 }, (_, value) => wordOf(`${value}`));
const LENGTHS = Uint8Array.from(WORDS, (_, value) => `${value}`.length);
const NULL = wordOf('null');

function wordOf(text: string): number {
  return Buffer.from(text.padEnd(4)).readUInt32BE(0);
}

/** The same value as `JSON.stringify` gives, in UTF-8. */
export function timelineText(view: TimelineView): Buffer {
  const { cameras, ...head } = view;
  const parts: Buffer[] = [Buffer.from(`${opened(head)},"cameras":[`)];
  for (const [index, camera] of cameras.entries()) {
    if (index > 0) parts.push(Buffer.from(','));
    parts.push(...cameraText(camera));
  }
  return Buffer.concat([...parts, Buffer.from(']}')]);
}

function cameraText({ counts, recorded, peaks, means, ...rest }: CameraTimeline): Buffer[] {
  const lists = Object.entries({ counts, recorded, peaks, means }).flatMap(([name, values]) => {
    return [Buffer.from(`,"${name}":`), listText(values)];
  });
  return [Buffer.from(opened(rest)), ...lists, Buffer.from('}')];
}

/** An object that is not empty, to be gone on with. */
function opened(value: object): string {
  return JSON.stringify(value).slice(0, -1);
}

function listText(values: readonly (number | null)[]): Buffer {
  const bytes = Buffer.allocUnsafe(values.length * LONGEST + 2);
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  bytes[at++] = OPEN;
  for (const value of values) {
    if (at > 1) bytes[at++] = COMMA;
    const word = value === null ? NULL : WORDS[value];
    if (word === undefined) {
      at += bytes.write(`${value}`, at, 'latin1');
    } else {
      words.setUint32(at, word);
      at += value === null ? 4 : (LENGTHS[value] ?? 0);
    }
  }
  bytes[at++] = CLOSE;
  return bytes.subarray(0, at);
}
