/**
 * Compares the files of one media folder with the rows of the index, day by day, so that the memory it takes does not grow
 * with the archive.
 */
import { type Dirent, promises } from 'node:fs';
import { join } from 'node:path';
import { NvrError } from '../domain/errors.ts';
import { DAY_MS } from '../domain/time.ts';
import type { CompareOptions, Difference } from './check.ts';
import type { IndexedFile } from './checkIndex.ts';
import { codeOf, type Disk, diskError } from './disk.ts';
import { decodeGops } from './gopCodec.ts';
import { readHeader, scanFile } from './segmentScan.ts';

/** A media folder as it is compared. */
export type ComparedVolume = CompareOptions['volumes'][number];

/** How far a comparison has come, in files. */
export interface Progress {
  files: number;
  readonly total: number;
}

/** Every difference of a media folder. @throws NvrError when the index or a folder cannot be read. */
export async function* compareVolume(
  volume: ComparedVolume,
  options: CompareOptions,
  progress: Progress,
): AsyncGenerator<Difference> {
  const { index, live } = options;
  const top = await entries(volume.path);
  const folders = top
    .filter((entry) => entry.isDirectory() && entry.name !== 'lost+found')
    .map(({ name }) => name);
  yield* leftovers(volume, top);
  for (const camera of new Set([...folders, ...index.cameras(volume.id)])) {
    yield* compareCamera(volume, camera, options, progress);
  }
  if (!live) yield* pending(volume, options);
}

async function* compareCamera(
  volume: ComparedVolume,
  camera: string,
  options: CompareOptions,
  progress: Progress,
): AsyncGenerator<Difference> {
  const { index, onProgress } = options;
  const known = index.known(volume.id);
  const seen = new Set<number>();
  for await (const { path: folder, files } of foldersBelow(volume.path, camera)) {
    const dayMs = dayOf(folder);
    if (dayMs !== null) seen.add(dayMs);
    const rows = dayMs === null ? new Map<string, IndexedFile>() : rowsOf(volume, camera, dayMs, options);
    for (const path of files) {
      const row = rows.get(path) ?? (dayMs === null ? index.segment(volume.id, path, camera) : undefined);
      rows.delete(path);
      const differs =
        row !== undefined
          ? await compareFile(volume, row, options)
          : known.has(path)
            ? null
            : await unknown(volume, path, options);
      if (differs !== null) yield differs;
      progress.files++;
      onProgress(progress.files, Math.max(progress.files, progress.total));
    }
    yield* withoutFile(volume, rows.values(), options);
  }
  for (let dayMs = index.nextDay(volume.id, camera, 0); dayMs !== null; ) {
    if (!seen.has(dayMs)) {
      yield* withoutFile(volume, rowsOf(volume, camera, dayMs, options).values(), options);
    }
    dayMs = index.nextDay(volume.id, camera, dayMs + DAY_MS);
  }
}

function rowsOf(
  volume: ComparedVolume,
  camera: string,
  dayMs: number,
  { index }: CompareOptions,
): Map<string, IndexedFile> {
  return new Map(index.segments(volume.id, camera, dayMs).map((row) => [row.path, row]));
}

/** Rows of a day whose files are not in its folder: somebody may have moved them to where the index says they are. */
async function* withoutFile(
  volume: ComparedVolume,
  rows: Iterable<IndexedFile>,
  options: CompareOptions,
): AsyncGenerator<Difference> {
  for (const row of rows) {
    const differs = await compareFile(volume, row, options);
    if (differs !== null) yield differs;
  }
}

/** The UTC day, in epoch milliseconds, whose files lie in `<camera>/2026/03/29`; null for any other folder. */
function dayOf(folder: string): number | null {
  const [, year, month, day] = /^[^/]+\/(\d{4})\/(\d\d)\/(\d\d)$/.exec(folder) ?? [];
  const ms = Date.parse(`${year}-${month}-${day}T00:00:00Z`);
  return Number.isNaN(ms) ? null : ms;
}

/** What a recorder would finish; none is at work. */
function pending(volume: ComparedVolume, { index }: CompareOptions): Difference[] {
  const begun = index.unfinished(volume.id).map((path): Difference => {
    const file = join(volume.path, path);
    return { kind: 'unfinished', file, message: `${file} was not closed: the recorder did not end cleanly.` };
  });
  const deleted = index.garbage(volume.id).map((path): Difference => {
    const file = join(volume.path, path);
    const message = `${file} has left the index and has yet to be deleted.`;
    return { kind: 'garbage', volume: volume.id, path, file, message };
  });
  return [...begun, ...deleted];
}

