/** A small real archive to export from: B-frames with sound, a gap, another run, H.265, another run of the first. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Archive } from '../../src/archive/archive.ts';
import { runId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';
import { Fragmenter } from '../../src/mp4/fragmenter.ts';
import type { Fragment, InitSegment } from '../../src/mp4/types.ts';
import { type Media, wallTime } from './fragments.ts';
import { FRONT, START_MS } from './support.ts';

const SMALL = { width: 128, height: 96 };
const raw = ({ width, height }: typeof SMALL) =>
  `video/x-raw,format=I420,width=${width},height=${height},framerate=25/1`;
const MUX = 'mp4mux name=mux streamable=true fragment-duration=250 ! filesink location=FILE';
/** Noise: no two packets of it are alike. */
const AAC = `audiotestsrc wave=white-noise num-buffers=COUNT samplesperbuffer=1024 ! audio/x-raw,rate=16000,channels=1
  ! avenc_aac ! aacparse ! mux.`;

/** What can be encoded, for `seconds`. */
const RECIPES = {
  bframes: (
    frames: number,
    size: typeof SMALL,
  ) => `videotestsrc pattern=ball num-buffers=${frames} ! ${raw(size)}
    ! x264enc threads=1 bframes=2 b-adapt=false key-int-max=25 speed-preset=ultrafast
      option-string=scenecut=0:open-gop=0 ! video/x-h264,profile=main ! h264parse ! mux.`,
  h265: (
    frames: number,
    size: typeof SMALL,
  ) => `videotestsrc pattern=ball num-buffers=${frames} ! ${raw(size)}
    ! x265enc key-int-max=25 speed-preset=ultrafast
      option-string=bframes=0:open-gop=0:scenecut=0:pools=1:frame-threads=1:log-level=error ! h265parse ! mux.`,
};

export type Recipe = keyof typeof RECIPES;

/** Encodes a run; its sound begins with its picture and is as long. */
export function encodeRun(recipe: Recipe, seconds: number, sound: boolean, size = SMALL): Media {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-run-'));
  const file = join(folder, 'run.mp4');
  try {
    const audio = sound ? AAC.replace('COUNT', String(Math.round((seconds * 16_000) / 1024))) : '';
    const text = `${RECIPES[recipe](seconds * 25, size)} ${audio} ${MUX.replace('FILE', file)}`;
    execFileSync('gst-launch-1.0', ['-q', ...text.split(/\s+/).filter((word) => word !== '')], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 30_000,
    });
    return fragmentsOf(readFileSync(file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function fragmentsOf(bytes: Buffer): Media {
  const inits: InitSegment[] = [];
  const fragments: Fragment[] = [];
  const fragmenter = new Fragmenter({
    offsets: { videoMs: 200, audioMs: 210 },
    onInit: (init) => inits.push(init),
    onFragment: (fragment) => fragments.push(fragment),
  });
  fragmenter.push(bytes);
  fragmenter.flush();
  const [init] = inits;
  if (init === undefined) throw new Error('the encoder made no init segment');
  return { init, fragments };
}

/** Records a whole run whose zero is `atMs` after `START_MS`. */
export async function record(archive: Archive, media: Media, run: number, atMs: number): Promise<void> {
  const id = runId(`00000000-0000-4000-8000-${String(run).padStart(12, '0')}`);
  const startedMs = epochMs(START_MS + atMs);
  archive.ledger.beginRun({ id, cameraId: FRONT, stream: 'main', init: media.init, startedMs });
  const writer = archive.writer(id, (problem) => {
    throw new Error(problem.message);
  });
  for (const fragment of media.fragments) writer.append(fragment, wallTime(START_MS + atMs, fragment));
  await writer.end();
}
