import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fragmenter } from '../../src/mp4/fragmenter.ts';
import { type Frame, frameAt, framesIn, keyframeMovie, stillMovie } from '../../src/mp4/still.ts';
import type { InitSegment } from '../../src/mp4/types.ts';
import { type ClipName, clip, packetsOf } from './clips.ts';

async function framesOf(name: ClipName): Promise<{ init: InitSegment; bytes: Buffer; frames: Frame[] }> {
  const inits: InitSegment[] = [];
  const chunks: Buffer[] = [];
  const fragmenter = new Fragmenter({
    offsets: { videoMs: 0, audioMs: 0 },
    onInit: (init) => inits.push(init),
    onFragment: (fragment) => chunks.push(...fragment.chunks),
  });
  fragmenter.push(await clip(name));
  fragmenter.flush();
  const [init] = inits;
  if (init === undefined) throw new Error('no init segment');
  const bytes = Buffer.concat(chunks);
  return { init, bytes, frames: framesIn(bytes) };
}

function frame(pts: number, key = false): Frame {
  return { dts: 0, pts, key, data: Buffer.alloc(1) };
}

describe('the frames of fragments', () => {
  it('are those of the clip, with their bytes', async () => {
    const { frames } = await framesOf('h264BframesAac');
    const packets = await packetsOf(await clip('h264BframesAac'), 'video');
    expect(frames).toHaveLength(100);
    expect(frames.map(({ key }) => key)).toEqual(packets.map(({ key }) => key));
    expect(frames.some(({ pts }, index) => pts < (frames[index - 1]?.pts ?? 0))).toBe(true);
  });

  it('end where the bytes are cut off or damaged, and never throw', async () => {
    const { bytes, frames } = await framesOf('h264');
    fc.assert(
      fc.property(
        fc.nat(bytes.length),
        fc.array(fc.tuple(fc.nat(4_000), fc.nat(255)), { maxLength: 8 }),
        (length, flips) => {
          const broken = Buffer.from(bytes.subarray(0, length));
          for (const [at, value] of flips) if (at < broken.length) broken[at] = value;
          const found = framesIn(broken);
          for (const { data } of found) expect(data.length).toBeLessThanOrEqual(length);
          if (flips.length === 0) expect(found).toEqual(frames.slice(0, found.length));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('the frames of a file with a hole', () => {
  it('end where the zeros begin that a power cut has left', async () => {
    const { bytes, frames } = await framesOf('h264');
    const second = bytes.readUInt32BE(0) + bytes.readUInt32BE(bytes.readUInt32BE(0));
    const holed = Buffer.concat([bytes.subarray(0, second), Buffer.alloc(4_096)]);
    const kept = framesIn(bytes.subarray(0, second));
    expect(framesIn(holed)).toEqual(kept);
    expect(kept).toEqual(frames.slice(0, kept.length));
    expect(framesIn(Buffer.alloc(64))).toEqual([]);
  });
});

it('a keyframe that is shown before it is decoded, by the rounding of times, is a picture as well', async () => {
  const { init, frames } = await framesOf('h264');
  const [first] = frames;
  if (first === undefined) throw new Error('no frame');
  const early = { ...first, dts: first.dts + 10, pts: first.dts + 9 };
  expect(Buffer.concat(stillMovie(init, [early], 0)).length).toBeGreaterThan(first.data.length);
});

describe('the frame at a time', () => {
  /** I0 P3 B1 B2 P6 B4 B5 */
  const frames = [0, 30, 10, 20, 60, 40, 50].map((pts, index) => frame(pts + 100, index === 0));

  it.each([
    [99, -1],
    [100, 0],
    [109, 0],
    [110, 2],
    [125, 3],
    [130, 1],
    [159, 6],
    [1e9, 4],
  ])('%i is frame %i', (time, index) => expect(frameAt(frames, time)).toBe(index));

  it('is none of those that belong to the group before', () => {
    expect(frameAt([frame(100, true), frame(80), frame(90), frame(110)], 95)).toBe(-1);
  });
});

describe('a small movie', () => {
  it('holds the frames that the wanted one needs, and shows from it on', async () => {
    const { init, frames } = await framesOf('h264BframesAac');
    const wanted = 31;
    const from = frames.findLastIndex(({ key }, index) => key && index <= wanted);
    const packets = await packetsOf(Buffer.concat(stillMovie(init, frames, wanted)), 'video');
    expect(packets).toHaveLength(wanted - from + 1);
    expect(packets.findIndex(({ pts }) => Math.abs(pts) < 1e-6)).toBe(wanted - from);
  });

  it('of keyframes shows one a second', async () => {
    const { init, frames } = await framesOf('h265Opus');
    const keys = frames.filter(({ key }) => key).map(({ data }) => data);
    const packets = await packetsOf(Buffer.concat(keyframeMovie(init, keys)), 'video');
    expect(packets.map(({ pts, key }) => [pts, key])).toEqual(keys.map((_, second) => [second, true]));
  });

  it('is refused without a keyframe', async () => {
    const { init, frames } = await framesOf('h264');
    expect(() => stillMovie(init, frames.slice(1, 5), 2)).toThrow('without a keyframe');
    expect(() => stillMovie(init, frames, 1_000)).toThrow('without a keyframe');
    expect(() => keyframeMovie(init, [])).toThrow('without a frame');
  });
});
