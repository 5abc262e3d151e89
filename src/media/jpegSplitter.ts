/** Cuts a stream of bytes into the JPEGs that it is made of (ITU-T T.81 Annex B). */

const START = 0xffd8;
const END = 0xffd9;
const SCAN = 0xffda;
/** More than any picture of ours: whatever has no end is thrown away. */
const LONGEST_BYTES = 32 * 2 ** 20;

export class JpegSplitter {
  readonly #onPicture: (jpeg: Buffer) => void;
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Where the next segment of the picture begins, or how far its scan was looked through. */
  #at = 0;
  #inScan = false;

  constructor(onPicture: (jpeg: Buffer) => void) {
    this.#onPicture = onPicture;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    // Little is looked at until the scan; from there on, each byte once.
    const bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#bytes);
    const rest = this.#cut(bytes);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#bytes = rest.length;
    if (rest.length > LONGEST_BYTES) this.#restart();
  }

  #restart(): void {
    this.#chunks = [];
    this.#bytes = 0;
    this.#at = 0;
    this.#inScan = false;
  }

  /** Delivers the pictures that end in the bytes; gives what is left. */
  #cut(bytes: Buffer): Buffer {
    let rest = bytes;
    for (;;) {
      const end = this.#endOf(rest);
      if (end === null) return rest;
      this.#onPicture(rest.subarray(0, end));
      rest = rest.subarray(end);
      this.#at = 0;
      this.#inScan = false;
    }
  }

  /** Where the first picture ends; null when that has not come yet. */
  #endOf(bytes: Buffer): number | null {
    while (!this.#inScan) {
      if (this.#at + 4 > bytes.length) return null;
      const marker = bytes.readUInt16BE(this.#at);
      this.#inScan = marker === SCAN;
      this.#at += marker === START ? 2 : 2 + bytes.readUInt16BE(this.#at + 2);
    }
    // In a scan, 0xFF is followed by a zero or a restart marker, until the end.
    const found = bytes.indexOf(Buffer.from([END >> 8, END & 0xff]), this.#at);
    if (found >= 0) return found + 2;
    this.#at = Math.max(this.#at, bytes.length - 1);
    return null;
  }
}
