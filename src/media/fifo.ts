/**
 * The way media bytes come out of GStreamer: a FIFO that `filesink` writes and the event loop reads. Bytes never
 * cross the FFI. Knows nothing of what the bytes are.
 */
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { NvrError } from '../domain/errors.ts';
import { makeFifo } from './makeFifo.ts';

/** Far longer than what is in a pipe takes to be read. */
const SILENCE_MS = 20;

/** A FIFO with its read end. Created closed to data: bytes wait in the kernel until `read` is called. */
export class Fifo {
  readonly path: string;
  readonly #socket: Socket;
  /** Keeps the FIFO from reporting end of file before `drain` wants to hear of it; null once closed. */
  #writeEnd: number | null;
  #onBytes: (chunk: Buffer) => void = () => {};
  /** Delivered so far. */
  #bytes = 0;

  private constructor(path: string, readEnd: number, writeEnd: number) {
    this.path = path;
    this.#writeEnd = writeEnd;
    // A net.Socket on a FIFO is polled by epoll; fs streams would hold a thread of the pool each.
    this.#socket = new Socket({ fd: readEnd, readable: true, writable: false });
    this.#socket.pause();
    this.#socket.on('data', (chunk: Buffer) => {
      this.#bytes += chunk.length;
      this.#onBytes(chunk);
    });
    this.#socket.on('error', () => this.close());
  }

  /**
   * Makes the FIFO at a path that does not exist yet and opens both ends.
   * @throws NvrError `unavailable` when it can't be made.
   */
  static async create(path: string): Promise<Fifo> {
    await makeFifo(path);
    let readEnd: number | null = null;
    try {
      // The reader first: a write end of a FIFO without a reader can't be opened without blocking.
      readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      return new Fifo(path, readEnd, openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
    } catch (cause) {
      if (readEnd !== null) closeSync(readEnd);
      throw new NvrError('unavailable', `The FIFO ${path} can’t be made.`, { cause });
    }
  }

  /** Begins to deliver bytes, in order, each chunk owned by the listener. */
  read(onBytes: (chunk: Buffer) => void): void {
    this.#onBytes = onBytes;
    this.#socket.resume();
  }

  /**
   * Resolves when the last byte has been delivered; call it once the writer has closed. That is told by the end of file,
   * or by silence: a child process that was started meanwhile holds the write end as well, for as long as it lives,
   * because GStreamer opens files without close-on-exec.
   */
  async drain(): Promise<void> {
    if (this.#socket.destroyed) return;
    const ended = new Promise<void>((resolve) => this.#socket.once('close', resolve));
    this.#closeWriteEnd();
    this.#socket.resume();
    await Promise.race([ended, this.#silence()]);
    this.close();
  }

  /** Resolves when the event loop has looked twice and found nothing: what was written was there before. */
  async #silence(): Promise<void> {
    for (let quiet = 0; quiet < 2; quiet++) {
      const before = this.#bytes;
      await delay(SILENCE_MS);
      // Timers come before what can be read, in a turn that is late.
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#bytes > before) quiet = -1;
    }
  }

  /**
   * Lets go of everything; bytes still in it are lost. Idempotent. Closing the read end also frees a writer that
   * waits in `write` on a full FIFO (it gets EPIPE): without that, stopping its pipeline would wait for ever.
   */
  close(): void {
    this.#socket.destroy();
    this.#closeWriteEnd();
    rmSync(this.path, { force: true });
  }

  #closeWriteEnd(): void {
    if (this.#writeEnd !== null) closeSync(this.#writeEnd);
    this.#writeEnd = null;
  }
}
