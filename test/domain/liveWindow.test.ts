import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EMPTY_WINDOW, forget, type LiveWindow, push } from '../../src/domain/liveWindow.ts';
import { A, B, feed, fragmentsOf, NOON_S, repeat, uris } from './liveFragments.ts';

const names = (window: LiveWindow): string[] =>
  window.segments.map((segment) => uris.media(segment).slice(0, -4));

describe('the live window', () => {
  it.each([
    ['GOPs of half a second share a segment', repeat(500, 5), ['a/1-2', 'a/3-2']],
    ['a GOP just under a second takes the next one in', [960, 960, 960, 960, 500], ['a/1-4', 'a/5-4']],
    ['a long GOP stays whole', [9_700, 500], ['a/1-20']],
  ])('%s', (_name, gopMs, expected) => {
    expect(names(feed(fragmentsOf(A, gopMs)))).toEqual(expected);
  });

  it('waits for a keyframe at the start, and after a lost fragment', () => {
    const fragments = fragmentsOf(A, repeat(2_000, 5));
    const window = feed(fragments.filter(({ sequence }) => sequence > 2 && sequence !== 11));
    expect(names(window)).toEqual(['a/5-4', 'a/9-2', 'a/13-4']);
    expect(window.segments.map((segment) => segment.discontinuity)).toEqual([false, false, true]);
  });

  it('spans eight target durations, and slides by whole segments', () => {
    const window = feed(fragmentsOf(A, repeat(2_000, 20)));
    expect(names(window)).toEqual([45, 49, 53, 57, 61, 65, 69, 73].map((first) => `a/${first}-4`));
    expect(window.mediaSequence).toBe(NOON_S + 11);
  });

  it('counts a discontinuity when the segment behind it slides out, not before', () => {
    const fed = (count: number) =>
      feed([...fragmentsOf(A, [2_000, 2_000]), ...fragmentsOf(B, repeat(2_000, count))]);
    const counted = [8, 9, 10].map((count) => {
      const { discontinuitySequence, segments } = fed(count);
      return [discontinuitySequence, segments.findIndex(({ discontinuity }) => discontinuity)];
    });
    expect(counted).toEqual([
      [0, 1],
      [0, 0],
      [1, -1],
    ]);
  });

  it.each([
    ['leaves a tenth to spare', [2_300, 2_400, 500], 3],
    ['rounds down where that is within the tenth', [4_000, 4_400, 500], 4],
    ['is two seconds at least', [1_000, 500], 2],
    ['never shrinks', [6_000, 1_000, 1_000, 500], 7],
    ['grows with a GOP that breaks it', [2_000, 10_000, 500], 11],
  ])('has a target duration that %s', (_name, gopMs, target) => {
    expect(feed(fragmentsOf(A, gopMs)).targetSeconds).toBe(target);
  });

  it('forgets what the ring let go, and goes on counting', () => {
    const fragments = [...fragmentsOf(A, [2_000, 2_000]), ...fragmentsOf(B, repeat(2_000, 3))];
    const window = feed(fragments);
    const held = forget(window, ({ runId: run, sequence }) => run === B && sequence > 4);
    expect(names(held)).toEqual(['b/5-4']);
    expect([held.mediaSequence, held.discontinuitySequence]).toEqual([NOON_S + 3, 1]);
    const none = forget(window, () => false);
    expect(names(none)).toEqual([]);
    expect(names(feed(fragmentsOf(B, repeat(2_000, 5)).slice(12), none))).toEqual(['b/9-4', 'b/13-4']);
    expect(forget(window, () => true)).toBe(window);
  });

  it('goes on above the numbers of before when it is built anew', () => {
    const fragments = fragmentsOf(A, repeat(1_000, 100));
    expect(feed(fragments.slice(150)).mediaSequence).toBeGreaterThanOrEqual(feed(fragments).mediaSequence);
  });

  it('keeps the promises of RFC 8216 §6.2.1 and §6.2.2 from reload to reload', () => {
    const gop = fc.constantFrom(480, 960, 1_000, 2_000, 2_040, 4_000);
    const runs = fc.array(fc.array(gop, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(runs, fc.array(fc.nat(200), { maxLength: 3 }), (all, lost) => {
        const stream = all.flatMap((gopMs, i) => fragmentsOf(i % 2 ? B : A, gopMs, i * 100_000));
        const seen = new Map<number, string>();
        let before = EMPTY_WINDOW;
        for (const fragment of stream.filter((_fragment, i) => !lost.includes(i))) {
          const window = push(before, fragment);
          checkStep(before, window, seen);
          before = window;
        }
      }),
    );
  });
});

/** One reload after another: numbers stick to segments, nothing goes back, enough is left. */
function checkStep(before: LiveWindow, after: LiveWindow, seen: Map<number, string>): void {
  const spans = after.segments.map((segment) =>
    segment.fragments.reduce((sum, f) => sum + f.durationTicks / 90_000, 0),
  );
  const total = spans.reduce((sum, seconds) => sum + seconds, 0);
  let discontinuities = after.discontinuitySequence;
  for (const [i, segment] of after.segments.entries()) {
    if (segment.discontinuity) discontinuities++;
    const identity = `${uris.media(segment)} ${segment.fragments[0].startMs} ${discontinuities}`;
    const number = after.mediaSequence + i;
    expect(seen.get(number) ?? identity).toBe(identity);
    seen.set(number, identity);
    expect(segment.fragments[0].key).toBe(true);
    expect(Math.round(spans[i] ?? 0)).toBeLessThanOrEqual(after.targetSeconds);
  }
  expect(after.mediaSequence).toBeGreaterThanOrEqual(before.mediaSequence);
  expect(after.targetSeconds).toBeGreaterThanOrEqual(before.targetSeconds);
  if (before.segments.length > 0 && after.mediaSequence > before.mediaSequence) {
    expect(total).toBeGreaterThanOrEqual(3 * after.targetSeconds);
  }
}
