/** Names of exported files: the camera, and the local start and end with their offsets. */
import type { EpochMs, Interval } from './time.ts';
import { formatIso, type Zone } from './zone.ts';

const LONGEST = 180;

/** `Front door 2026-10-25 02.30.00+0200 - 2026-10-25 02.30.00+0100`: names of files take no colons. */
export function exportName(camera: string, { startMs, endMs }: Interval, zone: Zone): string {
  return `${camera} ${momentName(startMs, zone)} - ${momentName(endMs, zone)}`;
}

function momentName(ms: EpochMs, zone: Zone): string {
  const [, date, time = '', offset = ''] = /^(.+)T(.+)\.\d+(.+)$/.exec(formatIso(ms, zone)) ?? [];
  return `${date} ${time.replaceAll(':', '.')}${offset.replace(':', '')}`;
}

/** The same without what file systems refuse; never empty, never hidden. */
export function safeName(text: string): string {
  const name = text
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Cs}"*/:<>?\\|%]+/gu, '_')
    .replace(/^[.\s]+/, '_')
    .slice(0, LONGEST)
    .trim();
  return name === '' ? '_' : name;
}

/** The names, each with a number behind it where another has it already. */
export function distinct(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${name} (${number})`;
    taken.add(free.toLowerCase());
    return free;
  });
}
