/** What recorders of tests left on the disk: the files of a camera, and the stamps in them. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { SegmentView } from '../../src/http/wire/archive.ts';
import type { Recorder } from './recorder.ts';
import { readStamps, type Stamp } from './rtsp/stamps.ts';

/** Absolute paths of a camera's segment files, oldest first: their names sort by time. */
export function filesOf({ mediaDir }: Recorder, id: string): string[] {
  const folder = path.join(mediaDir, id);
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.mp4'))
    .sort()
    .map((name) => path.join(folder, name));
}

/** The file of a segment, by the time in its name. */
export function fileOf(recorder: Recorder, id: string, { startMs }: SegmentView): string {
  const time = new Date(startMs).toISOString().replaceAll(':', '-');
  const file = filesOf(recorder, id).find((name) => name.endsWith(`${id}_${time}.mp4`));
  if (file === undefined) throw new Error(`No file of ${id} begins at ${time}.`);
  return file;
}

/** The stamps in all files of a camera, in the order they were recorded. */
export async function stampsOf(recorder: Recorder, id: string): Promise<Stamp[]> {
  return await readStamps(filesOf(recorder, id));
}
