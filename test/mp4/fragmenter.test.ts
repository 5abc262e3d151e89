import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ticksToMs } from '../../src/domain/ticks.ts';
import { boxesIn, makeBox, needBox } from '../../src/mp4/boxes.ts';
import { Fragmenter } from '../../src/mp4/fragmenter.ts';
import { type FoundTrackFragment, readMoof } from '../../src/mp4/moof.ts';
import type { Fragment } from '../../src/mp4/types.ts';
import { CLIPS, type ClipName, chunked, clip, cut, decode, frontOf, packetsOf, pair } from './clips.ts';

const invalid = expect.objectContaining({ name: 'NvrError', kind: 'invalid' });

function tracksIn(fragment: Fragment | undefined): FoundTrackFragment[] {
  return readMoof(needBox(boxesIn(Buffer.concat(fragment?.chunks ?? [])), 'moof').body);
}

/** First decode time of the fragment's sound, in seconds of a timescale. */
function soundStart(fragment: Fragment, timescale: number): number | undefined {
  const time = tracksIn(fragment)[1]?.decodeTime;
  return time === undefined ? undefined : time / timescale;
}

describe.each(CLIPS)('the fragments of %s', (name: ClipName) => {
  it('carry exactly the packets of the muxer, at its times', async () => {
    const original = await clip(name);
    const { file, init, fragments } = cut(chunked(original, [4096]));
    for (const kind of ['video', 'audio'] as const) {
      expect(await packetsOf(file, kind)).toEqual(await packetsOf(original, kind));
    }
    expect(fragments.reduce((sum, { frames }) => sum + frames, 0)).toBe(100);
    expect(init.audio === null).toBe(name === 'h264');
  });

  it('decode without a complaint', async () => {
    const { frames, errors } = await decode(cut([await clip(name)]).file);
    expect([frames.length, errors]).toEqual([100, '']);
  });

  it('tell their times, sizes and keys as they are', async () => {
    const { fragments, init } = cut([await clip(name)]);
    for (const [index, fragment] of fragments.entries()) {
      const { startTicks, durationTicks, chunks, frameBytes } = fragment;
      expect(fragment.sequence).toBe(index + 1);
      expect(fragment.byteLength).toBe(Buffer.concat(chunks).length);
      expect(fragments[index + 1]?.startTicks ?? startTicks + durationTicks).toBe(startTicks + durationTicks);
      const [video, ...sound] = tracksIn(fragment);
      expect(video?.samples.map(({ size }) => size)).toEqual(frameBytes);
      expect(video?.samples.map(({ key }) => key).slice(1)).not.toContain(true);
      expect(video?.samples[0]?.key).toBe(fragment.key);
      expect(sound.length).toBeLessThanOrEqual(init.audio === null ? 0 : 1);
      const end = chunks.slice(2).reduce((sum, chunk) => sum + chunk.length, 8);
      expect(chunks[1]).toEqual(Buffer.concat([makeBox('mdat')]).fill(uint(end), 0, 4));
    }
  });

  it('are the same however the bytes arrive, and share memory with them', async () => {
    const original = await clip(name);
    const expected = cut([original]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30_000 }), { minLength: 1, maxLength: 20 }), (sizes) => {
        const { file, fragments } = cut(chunked(original, sizes));
        expect(file.equals(expected.file)).toBe(true);
        expect(fragments.flatMap(({ chunks }) => chunks.slice(2)).every(sharesWith(original))).toBe(true);
      }),
      { numRuns: 25 },
    );
    expect(cut(chunked(original, [1])).file.equals(expected.file)).toBe(true);
  });
});

function sharesWith(bytes: Buffer): (chunk: Buffer) => boolean {
  return (chunk) => chunk.buffer === bytes.buffer;
}

