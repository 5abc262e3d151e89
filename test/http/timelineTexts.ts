/** A timeline as the port gives it, of one as a client reads it. */
import { stored } from '../../src/domain/timelineCells.ts';
import { cellText, headText, type TimelineTexts } from '../../src/http/timelineText.ts';
import type { TimelineView } from '../../src/http/wire/timeline.ts';

/** @param cut how many cells the first of two stretches has; there is one when absent */
export function textsOf({ cameras, ...head }: TimelineView, cut?: number): TimelineTexts {
  const stretches = cut === undefined ? [[0]] : [[0, cut], [cut]];
  return {
    ...head,
    cameras: cameras.map(({ counts, recorded, peaks, means, ...rest }) => ({
      head: headText(rest),
      cells: stretches.map(([from, to]) =>
        cellText({
          counts: Uint32Array.from(counts.slice(from, to)),
          recorded: Uint32Array.from(recorded.slice(from, to)),
          peaks: Uint32Array.from(peaks.slice(from, to), stored),
          means: Uint32Array.from(means.slice(from, to), stored),
        }),
      ),
    })),
  };
}
