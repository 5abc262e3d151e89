/**
 * Boxes of ISO 14496-12 §4.2 as bytes: reading them within bounds, building small ones, limits on their size.
 * What a particular box means belongs in the file that uses it. Nothing here reads outside what it is given:
 * malformed input becomes an NvrError `invalid`.
 */
import { NvrError } from '../domain/errors.ts';

/** A box's size and type, before its content has been seen. */
export interface BoxHeader {
  readonly type: string;
  /** 8, or 16 with a 64-bit size. */
  readonly headerBytes: number;
  /** Of the whole box, header included. */
  readonly bytes: number;
}

/** A whole box; both buffers share memory with the buffer it was read from. */
export interface Box {
  readonly type: string;
  readonly bytes: Buffer;
  /** Without the header. */
  readonly body: Buffer;
}

const MIB = 2 ** 20;
const LIMITS: ReadonlyMap<string, number> = new Map([
  ['moov', MIB],
  ['moof', 4 * MIB],
  ['mdat', 256 * MIB],
]);
const OTHER_LIMIT = 16 * MIB;

/** @returns an NvrError `invalid` about MP4 bytes, to be thrown. */
export function malformed(what: string): NvrError {
  return new NvrError('invalid', `Malformed MP4: ${what}.`);
}

/**
 * Reads the header at the start of `bytes`.
 * @returns null when more bytes are needed to know it.
 * @throws NvrError `invalid` for a box that runs to the end of the file (size 0: a stream has none), is
 *   smaller than its header, or larger than its type may be (`moov` 1 MiB, `moof` 4 MiB, `mdat` 256 MiB).
 */
export function readBoxHeader(bytes: Buffer): BoxHeader | null {
  if (bytes.length < 8) return null;
  const type = bytes.toString('latin1', 4, 8);
  const short = bytes.readUInt32BE(0);
  if (short === 1 && bytes.length < 16) return null;
  const headerBytes = short === 1 ? 16 : 8;
  const size = short === 1 ? Number(bytes.readBigUInt64BE(8)) : short;
  if (size < headerBytes) throw malformed(`box ${JSON.stringify(type)} has the size ${size}`);
  if (size > (LIMITS.get(type) ?? OTHER_LIMIT)) throw malformed(`box ${JSON.stringify(type)} is too large`);
  return { type, headerBytes, bytes: size };
}

/**
 * The boxes that fill `bytes` from its first to its last byte.
 * @throws NvrError `invalid` when they do not fill it exactly.
 */
export function boxesIn(bytes: Buffer): Box[] {
  const boxes: Box[] = [];
  for (let at = 0; at < bytes.length; ) {
    const header = readBoxHeader(bytes.subarray(at));
    if (header === null || at + header.bytes > bytes.length) throw malformed('a box is cut off');
    const whole = bytes.subarray(at, at + header.bytes);
    boxes.push({ type: header.type, bytes: whole, body: whole.subarray(header.headerBytes) });
    at += header.bytes;
  }
  return boxes;
}

/** The only or first box of a type, or undefined. */
export function findBox(boxes: readonly Box[], type: string): Box | undefined {
  return boxes.find((candidate) => candidate.type === type);
}

/**
 * Follows a path of types down from `boxes`.
 * @throws NvrError `invalid` when a box on the way is missing.
 */
export function needBox(boxes: readonly Box[], ...path: readonly [string, ...string[]]): Box {
  const [type, next, ...rest] = path;
  const found = findBox(boxes, type);
  if (found === undefined) throw malformed(`box ${JSON.stringify(type)} is missing`);
  return next === undefined ? found : needBox(boxesIn(found.body), next, ...rest);
}

/** Where `part` begins inside `whole`, in bytes; `part` must be a view into it. */
export function offsetIn(whole: Buffer, part: Buffer): number {
  return part.byteOffset - whole.byteOffset;
}

/** A box around the parts; copies them. */
export function makeBox(type: string, ...parts: readonly Buffer[]): Buffer {
  const bytes = parts.reduce((sum, part) => sum + part.length, 8);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(bytes, 0);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, ...parts], bytes);
}

/** A box that begins with version and flags (§4.2.2). */
export function makeFullBox(
  type: string,
  version: number,
  flags: number,
  ...parts: readonly Buffer[]
): Buffer {
  return makeBox(type, uint32s(version * 2 ** 24 + flags), ...parts);
}

/** Big-endian 32-bit numbers one after the other. */
export function uint32s(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

/** Reads numbers one after the other; reading past the end throws NvrError `invalid`. */
export class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** A view of the next `count` bytes. */
  take(count: number): Buffer {
    return this.#bytes.subarray(this.#step(count), this.#at);
  }

  skip(count: number): this {
    this.#step(count);
    return this;
  }

  u8(): number {
    return this.#bytes.readUInt8(this.#step(1));
  }

  u16(): number {
    return this.#bytes.readUInt16BE(this.#step(2));
  }

  u24(): number {
    return this.#bytes.readUIntBE(this.#step(3), 3);
  }

  u32(): number {
    return this.#bytes.readUInt32BE(this.#step(4));
  }

  i32(): number {
    return this.#bytes.readInt32BE(this.#step(4));
  }

  /** @throws NvrError `invalid` also when the number is beyond 2⁵³. */
  u64(): number {
    const value = Number(this.#bytes.readBigUInt64BE(this.#step(8)));
    if (!Number.isSafeInteger(value)) throw malformed('a 64-bit number is too large');
    return value;
  }

  #step(count: number): number {
    if (count > this.left) throw malformed('a box ends too early');
    const at = this.#at;
    this.#at += count;
    return at;
  }
}
