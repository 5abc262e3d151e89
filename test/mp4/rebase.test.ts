import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ticks, ticks } from '../../src/domain/ticks.ts';
import { boxesIn, makeBox, makeFullBox, needBox, uint32s } from '../../src/mp4/boxes.ts';
import { timescalesOf } from '../../src/mp4/init.ts';
import { endOf, readMoof } from '../../src/mp4/moof.ts';
import { rebase, rebaseChunks } from '../../src/mp4/rebase.ts';
import type { Fragment } from '../../src/mp4/types.ts';
import { type Cut, clip, cut, frontOf, packetsOf, pair } from './clips.ts';

const invalid = expect.objectContaining({ name: 'NvrError', kind: 'invalid' });
const bytesOf = (fragments: readonly Fragment[]) => Buffer.concat(fragments.flatMap(({ chunks }) => chunks));

function tracksIn(chunks: readonly Buffer[]) {
  return readMoof(needBox(boxesIn(Buffer.concat(chunks)), 'moof').body);
}

describe('rebase', () => {
  it('moves every track by the same time', async () => {
    const { init, fragments } = cut([await clip('h264BframesAac')]);
    const bytes = bytesOf(fragments);
    rebase(bytes, ticks(45_000), timescalesOf(init));
    const [before, after] = [cut([await clip('h264BframesAac')]).file, Buffer.concat([init.bytes, bytes])];
    for (const kind of ['video', 'audio'] as const) {
      const [was, is] = [await packetsOf(before, kind), await packetsOf(after, kind)];
      expect(is).toHaveLength(was.length);
      for (const [index, packet] of was.entries()) expect(is[index]?.pts).toBeCloseTo(packet.pts + 0.5, 4);
    }
  });

  it('is undone exactly by the opposite', async () => {
    const { init, fragments } = cut([await clip('h264BframesAac')]);
    const bytes = bytesOf(fragments);
    fc.assert(
      fc.property(fc.integer({ min: 36, max: 2 ** 45 }), (shift) => {
        const moved = Buffer.from(bytes);
        rebase(moved, ticks(shift), timescalesOf(init));
        expect(moved.equals(bytes)).toBe(false);
        rebase(moved, ticks(-shift), timescalesOf(init));
        expect(moved.equals(bytes)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('steps over other boxes, and patches 32-bit times within their range', () => {
    const traf = (time: number) =>
      makeBox('traf', makeFullBox('tfhd', 0, 0, uint32s(1)), makeFullBox('tfdt', 0, 0, uint32s(time)));
    const bytes = Buffer.concat([makeBox('styp'), makeBox('moof', traf(5)), makeBox('mdat')]);
    rebase(bytes, ticks(10), new Map([[1, 90_000]]));
    expect(bytes).toEqual(Buffer.concat([makeBox('styp'), makeBox('moof', traf(15)), makeBox('mdat')]));
    expect(() => rebase(bytes, ticks(2 ** 32 - 15), new Map([[1, 90_000]]))).toThrow(invalid);
  });

  it('changes nothing when a time would be below zero, or a track is unknown', async () => {
    const { init, fragments } = cut([await clip('h264BframesAac')]);
    const bytes = bytesOf(fragments.slice(1));
    const moved = Buffer.from(bytes);
    expect(() => rebase(moved, ticks(-(fragments[2]?.startTicks ?? 0)), timescalesOf(init))).toThrow(invalid);
    expect(() => rebase(moved, ticks(1), new Map([[1, 2500]]))).toThrow(invalid);
    expect(() => rebase(moved.subarray(0, -1), ticks(1), timescalesOf(init))).toThrow(invalid);
    expect(moved.equals(bytes)).toBe(true);
  });
});

describe('rebaseChunks', () => {
  it('patches a copy and passes the payload on', async () => {
    const { init, fragments } = cut([await clip('h264BframesAac')]);
    const key = fragments.find(({ key: isKey, startTicks }) => isKey && startTicks > 0);
    if (key === undefined) throw new Error('no second key fragment');
    const before = Buffer.concat(key.chunks);
    const chunks = rebaseChunks(key, ticks(-key.startTicks), timescalesOf(init));
    expect(tracksIn(chunks)[0]?.decodeTime).toBe(0);
    expect(chunks.slice(1)).toEqual(key.chunks.slice(1));
    expect(chunks[1]).toBe(key.chunks[1]);
    expect(Buffer.concat(key.chunks).equals(before)).toBe(true);
  });

  it('refuses video below zero', async () => {
    const { init, fragments } = cut([await clip('h264')]);
    const [first] = fragments;
    if (first === undefined) throw new Error('no fragment');
    expect(() => rebaseChunks(first, ticks(-36), timescalesOf(init))).toThrow(invalid);
  });
});

/** A fragment whose video begins at 1 s and whose sound, ten frames of 0.1 s, began before. */
describe('sound from before the zero of a file', () => {
  async function lateSound(soundAt: number): Promise<Cut> {
    const front = frontOf(await clip('h264BframesAac'));
    const sound = Array.from({ length: 10 }, (_, index) => ({ duration: 4410, size: 10 + index }));
    return cut([
      front,
      pair(2, sound, Math.round(soundAt * 44_100)),
      pair(1, Array(50).fill({ size: 30 }), 2500),
    ]);
  }

  function toZero({ fragments, init }: Cut): { chunks: Buffer[]; fragment: Fragment } {
    const [fragment] = fragments;
    if (fragment === undefined) throw new Error('no fragment');
    const shift: Ticks = ticks(-fragment.startTicks);
    return { fragment, chunks: rebaseChunks(fragment, shift, timescalesOf(init)) };
  }

  it.each([
    ['that reaches over it begins there, shortened', 0.95, 10, 0.05],
    ['that ends before it is left out', 0.75, 8, 0.05],
    ['that ends exactly there is left out', 0.7, 7, 0.1],
    ['that begins there stays', 1, 10, 0.1],
  ])('%s', async (_what, soundAt, count, firstSeconds) => {
    const late = await lateSound(soundAt);
    const { chunks, fragment } = toZero(late);
    const [video, sound] = tracksIn(chunks);
    const before = tracksIn(fragment.chunks)[1];
    expect(video?.samples).toHaveLength(50);
    expect(sound?.decodeTime).toBe(0);
    expect(sound?.samples).toHaveLength(count);
    expect(sound?.samples[0]?.duration).toBeCloseTo(firstSeconds * 44_100, 6);
    expect(endOf(sound?.samples ?? [])).toBe(endOf(before?.samples ?? []) - 44_100);
    // The bytes that are still described are where they were.
    expect(sound?.samples.map(({ at, size }) => [at, size])).toEqual(
      before?.samples.slice(10 - count).map(({ at, size }) => [at, size]),
    );
    expect(Buffer.concat(chunks)).toHaveLength(fragment.byteLength);
  });

  it('that all ends before it leaves only the video', async () => {
    const { chunks, fragment } = toZero(await lateSound(0));
    expect(tracksIn(fragment.chunks)).toHaveLength(2);
    expect(tracksIn(chunks)).toHaveLength(1);
    expect(Buffer.concat(chunks)).toHaveLength(fragment.byteLength);
    const moof = needBox(boxesIn(Buffer.concat(chunks)), 'moof');
    expect(boxesIn(moof.body).map(({ type }) => type)).toEqual(['mfhd', 'traf', 'free']);
  });

  it('is what ffprobe finds, too', async () => {
    const late = await lateSound(0.75);
    const file = Buffer.concat([late.init.bytes, ...toZero(late).chunks]);
    const sound = await packetsOf(file, 'audio');
    expect(sound).toHaveLength(8);
    expect(sound[0]?.pts).toBe(0);
    expect(sound.map(({ hash }) => hash)).toEqual(
      (await packetsOf(late.file, 'audio')).slice(2).map(({ hash }) => hash),
    );
  });
});