function leftovers(volume: ComparedVolume, top: readonly Dirent[]): Difference[] {
  return top
    .filter(({ name }) => name.startsWith('.nightjar-probe-') || name === '.nightjar-volume.json.new')
    .map(({ name }) => {
      const file = join(volume.path, name);
      return { kind: 'leftover', file, message: `${file} was left behind by a start that was interrupted.` };
    });
}

async function unknown(
  volume: ComparedVolume,
  path: string,
  { disk }: CompareOptions,
): Promise<Difference | null> {
  const file = join(volume.path, path);
  const header = await withFile(disk, file, readHeader);
  if (header === undefined) return null;
  if (header === null) {
    return {
      kind: 'foreign-file',
      volume: volume.id,
      path,
      file,
      message: `${file} is no segment file of Nightjar, or its front is damaged.`,
    };
  }
  const { cameraId, startMs } = header.meta;
  const message = `${file} holds footage of ${cameraId} from ${time(startMs)} and is not in the index.`;
  return { kind: 'unknown-file', volume: volume.id, path, file, message };
}

async function compareFile(
  volume: ComparedVolume,
  row: IndexedFile,
  options: CompareOptions,
): Promise<Difference | null> {
  const file = join(volume.path, row.path);
  const what = { volume: volume.id, file, row };
  const size = await promises.stat(file).then(
    ({ size }) => size,
    (error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null;
      throw diskError(file, error);
    },
  );
  if (size === null) {
    const message = `${file} is in the index (${time(row.startMs)}, ${row.bytes} bytes) and does not exist.`;
    return { ...what, kind: 'missing-file', message };
  }
  if (size !== row.bytes) {
    const message = `${file} has ${size} bytes; the index says ${row.bytes}.`;
    return { ...what, kind: 'wrong-size', message };
  }
  if (!options.scan) return null;
  const fault = (await withFile(options.disk, file, (open) => faultOf(open, row, size))) ?? null;
  return fault === null ? null : { ...what, kind: 'damaged-file', message: `${file} is damaged: ${fault}.` };
}

type OpenFile = Awaited<ReturnType<Disk['open']>>;

/** What is wrong with the structure of a file that the index knows. */
async function faultOf(open: OpenFile, row: IndexedFile, size: number): Promise<string | null> {
  const header = await readHeader(open);
  if (header === null) return 'its front cannot be read';
  if (header.meta.runId !== row.runId) return 'it is the file of another run';
  const fragments = await scanFile(open, header, size);
  const last = fragments.at(-1);
  const lastGop = decodeGops(row.gops, row.headerBytes).at(-1);
  const wanted = lastGop === undefined ? 0 : lastGop.offset + lastGop.bytes;
  const end = last === undefined ? header.headerBytes : last.offset + last.bytes;
  if (end < wanted) return `it is whole up to byte ${end} only, of ${wanted}`;
  const frames = fragments.reduce((sum, fragment) => sum + fragment.frames, 0);
  return frames === row.frames ? null : `it has ${frames} frames; the index says ${row.frames}`;
}

/** Undefined when the file is gone. */
async function withFile<T>(
  disk: Disk,
  path: string,
  use: (file: OpenFile) => Promise<T>,
): Promise<T | undefined> {
  try {
    const file = await disk.open(path, 'read');
    try {
      return await use(file);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof NvrError && error.kind === 'not-found') return undefined;
    throw error;
  }
}

/** A folder and all folders below it, one after the other, each with its files; all by their names. */
async function* foldersBelow(
  root: string,
  path: string,
): AsyncGenerator<{ readonly path: string; readonly files: readonly string[] }> {
  const found = (await entries(join(root, path))).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = found.filter((entry) => entry.isFile()).map(({ name }) => `${path}/${name}`);
  yield { path, files };
  for (const entry of found) {
    if (entry.isDirectory()) yield* foldersBelow(root, `${path}/${entry.name}`);
  }
}

async function entries(path: string): Promise<Dirent[]> {
  return await promises.readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw diskError(path, error);
  });
}

/** A moment as messages say it. */
export function time(ms: number): string {
  return new Date(ms).toISOString();
}
