import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ticks } from '../../src/domain/ticks.ts';
import { gopsOf, type ScannedFragment, scanSegment } from '../../src/mp4/scan.ts';
import { clip, cut } from './clips.ts';

/** Fragments behind a header of 100 bytes, and how a disk would give them. */
async function segment(name: 'tiny' | 'h264BframesAac') {
  const { init, fragments } = cut([await clip(name)]);
  const bytes = Buffer.concat([Buffer.alloc(100, 'h'), ...fragments.flatMap(({ chunks }) => chunks)]);
  const scan = (file: Buffer, end = file.length) =>
    scanSegment((offset, length) => Promise.resolve(file.subarray(offset, offset + length)), {
      start: 100,
      end,
      timescale: init.video.timescale,
    });
  return { fragments, bytes, scan };
}

describe('scan', () => {
  it('finds every fragment as it was made', async () => {
    const { bytes, fragments, scan } = await segment('h264BframesAac');
    const result = await scan(bytes);
    expect(result.endOffset).toBe(bytes.length);
    let offset = 100;
    expect(result.fragments).toEqual(
      fragments.map(({ byteLength, startTicks, durationTicks, key, frames }) => {
        offset += byteLength;
        return { offset: offset - byteLength, bytes: byteLength, startTicks, durationTicks, key, frames };
      }),
    );
  });

  it('reads no more than the descriptions', async () => {
    const { bytes } = await segment('h264BframesAac');
    let read = 0;
    let reads = 0;
    const count = (offset: number, length: number): Buffer => {
      read += length;
      reads++;
      return bytes.subarray(offset, offset + length);
    };
    const { fragments } = await scanSegment(count, { start: 100, end: bytes.length, timescale: 2500 });
    expect(reads).toBe(fragments.length);
    expect(read).toBeLessThanOrEqual(4096 * fragments.length);
  });

  it('finds exactly the whole fragments, wherever the file is cut', async () => {
    const { bytes, scan } = await segment('tiny');
    const { fragments } = await scan(bytes);
    expect(fragments.length).toBeGreaterThan(3);
    for (let end = 0; end <= bytes.length; end++) {
      const whole = fragments.filter((fragment) => fragment.offset + fragment.bytes <= end);
      const last = whole.at(-1);
      expect(await scan(bytes.subarray(0, end))).toEqual({
        fragments: whole,
        endOffset: last === undefined ? 100 : last.offset + last.bytes,
      });
    }
  });

  it('reads descriptions that are longer than a glance', async () => {
    const { bytes, fragments, scan } = await segment('h264BframesAac');
    const first = bytes.subarray(100, 100 + (fragments[0]?.byteLength ?? 0));
    const moofBytes = first.readUInt32BE(0);
    const padding = Buffer.alloc(9000);
    padding.writeUInt32BE(9000);
    padding.write('free', 4);
    const long = Buffer.concat([
      bytes.subarray(0, 100),
      first.subarray(0, moofBytes),
      padding,
      first.subarray(moofBytes),
    ]);
    long.writeUInt32BE(moofBytes + 9000, 100);
    expect((await scan(long)).fragments).toMatchObject([{ bytes: first.length + 9000, frames: 12 }]);
    expect((await scan(long.subarray(0, 5000))).fragments).toEqual([]);
  });

  it('stops at whatever is damaged, without a complaint', async () => {
    const { bytes, scan } = await segment('tiny');
    const { fragments } = await scan(bytes);
    const zeros = Buffer.concat([bytes, Buffer.alloc(5000)]);
    expect((await scan(zeros)).endOffset).toBe(bytes.length);
    const change = fc.tuple(
      fc.integer({ min: 100, max: bytes.length - 1 }),
      fc.integer({ min: 0, max: 255 }),
    );
    await fc.assert(
      fc.asyncProperty(change, async ([at, value]) => {
        const damaged = Buffer.from(bytes);
        damaged[at] = value;
        const found = await scan(damaged);
        const before = fragments.filter((fragment) => fragment.offset + fragment.bytes <= at);
        expect(found.fragments.slice(0, before.length)).toEqual(before);
        expect(found.endOffset).toBeLessThanOrEqual(damaged.length);
      }),
      { numRuns: 500 },
    );
  });

  it('passes on what reading throws', async () => {
    const fail = () => Promise.reject(new Error('EIO'));
    await expect(scanSegment(fail, { start: 0, end: 10, timescale: 1 })).rejects.toThrow('EIO');
  });
});

describe('groups of pictures', () => {
  const fragment = (index: number, key: boolean): ScannedFragment => ({
    offset: 1000 + index * 10,
    bytes: 10,
    startTicks: ticks(index * 100),
    durationTicks: ticks(100),
    key,
    frames: 3,
  });

  it.each([
    ['', ''],
    ['k', '1000+10 0+100 3'],
    ['kk', '1000+10 0+100 3, 1010+10 100+100 3'],
    ['k..k.', '1000+30 0+300 9, 1030+20 300+200 6'],
    ['..k.', '1020+20 200+200 6'],
    ['...', ''],
  ])('of %j are %s', (pattern, expected) => {
    const fragments = [...pattern].map((letter, index) => fragment(index, letter === 'k'));
    const shown = gopsOf(fragments).map(
      ({ offset, bytes, startTicks, durationTicks, frames }) =>
        `${offset}+${bytes} ${startTicks}+${durationTicks} ${frames}`,
    );
    expect(shown.join(', ')).toBe(expected);
  });
});
