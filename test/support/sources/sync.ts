/** Where the flashes and the tones of the clip are in a recorded file, as ffmpeg's filters see and hear them. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * How far each tone is from its flash, in ms: positive when the sound is late. What has no partner within half a second,
 * at the ends of the file, is left out.
 */
export async function soundOffsets(file: string): Promise<number[]> {
  const filters = ['-vf', 'blackdetect=d=0.1:pix_th=0.3', '-af', 'silencedetect=n=-25dB:d=0.1'];
  const { stderr } = await run('ffmpeg', [
    '-v',
    'info',
    '-nostdin',
    '-i',
    file,
    ...filters,
    '-f',
    'null',
    '-',
  ]);
  const flashes = times(stderr, /black_end:([\d.]+)/g);
  const tones = times(stderr, /silence_end: ([\d.]+)/g);
  // The last black may end with the file.
  return flashes.slice(0, -1).flatMap((flash) => {
    const tone = tones.find((at) => Math.abs(at - flash) < 0.5);
    return tone === undefined ? [] : [Math.round((tone - flash) * 1000)];
  });
}

function times(text: string, pattern: RegExp): number[] {
  return [...text.matchAll(pattern)].map(([, seconds]) => Number(seconds));
}
