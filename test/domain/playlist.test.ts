import fc from 'fast-check';
import { type Fragment, type LevelDetails, M3U8Parser, PlaylistLevelType } from 'hls.js';
import { describe, expect, it, vi } from 'vitest';
import { runId, segmentId } from '../../src/domain/ids.ts';
import type { Gop } from '../../src/domain/media.ts';
import {
  mediaPlaylist,
  type PlaylistGap,
  type PlaylistItem,
  type PlaylistSegment,
  planRange,
  type RangeUris,
} from '../../src/domain/playlist.ts';
import { msToTicks, ticks } from '../../src/domain/ticks.ts';
import { epochMs, type Interval } from '../../src/domain/time.ts';
import type { SegmentRow } from '../../src/domain/timeline.ts';

const NOON = Date.UTC(2026, 2, 1, 12);
const A = runId('00000000-0000-4000-8000-00000000000a');
const B = runId('00000000-0000-4000-8000-00000000000b');

const uris: RangeUris = {
  media: ({ segmentId: id, fromGop, toGop }) => `${id}/${fromGop}-${toGop}.m4s`,
  init: (key) => `init/${key}.mp4`,
};

/** GOPs of the given lengths in milliseconds, one after the other. */
function gopsOf(lengths: readonly number[]): Gop[] {
  let start = 0;
  return lengths.map((ms) => {
    const gop = { offset: 0, bytes: 1, startTicks: ticks(start), durationTicks: msToTicks(ms), frames: 25 };
    start += gop.durationTicks;
    return gop;
  });
}

/** A segment that begins `atMs` after noon and `runMs` into its run. */
function row(id: number, run: typeof A, atMs: number, runMs: number, lengths: readonly number[]): SegmentRow {
  const gops = gopsOf(lengths);
  const totalMs = lengths.reduce((sum, ms) => sum + ms, 0);
  return {
    id: segmentId(id),
    runId: run,
    initKey: run === A ? 'a' : 'b',
    startMs: epochMs(NOON + atMs),
    endMs: epochMs(NOON + Math.round(atMs + totalMs)),
    startTicks: msToTicks(runMs),
    durationTicks: msToTicks(totalMs),
    gops,
  };
}

const gap = (fromMs: number, toMs: number, cause: string): PlaylistGap => ({
  kind: 'gap',
  startMs: epochMs(NOON + fromMs),
  endMs: epochMs(NOON + toMs),
  cause,
});
const range = (fromMs: number, toMs: number): Interval => ({
  startMs: epochMs(NOON + fromMs),
  endMs: epochMs(NOON + toMs),
});
const segmentsOf = (items: readonly PlaylistItem[]): PlaylistSegment[] =>
  items.filter((item) => item.kind === 'segment');
const text = (items: readonly PlaylistItem[]): string => mediaPlaylist(items, { type: 'vod' });

/** What hls.js makes of a playlist. */
function parsed(playlist: string): LevelDetails {
  return M3U8Parser.parseLevelPlaylist(playlist, 'http://nvr/list.m3u8', 0, PlaylistLevelType.MAIN, 0, null);
}

const TWO_RUNS = [
  row(1, A, 0, 0, [2_000, 2_000, 2_000, 2_000, 1_500]),
  row(2, A, 9_500, 9_500, [2_000, 2_000]),
  row(3, B, 30_000, 120, [10_033.333]),
];

