/** A timeline as the port gives it, of one as a client reads it. */
import { stored } from '../../src/domain/timelineCells.ts';
import type { TimelineColumns } from '../../src/http/timelineText.ts';
import type { TimelineView } from '../../src/http/wire/timeline.ts';

export function columnsOf({ cameras, ...head }: TimelineView): TimelineColumns {
  return {
    ...head,
    cameras: cameras.map(({ counts, recorded, peaks, means, ...rest }) => ({
      camera: rest,
      cells: {
        counts: Uint32Array.from(counts),
        recorded: Uint32Array.from(recorded),
        peaks: Uint32Array.from(peaks, stored),
        means: Uint32Array.from(means, stored),
      },
    })),
  };
}
