import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runId } from '../../src/domain/ids.ts';
import {
  EMPTY_WINDOW,
  forget,
  type LiveFragment,
  type LiveUris,
  type LiveWindow,
  livePlaylist,
  push,
} from '../../src/domain/livePlaylist.ts';
import { msToTicks } from '../../src/domain/ticks.ts';
import { epochMs } from '../../src/domain/time.ts';

const NOON = Date.UTC(2026, 2, 1, 12);
const NOON_S = NOON / 1_000;
const A = runId('00000000-0000-4000-8000-00000000000a');
const B = runId('00000000-0000-4000-8000-00000000000b');

const uris: LiveUris = {
  media: ({ fragments }) =>
    `${fragments[0].runId.slice(-1)}/${fragments[0].sequence}-${fragments.length}.m4s`,
  init: (run) => `${run.slice(-1)}/init.mp4`,
};

/** GOPs of a run, in fragments of half a second; the first begins `atMs` after noon. */
function fragmentsOf(run: typeof A, gopMs: readonly number[], atMs = 0): LiveFragment[] {
  let startMs = 0;
  let sequence = 0;
  return gopMs.flatMap((length) =>
    Array.from({ length: Math.ceil(length / 500) }, (_, i) => {
      const ms = Math.min(500, length - i * 500);
      sequence++;
      startMs += ms;
      const began = startMs - ms;
      return {
        runId: run,
        sequence,
        key: i === 0,
        startTicks: msToTicks(began),
        durationTicks: msToTicks(ms),
        startMs: epochMs(NOON + atMs + began),
      };
    }),
  );
}

const repeat = (ms: number, count: number): number[] => Array.from({ length: count }, () => ms);
const feed = (fragments: readonly LiveFragment[], from: LiveWindow = EMPTY_WINDOW): LiveWindow =>
  fragments.reduce(push, from);
const names = (window: LiveWindow): string[] =>
  window.segments.map((segment) => uris.media(segment).slice(0, -4));
const listing = (window: LiveWindow): string => livePlaylist(window, uris);
const sequenceOf = (list: string): number => Number(/MEDIA-SEQUENCE:(\d+)/.exec(list)?.[1]);

describe('the live window', () => {
  it('writes a playlist of whole GOPs, with a new run after the old one', () => {
    const window = feed([
      ...fragmentsOf(A, [2_000, 2_000, 1_200]),
      ...fragmentsOf(B, repeat(2_000, 2), 9_000),
    ]);
    expect(listing(window)).toBe(`#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:${NOON_S}
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-MAP:URI="a/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:00:00.000Z
#EXTINF:2.00000,
a/1-4.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:00:02.000Z
#EXTINF:2.00000,
a/5-4.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:00:04.000Z
#EXTINF:1.20000,
a/9-3.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="b/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:00:09.000Z
#EXTINF:2.00000,
b/1-4.m4s
`);
  });

  it('writes a playlist without segments before there is one', () => {
    expect(listing(EMPTY_WINDOW)).toBe(`#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-DISCONTINUITY-SEQUENCE:0
`);
  });

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

  it('spans six target durations, and slides by whole segments', () => {
    const fragments = fragmentsOf(A, repeat(2_000, 20));
    expect(names(feed(fragments))).toEqual(['a/53-4', 'a/57-4', 'a/61-4', 'a/65-4', 'a/69-4', 'a/73-4']);
    expect(sequenceOf(listing(feed(fragments)))).toBe(NOON_S + 13);
  });

  it('counts a discontinuity when the segment behind it slides out, not before', () => {
    const fed = (count: number) =>
      feed([...fragmentsOf(A, [2_000, 2_000]), ...fragmentsOf(B, repeat(2_000, count))]);
    const counted = [6, 7, 8].map((count) => listing(fed(count)).match(/DISCONTINUITY(-SEQUENCE:\d)?$/gm));
    expect(counted).toEqual([
      ['DISCONTINUITY-SEQUENCE:0', 'DISCONTINUITY'],
      ['DISCONTINUITY-SEQUENCE:0', 'DISCONTINUITY'],
      ['DISCONTINUITY-SEQUENCE:1'],
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
