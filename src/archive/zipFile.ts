/**
 * Reads archives as exports make them: entries that are stored and not compressed (APPNOTE 6.3, with ZIP64). Everything
 * comes from the central directory, which is checked against the file before anything is believed.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { NvrError } from '../domain/errors.ts';
import { diskError } from './disk.ts';

export interface ZipEntry {
  readonly name: string;
  readonly bytes: number;
  /** Of its local header. */
  readonly offset: number;
}

const END = 0x06054b50;
const END_BYTES = 22;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const LOCATOR_BYTES = 20;
const CENTRAL = 0x02014b50;
const CENTRAL_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const MAX_COMMENT = 0xffff;
const MAX_DIRECTORY = 2 ** 26;
const FULL_32 = 0xffffffff;
const ZIP64_EXTRA = 1;
const BLOCK = 2 ** 20;

export class ZipFile {
  readonly entries: readonly ZipEntry[];
  readonly #file: FileHandle;

  private constructor(file: FileHandle, entries: readonly ZipEntry[]) {
    this.#file = file;
    this.entries = entries;
  }

  /** @throws NvrError `not-found`, `unavailable`, or `invalid` for a file that is no such archive. */
  static async open(path: string): Promise<ZipFile> {
    const file = await open(path, 'r').catch((error: unknown) => {
      throw diskError(path, error);
    });
    try {
      return new ZipFile(file, await readDirectory(file));
    } catch (error) {
      await file.close();
      if (error instanceof NvrError) throw error;
      throw error instanceof RangeError ? malformed('it is cut off') : diskError(path, error);
    }
  }

  /** The content of an entry, in blocks of memory that hold until the next is asked for. @throws NvrError `invalid` */
  async *read({ name, bytes, offset }: ZipEntry): AsyncGenerator<Buffer, void, undefined> {
    const header = await exactly(this.#file, offset, LOCAL_BYTES);
    if (header.readUInt32LE(0) !== LOCAL) throw malformed(`${name} is not where it should be`);
    const start = offset + LOCAL_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
    const block = Buffer.allocUnsafe(BLOCK);
    for (let at = 0; at < bytes; ) {
      const { bytesRead } = await this.#file.read(block, 0, Math.min(BLOCK, bytes - at), start + at);
      if (bytesRead === 0) throw malformed(`${name} is cut off`);
      yield block.subarray(0, bytesRead);
      at += bytesRead;
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

async function readDirectory(file: FileHandle): Promise<ZipEntry[]> {
  const { size } = await file.stat();
  const { offset, bytes, count } = await findDirectory(file, size);
  if (bytes > MAX_DIRECTORY || offset + bytes > size) throw malformed('its directory is damaged');
  const directory = await exactly(file, offset, bytes);
  const entries: ZipEntry[] = [];
  for (let at = 0; entries.length < count; ) {
    const [entry, length] = readEntry(directory.subarray(at));
    if (entry.offset + entry.bytes > offset) throw malformed(`${entry.name} is cut off`);
    entries.push(entry);
    at += length;
  }
  return entries;
}

async function findDirectory(file: FileHandle, size: number) {
  const tail = Math.min(size, END_BYTES + MAX_COMMENT);
  const bytes = await exactly(file, size - tail, tail);
  for (let at = tail - END_BYTES; at >= 0; at--) {
    if (bytes.readUInt32LE(at) !== END || at + END_BYTES + bytes.readUInt16LE(at + 20) !== tail) continue;
    const end = bytes.subarray(at);
    const count = end.readUInt16LE(10);
    const found = { count, bytes: end.readUInt32LE(12), offset: end.readUInt32LE(16) };
    if (count !== 0xffff && found.bytes !== FULL_32 && found.offset !== FULL_32) return found;
    return await findDirectory64(file, size - tail + at);
  }
  throw malformed('it is no ZIP archive, or cut off');
}

async function findDirectory64(file: FileHandle, endAt: number) {
  const locator = await exactly(file, endAt - LOCATOR_BYTES, LOCATOR_BYTES);
  if (locator.readUInt32LE(0) !== LOCATOR_64) throw malformed('its directory is damaged');
  const end = await exactly(file, long(locator, 8), 56);
  if (end.readUInt32LE(0) !== END_64) throw malformed('its directory is damaged');
  return { count: long(end, 32), bytes: long(end, 40), offset: long(end, 48) };
}

function readEntry(bytes: Buffer): [ZipEntry, number] {
  if (bytes.readUInt32LE(0) !== CENTRAL) throw malformed('its directory is damaged');
  if (bytes.readUInt16LE(10) !== 0) throw malformed('it is compressed, which no export is');
  const [nameBytes, extraBytes] = [bytes.readUInt16LE(28), bytes.readUInt16LE(30)];
  const name = bytes.toString('utf8', CENTRAL_BYTES, CENTRAL_BYTES + nameBytes);
  const extra = bytes.subarray(CENTRAL_BYTES + nameBytes, CENTRAL_BYTES + nameBytes + extraBytes);
  const length = CENTRAL_BYTES + nameBytes + extraBytes + bytes.readUInt16LE(32);
  const [stored, size, offset] = [bytes.readUInt32LE(20), bytes.readUInt32LE(24), bytes.readUInt32LE(42)];
  const wide = longs(extra);
  const taken = (value: number) => (value === FULL_32 ? (wide.shift() ?? value) : value);
  // In this order, and only those that do not fit into 32 bits.
  const real = taken(size);
  if (taken(stored) !== real) throw malformed(`${name} has two sizes`);
  return [{ name, bytes: real, offset: taken(offset) }, length];
}

/** The numbers of the ZIP64 field of an entry. */
function longs(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; ) {
    const bytes = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === ZIP64_EXTRA) {
      return Array.from({ length: Math.floor(bytes / 8) }, (_, index) => long(extra, at + 4 + index * 8));
    }
    at += 4 + bytes;
  }
  return [];
}

function long(bytes: Buffer, at: number): number {
  const value = Number(bytes.readBigUInt64LE(at));
  if (Number.isSafeInteger(value)) return value;
  throw malformed('a number in it is too large');
}

async function exactly(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  if (offset < 0) throw malformed('it is cut off');
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(buffer, 0, bytes, offset);
  if (bytesRead === bytes) return buffer;
  throw malformed('it is cut off');
}

function malformed(what: string): NvrError {
  return new NvrError('invalid', `The archive cannot be read: ${what}.`);
}
