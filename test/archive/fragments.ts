/** Real media for the tests of the archive: a few seconds of video and sound, encoded once and cut to fragments. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ticksToMs } from '../../src/domain/ticks.ts';
import { type EpochMs, epochMs } from '../../src/domain/time.ts';
import { Fragmenter } from '../../src/mp4/fragmenter.ts';
import type { Fragment, InitSegment } from '../../src/mp4/types.ts';

export interface Media {
  readonly init: InitSegment;
  readonly fragments: readonly Fragment[];
}

/** `seconds` of noise: about 2 MB a second, a key frame a second, fragments of 250 ms. */
export function encodeNoise(seconds: number): Media {
  const video = `videotestsrc pattern=snow num-buffers=${seconds * 25} ! video/x-raw,format=I420,width=640,height=360,framerate=25/1
    ! x264enc key-int-max=25 bframes=0 bitrate=16000 speed-preset=ultrafast tune=zerolatency ! h264parse ! mux.`;
  return launch(video);
}

/** `seconds` of a moving picture, 25 frames and one key frame a second, fragments of 250 ms; sound if wanted. */
export function encode(seconds: number, sound: boolean): Media {
  const video = `videotestsrc pattern=ball num-buffers=${seconds * 25} ! video/x-raw,format=I420,width=160,height=90,framerate=25/1
    ! x264enc key-int-max=25 bframes=0 speed-preset=ultrafast tune=zerolatency ! h264parse ! mux.`;
  const audio = `audiotestsrc num-buffers=${Math.round((seconds * 48000) / 1024)} samplesperbuffer=1024
    ! audio/x-raw,rate=48000,channels=1 ! avenc_aac ! aacparse ! mux.`;
  return launch(`${video} ${sound ? audio : ''}`);
}

/** What a pipeline that ends in `mux.` makes. */
function launch(pipeline: string): Media {
  const folder = mkdtempSync(join(tmpdir(), 'nightjar-media-'));
  const file = join(folder, 'media.mp4');
  try {
    const mux = `mp4mux name=mux streamable=true fragment-duration=250 ! filesink location=${file}`;
    const words = `${pipeline} ${mux}`.split(/\s+/).filter((word) => word !== '');
    execFileSync('gst-launch-1.0', ['-q', ...words], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 15_000,
    });
    return cut(readFileSync(file));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The init segment and the fragments of a fragmented MP4. */
export function cut(bytes: Buffer): Media {
  const inits: InitSegment[] = [];
  const fragments: Fragment[] = [];
  const fragmenter = new Fragmenter({
    onInit: (init) => inits.push(init),
    onFragment: (fragment) => fragments.push(fragment),
  });
  fragmenter.push(bytes);
  fragmenter.flush();
  const [init] = inits;
  if (init === undefined) throw new Error('the encoder made no init segment');
  return { init, fragments };
}

/** Wall time of a fragment when the run's zero is at `zeroMs`. */
export function wallTime(zeroMs: number, fragment: Fragment): EpochMs {
  return epochMs(Math.round(zeroMs + ticksToMs(fragment.startTicks)));
}

/** All bytes of the fragments, one after the other. */
export function bytesOf(fragments: readonly Fragment[]): Buffer {
  return Buffer.concat(fragments.flatMap((fragment) => fragment.chunks));
}