function uint(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

describe('sound and video', () => {
  it.each([
    ['h264BframesAac', 1000, 1300],
    ['h264BframesAac', 1300, 1000],
    ['h265Opus', 5000.25, 5000.25],
    ['h264BframesAac', 0, 20],
  ] as const)('of %s are presented %d ms and %d ms after the start', async (name, videoMs, audioMs) => {
    const { file, zeroMs } = cut([await clip(name)], { videoMs, audioMs });
    const [video, audio] = [await packetsOf(file, 'video'), await packetsOf(file, 'audio')];
    const [firstVideo, firstAudio] = [video[0], audio[0]];
    if (!(firstVideo && firstAudio)) throw new Error('a track is empty');
    const apart = (firstAudio.pts - firstVideo.pts) * 1000 - (audioMs - videoMs);
    expect(Math.abs(apart)).toBeLessThan(0.5);
    expect(Math.min(firstVideo.dts, firstAudio.dts)).toBe(0);
    // What was presented first, at the wall time that its decode time is said to have.
    expect((zeroMs ?? Number.NaN) + firstVideo.dts * 1000).toBeCloseTo(videoMs, 0);
  });

  it('count from the zero of the muxer when nothing is known of them', async () => {
    const { fragments, zeroMs } = cut([await clip('h264BframesAac')]);
    expect([fragments[0]?.startTicks, zeroMs]).toEqual([0, 80]);
    expect(cut([await clip('h264')]).zeroMs).toBe(0);
    expect(cut([await clip('h264')], { videoMs: 77, audioMs: 5 })).toMatchObject({ zeroMs: 77 });
  });

  it.each(['h264BframesAac', 'h265Opus', 'shortGops'] as const)(
    'of %s begin within one audio frame of each other in every fragment',
    async (name) => {
      const { fragments, init, zeroMs } = cut([await clip(name)]);
      for (const fragment of fragments) {
        const start = soundStart(fragment, init.audio?.timescale ?? 1);
        const presented = ((zeroMs ?? 0) + ticksToMs(fragment.startTicks)) / 1000;
        // The first fragment also has what came before its first frame was to be seen.
        const tolerance = fragment.sequence === 1 ? 0.08 : 1024 / 44_100;
        expect(Math.abs((start ?? Number.NaN) - presented)).toBeLessThanOrEqual(tolerance);
      }
    },
  );
});

/** Video with 25 frames a second (timescale 2500) and sound in frames of 1024/44100 s, without a muxer. */
describe('release', () => {
  const frames = (count: number) => Array.from({ length: count }, (_, index) => ({ key: index === 0 }));
  const video = (start: number, count = 10) => pair(1, frames(count), start);
  const audio = (start: number, count: number) => pair(2, Array(count).fill({ duration: 1024 }), start);

  async function released(...pairs: readonly Buffer[]): Promise<(readonly [number, number])[]> {
    const front = frontOf(await clip('h264BframesAac'));
    const seen: (readonly [number, number])[] = [];
    const fragmenter = new Fragmenter({
      onInit: () => {},
      onFragment: (fragment) => seen.push([fragment.startTicks, tracksIn(fragment)[1]?.samples.length ?? 0]),
    });
    for (const chunk of [front, ...pairs]) fragmenter.push(chunk);
    return seen;
  }

  it('waits until the sound is known up to the end of the video', async () => {
    // 0.4 s are 17640 samples: 17 frames and a part of the next.
    expect(await released(video(0), audio(0, 17))).toEqual([]);
    expect(await released(video(0), audio(0, 18))).toEqual([[0, 18]]);
    expect(await released(audio(0, 30), video(0))).toEqual([[0, 18]]);
  });

  it('takes no sound along that belongs to what comes next', async () => {
    expect(await released(audio(0, 40), video(0), video(1000))).toEqual([
      [0, 18],
      [36_000, 17],
    ]);
  });

  it('waits no longer than for 0.6 s of later video, and late sound rides along later', async () => {
    expect(await released(video(0), video(1000))).toEqual([]);
    expect(await released(video(0), video(1000), video(2000))).toEqual([[0, 0]]);
    expect(await released(video(0), video(1000), video(2000), audio(0, 40))).toEqual([
      [0, 0],
      [36_000, 35],
    ]);
  });

  it('does not wait for sound behind a clock that stands still', async () => {
    const still = Array.from({ length: 70 }, () => pair(1, [{ duration: 0, key: true }], 0));
    expect((await released(...still)).length).toBeGreaterThan(5);
  });

  it('refuses minutes of sound without video', async () => {
    const sound = Array.from({ length: 11 }, (_, index) => audio(index * 1000 * 1024, 1000));
    await expect(released(...sound)).rejects.toThrow(expect.objectContaining({ kind: 'exhausted' }));
  });

  it('gives what is held at the end of the run, with the sound that is left', async () => {
    const front = frontOf(await clip('h264BframesAac'));
    const { fragments } = cut([front, video(0), video(1000), audio(0, 17)]);
    expect(fragments.map((fragment) => tracksIn(fragment)[1]?.samples.length)).toEqual([17, undefined]);
    expect(cut([front, video(0), audio(0, 5)]).fragments).toHaveLength(1);
    expect(cut([front, audio(0, 5)]).fragments).toEqual([]);
  });
});

describe('odd clocks', () => {
  const inTrack1 = async (...pairs: readonly Buffer[]) =>
    cut([frontOf(await clip('h264')), ...pairs]).fragments.map(({ startTicks, durationTicks }) => [
      startTicks / 36,
      durationTicks / 36,
    ]);

  it('lets time jump ahead', async () => {
    expect(await inTrack1(pair(1, [{}, {}], 0), pair(1, [{}], 10_000))).toEqual([
      [0, 200],
      [10_000, 100],
    ]);
  });

  it('refuses presentation times of another clock', async () => {
    await expect(inTrack1(pair(1, [{}, { cto: 30_000 }], 0))).rejects.toThrow(
      expect.objectContaining({ kind: 'invalid', message: expect.stringContaining('clock jumped') }),
    );
  });

  it('never lets decode times go backwards, and keeps presentation times', async () => {
    const { fragments } = cut([
      frontOf(await clip('h264')),
      pair(1, [{}, { duration: 150 }], 0),
      pair(1, [{ cto: 20 }, {}], 200),
    ]);
    const samples = fragments.flatMap((fragment) => tracksIn(fragment)[0]?.samples ?? []);
    expect(samples.map(({ dts, duration, cto }) => [dts, duration, dts + cto])).toEqual([
      [0, 100, 0],
      [100, 150, 100],
      [250, 50, 220],
      [300, 100, 300],
    ]);
  });

  it('reads durations that wrapped below zero', async () => {
    const wrapped = pair(1, [{}, {}, {}], 0);
    const trun = wrapped.indexOf('trun') + 16;
    wrapped.writeInt32BE(-20, trun + 16);
    const { fragments } = cut([frontOf(await clip('h264')), wrapped]);
    const samples = tracksIn(fragments[0])[0]?.samples ?? [];
    expect(samples.map(({ dts, cto }) => [dts, cto])).toEqual([
      [0, 0],
      [100, 0],
      [101, -21],
    ]);
  });

  it('gives held video the duration that the next pair says', async () => {
    const front = frontOf(await clip('h264BframesAac'));
    const { fragments } = cut([front, pair(1, [{}, { duration: 1 }], 0), pair(1, [{}], 200)]);
    expect(fragments.map(({ durationTicks }) => durationTicks / 36)).toEqual([200, 100]);
  });

  it('refuses a clock that went back further than ten seconds', async () => {
    await expect(inTrack1(pair(1, [{}], 90_000), pair(1, [{}], 0))).rejects.toThrow(invalid);
  });

  it('sums up exactly in any timescale', async () => {
    const front = Buffer.from(frontOf(await clip('h264')));
    front.writeUInt32BE(30_001, front.indexOf('mdhd') + 16);
    const pairs = Array.from({ length: 50 }, (_, index) => pair(1, [{ duration: 1001 }], index * 1001));
    const { fragments } = cut([front, ...pairs]);
    for (const [index, { startTicks, durationTicks }] of fragments.entries()) {
      expect(startTicks).toBe(Math.round((index * 1001 * 90_000) / 30_001));
      expect(startTicks + durationTicks).toBe(Math.round(((index + 1) * 1001 * 90_000) / 30_001));
    }
  });
});

describe('bytes that are wrong', () => {
  it('are refused', async () => {
    const front = frontOf(await clip('h264BframesAac'));
    const good = pair(1, [{ key: true }]);
    const moof = good.subarray(0, good.readUInt32BE(0));
    const twoTracks = cut([await clip('h264BframesAac')]).fragments[0]?.chunks[0] ?? moof;
    for (const bad of [
      [good],
      [front, front],
      [front, moof, moof],
      [front, makeBox('mdat')],
      [front, pair(7, [{}])],
      [front, twoTracks],
      [front, moof, makeBox('mdat', Buffer.alloc(5))],
      [front, pair(1, [{ dts: 2 ** 60 }])],
    ]) {
      expect(() => cut(bad)).toThrow(invalid);
    }
  });

  it('do no more than that: any mutation ends in fragments or in an NvrError', async () => {
    const original = (await clip('tiny')).subarray(0, 6000);
    const mutation = fc.tuple(fc.nat(original.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(
        fc.array(mutation, { minLength: 1, maxLength: 8 }),
        fc.nat(original.length),
        (changes, end) => {
          const mutated = Buffer.from(original);
          for (const [at, value] of changes) mutated[at] = value;
          expectNvrErrorAtMost(() => cut([mutated.subarray(0, end)]));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('in a description that is all extremes are survived, too', async () => {
    const front = frontOf(await clip('h264'));
    const good = pair(1, [{ key: true }, {}, {}]);
    const extremes = fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 65_536);
    const change = fc.tuple(fc.integer({ min: 2, max: Math.floor(good.length / 4) - 8 }), extremes);
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const mutated = Buffer.from(good);
        for (const [word, value] of changes) mutated.writeUInt32BE(value, word * 4);
        expectNvrErrorAtMost(() => cut([front, mutated, good, good]));
      }),
      { numRuns: 1000 },
    );
  });
});

function expectNvrErrorAtMost(work: () => unknown): void {
  try {
    expect(work()).toBeDefined();
  } catch (thrown) {
    if (thrown instanceof Error && thrown.message === '0 init segments') return;
    expect(thrown).toEqual(expect.objectContaining({ name: 'NvrError' }));
  }
}
