/** The timeline's arithmetic: views, rulers, runs of pixels. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rulerMarks, stepFor } from '../../web/playback/timeline/ruler.ts';
import { activityLevels, holding, joined, nearest, pixelRuns } from '../../web/playback/timeline/runs.ts';
import { msAt, pan, reveal, spanOf, upTo, xOf, zoom } from '../../web/playback/timeline/view.ts';
import { dayBounds, wallTimeOf } from '../../web/time/zone.ts';

const HOUR = 3_600_000;
const WIDTH = 1_000;
const anyView = fc
  .tuple(fc.integer({ min: 1e12, max: 2e12 }), fc.integer({ min: 10_000, max: 7 * 24 * HOUR }))
  .map(([startMs, span]) => ({ startMs, endMs: startMs + span }));

describe('a view', () => {
  test('keeps what is under the pointer where it is when zoomed', () => {
    fc.assert(
      fc.property(
        anyView,
        fc.double({ min: 0, max: WIDTH, noNaN: true }),
        fc.double({ min: 0.1, max: 10, noNaN: true }),
        (view, x, factor) => {
          const anchor = msAt(x, view, WIDTH);
          expect(xOf(anchor, zoom(view, anchor, factor), WIDTH)).toBeCloseTo(x, 1);
        },
      ),
    );
  });

  test('shows between 10 seconds and 7 days', () => {
    const view = { startMs: 0, endMs: HOUR };
    expect(spanOf(zoom(view, 0, 1e-9))).toBe(10_000);
    expect(spanOf(zoom(view, 0, 1e9))).toBe(7 * 24 * HOUR);
  });

  test('does not move while the playhead is in it, and turns the page when it leaves', () => {
    const view = { startMs: 0, endMs: HOUR };
    expect(reveal(view, HOUR / 2)).toBe(view);
    const turned = reveal(view, HOUR + 1);
    expect(xOf(HOUR + 1, turned, WIDTH)).toBeCloseTo(60, 0);
    expect(pan(view, 5)).toEqual({ startMs: 5, endMs: HOUR + 5 });
  });

  test('ends with a moment that it did not show, and keeps its length', () => {
    const view = { startMs: 0, endMs: HOUR };
    expect(upTo(view, HOUR / 2)).toBe(view);
    for (const ms of [5 * HOUR, -5 * HOUR]) {
      const moved = upTo(view, ms);
      expect(spanOf(moved)).toBe(HOUR);
      expect(xOf(ms, moved, WIDTH)).toBeCloseTo(0.94 * WIDTH, 0);
    }
  });
});

describe('the ruler', () => {
  test.each([
    ['America/New_York', '2026-11-01', 25, ['01:00', '01:00']],
    ['America/New_York', '2026-03-08', 23, ['01:00']],
    // Half an hour comes twice there, from 01:30 on.
    ['Australia/Lord_Howe', '2026-04-05', 24, ['01:00']],
    ['Asia/Seoul', '2026-11-01', 24, ['01:00']],
  ])('of %s on %s has %d hours, as clocks show them', (zone, day, hours, ones) => {
    const view = dayBounds(day, zone);
    const marks = rulerMarks({ ...view, endMs: view.endMs - 1 }, HOUR, zone);
    const times = marks.map(({ ms }) => new Date(wallTimeOf(ms, zone)).toISOString().slice(11, 16));
    expect(times).toHaveLength(Math.floor(hours));
    expect(times.filter((time) => time === '01:00')).toEqual(ones);
    expect(marks[0]?.kind).toBe('midnight');
  });

  test('tells hours that come twice from others', () => {
    const marks = rulerMarks(dayBounds('2026-11-01', 'America/New_York'), HOUR, 'America/New_York');
    const repeated = marks.filter(({ kind }) => kind === 'repeated');
    expect(repeated.map(({ ms }) => wallTimeOf(ms, 'America/New_York') / HOUR)).toEqual([1, 1]);
  });

  test('gives every mark the room it needs', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        const step = stepFor(view, WIDTH, 70);
        const pixels = (step / spanOf(view)) * WIDTH;
        expect(step === 24 * HOUR ? 70 : pixels).toBeGreaterThanOrEqual(70);
      }),
    );
  });
});

describe('runs of pixels', () => {
  const view = { startMs: 0, endMs: 1_000 };

  test('cover what the intervals cover, and join where they meet', () => {
    expect(
      pixelRuns(
        [
          { startMs: -50, endMs: 100.4 },
          { startMs: 100.5, endMs: 200 },
          { startMs: 500, endMs: 500.1 },
          { startMs: 990, endMs: 2_000 },
          { startMs: 3_000, endMs: 4_000 },
        ],
        view,
        WIDTH,
      ),
    ).toEqual([
      { from: 0, to: 200 },
      { from: 500, to: 501 },
      { from: 990, to: 1_000 },
    ]);
  });

  test('are never more than there are pixels, whatever there is to draw', () => {
    const year = Array.from({ length: 50_000 }, (_, index) => ({
      startMs: index * 60,
      endMs: index * 60 + 30,
    }));
    const runs = pixelRuns(year, { startMs: 0, endMs: 3_000_000 }, WIDTH);
    expect(runs.length).toBeLessThanOrEqual(WIDTH / 2);
  });
});

describe('intervals', () => {
  const list = [
    { startMs: 30, endMs: 40 },
    { startMs: 0, endMs: 10 },
    { startMs: 10, endMs: 20 },
  ];

  test('that touch are joined', () => {
    expect(joined(list)).toEqual([
      { startMs: 0, endMs: 20 },
      { startMs: 30, endMs: 40 },
    ]);
  });

  test('hold a moment from their start up to, but not at, their end', () => {
    expect(holding(joined(list), 19)).toEqual({ startMs: 0, endMs: 20 });
    expect(holding(joined(list), 20)).toBeNull();
  });

  test('tell what is nearest to a moment between them', () => {
    expect(nearest(joined(list), 25)).toEqual({ beforeMs: 20, afterMs: 30 });
    expect(nearest(joined(list), 45)).toEqual({ beforeMs: 40, afterMs: null });
    expect(nearest([], 45)).toEqual({ beforeMs: null, afterMs: null });
  });
});

describe('movement', () => {
  const view = { startMs: 0, endMs: 10_000 };

  test('is the most of each pixel, in steps that show little movements', () => {
    const peaks = [0, 250, 10, null, 62];
    const activity = [{ startMs: 0, cellMs: 1_000, peaks }];
    expect([...activityLevels(activity, view, 10)]).toEqual([0, 10, 2, 0, 4, 0, 0, 0, 0, 0]);
    expect([...activityLevels(activity, view, 5)]).toEqual([10, 2, 4, 0, 0]);
  });

  test('covers all pixels of a long cell, and none before the view', () => {
    const activity = [{ startMs: -4_000, cellMs: 4_000, peaks: [250, 250, 0] }];
    expect([...activityLevels(activity, view, 10)]).toEqual([10, 10, 10, 10, 0, 0, 0, 0, 0, 0]);
  });
});
