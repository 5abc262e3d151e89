/**
 * A clip whose sound and picture can be compared: black, and in each second a white flash of 120 ms with a tone of the
 * same length. 10 s at 25 frames per second, a keyframe each second, two B-frames, AAC. Made once per machine.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { cachedFile } from '../cacheFolder.ts';

const run = promisify(execFile);

export const CLIP = { width: 320, height: 180, fps: 25, seconds: 10 } as const;

export type ClipContainer = 'mp4' | 'ts' | 'flv';

const RECIPE = [
  ...['-f', 'lavfi', '-i', `color=black:size=${CLIP.width}x${CLIP.height}:rate=${CLIP.fps}`],
  ...['-f', 'lavfi', '-i', 'aevalsrc=if(lt(mod(t\\,1)\\,0.12)\\,0.5*sin(2*PI*1000*t)\\,0):s=48000'],
  ...['-t', String(CLIP.seconds), '-vf', "drawbox=color=white:t=fill:enable='lt(mod(t,1),0.119)'"],
  ...[
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-bf',
    '2',
    '-g',
    '25',
    '-sc_threshold',
    '0',
    '-pix_fmt',
    'yuv420p',
  ],
  ...['-c:a', 'aac', '-b:a', '64k', '-threads', '1'],
];

/** The absolute path of the clip. Throws when ffmpeg is missing. */
export function clip(container: ClipContainer): Promise<string> {
  const made = inThisProcess.get(container) ?? make(container);
  inThisProcess.set(container, made);
  return made;
}

const inThisProcess = new Map<ClipContainer, Promise<string>>();

async function make(container: ClipContainer): Promise<string> {
  const digest = createHash('sha256').update(RECIPE.join(' ')).digest('hex').slice(0, 12);
  const format = container === 'ts' ? 'mpegts' : container;
  const recipe = container === 'mp4' ? RECIPE : ['-i', await clip('mp4'), '-c', 'copy'];
  return await cachedFile(`footage/flash-${digest}.${container}`, async (temporary) => {
    await run('ffmpeg', ['-v', 'error', '-nostdin', '-y', ...recipe, '-f', format, temporary]);
  });
}
