/**
 * The text of the live playlist, read by a parser that nobody here wrote and held to Apple's rules; and what becomes of
 * a request that is ahead of it.
 */
import fc from 'fast-check';
import { parse, setOptions, type types } from 'hls-parser';
import { describe, expect, it } from 'vitest';
import type { LiveFragment } from '../../src/domain/liveParts.ts';
import { livePlaylist, reloadState } from '../../src/domain/livePlaylist.ts';
import {
  EMPTY_WINDOW,
  findPart,
  type LiveWindow,
  nextPart,
  openSequence,
  push,
} from '../../src/domain/liveWindow.ts';
import { A, B, feed, fragmentsOf, NOON_S, repeat, uris } from './liveFragments.ts';

setOptions({ strictMode: true });

const FULL = { skip: false };
const text = (window: LiveWindow): string => livePlaylist(window, uris, FULL);

function parsed(list: string): types.MediaPlaylist {
  const playlist = parse(list);
  if (playlist.isMasterPlaylist) throw new Error('A media playlist was meant.');
  return playlist as types.MediaPlaylist;
}

describe('the text of the live playlist', () => {
  it('lists whole GOPs, the parts of the newest, and a hint of what comes', () => {
    const window = feed([
      ...fragmentsOf(A, [2_000, 2_000, 1_200]),
      ...fragmentsOf(B, [2_000, 2_000, 500], 9_000),
    ]);
    expect(text(window)).toBe(`#EXTM3U
#EXT-X-VERSION:9
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.000,HOLD-BACK=6.000,PART-HOLD-BACK=1.635
#EXT-X-PART-INF:PART-TARGET=0.545
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
#EXT-X-PART:DURATION=0.50000,URI="b/p1.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.50000,URI="b/p2.m4s"
#EXT-X-PART:DURATION=0.50000,URI="b/p3.m4s"
#EXT-X-PART:DURATION=0.50000,URI="b/p4.m4s"
#EXTINF:2.00000,
b/1-4.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:00:11.000Z
#EXT-X-PART:DURATION=0.50000,URI="b/p5.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.50000,URI="b/p6.m4s"
#EXT-X-PART:DURATION=0.50000,URI="b/p7.m4s"
#EXT-X-PART:DURATION=0.50000,URI="b/p8.m4s"
#EXTINF:2.00000,
b/5-4.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:00:13.000Z
#EXT-X-PART:DURATION=0.50000,URI="b/p9.m4s",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="b/p10.m4s"
`);
  });

  it('has nothing to list before there is a segment', () => {
    expect(text(EMPTY_WINDOW)).toBe(`#EXTM3U
#EXT-X-VERSION:9
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.000,HOLD-BACK=6.000
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-DISCONTINUITY-SEQUENCE:0
`);
  });

  it('leaves out what the player has, where that lies six target durations back', () => {
    const window = feed(fragmentsOf(A, repeat(2_000, 12)));
    const list = livePlaylist(window, uris, { skip: true });
    const [full, delta] = [parsed(text(window)), parsed(list)];
    expect(list).toMatch(/DISCONTINUITY-SEQUENCE:0\n#EXT-X-SKIP:SKIPPED-SEGMENTS=3\n#EXT-X-MAP/);
    expect(delta.segments.map(({ uri }) => uri)).toEqual(full.segments.slice(3).map(({ uri }) => uri));
    expect(delta.mediaSequenceBase).toBe(full.mediaSequenceBase);
    const short = feed(fragmentsOf(A, repeat(2_000, 4)));
    expect(livePlaylist(short, uris, { skip: true })).toBe(text(short));
  });

  it('reports how far the other streams have come', () => {
    const one = feed(fragmentsOf(A, repeat(2_000, 4)));
    const others = [
      { uri: 'growing.m3u8', window: feed(fragmentsOf(B, [2_000, 2_000, 1_000])) },
      { uri: 'new.m3u8', window: EMPTY_WINDOW },
    ];
    expect(parsed(livePlaylist(one, uris, { reports: others })).renditionReports).toMatchObject([
      { uri: 'growing.m3u8', lastMSN: NOON_S + 2, lastPart: 1 },
    ]);
  });
});

describe('parts', () => {
  const partsOf = (fragments: readonly LiveFragment[]) => {
    const { segments, partTarget } = feed(fragments);
    const spans = segments.map(({ parts }) =>
      parts.map(({ first, last }) => (last.startTicks + last.durationTicks - first.startTicks) / 90),
    );
    return { spans, target: partTarget / 90 };
  };

  it.each([
    ['are fragments, the last as short as it is', [2_000, 2_000], 440, [440, 440, 440, 440, 240], 479],
    ['join fragments of less than a third of a second', [2_000, 2_000], 280, [560, 560, 560, 320], 610],
    ['join short GOPs that share a segment', repeat(480, 6), 280, [480, 480, 480], 523],
    ['have a target with room for jitter on both sides', [1_000, 1_000], 250, [500, 500], 545],
  ])('%s', (_name, gopMs, fragmentMs, expected, target) => {
    const { spans, target: found } = partsOf(fragmentsOf(A, [...gopMs, ...gopMs, 1_000], 0, fragmentMs));
    expect(found).toBe(target);
    // The first as well, which set the target: a player that comes early begins with it.
    expect(spans[0]).toEqual(expected);
    expect(spans[1]).toEqual(expected);
  });

  it('of a segment with a hiccup are given up, and the target stays', () => {
    const stream = fragmentsOf(A, repeat(2_000, 6), 0, 400);
    const late = stream.map((each) => {
      const ms = each.sequence < 13 ? 0 : 400;
      const durationTicks = each.sequence === 13 ? each.durationTicks + ms * 90 : each.durationTicks;
      const startTicks = each.sequence > 13 ? each.startTicks + ms * 90 : each.startTicks;
      return { ...each, durationTicks, startTicks } as LiveFragment;
    });
    const { spans, target } = partsOf(late);
    expect(spans.map((parts) => parts.length)).toEqual([5, 5, 0, 5, 5]);
    expect(target).toBe(436);
    // The parts that were there stay listed, and the hint is answered when the segment is done.
    const window = feed(late.slice(0, 13));
    expect(text(window)).toMatch(/p12.m4s"\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI="a\/p13.m4s"\n$/);
  });

  it('have another target when a camera goes on at another pace', () => {
    const slower = fragmentsOf(A, repeat(2_000, 6), 4_000, 400).map((each) => ({
      ...each,
      sequence: each.sequence + 16,
      startTicks: (each.startTicks + 4_000 * 90) as LiveFragment['startTicks'],
    }));
    const { spans, target } = partsOf([...fragmentsOf(A, repeat(2_000, 2), 0, 250), ...slower]);
    expect(target).toBe(436);
    expect(spans.map((parts) => parts.length)).toEqual([0, 0, 0, 0, 5, 5, 5]);
  });
});

describe('a request ahead of the playlist', () => {
  /** Two segments of four parts of half a second, and one part of the third. */
  const window = feed(fragmentsOf(A, [2_000, 2_000, 2_000, 500]));
  const last = openSequence(window) - 1;

  it.each([
    ['an old segment', 0, null, 'ready'],
    ['an old part', -4, 2, 'ready'],
    ['the last segment', 0, 3, 'ready'],
    ['the part after its last, which is the first of the next', 0, 4, 'ready'],
    ['the part that is there', 1, 0, 'ready'],
    ['the next part', 1, 1, 'wait'],
    ['the segment that is growing', 1, null, 'wait'],
    ['the segment after it', 2, 0, 'wait'],
    ['a segment that is too far', 3, null, 'too-far'],
    ['a part within three seconds', 1, 5, 'wait'],
    ['a part that is too far', 1, 6, 'too-far'],
    ['a part of the next segment that is too far', 2, 6, 'too-far'],
  ] as const)('for %s', (_name, offset, part, expected) => {
    expect(reloadState(window, { msn: last + offset, part })).toBe(expected);
  });

  it('for the part after the last waits for the next segment to have one', () => {
    const closing = feed(fragmentsOf(A, repeat(2_000, 3)));
    const msn = openSequence(closing);
    expect(reloadState(closing, { msn, part: 4 })).toBe('wait');
    const next = feed(fragmentsOf(A, [...repeat(2_000, 3), 500]));
    expect(next.open?.packing.parts).toHaveLength(1);
    expect(reloadState(next, { msn: openSequence(next) - 1, part: 4 })).toBe('ready');
  });
});

describe('any stream', () => {
  const gop = fc.constantFrom(480, 960, 1_000, 2_000, 2_040, 4_000);
  const runs = fc.array(fc.array(gop, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 3 });
  const cut = fc.constantFrom(240, 280, 320, 500);
  const streamOf = (all: readonly number[][], fragmentMs: number) =>
    all.flatMap((gopMs, i) => fragmentsOf(i % 2 ? B : A, gopMs, i * 100_000, fragmentMs));

  it('has a playlist that a strict parser takes, at every moment, whole and as an update', () => {
    fc.assert(
      // GOPs of just under a second leave an odd end in the middle of a segment, whatever is joined.
      fc.property(
        gop.filter((ms) => ms !== 960),
        fc.nat({ max: 12 }),
        cut,
        (each, count, fragmentMs) => {
          let window = EMPTY_WINDOW;
          for (const fragment of streamOf([repeat(each, count + 3)], fragmentMs)) {
            window = push(window, fragment);
            if (window.segments.length === 0) continue;
            const full = parsed(text(window));
            const delta = parsed(livePlaylist(window, uris, { skip: true }));
            expect(full.segments.slice(delta.skip).map(({ uri }) => uri)).toEqual(
              delta.segments.map(({ uri }) => uri),
            );
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('keeps the rules of parts: never too long, whole together, never renamed, hinted before they are there', () => {
    fc.assert(
      fc.property(runs, cut, fc.array(fc.nat(100), { maxLength: 2 }), (all, fragmentMs, lost) => {
        let window = EMPTY_WINDOW;
        for (const fragment of streamOf(all, fragmentMs).filter((_each, i) => !lost.includes(i))) {
          const hint = nextPart(window);
          const before = window;
          window = push(window, fragment);
          checkParts(window);
          // A part that appears was hinted, unless media was lost or a run began.
          const part = window.open?.packing.parts.at(-1);
          const isNew = part !== undefined && findPart(before, part.first) === undefined;
          if (isNew && hint?.runId === part.first.runId && before.open?.packing.spoiled === undefined)
            expect(hint.sequence).toBeLessThanOrEqual(part.first.sequence);
        }
      }),
    );
  });
});

function checkParts({ segments, open, partTarget }: LiveWindow): void {
  for (const { fragments, parts } of segments) {
    if (parts.length === 0) continue;
    expect(parts[0]?.first).toBe(fragments[0]);
    expect(parts.at(-1)?.last).toBe(fragments.at(-1));
  }
  const all = [...segments.map(({ parts }) => parts), open?.packing.parts ?? []];
  for (const parts of all) {
    for (const [i, { first, last }] of parts.entries()) {
      expect(last.startTicks + last.durationTicks - first.startTicks).toBeLessThanOrEqual(partTarget);
      const next = parts[i + 1];
      if (next !== undefined) expect(next.first.sequence).toBe(last.sequence + 1);
    }
  }
}
