/** Timelines are written as `JSON.stringify` would. */
import { expect, it } from 'vitest';
import { epochMs } from '../../src/domain/time.ts';
import { timelineText } from '../../src/http/timelineText.ts';
import type { TimelineView } from '../../src/http/wire/timeline.ts';
import { textsOf } from './timelineTexts.ts';

const SPAN = { startMs: epochMs(1), endMs: epochMs(2) };

function viewOf(cameras: TimelineView['cameras']): TimelineView {
  return { ...SPAN, resolutionMs: 1_000, exact: true, cameras };
}

function cameraOf(lists: Pick<TimelineView['cameras'][number], 'counts' | 'recorded' | 'peaks' | 'means'>) {
  const text = 'Tür "1" \u2028 🚪';
  const events = [{ ...SPAN, count: 1, id: 7, kind: 'mark', text }];
  return {
    ...{ cameraId: 'front-door', recordings: [SPAN], onMissingVolume: [], offClock: [], gaps: [], events },
    ...lists,
  };
}

it.each<[string, TimelineView]>([
  ['no camera', viewOf([])],
  ['empty lists', viewOf([cameraOf({ counts: [], recorded: [], peaks: [], means: [] })])],
  [
    'numbers of any length, and nulls',
    viewOf([
      cameraOf({
        counts: [0, 9, 10, 99, 100, 999, 1_000, 1_001, 12_345, 2 ** 32 - 1],
        recorded: Array.from({ length: 1_001 }, (_, value) => value),
        peaks: [null, 0, null, 250],
        means: [null],
      }),
      cameraOf({
        counts: Array.from({ length: 3_000 }, (_, value) => 2 ** 32 - 1 - value),
        ...{ recorded: [], peaks: [], means: [] },
      }),
      cameraOf({
        // Few and many equal ones, beside others.
        counts: [1, 23, 24, 25, 100, 30].flatMap((length, at) => Array<number>(length).fill(at * 700)),
        recorded: Array<number>(400).fill(1000),
        peaks: [...Array<null>(60).fill(null), 250],
        means: Array<number>(25).fill(12),
      }),
      cameraOf({ counts: [1], recorded: [1000, 1000], peaks: [null, null], means: [3, 2, 1] }),
    ]),
  ],
])('with %s', (_, view) => {
  for (const cut of [undefined, 0, 1, 2, 5_000]) {
    const bytes = timelineText(textsOf(view, cut));
    expect(JSON.parse(bytes.toString())).toEqual(JSON.parse(JSON.stringify(view)));
    expect(bytes.length).toBe(Buffer.byteLength(JSON.stringify(view)));
  }
});