describe('mediaPlaylist', () => {
  it('writes a whole range with a gap', () => {
    const items = planRange(
      TWO_RUNS,
      [gap(13_500, 30_000, 'camera "front" unreachable')],
      range(0, 60_000),
      uris,
    );
    expect(text(items)).toBe(`#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-TARGETDURATION:10
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-MAP:URI="init/a.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:00:00.000Z
#EXTINF:4.00000,
1/0-2.m4s
#EXTINF:4.00000,
1/2-4.m4s
#EXTINF:1.50000,
1/4-5.m4s
#EXTINF:4.00000,
2/0-2.m4s
#EXT-X-DATERANGE:ID="gap-1772366413500",CLASS="gap",START-DATE="2026-03-01T12:00:13.500Z",END-DATE="2026-03-01T12:00:30.000Z",X-CAUSE="camera 'front' unreachable"
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init/b.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:00:30.000Z
#EXTINF:10.03333,
3/0-1.m4s
#EXT-X-ENDLIST
`);
  });

  it('writes a range that is still growing', () => {
    const items = planRange(TWO_RUNS.slice(1, 2), [], range(0, 60_000), uris);
    expect(mediaPlaylist(items, { type: 'event' })).toBe(`#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:EVENT
#EXT-X-MAP:URI="init/a.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-03-01T12:00:09.500Z
#EXTINF:4.00000,
2/0-2.m4s
`);
  });

  it('states no gap where there is no segment, hence no date', () => {
    expect(text(planRange([], [gap(0, 60_000, 'disk full')], range(0, 60_000), uris))).toBe(`#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-TARGETDURATION:1
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-ENDLIST
`);
  });

  it('keeps an attribute in its quotes and on its line', () => {
    const items = planRange(TWO_RUNS, [gap(0, 1, 'a"b\r\n#EXT-X-ENDLIST\u0085c')], range(0, 60_000), uris);
    expect(text(items)).toContain(`X-CAUSE="a'b #EXT-X-ENDLIST c"\n`);
  });

  it.each([
    [4_499, 4],
    [4_500, 5],
    [300, 1],
  ])('rounds the target duration of %d ms to %d s', (ms, target) => {
    const list = text(planRange([row(1, A, 0, 0, [ms])], [], range(0, 60_000), uris));
    expect(list).toContain(`#EXT-X-TARGETDURATION:${target}\n`);
  });

  it('is understood by hls.js as it was meant', () => {
    const items = planRange(TWO_RUNS, [gap(13_500, 30_000, 'unreachable')], range(0, 60_000), uris);
    const details = parsed(text(items));
    expect(details.playlistParsingError).toBeNull();
    expect(details.live).toBe(false);
    expect(details.dateRanges['gap-1772366413500']?.duration).toBeCloseTo(16.5);
    expect(details.dateRanges['gap-1772366413500']?.attr['X-CAUSE']).toBe('unreachable');
    expect(details.fragments.map((fragment: Fragment) => [fragment.cc, fragment.programDateTime])).toEqual([
      [0, NOON],
      [0, NOON + 4_000],
      [0, NOON + 8_000],
      [0, NOON + 9_500],
      [1, NOON + 30_000],
    ]);
    expect(details.fragments.map((fragment) => fragment.initSegment?.url)).toEqual([
      ...Array.from({ length: 4 }, () => 'http://nvr/init/a.mp4'),
      'http://nvr/init/b.mp4',
    ]);
  });

  it('sums up to the length of the media, however odd the durations', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 900_000 }), { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 0, max: 1e12 }),
        (durations, from) => {
          let at = from;
          const items = durations.map((duration): PlaylistSegment => {
            const startTicks = ticks(at);
            at += duration;
            return {
              kind: 'segment',
              uri: 'x',
              initUri: 'i',
              startTicks,
              durationTicks: ticks(duration),
              discontinuity: false,
              programDateMs: undefined,
            };
          });
          const list = text(items);
          const extinfs = [...list.matchAll(/#EXTINF:(\d+\.\d{5}),/g)].map((match) => Number(match[1]));
          const sum = extinfs.reduce((total, seconds) => total + Math.round(seconds * 1e5), 0);
          expect(Math.abs(sum - (at - from) / 0.9)).toBeLessThanOrEqual(1.001);
          const target = Number(/TARGETDURATION:(\d+)/.exec(list)?.[1]);
          for (const seconds of extinfs) expect(Math.round(seconds)).toBeLessThanOrEqual(target);
        },
      ),
    );
  });
});

