/** Reads the formats of a capture device out of its caps as text, and ALSA's list of devices. Pure. */
import type { DeviceMode } from '../domain/devices.ts';
import { capsFields } from './capsText.ts';

/** GStreamer's media types of compressed pictures → V4L2's names. */
const COMPRESSED: Readonly<Record<string, string>> = {
  'image/jpeg': 'MJPG',
  'video/x-h264': 'H264',
  'video/x-h265': 'H265',
};

/** One mode for each structure of caps; what can be no source of a camera is left out. */
export function deviceModes(caps: string): DeviceMode[] {
  const modes = caps.split(/;\s*/).flatMap((structure) => {
    const type = /^[\w/.+-]+/.exec(structure)?.[0] ?? '';
    const fields = capsFields(structure.replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, (list) => `"${list}"`));
    const format = type === 'video/x-raw' ? fields.get('format') : COMPRESSED[type];
    if (format === undefined || structure.includes('(memory:')) return [];
    const size = { width: fixed(fields.get('width')), height: fixed(fields.get('height')) };
    return names(format).map((pixelFormat) => ({
      pixelFormat,
      ...size,
      fps: rates(fields.get('framerate')),
    }));
  });
  const seen = new Set<string>();
  return modes.filter((mode) => {
    const key = `${mode.pixelFormat} ${mode.width} ${mode.height}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** `04-00: HDMI-in : … : capture 1` of /proc/asound/pcm. */
export function alsaCaptures(
  pcm: string,
): { readonly card: number; readonly device: number; readonly name: string }[] {
  return pcm.split('\n').flatMap((line) => {
    const [, card, device, name] = /^(\d+)-(\d+): ([^:]*):.*capture \d+/.exec(line) ?? [];
    return name === undefined ? [] : [{ card: Number(card), device: Number(device), name: name.trim() }];
  });
}

function names(format: string): string[] {
  return [...format.matchAll(/[\w-]+/g)].map(([name]) => name).filter((name) => name !== 'string');
}

function fixed(value: string | undefined): number | null {
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : null;
}

/** `30/1`, or a list; a range means that any goes. */
function rates(value: string | undefined): number[] {
  if (value === undefined || value.startsWith('[')) return [];
  const found = [...value.matchAll(/(\d+)\/(\d+)/g)].map(
    ([, frames, seconds]) => Number(frames) / Number(seconds),
  );
  return [...new Set(found.map((rate) => Math.round(rate * 1000) / 1000))]
    .filter((rate) => rate > 0)
    .sort((a, b) => b - a);
}
