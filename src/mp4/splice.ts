/**
 * Puts stretches of media one behind the other on the clock of a movie. Within a stretch the clock of its run goes on
 * as it is; between stretches there is no pause, whatever lay between them, and sound keeps its place to the picture.
 */
import { TICKS_PER_SECOND, type Ticks } from '../domain/ticks.ts';
import type { PlacedFile } from './progressive.ts';
import type { SampleFront } from './sampleIndex.ts';
import { rescale } from './timescale.ts';
import type { InitSegment } from './types.ts';

/** A file, and when on the clock of its run its own clock begins. */
export interface StretchFile extends SampleFront {
  readonly startTicks: Ticks;
}

/** Files of one run that follow each other without a pause. */
export interface Stretch {
  readonly files: readonly [StretchFile, ...StretchFile[]];
  /** On the clock of its first file: when its first frame is shown. */
  readonly shownFrom: number;
  /** On the clock of its last file: the end of what is shown, and of what is kept. */
  readonly shownTo: number;
  readonly presentationEnd: number;
}

/** What `Movie` wants to know. */
export interface Spliced {
  readonly files: readonly PlacedFile[];
  readonly start: number;
  readonly end: number;
}

/** The movie's zero is the decode time of the first video sample. */
export function splice(stretches: readonly Stretch[], init: InitSegment): Spliced {
  const { timescale } = init.video;
  const audioScale = init.audio?.timescale ?? timescale;
  const files: PlacedFile[] = [];
  let [start, end, decoded, presented] = [0, 0, 0, 0];
  for (const stretch of stretches) {
    const [first] = stretch.files;
    const runTime = (file: StretchFile) => rescale(file.startTicks, TICKS_PER_SECOND, timescale);
    const toDecode = decoded - first.video.firstDts - runTime(first);
    const toPresent = presented - stretch.shownFrom - runTime(first);
    const shift = files.length === 0 ? toDecode : Math.max(toDecode, toPresent);
    const audioShift = rescale(shift, timescale, audioScale);
    for (const file of stretch.files) {
      const audioRunTime = rescale(file.startTicks, TICKS_PER_SECOND, audioScale);
      const { video, audio } = file;
      files.push({ video, audio, videoShift: runTime(file) + shift, audioShift: audioRunTime + audioShift });
    }
    const last = stretch.files.at(-1) ?? first;
    const lastShift = runTime(last) + shift;
    if (stretch === stretches[0]) start = stretch.shownFrom + runTime(first) + shift;
    end = stretch.shownTo + lastShift;
    decoded = last.video.lastDts + last.video.lastDuration + lastShift;
    presented = stretch.presentationEnd + lastShift;
  }
  return { files, start, end };
}
