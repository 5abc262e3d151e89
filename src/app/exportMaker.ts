/** Makes the file of an ordered export: one piece of media, or an archive of several with a signed manifest. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskError } from '../archive/disk.ts';
import type { ExportJob, MadeFile } from '../archive/exportJobStore.ts';
import type { RecorderKey } from '../archive/recorderKey.ts';
import { type ZipContent, zipOf } from '../archive/zipWriter.ts';
import { NvrError } from '../domain/errors.ts';
import { MANIFEST_NAME, type ManifestFile, manifestBytes, SIGNATURE_NAME } from '../domain/exportManifest.ts';
import { exportName, safeName } from '../domain/exportName.ts';
import type { Clock } from '../domain/time.ts';
import type { Zone } from '../domain/zone.ts';
import { type Content, type ContentDoors, contentsOf } from './exportContents.ts';

export interface MakerDoors extends ContentDoors {
  readonly key: RecorderKey;
  /** UUID of the installation. */
  readonly installation: string;
  /** Name and version of this program. */
  readonly software: string;
  readonly zone: Zone;
  readonly clock: Clock;
  remux(request: {
    readonly from: string;
    readonly to: string;
    readonly codecs: string;
    readonly signal: AbortSignal;
  }): Promise<void>;
}

/** How a job is followed and ended. */
export interface Making {
  /** Absolute path of the file; what is next to it under the same name and more is overwritten. */
  readonly path: string;
  readonly signal: AbortSignal;
  /** How many of how many bytes are done. */
  onProgress(done: number, total: number): void;
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
    await expectSpace(making.path, job.format === 'ts' ? total * 2 : total);
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
  const files: ManifestFile[] = [];
  for (const content of contents) {
    const ready = await readied(content, job, doors, making, progress);
    const hash = createHash('sha256');
    try {
      yield { name: content.about.name, bytes: ready.bytes, read: () => hashed(ready.read(), hash) };
    } finally {
      await ready.drop();
    }
    files.push({ ...content.about, bytes: ready.bytes, sha256: hash.digest('hex') });
  }
  const manifest = manifestBytes({
    ...{ format: 'nightjar-export', version: 1 },
    software: doors.software,
    installation: doors.installation,
    createdMs: doors.clock.now(),
    createdBy: job.createdBy,
    zone: doors.zone,
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

/** A file that can be read; `drop` lets go of what was needed for that. */
interface Ready {
  readonly bytes: number;
  read(): AsyncIterable<Buffer>;
  drop(): Promise<void>;
}

/** Transport streams are made in a file of their own first, because nobody knows their length before. */
async function readied(
  { about, bytes, read }: Content,
  { format }: ExportJob,
  { remux }: MakerDoors,
  { path, signal }: Making,
  progress: (bytes: number) => void,
): Promise<Ready> {
  const counted = () => followed(read(), progress, signal);
  if (format !== 'ts') return { bytes, read: counted, drop: async () => undefined };
  const [from, to] = [`${path}.mp4.part`, `${path}.ts.part`];
  const drop = async () => {
    await Promise.all([rm(from, { force: true }), rm(to, { force: true })]);
  };
  try {
    await writeFile(from, counted(), { signal, mode: FILE_MODE });
    await remux({ from, to, codecs: about.codecs, signal });
    await rm(from, { force: true });
    return { bytes: (await stat(to)).size, read: () => createReadStream(to), drop };
  } catch (error) {
    await drop();
    throw error;
  }
}

async function* followed(
  blocks: AsyncIterable<Buffer>,
  progress: (bytes: number) => void,
  signal: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const block of blocks) {
    if (signal.aborted) throw cancelled();
    // Whoever takes it may keep it longer than the reader keeps its memory.
    yield Buffer.from(block);
    progress(block.length);
  }
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
  return { bytes, sha256: hash.digest('hex') };
}

function progressOf(total: number, { onProgress }: Making): (bytes: number) => void {
  let done = 0;
  return (bytes) => {
    done += bytes;
    onProgress(done, total);
  };
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

function cancelled(): NvrError {
  return new NvrError('conflict', 'The export was cancelled.');
}
