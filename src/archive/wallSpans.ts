/** Which wall time each stretch of an export shows. */
import type { WallSpan } from '../domain/burntTime.ts';
import { ticksToMs } from '../domain/ticks.ts';
import type { ExportPlan } from './exporter.ts';
import type { ExportSource } from './exportSources.ts';
import { spliceOf } from './movieFile.ts';

/** In order and without holes; each file of a run is tied to the wall clock by its own start. */
export function wallSpansOf(plan: ExportPlan): WallSpan[] {
  const { files: placed, start, end } = spliceOf(plan);
  const positionMs = (time: number) => ((time - start) * 1000) / plan.init.video.timescale;
  const begun: Omit<WallSpan, 'toMs'>[] = [];
  for (const { files, head } of plan.stretches) {
    const [first] = files;
    const shownFromMs = positionMs(head.shownFrom + (placed[begun.length]?.videoShift ?? 0));
    for (const file of files) {
      const { firstDts } = file.front.video;
      const fileMs = positionMs(firstDts + (placed[begun.length]?.videoShift ?? 0));
      const fromMs = file === first ? shownFromMs : fileMs;
      const moved = tieOf(file.source) - tieOf(first.source);
      begun.push({ fromMs, wallMs: head.startMs + (fromMs - shownFromMs) + moved });
    }
  }
  return begun.map((span, index) => ({ ...span, toMs: begun[index + 1]?.fromMs ?? positionMs(end) }));
}

/** The wall time at which the clock of the run was 0, as this file has it. */
function tieOf({ startMs, startTicks }: ExportSource): number {
  return startMs - ticksToMs(startTicks);
}
