/** Media of a run as it comes, in another container than MP4: a transport stream or Matroska. Nothing is decoded. */
import { join } from 'node:path';
import type { NvrError } from '../domain/errors.ts';
import { diskFull, fileError } from '../domain/fileErrors.ts';
import type { Fragment, InitSegment } from '../mp4/types.ts';
import type { BusError } from './busMessage.ts';
import { isDiskFull } from './causes.ts';
import { type Container, remuxText } from './containers.ts';
import { FeedFifo } from './feedFifo.ts';
import { Pipeline } from './pipeline.ts';

export interface ContainerOptions {
  readonly container: Container;
  /** Absolute path of the file to write. */
  readonly path: string;
  readonly init: InitSegment;
  /** Folder for the FIFO. */
  readonly runtimeDir: string;
}

const END_LIMIT_MS = 10_000;

export class ContainerFile {
  readonly #feed: FeedFifo;
  readonly #pipeline: Pipeline;
  #failure: NvrError | null = null;
  readonly #ended: Promise<void>;
  #onEnded: () => void = () => undefined;

  private constructor({ container, path, init }: ContainerOptions, feed: FeedFifo) {
    this.#feed = feed;
    this.#ended = new Promise((resolve) => {
      this.#onEnded = resolve;
    });
    this.#pipeline = new Pipeline(remuxText(container, init.codecs), (message) => {
      if (message.type === 'error') this.#fail(path, message);
      if (message.type === 'error' || message.type === 'eos') this.#onEnded();
    });
    this.#pipeline.set('source', 'location', feed.path);
    this.#pipeline.set('sink', 'location', path);
    this.#pipeline.play();
    this.#feed.write([init.bytes]);
  }

  /** Begins to write. @throws NvrError `unavailable` when it can't be built, `invalid` for media that does not fit. */
  static async open(options: ContainerOptions): Promise<ContainerFile> {
    const feed = await FeedFifo.create(join(options.runtimeDir, 'container.fifo'));
    try {
      return new ContainerFile(options, feed);
    } catch (thrown) {
      feed.close();
      throw thrown;
    }
  }

  /** Why nothing more is written; null while all is well. */
  get failure(): NvrError | null {
    return this.#failure;
  }

  write({ chunks }: Fragment): void {
    this.#feed.write(chunks);
  }

  /** Resolves when everything is in the file. @throws NvrError `exhausted` for a full disk, `unavailable` for other failures */
  async end(): Promise<void> {
    await this.#feed.end();
    const timer = setTimeout(() => this.#onEnded(), END_LIMIT_MS);
    await this.#ended;
    clearTimeout(timer);
    this.#pipeline.close();
    if (this.#failure !== null) throw this.#failure;
  }

  /** Nobody reads any more, so nothing is to wait for being read. */
  #fail(path: string, error: BusError): void {
    this.#failure ??= isDiskFull(error) ? diskFull(path, error) : fileError(path, new Error(error.message));
    this.#feed.close();
  }
}
