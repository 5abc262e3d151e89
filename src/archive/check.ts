/**
 * Compares the index with the files and explains every difference. It changes nothing and may run beside a recorder;
 * what is done about a difference is in `repair.ts`.
 */
import type { CheckIndex, IndexedFile, Overlap } from './checkIndex.ts';
import { compareVolume, time } from './checkVolume.ts';
import type { DamagedTotal } from './damagedFiles.ts';
import type { Disk } from './disk.ts';

/** What differs. */
export type Difference = { readonly message: string } & (
  | {
      readonly kind: 'unknown-file' | 'foreign-file';
      readonly volume: number;
      readonly path: string;
      readonly file: string;
    }
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
  /** Files that are kept because they are damaged: they are no difference. */
  readonly damaged: DamagedTotal;
  readonly differences: readonly Difference[];
}

/** Compares everything. @throws NvrError when the index or a folder cannot be read. */
export async function compare(options: CompareOptions): Promise<Comparison> {
  const { index, volumes, live } = options;
  const differences: Difference[] = index
    .damage()
    .map((line) => ({ kind: 'damaged-index', message: `The database is damaged: ${line}` }));
  const progress = { files: 0, total: index.segmentCount() };
  const damaged = { files: 0, bytes: 0 };
  for (const volume of volumes) {
    for await (const found of compareVolume(volume, options, progress)) {
      if (!live || (await isStillSo(found, options))) differences.push(found);
    }
    for (const { bytes } of index.damaged(volume.id)) {
      damaged.files++;
      damaged.bytes += bytes;
    }
  }
  for (const overlap of index.overlaps()) {
    const { cameraId, gapStartMs, startMs, endMs } = overlap;
    const message = `The gap of ${cameraId} from ${time(gapStartMs)} reaches into footage (${time(startMs)} to ${time(endMs)}).`;
    differences.push({ kind: 'gap-overlap', overlap, message });
  }
  return { files: progress.files, damaged, differences };
}

/** A recorder may have moved on between the look at the index and the look at the files. */
async function isStillSo(found: Difference, options: CompareOptions): Promise<boolean> {
  const { index, disk } = options;
  switch (found.kind) {
    case 'unknown-file':
    case 'foreign-file': {
      const { volume, path, file } = found;
      const camera = path.slice(0, path.indexOf('/'));
      const known = index.known(volume).has(path);
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
      return await disk.exists(found.file);
    default:
      return true;
  }
}
