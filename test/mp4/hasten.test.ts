/** Times of frames that an edit list hides: as short as can be, and what is shown stays as it was. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hastenHidden, hastenLate } from '../../src/mp4/hasten.ts';
import { AUDIO_TRACK, VIDEO_TRACK } from '../../src/mp4/init.ts';
import { columnsOf, indexOf, type SampleIndex } from '../../src/mp4/sampleIndex.ts';
import type { SampleColumns } from '../../src/mp4/samples.ts';

const FRAME = 3600;

/** Groups of pictures of `gop` frames, each P-frame followed by `b` B-frames that are shown before it. */
function movieOf(frames: number, gop: number, b: number): SampleIndex {
  const dts = Array.from({ length: frames }, (_, sample) => sample * FRAME);
  const cto = dts.map((_, sample) => {
    const within = sample % gop;
    const followed = Math.min(b, gop - 1 - within, frames - 1 - sample);
    if (within === 0) return b * FRAME;
    return (within - 1) % (b + 1) === 0 ? (b + followed) * FRAME : (b - 1) * FRAME;
  });
  const video: SampleColumns = {
    ...{ dts, cto, lastDuration: FRAME, chunks: [] },
    size: dts.map(() => 100),
    key: dts.map((_, sample) => sample % gop === 0),
  };
  return indexOf(new Map([[VIDEO_TRACK, video]]));
}

function timesOf(index: SampleIndex) {
  const { dts, cto, lastDuration } = columnsOf(index.video);
  return {
    dts,
    pts: dts.map((time, sample) => time + (cto[sample] ?? 0)),
    end: (dts.at(-1) ?? 0) + lastDuration,
  };
}

const movies = fc.record({
  gop: fc.integer({ min: 1, max: 40 }),
  b: fc.integer({ min: 0, max: 3 }),
  shown: fc.integer({ min: 0, max: 39 }),
});

describe('what is hidden before the first frame', () => {
  it('takes no longer than a frame and some ticks, in the same order, and moves nothing that is shown', () => {
    fc.assert(
      fc.property(movies, ({ gop, b, shown }) => {
        const index = movieOf(gop * 2, gop, b);
        const before = timesOf(index);
        const shownFrom = [...before.pts].sort((x, y) => x - y)[Math.min(shown, gop - 1)] ?? 0;
        const after = timesOf(hastenHidden(index, shownFrom));
        expect(after.end).toBe(before.end);
        expect(after.dts.every((time, sample) => sample === 0 || time > (after.dts[sample - 1] ?? 0))).toBe(
          true,
        );
        expect(after.dts.every((time, sample) => time <= (after.pts[sample] ?? 0))).toBe(true);
        expect(orderOf(after.pts)).toEqual(orderOf(before.pts));
        for (const [sample, time] of before.pts.entries()) {
          if (time >= shownFrom) expect(after.pts[sample]).toBe(time);
          else expect(after.pts[sample]).toBeLessThanOrEqual(shownFrom - FRAME);
        }
        const hides = before.pts.some((time) => time < shownFrom);
        if (hides) expect(shownFrom - (after.dts[0] ?? 0)).toBeLessThanOrEqual(FRAME + 3 * gop);
      }),
    );
  });

  it('is nothing where the range begins with a keyframe', () => {
    const index = movieOf(20, 10, 2);
    expect(hastenHidden(index, 2 * FRAME)).toBe(index);
  });
});

describe('the last frames', () => {
  it('are decoded in time behind a keyframe, and presented when they were', () => {
    const index = movieOf(12, 10, 0);
    const before = timesOf(index);
    const after = timesOf(hastenLate(index, 11 * FRAME - 5));
    expect(after.pts).toEqual(before.pts);
    expect(after.end).toBe(before.end);
    expect(after.dts).toEqual([...before.dts.slice(0, 11), 11 * FRAME - 6]);
  });

  it('are left alone where no keyframe precedes one that is late, or there is no room', () => {
    const index = movieOf(12, 10, 0);
    expect(hastenLate(index, 11 * FRAME + 1)).toBe(index);
    expect(hastenLate(movieOf(9, 10, 0), 5 * FRAME)).toEqual(movieOf(9, 10, 0));
    const short = movieOf(2, 10, 0);
    expect(hastenLate(short, 1)).toBe(short);
  });

  it('leave sound as it is', () => {
    const { video } = movieOf(12, 10, 0);
    const sound = { dts: [0], cto: [0], size: [9], key: [true], lastDuration: 1024, chunks: [] };
    const index = indexOf(
      new Map([
        [VIDEO_TRACK, columnsOf(video)],
        [AUDIO_TRACK, sound],
      ]),
    );
    expect(hastenHidden(index, 4 * FRAME).audio).toEqual(index.audio);
  });
});

function orderOf(times: readonly number[]): number[] {
  return times.map((_, sample) => sample).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
}
