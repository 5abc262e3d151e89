/**
 * Times for what an edit list hides. GStreamer (1.22, and later ones as well) compares decode times of the media with the
 * duration of the movie: it ends as much too early as the edit list begins late, as soon as it has seen a keyframe then.
 * So what is hidden takes hardly any time; players that take no notice of edit lists show only a moment of it, too.
 */
import { columnsOf, type SampleIndex, tablesOf } from './sampleIndex.ts';

/**
 * Lets the hidden frames before the first shown one follow each other tick by tick, and all that is decoded before it as
 * late as can be. The last hidden one stays where it was: a decoder that knows the frame rate takes each for as long as a
 * frame, and would show what reaches into what is shown.
 * @param shownFrom presentation time of the first frame that is shown, on the clock of the file
 */
export function hastenHidden(index: SampleIndex, shownFrom: number): SampleIndex {
  const columns = columnsOf(index.video);
  const { dts, cto } = columns;
  const pts = dts.map((time, sample) => time + (cto[sample] ?? 0));
  const hidden = pts.filter((time) => time < shownFrom).sort((a, b) => a - b);
  const count = hidden.length;
  const latest = hidden.at(-1);
  if (latest === undefined) return index;
  const ranks = new Map(hidden.map((time, rank) => [time, rank]));
  const presented = pts.map((time) => {
    const rank = ranks.get(time);
    return rank === undefined ? time : Math.max(time, latest - (count - 1 - rank));
  });
  const kept = dts.filter((time) => time < latest).length;
  const until = Math.min(dts[kept] ?? latest, latest - count);
  const decoded = dts.map((time, sample) => (sample < kept ? Math.max(time, until - (kept - sample)) : time));
  const video = tablesOf({
    ...columns,
    dts: decoded,
    cto: presented.map((time, sample) => time - (decoded[sample] ?? time)),
  });
  return { ...index, video };
}

/**
 * Lets the frames at the end be decoded a little earlier where GStreamer would end before them: where one that follows a
 * keyframe is decoded too late. They are presented when they were.
 * @param until decode time, on the clock of the file, that is as long after the movie's first as the movie lasts
 */
export function hastenLate(index: SampleIndex, until: number): SampleIndex {
  const { dts, cto, key, lastDuration, ...rest } = columnsOf(index.video);
  const late = dts.findLastIndex((time, sample) => time >= until && key[sample - 1] === true);
  if (late === -1) return index;
  const latest = (sample: number) => (sample > late ? Number.POSITIVE_INFINITY : until - 1 - late + sample);
  const decoded = dts.map((time, sample) => Math.min(time, latest(sample)));
  // So little footage that there is no room.
  if (decoded[0] !== dts[0]) return index;
  const earlier = dts.map((time, sample) => time - (decoded[sample] ?? time));
  const video = tablesOf({
    ...rest,
    key,
    dts: decoded,
    cto: cto.map((offset, sample) => offset + (earlier[sample] ?? 0)),
    lastDuration: lastDuration + (earlier.at(-1) ?? 0),
  });
  return { ...index, video };
}
