/** Makes the file of an ordered export: one piece of media, or an archive of several with a signed manifest. */
import { createHash } from 'node:crypto';
import { open, rename, rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskError, syncFolders } from '../archive/disk.ts';
import type { ExportJob, MadeFile } from '../archive/exportJobStore.ts';
import type { RecorderKey } from '../archive/recorderKey.ts';
import { type ZipContent, zipOf } from '../archive/zipWriter.ts';
import { NvrError } from '../domain/errors.ts';
import { MANIFEST_NAME, type ManifestFile, manifestBytes, SIGNATURE_NAME } from '../domain/exportManifest.ts';
import { exportName, safeName } from '../domain/exportName.ts';
import type { Clock } from '../domain/time.ts';
import type { Zone } from '../domain/zone.ts';
import { askedOf, type Content, type ContentDoors, contentsOf } from './exportContents.ts';
import { cancelled, type Making, type ReadyDoors, readied } from './exportReady.ts';

export interface MakerDoors extends ContentDoors, ReadyDoors {
  readonly key: RecorderKey;
  /** UUID of the installation. */
  readonly installation: string;
  /** Name and version of this program. */
  readonly software: string;
  readonly zone: Zone;
  readonly clock: Clock;
}

/** Left free on the disk of the exports, in bytes. */
const LEAVE_FREE = 2 ** 28;
const FILE_MODE = 0o640;

/**
 * Makes what a job orders. Nothing is at the path until all of it is.
 * @throws NvrError `not-found` without footage or when it is deleted meanwhile, `conflict` for several files without an
 *   archive and when aborted, `exhausted` for a full disk.
 */
export async function makeExport(job: ExportJob, doors: MakerDoors, making: Making): Promise<MadeFile> {
  try {
    const contents = await contentsOf(job, doors);
    const total = contents.reduce((sum, { bytes }) => sum + bytes, 0);
    await expectSpace(making.path, total * copiesOf(job));
    const progress = progressOf(total, making);
    if (job.zip) return await makeZip(job, contents, doors, making, progress);
    const [content, ...more] = contents;
    if (content === undefined || more.length > 0) {
      throw new NvrError('conflict', `The range is ${contents.length} files: order them as a ZIP archive.`, {
        field: 'zip',
      });
    }
    const ready = await readied(content, job, doors, making, progress);
    try {
      const { bytes, sha256 } = await store(ready.read(), making);
      return { name: content.about.name, bytes, sha256 };
    } finally {
      await ready.drop();
    }
  } catch (error) {
    await rm(`${making.path}.part`, { force: true });
    throw making.signal.aborted ? cancelled() : diskError(making.path, error);
  }
}

async function makeZip(
  job: ExportJob,
  contents: readonly Content[],
  doors: MakerDoors,
  making: Making,
  progress: (bytes: number) => void,
): Promise<MadeFile> {
  const entries = entriesOf(job, contents, doors, making, progress);
  const { bytes, sha256 } = await store(zipOf(entries, new Date(doors.clock.now())), making);
  const { fromMs, toMs } = job;
  const name = safeName(exportName('Nightjar', { startMs: fromMs, endMs: toMs }, doors.zone));
  return { name: `${name}.zip`, bytes, sha256 };
}

/** The files, each hashed while it is taken; then the manifest, which names the hashes, and its signature. */
async function* entriesOf(
  job: ExportJob,
  contents: readonly Content[],
  doors: MakerDoors,
  making: Making,
  progress: (bytes: number) => void,
): AsyncGenerator<ZipContent, void, undefined> {
  // Before the first file is read: retention may go on meanwhile.
  const cameras = await askedOf(job, doors);
  const files: ManifestFile[] = [];
  for (const content of contents) {
    const ready = await readied(content, job, doors, making, progress);
    const hash = createHash('sha256');
    try {
      yield { name: content.about.name, bytes: ready.bytes, read: () => hashed(ready.read(), hash) };
    } finally {
      await ready.drop();
    }
    const { bytes, codecs } = ready;
    files.push({ ...content.about, codecs, bytes, sha256: hash.digest('hex') });
  }
  const manifest = manifestBytes({
    ...{ format: 'nightjar-export', version: 1 },
    software: doors.software,
    installation: doors.installation,
    createdMs: doors.clock.now(),
    createdBy: job.createdBy,
    zone: doors.zone,
    cameras,
    files,
  });
  yield plain(MANIFEST_NAME, manifest);
  yield plain(SIGNATURE_NAME, Buffer.from(`${JSON.stringify(doors.key.sign(manifest), null, 2)}\n`));
}

function plain(name: string, bytes: Buffer): ZipContent {
  return {
    name,
    bytes: bytes.length,
    async *read() {
      yield bytes;
    },
  };
}

async function* hashed(
  blocks: AsyncIterable<Buffer>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const block of blocks) {
    hash.update(block);
    yield block;
  }
}

/** Writes a file under another name first; durable when it resolves. */
async function store(
  blocks: AsyncIterable<Buffer>,
  { path, signal }: Making,
): Promise<Pick<MadeFile, 'bytes' | 'sha256'>> {
  const hash = createHash('sha256');
  let bytes = 0;
  const file = await open(`${path}.part`, 'w', FILE_MODE);
  try {
    for await (const block of blocks) {
      if (signal.aborted) throw cancelled();
      hash.update(block);
      bytes += block.length;
      await file.writeFile(block);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.part`, path);
  await syncFolders(dirname(path));
  return { bytes, sha256: hash.digest('hex') };
}

function progressOf(total: number, { onProgress }: Making): (bytes: number) => void {
  let done = 0;
  return (bytes) => {
    done += bytes;
    onProgress(done, total);
  };
}

/** How often the footage is on the disk at the same time, at most. */
function copiesOf({ format, burnTime }: ExportJob): number {
  if (burnTime) return 4;
  return format === 'ts' ? 2 : 1;
}

async function expectSpace(path: string, needed: number): Promise<void> {
  const folder = dirname(path);
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= needed + LEAVE_FREE) return;
  const megabytes = (bytes: number) => Math.ceil(bytes / 1e6);
  throw new NvrError(
    'exhausted',
    `The export needs ${megabytes(needed + LEAVE_FREE)} MB on the disk of ${folder}, which has ${megabytes(free)} MB.`,
  );
}
