/** Folders as a recorder leaves them that is killed while it writes. */
import { copyFileSync, cpSync, mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Archive } from '../../src/archive/archive.ts';
import { epochMs } from '../../src/domain/time.ts';
import { bytesOf, encode, wallTime } from './fragments.ts';
import { beginRun, FRONT, openArchive, START_MS, segmentFiles, temporaryFolder, until } from './support.ts';

/** Three seconds of video. */
export const media = encode(3, false);
/** The length of their fragments. */
export const WHOLE = bytesOf(media.fragments).length;

/** The folders, and the only segment file in them. */
export interface Crashed {
  readonly folder: string;
  readonly file: string;
}

/** Copies the folders of a recorder that runs. */
export function copyState(from: string, to: string): void {
  // Database first: what it knows then is on the disk then.
  for (const name of ['nightjar.db', 'nightjar.db-wal']) {
    mkdirSync(join(to, 'state'), { recursive: true });
    copyFileSync(join(from, 'state', name), join(to, 'state', name));
  }
  cpSync(join(from, 'media'), join(to, 'media'), { recursive: true });
}

/** What a process leaves behind that is killed while it writes its only segment: a copy of its folders. */
export async function killed(
  prepare: (archive: Archive) => void | Promise<void> = () => undefined,
): Promise<Crashed> {
  const alive = temporaryFolder();
  const folder = temporaryFolder();
  const archive = await openArchive(alive, { segmentMs: 60_000 });
  await prepare(archive);
  const writer = archive.writer(beginRun(archive, media), () => undefined);
  archive.ledger.beginRecording(FRONT, 'continuous', epochMs(START_MS));
  for (const fragment of media.fragments) writer.append(fragment, wallTime(START_MS, fragment));
  await until(() => archive.footage.growing(FRONT)[0]?.frames === 75);
  copyState(alive, folder);
  await archive.close();
  return { folder, file: join(folder, 'media', segmentFiles(folder)[0] ?? '') };
}

/** The same, cut at a length, and moved to folders of its own. */
export function copyOf(original: Crashed, bytes: number): Crashed {
  const folder = temporaryFolder();
  cpSync(original.folder, folder, { recursive: true });
  const file = original.file.replace(original.folder, folder);
  truncateSync(file, bytes);
  return { folder, file };
}
