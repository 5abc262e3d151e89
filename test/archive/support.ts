/** What the tests of the archive share: temporary folders, clocks, archives, a disk that fails on demand. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { Archive, type ArchiveOptions } from '../../src/archive/archive.ts';
import { type Disk, type DiskFile, diskError, realDisk } from '../../src/archive/disk.ts';
import type { Log } from '../../src/archive/records.ts';
import type { Volume } from '../../src/archive/volume.ts';
import { type Placement, Volumes } from '../../src/archive/volumes.ts';
import { cameraId, type RunId, runId } from '../../src/domain/ids.ts';
import { type Clock, epochMs } from '../../src/domain/time.ts';
import type { Media } from './fragments.ts';

/** A new empty folder that is removed when the tests of the file are done. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'nightjar-archive-'));
  folders.push(path);
  return path;
}

const folders: string[] = [];
afterAll(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});

export const FRONT = cameraId('front-door');
/** 2026-03-29T00:59:30Z, half a minute before the clocks of central Europe go forward. */
export const START_MS = Date.UTC(2026, 2, 29, 0, 59, 30);
export const EVER = { startMs: epochMs(0), endMs: epochMs(Date.UTC(2100, 0)) };

/** A clock that is set by hand. */
export class HandClock implements Clock {
  ms = 0;
  #leaptMs = 0;
  /** The wall clock alone is set, forward or back. */
  leap(ms: number): void {
    this.#leaptMs += ms;
  }
  now() {
    return epochMs(START_MS + this.ms + this.#leaptMs);
  }
  monotonic(): number {
    return this.ms;
  }
}

export const silentLog: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** An archive in a folder; the same folder again is the same archive again. */
export async function openArchive(folder: string, options: Partial<ArchiveOptions> = {}): Promise<Archive> {
  return await Archive.open({
    stateDir: join(folder, 'state'),
    mediaDir: join(folder, 'media'),
    clock: new HandClock(),
    log: silentLog,
    ...options,
  });
}

/** Volumes of the real disk, never tried again. */
export function volumesOf(all: readonly Volume[], placement: Placement = 'camera'): Volumes {
  return new Volumes(all, {
    placement,
    retryMs: 60_000,
    disk: realDisk,
    log: silentLog,
    onBack: () => undefined,
    now: () => epochMs(START_MS),
  });
}

/** Begins the n-th run of the front door. */
export function beginRun(archive: Archive, { init }: Media, n = 1): RunId {
  const id = runId(`00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);
  archive.ledger.beginRun({ id, cameraId: FRONT, stream: 'main', init, startedMs: epochMs(START_MS) });
  return id;
}

/** Every segment file below the media folder, relative to it, sorted. */
export function segmentFiles(folder: string): string[] {
  return readdirSync(join(folder, 'media'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.mp4'))
    .sort();
}

/** What ffprobe makes of a file: its video frames, all decoded without complaint, and its duration in seconds. */
export function probe(file: string): { readonly frames: number; readonly seconds: number } {
  const ask = ['-v', 'error', '-count_frames', '-select_streams', 'v'];
  const show = ['-show_entries', 'stream=nb_read_frames:format=duration', '-of', 'json'];
  const { stdout, stderr } = spawnSync('ffprobe', [...ask, ...show, file], { encoding: 'utf8' });
  if (stderr !== '') throw new Error(`ffprobe complains: ${stderr}`);
  const answer: { streams: { nb_read_frames: string }[]; format: { duration: string } } = JSON.parse(stdout);
  return { frames: Number(answer.streams[0]?.nb_read_frames), seconds: Number(answer.format.duration) };
}

/** Polls until the condition holds. */
export async function until(condition: () => boolean, limitMs = 5000): Promise<void> {
  const end = Date.now() + limitMs;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not so after ${limitMs} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

type Operation = 'create' | 'write' | 'sync' | 'truncate';

interface Hold {
  readonly folder: string;
  /** Null for all of them. */
  readonly operation: Operation | null;
  readonly over: Promise<void>;
  readonly letGo: () => void;
}

/** The real disk, on which operations fail with a code of the file system, or wait, as long as they are told to. */
export class FaultyDisk implements Disk {
  readonly faults = new Map<Operation, string>();
  /** Faults meet only files below this folder. */
  only = '/';
  /** Operations done, by kind. */
  readonly done: Operation[] = [];
  readonly #holds: Hold[] = [];

  /** Everything below a folder waits from now on, or only one kind of operation. */
  hold(folder = '/', operation: Operation | null = null): void {
    let letGo = () => {};
    const over = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    this.#holds.push({ folder, operation, over, letGo });
  }

  /** Nothing waits any more. */
  release(): void {
    for (const { letGo } of this.#holds.splice(0)) letGo();
  }

  async create(path: string): Promise<DiskFile> {
    await this.#pass('create', path);
    return this.#faulty(path, await realDisk.create(path));
  }

  #faulty(path: string, file: DiskFile): DiskFile {
    return {
      write: async (buffers, position) => {
        const fault = path.startsWith(this.only) ? this.faults.get('write') : undefined;
        // A disk that fills up takes a part of what it is given.
        if (fault !== undefined) {
          await file.write([Buffer.concat([...buffers]).subarray(0, 100)], position);
        }
        await this.#pass('write', path);
        await file.write(buffers, position);
      },
      sync: async () => {
        await this.#pass('sync', path);
        await file.sync();
      },
      truncate: async (bytes) => {
        await this.#pass('truncate', path);
        await file.truncate(bytes);
      },
      read: (position, length) => file.read(position, length),
      size: () => file.size(),
      close: () => file.close(),
    };
  }

  async open(path: string, mode: 'read' | 'write'): Promise<DiskFile> {
    return this.#faulty(path, await realDisk.open(path, mode));
  }

  exists(path: string): Promise<boolean> {
    return realDisk.exists(path);
  }

  unlink(path: string): Promise<void> {
    return realDisk.unlink(path);
  }

  async #pass(operation: Operation, path: string): Promise<void> {
    await Promise.all(
      this.#holds
        .filter((hold) => path.startsWith(hold.folder) && (hold.operation ?? operation) === operation)
        .map(({ over }) => over),
    );
    const code = path.startsWith(this.only) ? this.faults.get(operation) : undefined;
    if (code !== undefined) throw diskError(path, Object.assign(new Error(code), { code }));
    this.done.push(operation);
  }
}
