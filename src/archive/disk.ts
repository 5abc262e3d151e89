/**
 * The file operations of the archive, behind an interface so that a test can make a disk fail, and the mapping of
 * file errors to ours. Nothing here knows what a file holds.
 */
import { constants, read } from 'node:fs';
import { type FileHandle, mkdir, open, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { messageOf, NvrError } from '../domain/errors.ts';

/** A third of the time of `FileHandle.read`, which counts where thousands of fragments are looked for. */
const readFd = promisify(read);

/** An open file. Every method throws `NvrError` only. */
export interface DiskFile {
  /** Writes the buffers one after the other from `position` on; all of them, or it throws. */
  write(buffers: readonly Buffer[], position: number): Promise<void>;
  /**
   * Up to `length` bytes from `position`; fewer only at the end of the file.
   * @param into memory to use, at least that long; a disk may take its own instead
   */
  read(position: number, length: number, into?: Buffer): Promise<Buffer>;
  /** Size in bytes. */
  size(): Promise<number>;
  truncate(bytes: number): Promise<void>;
  /** Resolves when everything written before the call is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** Paths are absolute. Every method throws `NvrError` only: `not-found`, `conflict` (exists), `exhausted`, `unavailable`. */
export interface Disk {
  /** Creates a file that must not exist, with the folders above it, all of whose names are then on the disk. */
  create(path: string): Promise<DiskFile>;
  /** Opens a file that exists, for reading, or for both. */
  open(path: string, mode: 'read' | 'write'): Promise<DiskFile>;
  exists(path: string): Promise<boolean>;
  unlink(path: string): Promise<void>;
}

/** The disk itself. */
export const realDisk: Disk = {
  async create(path) {
    return await guard(path, async () => {
      const folder = dirname(path);
      const firstCreated = await mkdir(folder, { recursive: true });
      const handle = await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o640);
      try {
        await syncFolders(folder, firstCreated);
      } catch (error) {
        await handle.close();
        throw error;
      }
      return new RealFile(path, handle);
    });
  },
  async open(path, mode) {
    return await guard(path, async () => new RealFile(path, await open(path, mode === 'read' ? 'r' : 'r+')));
  },
  async exists(path) {
    return await guard(path, async () => {
      try {
        await stat(path);
        return true;
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return false;
        throw error;
      }
    });
  },
  async unlink(path) {
    await guard(path, () => unlink(path));
  },
};

class RealFile implements DiskFile {
  readonly #path: string;
  readonly #handle: FileHandle;

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  async write(buffers: readonly Buffer[], position: number): Promise<void> {
    await guard(this.#path, async () => {
      let rest = buffers;
      let at = position;
      while (rest.length > 0) {
        const { bytesWritten } = await this.#handle.writev(rest, at);
        at += bytesWritten;
        rest = without(rest, bytesWritten);
      }
    });
  }

  async read(position: number, length: number, into?: Buffer): Promise<Buffer> {
    return await guard(this.#path, async () => {
      const buffer = into?.subarray(0, length) ?? Buffer.allocUnsafe(length);
      let filled = 0;
      while (filled < length) {
        const left = length - filled;
        const { bytesRead } = await readFd(this.#handle.fd, buffer, filled, left, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    });
  }

  async size(): Promise<number> {
    return await guard(this.#path, async () => (await this.#handle.stat()).size);
  }

  async truncate(bytes: number): Promise<void> {
    await guard(this.#path, () => this.#handle.truncate(bytes));
  }

  async sync(): Promise<void> {
    await guard(this.#path, () => this.#handle.datasync());
  }

  async close(): Promise<void> {
    await guard(this.#path, () => this.#handle.close());
  }
}

/** What is left of the buffers after their first `bytes`: a write may be short, on a full disk for instance. */
function without(buffers: readonly Buffer[], bytes: number): readonly Buffer[] {
  let left = bytes;
  let index = 0;
  for (const buffer of buffers) {
    if (buffer.length > left) break;
    left -= buffer.length;
    index++;
  }
  const [first, ...others] = buffers.slice(index);
  return first === undefined ? [] : [first.subarray(left), ...others];
}

/** Syncs a folder, and the folders above it up to the parent of `firstCreated`: a name is durable with its folder. */
export async function syncFolders(folder: string, firstCreated?: string): Promise<void> {
  const top = firstCreated === undefined ? folder : dirname(firstCreated);
  for (let path = folder; ; path = dirname(path)) {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (path === top) return;
  }
}

async function guard<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw diskError(path, error);
  }
}

/**
 * Whether it is what was to be written that is to blame, and not a disk: malformed media is `invalid`, which no disk throws,
 * and any other error is a fault of our own. Every other disk would fail in the same way.
 */
export function isOfMedia(error: unknown): boolean {
  return !(error instanceof NvrError) || error.kind === 'invalid';
}

/** The `code` of a file system error, or an empty text. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** What went wrong with a path, as a sentence for the user; an `NvrError` stays as it is. */
export function diskError(path: string, error: unknown): NvrError {
  if (error instanceof NvrError) return error;
  const options = { cause: error };
  switch (codeOf(error)) {
    case 'ENOENT':
      return new NvrError('not-found', `${path} does not exist.`, options);
    case 'EEXIST':
      return new NvrError('conflict', `${path} exists already.`, options);
    case 'ENOSPC':
    case 'EDQUOT':
      return new NvrError('exhausted', `The disk is full: ${path} cannot be written.`, options);
    case 'EROFS':
      return new NvrError('unavailable', `The disk is read-only: ${path} cannot be written.`, options);
    case 'EACCES':
    case 'EPERM':
      return new NvrError('unavailable', `There is no permission to use ${path}.`, options);
    case 'ENOTDIR':
      return new NvrError('unavailable', `Part of the path ${path} is not a folder.`, options);
    case 'EIO':
      return new NvrError('unavailable', `The disk fails: input/output error with ${path}.`, options);
    case 'EMFILE':
    case 'ENFILE':
      return new NvrError('exhausted', `Too many files are open: ${path} cannot be opened.`, options);
    default:
      return new NvrError('unavailable', `${path} cannot be used: ${messageOf(error)}`, options);
  }
}
