/** What a camera sends, in words: `H.264 1920 × 1080 25 fps, AAC 48 kHz`. */
import type { StreamFormat } from '../../types/api.ts';
import { numberText } from '../core/format.ts';
import { words } from '../words/index.ts';

const NAMES: Readonly<Record<string, string>> = {
  h264: 'H.264',
  h265: 'H.265',
  aac: 'AAC',
  opus: 'Opus',
  mp3: 'MP3',
  ac3: 'AC-3',
  pcma: 'G.711 A',
  pcmu: 'G.711 µ',
  g722: 'G.722',
  g726: 'G.726',
  l16: 'PCM',
};

/** All of it in one line. */
export function formatText(format: StreamFormat): string {
  return [pictureText(format), restOf(format).join(', ')].join(' ');
}

/** `H.264 1920 × 1080` */
export function pictureText({ video }: StreamFormat): string {
  const size = video.width > 0 ? ` ${video.width} × ${video.height}` : '';
  return `${NAMES[video.codec] ?? video.codec}${size}`;
}

/** `25 fps · AAC 48 kHz` */
export function restText(format: StreamFormat): string {
  return restOf(format).join(' · ');
}

function restOf({ video, audio }: StreamFormat): readonly string[] {
  const fps = video.fps > 0 ? [`${numberText(video.fps, Number.isInteger(video.fps) ? 0 : 2)} fps`] : [];
  const sound = audio
    ? `${NAMES[audio.codec] ?? audio.codec} ${audio.sampleRate / 1_000} kHz`
    : words.value.cameras.noSound;
  return [...fps, sound];
}
