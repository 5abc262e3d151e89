/** Where media lies: on a playlist's timeline, at the live edge, in a frame of the live socket. */
import { describe, expect, test } from 'vitest';
import { adviseEdge, LowWater } from '../../web/live/edge.ts';
import { readFrame } from '../../web/live/frames.ts';
import { WallMarks } from '../../web/live/wallMarks.ts';
import { placeOf, stretchesOf, wallAt } from '../../web/playback/mediaMap.ts';

describe('a playlist with a gap', () => {
  const stretches = stretchesOf([
    { startSeconds: 0, durationSeconds: 4, wallMs: 100_000 },
    { startSeconds: 4, durationSeconds: 4, wallMs: 104_000 },
    { startSeconds: 8, durationSeconds: 4, wallMs: 200_000 },
    { startSeconds: 12, durationSeconds: 4, wallMs: null },
  ]);

  test('has a stretch before and one after it', () => {
    expect(stretches).toEqual([
      { startSeconds: 0, endSeconds: 8, startMs: 100_000, endMs: 108_000 },
      { startSeconds: 8, endSeconds: 12, startMs: 200_000, endMs: 204_000 },
    ]);
  });

  test.each([
    ['within footage', 105_000, { seconds: 5, ms: 105_000 }],
    ['in the gap', 150_000, { seconds: 8, ms: 200_000 }],
    ['before all of it', 1_000, { seconds: 0, ms: 100_000 }],
  ])('a moment %s is shown where the footage is', (_where, ms, place) => {
    expect(placeOf(stretches, ms)).toEqual(place);
  });

  test('a moment after all of it has no place', () => {
    expect(placeOf(stretches, 204_000)).toBeNull();
  });

  test.each([
    [0, 100_000],
    [7.5, 107_500],
    [8, 200_000],
    [11, 203_000],
    [99, 204_000],
  ])('the position %d s is the moment %d', (seconds, ms) => {
    expect(wallAt(stretches, seconds)).toBeCloseTo(ms, 3);
  });
});

describe('the live edge', () => {
  const edge = { startSeconds: 10, endSeconds: 30 };

  test.each([
    ['just behind the newest', 29.6, 0.15, false, { seekTo: null, rate: 1 }],
    ['with more left than a fragment can be late', 28.9, 0.3, false, { seekTo: null, rate: 1.05 }],
    ['that began half a second late', 28.9, 0.5, false, { seekTo: null, rate: 1.15 }],
    ['with much to make up for', 28, 0.9, false, { seekTo: null, rate: 1.25 }],
    ['that gets its media in bursts', 24, 0.2, false, { seekTo: null, rate: 1 }],
    ['with hardly anything left', 29.8, 0.02, false, { seekTo: null, rate: 0.97 }],
    ['before it is known how much is left', 28.9, null, false, { seekTo: null, rate: 1 }],
    ['too far behind to make up for it', 26, 1.1, false, { seekTo: 29.6, rate: 1 }],
    ['behind all that is there', 5, null, false, { seekTo: 29.6, rate: 1 }],
    ['far behind on purpose', 15, 2, true, { seekTo: null, rate: 1 }],
  ])('a player %s', (_where, current, left, behind, advice) => {
    expect(adviseEdge(current, edge, left, behind)).toEqual(advice);
  });

  test('a jump never leaves what is there', () => {
    const short = { startSeconds: 10, endSeconds: 10.2 };
    expect(adviseEdge(5, short, null, false)).toEqual({ seekTo: 10, rate: 1 });
  });

  test('what was left counts for two seconds, and not over a jump', () => {
    const water = new LowWater();
    expect(water.lowest(0)).toBeNull();
    water.note(0.1, 1_000);
    water.note(0.3, 2_000);
    expect(water.lowest(2_900)).toBe(0.1);
    expect(water.lowest(3_500)).toBe(0.3);
    water.forget();
    expect(water.lowest(3_500)).toBeNull();
  });
});

describe('a frame of the live socket', () => {
  function frame(version: number, kind: number): ArrayBuffer {
    const bytes = new ArrayBuffer(23);
    const view = new DataView(bytes);
    view.setUint8(0, version);
    view.setUint8(1, kind);
    view.setUint16(2, 513);
    view.setBigUint64(4, 180_000n);
    view.setBigUint64(12, 1_795_228_651_907n);
    view.setUint8(22, 7);
    return bytes;
  }

  test.each([
    [0, 'init'],
    [1, 'fragment'],
    [2, 'key'],
  ])('of kind %d is read as %s', (kind, name) => {
    const read = readFrame(frame(1, kind));
    expect(read).toMatchObject({ kind: name, channel: 513, mediaSeconds: 2, wallMs: 1_795_228_651_907 });
    expect([...(read?.bytes ?? [])]).toEqual([0, 0, 7]);
  });

  test.each([
    ['of another version', frame(2, 0)],
    ['of an unknown kind', frame(1, 3)],
    ['cut short', new ArrayBuffer(19)],
  ])('%s is left alone', (_what, bytes) => {
    expect(readFrame(bytes)).toBeNull();
  });
});

test('marks give positions their wall time, also across a new run', () => {
  const marks = new WallMarks();
  marks.add(0, 1_000);
  marks.add(10, 50_000);
  expect(marks.at(-1)).toBeNull();
  expect(marks.at(4)).toBe(5_000);
  expect(marks.at(11)).toBe(51_000);
  marks.forget(11);
  expect(marks.at(4)).toBeNull();
  expect(marks.at(12)).toBe(52_000);
});
