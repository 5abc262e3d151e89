/** Makes FIFOs, which Node can't, with a program: one for all that are asked for at about the same time. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { NvrError } from '../domain/errors.ts';

const run = promisify(execFile);

interface Wish {
  readonly path: string;
  readonly made: () => void;
  readonly failed: (error: NvrError) => void;
}

/** To begin a program stops the process for as long as its memory takes to be mapped anew: some 20 ms with many cameras. */
class FifoMaker {
  #wishes: Wish[] = [];
  #busy = false;

  make(path: string): Promise<void> {
    return new Promise((made, failed) => {
      this.#wishes.push({ path, made, failed });
      if (!this.#busy) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#busy = true;
    while (this.#wishes.length > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      await fulfil(this.#wishes.splice(0));
    }
    this.#busy = false;
  }
}

async function fulfil(wishes: readonly Wish[]): Promise<void> {
  try {
    await run('mkfifo', ['-m', '600', ...wishes.map(({ path }) => path)]);
    for (const { made } of wishes) made();
  } catch (cause) {
    // It makes what it can, and names what it can't; it names nothing when it could not begin.
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : '';
    const words = new Set(said.split(/[\n:'"‘’]/).map((word) => word.trim()));
    const anyNamed = wishes.some(({ path }) => words.has(path));
    for (const { path, made, failed } of wishes) {
      if (anyNamed && !words.has(path)) made();
      else failed(new NvrError('unavailable', `The FIFO ${path} can’t be made.`, { cause }));
    }
  }
}

const maker = new FifoMaker();

/** For this user alone. @throws NvrError `unavailable` when there can't be a FIFO at that path. */
export async function makeFifo(path: string): Promise<void> {
  await maker.make(path);
}
