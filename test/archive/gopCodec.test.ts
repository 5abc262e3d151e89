import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeGops, encodeGops } from '../../src/archive/gopCodec.ts';
import type { Gop } from '../../src/domain/media.ts';
import { ticks } from '../../src/domain/ticks.ts';

const HEADER = 1234;

function consecutive(list: readonly { bytes: number; duration: number; frames: number }[]): Gop[] {
  let offset = HEADER;
  let start = 0;
  return list.map(({ bytes, duration, frames }) => {
    const gop = { offset, bytes, startTicks: ticks(start), durationTicks: ticks(duration), frames };
    offset += bytes;
    start += duration;
    return gop;
  });
}

const anyGops = fc
  .array(
    fc.record({
      bytes: fc.oneof(fc.nat(300), fc.nat(5_000_000), fc.integer({ min: 0, max: 2 ** 40 })),
      duration: fc.oneof(fc.nat(180_000), fc.integer({ min: 0, max: 2 ** 40 })),
      frames: fc.nat(100_000),
    }),
    { maxLength: 200 },
  )
  .map(consecutive);

describe('GOP lists', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(anyGops, (gops) => {
        expect(decodeGops(encodeGops(gops), HEADER)).toEqual(gops);
      }),
    );
  });

  it('are refused when cut inside a GOP', () => {
    fc.assert(
      fc.property(
        anyGops.filter((gops) => gops.length > 0),
        fc.integer({ min: 1, max: 2 }),
        (gops, cut) => {
          // Every GOP has three numbers of at least a byte each, so cutting one or two bytes cuts the last GOP.
          expect(() => decodeGops(encodeGops(gops).subarray(0, -cut), HEADER)).toThrow(
            expect.objectContaining({ kind: 'internal' }),
          );
        },
      ),
    );
  });

  it('take five bytes a GOP with a steady camera of 4 Mbit/s and a key frame every two seconds', () => {
    const minute = consecutive(
      Array.from({ length: 30 }, (_, i) => ({ bytes: 1_000_000 + i * 100, duration: 180_000, frames: 50 })),
    );
    expect(encodeGops(minute).length).toBeLessThanOrEqual(30 * 5 + 4);
  });

  it('cannot have holes', () => {
    const [first, second] = consecutive([
      { bytes: 10, duration: 90, frames: 1 },
      { bytes: 10, duration: 90, frames: 1 },
    ]);
    if (first === undefined || second === undefined) throw new Error('two GOPs');
    expect(() => encodeGops([first, { ...second, offset: second.offset + 1 }])).toThrow(RangeError);
    expect(() => encodeGops([first, { ...second, startTicks: ticks(91) }])).toThrow(RangeError);
    expect(() => encodeGops([second])).toThrow(RangeError);
  });
});
