/** Fragmented MP4 that plays whenever its writing ends; closed, it says how long it is. */
import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { NvrError } from '../domain/errors.ts';
import { fileError } from '../domain/fileErrors.ts';
import { cameraId, runId } from '../domain/ids.ts';
import { type Ticks, ticks } from '../domain/ticks.ts';
import { epochMs } from '../domain/time.ts';
import { mehdPatch, readSegmentHeader, segmentHeader } from '../mp4/segmentFile.ts';
import type { Fragment, InitSegment } from '../mp4/types.ts';

export class Mp4File {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #header: Buffer;
  #writing: Promise<unknown>;
  #bytes = 0;
  #endTicks: Ticks = ticks(0);
  #failure: NvrError | null = null;

  /** @param file open and empty; closed by `end` */
  constructor(file: FileHandle, path: string, init: InitSegment) {
    const meta = {
      ...({ version: 1, stream: 'main', sequence: 0, startTicks: ticks(0) } as const),
      ...{ cameraId: cameraId('record'), runId: runId(randomUUID()), startMs: epochMs(Date.now()) },
    };
    this.#file = file;
    this.#path = path;
    this.#header = segmentHeader(init, meta);
    this.#writing = this.#append([this.#header]);
  }

  /** Why nothing more is written; null while all is well. */
  get failure(): NvrError | null {
    return this.#failure;
  }

  write({ chunks, startTicks, durationTicks }: Fragment): void {
    const endTicks = ticks(startTicks + durationTicks);
    this.#writing = this.#writing.then(async () => {
      if (await this.#append(chunks)) this.#endTicks = endTicks;
    });
  }

  /** Resolves when everything is on the disk. @throws NvrError the failure: what fitted is whole nevertheless */
  async end(): Promise<void> {
    await this.#writing;
    await this.#close().catch((thrown: unknown) => {
      this.#failure ??= fileError(this.#path, thrown);
    });
    if (this.#failure !== null) throw this.#failure;
  }

  async #close(): Promise<void> {
    try {
      const { offset, bytes } = mehdPatch(readSegmentHeader(this.#header), this.#endTicks);
      if (this.#failure !== null) await this.#file.truncate(this.#bytes);
      if (this.#bytes > 0) await this.#file.write(bytes, 0, bytes.length, offset);
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
  }

  /** Whether all of it was written. */
  async #append(chunks: readonly Buffer[]): Promise<boolean> {
    if (this.#failure !== null) return false;
    const whole = Buffer.concat(chunks);
    try {
      await this.#file.appendFile(whole);
      this.#bytes += whole.length;
      return true;
    } catch (thrown) {
      this.#failure = fileError(this.#path, thrown);
      return false;
    }
  }
}
