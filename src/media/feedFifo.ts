/** The way media bytes go into the decoder's process: a FIFO that the event loop writes and an `fdsrc` reads. */
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { NvrError } from '../domain/errors.ts';
import { makeFifo } from './makeFifo.ts';

export class FeedFifo {
  readonly path: string;
  readonly #socket: Socket;

  private constructor(path: string, fd: number) {
    this.path = path;
    this.#socket = new Socket({ fd, readable: false, writable: true });
    this.#socket.on('error', () => this.close());
  }

  /** Makes the FIFO at a path that does not exist yet. @throws NvrError `unavailable` when it can't be made */
  static async create(path: string): Promise<FeedFifo> {
    await makeFifo(path);
    let fd: number | null = null;
    try {
      // Read and write: with the write end alone, nobody could be the first to open it.
      fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
      return new FeedFifo(path, fd);
    } catch (cause) {
      if (fd !== null) closeSync(fd);
      rmSync(path, { force: true });
      throw new NvrError('unavailable', `The FIFO ${path} can’t be opened.`, { cause });
    }
  }

  /** Bytes that wait to be written. */
  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  /** Nothing is written once it is closed. */
  write(chunks: readonly Buffer[]): void {
    if (this.#socket.destroyed) return;
    this.#socket.cork();
    for (const chunk of chunks) this.#socket.write(chunk);
    this.#socket.uncork();
  }

  /** Resolves when all of it is written, and the reader sees the end behind it. */
  async end(): Promise<void> {
    if (this.#socket.destroyed) return;
    await new Promise<void>((resolve) => {
      this.#socket.once('close', () => resolve());
      this.#socket.write(Buffer.alloc(0), () => this.#socket.destroy());
    });
    rmSync(this.path, { force: true });
  }

  /** What waits is lost, and the reader sees the end. Idempotent. */
  close(): void {
    this.#socket.destroy();
    rmSync(this.path, { force: true });
  }
}
