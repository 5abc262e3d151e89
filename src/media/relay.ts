/**
 * A pipe from one part of a pipeline to another, which loses what a live source says of times. `tsdemux` would bend the
 * times of the media to those at which datagrams arrived, with their jitter, even backwards; behind a pipe it takes
 * them as they are.
 */
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { NvrError } from '../domain/errors.ts';
import { makeFifo } from './makeFifo.ts';

export class Relay {
  /** Both ends: written by `fdsink`, read by `fdsrc`, which both wait with poll and so can be stopped. */
  readonly descriptor: number;
  #closed = false;

  private constructor(descriptor: number) {
    this.descriptor = descriptor;
  }

  /** @param path where a FIFO can be for a moment. @throws NvrError `unavailable` when it can't be made. */
  static async create(path: string): Promise<Relay> {
    await makeFifo(path);
    try {
      return new Relay(openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
    } catch (cause) {
      throw new NvrError('unavailable', `The FIFO ${path} can’t be opened.`, { cause });
    } finally {
      rmSync(path, { force: true });
    }
  }

  /** After the pipeline has stopped. Idempotent. */
  close(): void {
    if (!this.#closed) closeSync(this.descriptor);
    this.#closed = true;
  }
}