describe('planRange', () => {
  it.each<[string, number[], [number, number], string[]]>([
    ['groups of at least 4 s', [1_000, 1_000, 1_000, 1_000, 1_000], [0, 9_000], ['1/0-4', '1/4-5']],
    ['longer GOPs as they are', [5_000, 9_000, 1_000], [0, 60_000], ['1/0-1', '1/1-2', '1/2-3']],
    ['only what overlaps', [4_000, 4_000, 4_000, 4_000], [4_000, 8_001], ['1/1-2', '1/2-3']],
    ['not what merely touches', [4_000, 4_000, 4_000, 4_000], [4_000, 8_000], ['1/1-2']],
    ['the same groups whatever the range', [3_000, 3_000, 3_000, 3_000], [4_000, 5_000], ['1/0-2']],
    ['nothing of an empty range', [4_000, 4_000], [2_000, 2_000], []],
    ['nothing before it', [4_000], [-9_000, 0], []],
    ['nothing of a file without GOPs', [], [-9_000, 9_000], []],
  ])('takes %s', (_name, lengths, [from, to], expected) => {
    const items = segmentsOf(planRange([row(1, A, 0, 0, lengths)], [], range(from, to), uris));
    expect(items.map((item) => item.uri.replace('.m4s', ''))).toEqual(expected);
  });

  it('never lets a group reach across files', () => {
    const rows = [row(1, A, 0, 0, [1_000, 1_000]), row(2, A, 2_000, 2_000, [1_000, 1_000])];
    const items = segmentsOf(planRange(rows, [], range(0, 60_000), uris));
    expect(items.map((item) => [item.uri, item.discontinuity])).toEqual([
      ['1/0-2.m4s', false],
      ['2/0-2.m4s', false],
    ]);
  });

  it.each([
    ['rounds', 4_100, 4_100, false, false],
    ['jumps', 4_101, 4_101, true, true],
    ['jumps back', 4_000, 0, true, true],
    ['goes on while wall time was set', 9_000, 4_000, false, true],
  ])('tells the player when the media clock %s', (_name, atMs, runMs, discontinuity, dated) => {
    const rows = [row(1, A, 0, 0, [4_000]), row(2, A, atMs, runMs, [4_000])];
    const second = segmentsOf(planRange(rows, [], range(0, 60_000), uris))[1];
    expect(second?.discontinuity).toBe(discontinuity);
    expect(second?.programDateMs).toBe(dated ? NOON + atMs : undefined);
  });

  it('cuts a group where GOPs of a file miss each other', () => {
    const whole = row(1, A, 0, 0, [1_000, 1_000, 1_000, 1_000]);
    const gops = whole.gops.filter((_gop, index) => index !== 1);
    const items = segmentsOf(planRange([{ ...whole, gops }], [], range(0, 60_000), uris));
    expect(items.map(({ uri, discontinuity, programDateMs }) => [uri, discontinuity, programDateMs])).toEqual(
      [
        ['1/0-1.m4s', false, NOON],
        ['1/1-3.m4s', true, NOON + 2_000],
      ],
    );
  });

  it('dates anew where media time has drifted from wall time', () => {
    const rows = Array.from({ length: 60 }, (_, i) => row(i + 1, A, i * 60_005, i * 60_000, [60_000]));
    const dated = segmentsOf(planRange(rows, [], range(0, 1e8), uris)).filter((item) => item.programDateMs);
    expect(dated.map((item) => item.programDateMs)).toEqual([NOON, NOON + 21 * 60_005, NOON + 42 * 60_005]);
  });

  it('puts gaps where they lie, also first, last and several', () => {
    const gaps = [
      gap(-9_000, 0, 'a'),
      gap(4_000, 5_000, 'b'),
      gap(5_000, 8_000, 'c'),
      gap(12_000, 20_000, 'd'),
      gap(60_000, 61_000, 'e'),
    ];
    const rows = [row(1, A, 0, 0, [4_000]), row(2, B, 8_000, 0, [4_000])];
    const items = planRange(rows, gaps, range(-1_000, 60_000), uris);
    expect(items.map((item) => (item.kind === 'gap' ? item.cause : item.uri))).toEqual([
      'a',
      '1/0-1.m4s',
      'b',
      'c',
      '2/0-1.m4s',
      'd',
    ]);
  });

  it('lists every GOP that overlaps, once and in order', () => {
    const lengths = fc.array(fc.integer({ min: 40, max: 9_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(
        lengths,
        fc.integer({ min: 0, max: 60_000 }),
        fc.integer({ min: 1, max: 60_000 }),
        (ms, from, length) => {
          const one = row(1, A, 0, 0, ms);
          const items = segmentsOf(planRange([one], [], range(from, from + length), uris));
          const ranges = items.map((item) => item.uri.slice(2, -4).split('-').map(Number));
          const listed = ranges.flatMap(([first = 0, end = 0]) => one.gops.slice(first, end));
          expect(listed).toEqual(one.gops.slice(ranges[0]?.[0] ?? 0, ranges.at(-1)?.[1] ?? 0));
          const [startTicks, endTicks] = [msToTicks(from), msToTicks(from + length)];
          for (const gop of one.gops) {
            const overlaps = gop.startTicks < endTicks && gop.startTicks + gop.durationTicks > startTicks;
            if (overlaps) expect(listed).toContain(gop);
          }
        },
      ),
    );
  });

  it('plans and writes a day of minute files, asking for each URI once', () => {
    const lengths = Array.from({ length: 30 }, () => 2_000);
    const rows = Array.from({ length: 1_440 }, (_, i) => row(i + 1, A, i * 60_000, i * 60_000, lengths));
    const media = vi.fn(uris.media);
    const list = text(planRange(rows, [], range(0, 86_400_000), { ...uris, media }));
    expect(media).toHaveBeenCalledTimes(21_600);
    expect(list.match(/#EXTINF:4\.00000,/g)).toHaveLength(21_600);
    expect(list.match(/#EXT-X-(MAP|PROGRAM-DATE-TIME|DISCONTINUITY$)/gm)).toHaveLength(2);
  });
});
