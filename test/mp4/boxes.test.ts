import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boxesIn,
  Cursor,
  findBox,
  makeBox,
  makeFullBox,
  needBox,
  offsetIn,
  readBoxHeader,
  uint32s,
} from '../../src/mp4/boxes.ts';
import { BoxStream } from '../../src/mp4/boxStream.ts';
import { chunked } from './clips.ts';

const invalid = expect.objectContaining({ name: 'NvrError', kind: 'invalid' });

/** A header with a 64-bit size. */
function wide(type: string, size: bigint): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(1, 0);
  bytes.write(type, 4);
  bytes.writeBigUInt64BE(size, 8);
  return bytes;
}

function narrow(type: string, size: number): Buffer {
  return Buffer.concat([uint32s(size), Buffer.from(type)]);
}

describe('box headers', () => {
  it('reads sizes of 32 and of 64 bits', () => {
    expect(readBoxHeader(narrow('mdat', 20))).toEqual({ type: 'mdat', headerBytes: 8, bytes: 20 });
    expect(readBoxHeader(wide('mdat', 20n))).toEqual({ type: 'mdat', headerBytes: 16, bytes: 20 });
  });

  it('asks for more until the header is whole', () => {
    const header = wide('mdat', 20n);
    for (let length = 0; length < 16; length++) expect(readBoxHeader(header.subarray(0, length))).toBeNull();
  });

  it.each([
    ['no size', narrow('mdat', 0)],
    ['a size below the header', narrow('mdat', 7)],
    ['a 64-bit size below the header', wide('mdat', 15n)],
    ['a moov above 1 MiB', narrow('moov', 2 ** 20 + 1)],
    ['a moof above 4 MiB', narrow('moof', 2 ** 22 + 1)],
    ['an mdat above 256 MiB', narrow('mdat', 2 ** 28 + 1)],
    ['an unknown box above 16 MiB', narrow('free', 2 ** 24 + 1)],
    ['the largest size', wide('mdat', 2n ** 64n - 1n)],
  ])('refuses %s', (_what, header) => {
    expect(() => readBoxHeader(header)).toThrow(invalid);
  });
});

describe('boxes', () => {
  const inner = makeFullBox('mfhd', 1, 0x20000, uint32s(7));
  const outer = makeBox('moof', makeBox('free'), inner);

  it('finds what was made, as views', () => {
    const found = needBox(boxesIn(outer), 'moof', 'mfhd');
    expect(found.bytes).toEqual(inner);
    expect(found.body).toEqual(uint32s(2 ** 24 + 0x20000, 7));
    expect(offsetIn(outer, found.bytes)).toBe(16);
    expect(findBox(boxesIn(outer), 'mfhd')).toBeUndefined();
  });

  it('refuses a missing box and boxes that are cut off', () => {
    expect(() => needBox(boxesIn(outer), 'moof', 'traf')).toThrow(invalid);
    for (let length = 1; length < outer.length; length++) {
      expect(() => boxesIn(outer.subarray(0, length))).toThrow(invalid);
    }
  });

  it('never reads past the end of a box', () => {
    const cursor = new Cursor(uint32s(0x01020304, 0xfffffffe));
    expect([cursor.u8(), cursor.u24(), cursor.i32(), cursor.left]).toEqual([1, 0x020304, -2, 0]);
    expect(() => cursor.u8()).toThrow(invalid);
    expect(() => new Cursor(uint32s(2 ** 21, 0)).u64()).toThrow(invalid);
  });
});

describe('a stream of boxes', () => {
  const boxes = [
    makeBox('ftyp', Buffer.from('iso6')),
    makeBox('moov', Buffer.alloc(40, 'm')),
    makeBox('styp'),
    makeBox('moof', Buffer.alloc(13, 'f')),
    Buffer.concat([wide('mdat', 16n + 300n), Buffer.alloc(300, 'd')]),
    makeBox('mdat'),
    makeBox('mfra', Buffer.alloc(50)),
  ];
  const whole = Buffer.concat(boxes);

  it('gives the same boxes however it is chunked', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (sizes) => {
        const seen: [string, string][] = [];
        const stream = new BoxStream(({ type }, body) => seen.push([type, Buffer.concat(body).toString()]));
        for (const chunk of chunked(whole, sizes)) stream.push(chunk);
        expect(seen).toEqual([
          ['moov', 'm'.repeat(40)],
          ['moof', 'f'.repeat(13)],
          ['mdat', 'd'.repeat(300)],
          ['mdat', ''],
        ]);
      }),
    );
  });

  it('hands on payload without copying it', () => {
    const pieces: Buffer[] = [];
    const stream = new BoxStream((_header, body) => pieces.push(...body));
    for (const chunk of chunked(whole, [100])) stream.push(chunk);
    expect(pieces.length).toBeGreaterThan(4);
    expect(pieces.every((piece) => piece.buffer === whole.buffer)).toBe(true);
  });
});
