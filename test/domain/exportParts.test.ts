/** A year is put together of joined segments, and has the parts that its segments have. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addJoined, type ExportSegment, exportParts } from '../../src/domain/exportParts.ts';
import { runId } from '../../src/domain/ids.ts';
import { TICKS_PER_SECOND, ticks } from '../../src/domain/ticks.ts';
import { epochMs } from '../../src/domain/time.ts';

const START_MS = 1_774_738_800_000;
const ONE = runId('00000000-0000-4000-8000-000000000001');
const OTHER = runId('00000000-0000-4000-8000-000000000002');

/** Segments of a second, some after a pause, of another run or of another codec configuration. */
const SEGMENTS = fc
  .array(fc.record({ pause: fc.constantFrom(0, 0, 0, 5), run: fc.boolean(), init: fc.boolean() }), {
    maxLength: 30,
  })
  .map((list) => {
    let second = 0;
    return list.map(({ pause, run, init }): ExportSegment => {
      second += pause + 1;
      const startMs = epochMs(START_MS + second * 1000);
      const startTicks = ticks(second * TICKS_PER_SECOND);
      return {
        ...{ startMs, endMs: epochMs(startMs + 1000), startTicks, durationTicks: ticks(TICKS_PER_SECOND) },
        ...{ runId: run ? ONE : OTHER, initKey: init ? 'one' : 'other' },
      };
    });
  });

it.each(['close', 'split'] as const)('with gaps=%s, whatever is asked of it at once', (gaps) => {
  const interval = { startMs: epochMs(START_MS + 500), endMs: epochMs(START_MS + 60_000) };
  const bounds = (segments: readonly ExportSegment[]) =>
    exportParts(segments, interval, gaps).map(({ segments: _, ...part }) => part);
  fc.assert(
    fc.property(SEGMENTS, fc.integer({ min: 1, max: 7 }), (segments, portion) => {
      const joined: ExportSegment[] = [];
      for (let at = 0; at < segments.length; at += portion)
        addJoined(joined, segments.slice(at, at + portion));
      expect(bounds(joined)).toEqual(bounds(segments));
    }),
  );
});
