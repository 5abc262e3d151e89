/** Where a movie leaves out a gap: a chapter begins there that is named by the wall time. */
import type { Chapter } from '../mp4/movie.ts';
import type { Spliced } from '../mp4/splice.ts';
import type { ExportPlan } from './exporter.ts';

/** What is shorter is the time that a camera takes to come back, and nothing that anybody would look for. */
const SHORTEST_GAP_MS = 1_000;
/** As many as the box can hold. */
const MOST_CHAPTERS = 255;

/** Of the beginning and of each gap, the longest ones if there are too many; none without a gap. */
export function chaptersOf({ stretches, init }: ExportPlan, { files, start }: Spliced): Chapter[] {
  const begun: (Chapter & { readonly gapMs: number })[] = [];
  let file = 0;
  let endMs = Number.NEGATIVE_INFINITY;
  for (const { head, tail, files: own } of stretches) {
    const at = head.shownFrom + (files[file]?.videoShift ?? 0) - start;
    const atMs = Math.round((at * 1000) / init.video.timescale);
    begun.push({ atMs, title: titleOf(head.startMs), gapMs: head.startMs - endMs });
    file += own.length;
    endMs = tail.endMs;
  }
  const marked = begun
    .filter(({ gapMs }) => gapMs >= SHORTEST_GAP_MS)
    .sort((a, b) => b.gapMs - a.gapMs)
    .slice(0, MOST_CHAPTERS)
    .sort((a, b) => a.atMs - b.atMs);
  return marked.length > 1 ? marked.map(({ atMs, title }) => ({ atMs, title })) : [];
}

/** `2026-03-29 01:00:04Z` */
function titleOf(wallMs: number): string {
  return new Date(Math.round(wallMs)).toISOString().replace('T', ' ').replace(/\.\d+/, '');
}
