import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MediaClock } from '../../src/domain/mediaClock.ts';
import type { EpochMs } from '../../src/domain/time.ts';

const WALL = 1_700_000_000_000 as EpochMs;
const at = (ms: number): EpochMs => (WALL + ms) as EpochMs;
const clock = (): MediaClock => new MediaClock({ mediaMs: 0, monotonicMs: 5_000, wallMs: WALL });

describe('media clock', () => {
  it('maps media time from the anchor', () => {
    expect(clock().wallOf(0)).toBe(WALL);
    expect(clock().wallOf(61_234.4)).toBe(WALL + 61_234);
  });

  it('follows a camera whose clock runs fast, without counting the usual delay as drift', () => {
    const media = clock();
    for (let s = 1; s <= 60; s++) media.observe(s * 1000, 5_000 + s * 1000 + 80);
    expect(media.reanchor(65_080, at(60_080))).toEqual({ driftMs: 0, stepMs: 0 });
    // 1 % fast: after 60 s more of real time, media says 60.6 s.
    for (let s = 1; s <= 60; s++) media.observe(60_000 + s * 1010, 65_000 + s * 1000 + 80);
    const found = media.reanchor(125_080, at(120_080));
    expect(found.driftMs).toBeCloseTo(600, 5);
    expect(media.wallOf(120_600)).toBe(WALL + 120_000);
  });

  it('is not moved by a pause that the camera catches up from', () => {
    const media = clock();
    for (let s = 1; s <= 10; s++) media.observe(s * 1000, 5_000 + s * 1000 + 50);
    media.reanchor(15_050, at(10_050));
    for (let s = 11; s <= 15; s++) media.observe(s * 1000, 5_000 + s * 1000 + 4_000);
    for (let s = 16; s <= 20; s++) media.observe(s * 1000, 5_000 + s * 1000 + 50);
    expect(media.reanchor(25_050, at(20_050))).toEqual({ driftMs: 0, stepMs: 0 });
  });

  it('applies a step of the wall clock only where it is re-anchored', () => {
    const media = clock();
    media.observe(1_000, 6_000);
    expect(media.wallOf(1_000)).toBe(WALL + 1_000);
    expect(media.reanchor(6_000, at(1_000 - 3_600_000))).toEqual({ driftMs: 0, stepMs: -3_600_000 });
    expect(media.wallOf(1_000)).toBe(WALL + 1_000 - 3_600_000);
  });

  it('puts right an anchor that was taken late', () => {
    const media = clock();
    expect(media.observe(250, 5_000 - 50)).toBe(true);
    media.correct();
    expect(media.wallOf(0)).toBe(WALL - 300);
    media.observe(500, 5_000 + 400);
    media.correct();
    expect(media.wallOf(250)).toBe(WALL - 50);
  });

  it('leaves times as they are until it may correct them', () => {
    const media = clock();
    media.observe(250, 5_000 - 50);
    expect(media.wallOf(250)).toBe(WALL + 250);
    media.correct();
    expect(media.wallOf(250)).toBe(WALL - 50);
  });

  it('knows how fast the clock of a camera is, once it has measured for a minute', () => {
    const media = clock();
    // 200 parts of a million: 12 ms a minute.
    for (let minute = 1; minute <= 10; minute++) {
      const elapsedMs = minute * 60_000;
      media.observe(elapsedMs * 1.0002, 5_000 + elapsedMs + 80);
      if (minute === 1) expect(media.driftPpm).toBeNull();
      media.reanchor(5_000 + elapsedMs, at(elapsedMs));
    }
    expect(media.driftPpm).toBe(200);
  });

  it('says when media claims to come from the future', () => {
    const media = clock();
    expect(media.observe(1_000, 6_000)).toBe(true);
    expect(media.observe(3_700_000, 6_040)).toBe(false);
  });

  it('keeps order within a run whatever the delays are', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 2, maxLength: 50 }), (delays) => {
        const media = clock();
        const walls = delays.map((delay, i) => {
          media.observe(i * 250, 5_000 + i * 250 + delay);
          if (i % 4 === 0) media.correct();
          return media.wallOf(i * 250);
        });
        expect(walls.every((wall, i) => i === 0 || wall > (walls[i - 1] ?? 0))).toBe(true);
      }),
    );
  });
});
