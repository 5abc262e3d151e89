/**
 * Cuts a stream of bytes, in chunks of any size, into top-level boxes. Payload is handed on as views of the
 * chunks it came in; only a header that straddles two chunks is copied.
 */
import { type BoxHeader, readBoxHeader } from './boxes.ts';

/** Takes a whole box: its header and its body as consecutive pieces. */
export type BoxSink = (header: BoxHeader, body: readonly Buffer[]) => void;

const WANTED = new Set(['moov', 'moof', 'mdat']);
const LONGEST_HEADER = 16;
const NOTHING = Buffer.alloc(0);

interface OpenBox {
  readonly header: BoxHeader;
  readonly body: Buffer[];
  left: number;
}

/** Hands `moov`, `moof` and `mdat` to the sink as each becomes whole, and steps over every other box. */
export class BoxStream {
  readonly #sink: BoxSink;
  /** The first bytes of a header that is not whole yet. */
  #partialHeader: Buffer = NOTHING;
  #open: OpenBox | null = null;

  constructor(sink: BoxSink) {
    this.#sink = sink;
  }

  /**
   * Takes the next bytes; keeps views of them.
   * @throws NvrError `invalid` for a malformed box (see readBoxHeader), and whatever the sink throws. The
   *   stream is of no use after that.
   */
  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) rest = this.#open === null ? this.#begin(rest) : this.#fill(this.#open, rest);
  }

  /** Reads a header from the front of the bytes and returns what follows it. */
  #begin(bytes: Buffer): Buffer {
    const partial = this.#partialHeader;
    const seen = partial.length === 0 ? bytes : Buffer.concat([partial, bytes.subarray(0, LONGEST_HEADER)]);
    const header = readBoxHeader(seen);
    if (header === null) {
      this.#partialHeader = Buffer.from(seen);
      return NOTHING;
    }
    this.#partialHeader = NOTHING;
    const open = { header, body: [], left: header.bytes - header.headerBytes };
    this.#open = open;
    if (open.left === 0) this.#close(open);
    return bytes.subarray(header.headerBytes - partial.length);
  }

  /** Gives the box the bytes that belong to it and returns what follows. */
  #fill(open: OpenBox, bytes: Buffer): Buffer {
    const piece = bytes.subarray(0, open.left);
    if (WANTED.has(open.header.type)) open.body.push(piece);
    open.left -= piece.length;
    if (open.left === 0) this.#close(open);
    return bytes.subarray(piece.length);
  }

  #close(open: OpenBox): void {
    this.#open = null;
    if (WANTED.has(open.header.type)) this.#sink(open.header, open.body);
  }
}
