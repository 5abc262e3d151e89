/**
 * Compares the index with the files and explains every difference. It changes nothing and may run beside a recorder;
 * what is done about a difference is in `repair.ts`.
 */
import { type Dirent, promises } from 'node:fs';
import { join, relative } from 'node:path';
import { NvrError } from '../domain/errors.ts';
import type { CheckIndex, IndexedFile, Overlap } from './checkIndex.ts';
import { codeOf, type Disk, diskError } from './disk.ts';
import { decodeGops } from './gopCodec.ts';
import { readHeader, scanFile } from './segmentScan.ts';

/** What differs. */
export type Difference = { readonly message: string } & (
  | { readonly kind: 'unknown-file'; readonly volume: number; readonly path: string; readonly file: string }
  | { readonly kind: 'foreign-file'; readonly file: string }
  | { readonly kind: 'leftover'; readonly file: string }
  | { readonly kind: 'missing-file'; readonly file: string; readonly row: IndexedFile }
  | {
      readonly kind: 'wrong-size' | 'damaged-file';
      readonly volume: number;
      readonly file: string;
      readonly row: IndexedFile;
    }
  | { readonly kind: 'unfinished'; readonly file: string }
  | { readonly kind: 'garbage'; readonly volume: number; readonly path: string; readonly file: string }
  | { readonly kind: 'gap-overlap'; readonly overlap: Overlap }
  | { readonly kind: 'missing-volume'; readonly file: string }
  | { readonly kind: 'damaged-index' }
);

export interface CompareOptions {
  readonly index: CheckIndex;
  readonly disk: Disk;
  readonly volumes: readonly { readonly id: number; readonly path: string }[];
  /** A recorder is at work: what it is about to finish is no difference. */
  readonly live: boolean;
  /** Read the structure of every file, not only its size. */
  readonly scan: boolean;
  readonly onProgress: (done: number, total: number) => void;
}

export interface Comparison {
  readonly files: number;
  readonly differences: readonly Difference[];
}

/** Compares everything. @throws NvrError when the index or a folder cannot be read. */
export async function compare(options: CompareOptions): Promise<Comparison> {
  const { index, volumes, live } = options;
  const differences: Difference[] = index
    .damage()
    .map((line) => ({ kind: 'damaged-index', message: `The database is damaged: ${line}` }));
  const progress = { files: 0, total: index.segmentCount() };
  for (const volume of volumes) {
    for (const found of await compareVolume(volume, options, progress)) {
      if (!live || (await isStillSo(found, options))) differences.push(found);
    }
  }
  for (const overlap of index.overlaps()) {
    const { cameraId, gapStartMs, startMs, endMs } = overlap;
    const message = `The gap of ${cameraId} from ${time(gapStartMs)} reaches into footage (${time(startMs)} to ${time(endMs)}).`;
    differences.push({ kind: 'gap-overlap', overlap, message });
  }
  return { files: progress.files, differences };
}

type Volume = CompareOptions['volumes'][number];

async function compareVolume(
  volume: Volume,
  options: CompareOptions,
  progress: { files: number; readonly total: number },
): Promise<Difference[]> {
  const { index, live } = options;
  const top = await entries(volume.path);
  const folders = top
    .filter((entry) => entry.isDirectory() && entry.name !== 'lost+found')
    .map(({ name }) => name);
  const unfinished = new Set(index.unfinished(volume.id));
  const garbage = new Set(index.garbage(volume.id));
  const differences: Difference[] = leftovers(volume, top);
  for (const camera of new Set([...folders, ...index.cameras(volume.id)])) {
    const rows = new Map(index.segments(volume.id, camera).map((row) => [row.path, row]));
    for (const path of await filesBelow(volume.path, camera)) {
      const row = rows.get(path);
      rows.delete(path);
      const known = unfinished.has(path) || garbage.has(path);
      const found = row === undefined ? (known ? null : await unknown(volume, path, options)) : null;
      const differs = row === undefined ? found : await compareFile(volume, row, options);
      if (differs !== null) differences.push(differs);
      progress.files++;
      options.onProgress(progress.files, Math.max(progress.files, progress.total));
    }
    for (const row of rows.values()) {
      const file = join(volume.path, row.path);
      const message = `${file} is in the index (${time(row.startMs)}, ${row.bytes} bytes) and does not exist.`;
      differences.push({ kind: 'missing-file', file, row, message });
    }
  }
  return live ? differences : [...differences, ...pending(volume, unfinished, garbage)];
}

/** What a recorder would finish; none is at work. */
function pending(volume: Volume, unfinished: Iterable<string>, garbage: Iterable<string>): Difference[] {
  const begun = [...unfinished].map((path): Difference => {
    const file = join(volume.path, path);
    return { kind: 'unfinished', file, message: `${file} was not closed: the recorder did not end cleanly.` };
  });
  const deleted = [...garbage].map((path): Difference => {
    const file = join(volume.path, path);
    const message = `${file} has left the index and has yet to be deleted.`;
    return { kind: 'garbage', volume: volume.id, path, file, message };
  });
  return [...begun, ...deleted];
}

function leftovers(volume: Volume, top: readonly Dirent[]): Difference[] {
  return top
    .filter(({ name }) => name.startsWith('.nightjar-probe-') || name === '.nightjar-volume.json.new')
    .map(({ name }) => {
      const file = join(volume.path, name);
      return { kind: 'leftover', file, message: `${file} was left behind by a start that was interrupted.` };
    });
}

async function unknown(volume: Volume, path: string, { disk }: CompareOptions): Promise<Difference | null> {
  const file = join(volume.path, path);
  const header = await withFile(disk, file, readHeader);
  if (header === undefined) return null;
  if (header === null) {
    return {
      kind: 'foreign-file',
      file,
      message: `${file} is no segment file of Nightjar, or its front is damaged.`,
    };
  }
  const { cameraId, startMs } = header.meta;
  const message = `${file} holds footage of ${cameraId} from ${time(startMs)} and is not in the index.`;
  return { kind: 'unknown-file', volume: volume.id, path, file, message };
}

async function compareFile(
  volume: Volume,
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
  if (size === null) return { ...what, kind: 'missing-file', message: `${file} does not exist any more.` };
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

/** A recorder may have moved on between the look at the index and the look at the files. */
async function isStillSo(found: Difference, options: CompareOptions): Promise<boolean> {
  const { index, disk } = options;
  switch (found.kind) {
    case 'unknown-file': {
      const { volume, path, file } = found;
      const camera = path.slice(0, path.indexOf('/'));
      const known = [...index.unfinished(volume), ...index.garbage(volume)].includes(path);
      return !known && index.segment(volume, path, camera) === undefined && (await disk.exists(file));
    }
    case 'missing-file': {
      const { row, file } = found;
      const rows = index.volumes().map(({ id }) => index.segment(id, row.path, row.cameraId));
      return rows.some((now) => now !== undefined) && !(await disk.exists(file));
    }
    case 'wrong-size': {
      const { volume, row } = found;
      const now = index.segment(volume, row.path, row.cameraId);
      return now !== undefined && now.bytes === row.bytes;
    }
    case 'leftover':
    case 'foreign-file':
      return await disk.exists(found.file);
    default:
      return true;
  }
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

async function filesBelow(root: string, camera: string): Promise<string[]> {
  const found = await entries(join(root, camera), true);
  return found
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort((a, b) => (a < b ? -1 : 1));
}

async function entries(path: string, recursive = false): Promise<Dirent[]> {
  return await promises.readdir(path, { withFileTypes: true, recursive }).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw diskError(path, error);
  });
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
