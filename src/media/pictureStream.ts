/** Live video as JPEGs: fragments go into the decoder's process through one FIFO, pictures come out of another. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { InitSegment, RunFragment } from '../mp4/types.ts';
import type { DecoderHost } from './decoderHost.ts';
import { FeedFifo } from './feedFifo.ts';
import { Fifo } from './fifo.ts';
import { JpegSplitter } from './jpegSplitter.ts';
import { planLive } from './picturePlan.ts';

export interface PictureStreamOptions {
  readonly host: DecoderHost;
  /** Folder for the FIFOs. */
  readonly folder: string;
  readonly init: InitSegment;
  readonly width: number;
  /** Pictures a second, at most. */
  readonly fps: number;
}

export interface PictureStreamEvents {
  onPicture(jpeg: Buffer): void;
  /** Once, unless it was closed: it failed, or the process is gone. */
  onEnd(): void;
}

/** A decoder that is so far behind is given nothing until it has caught up, and then from a keyframe on. */
const BEHIND_BYTES = 4 * 2 ** 20;

export class PictureStream {
  readonly #feed: FeedFifo;
  readonly #fifo: Fifo;
  readonly #stop: () => void;
  #skipping = false;

  private constructor(
    feed: FeedFifo,
    fifo: Fifo,
    options: PictureStreamOptions,
    events: PictureStreamEvents,
  ) {
    const { host, init, width, fps } = options;
    this.#feed = feed;
    this.#fifo = fifo;
    const splitter = new JpegSplitter((jpeg) => events.onPicture(jpeg));
    fifo.read((chunk) => splitter.push(chunk));
    this.#stop = host.start(
      planLive(init.video, fifo.path, Math.min(width, init.video.width), fps),
      { element: 'source', path: feed.path },
      () => {
        this.#release();
        events.onEnd();
      },
    );
    feed.write([init.bytes]);
  }

  /** @throws NvrError `conflict` for a codec that cannot be decoded, `unavailable` */
  static async open(options: PictureStreamOptions, events: PictureStreamEvents): Promise<PictureStream> {
    const path = join(options.folder, randomUUID());
    const feed = await FeedFifo.create(`${path}.in`);
    try {
      const fifo = await Fifo.create(`${path}.out`);
      try {
        return new PictureStream(feed, fifo, options, events);
      } catch (thrown) {
        fifo.close();
        throw thrown;
      }
    } catch (thrown) {
      feed.close();
      throw thrown;
    }
  }

  /** Takes the next fragment of the run; what it can't keep up with is left out, up to a keyframe. */
  push({ fragment: { chunks, key } }: RunFragment): void {
    if (this.#feed.queuedBytes > BEHIND_BYTES) this.#skipping = true;
    else if (key) this.#skipping = false;
    if (!this.#skipping) this.#feed.write(chunks);
  }

  /** Nothing is told any more. Idempotent. */
  close(): void {
    this.#release();
    this.#stop();
  }

  /** The read end goes first: a pipeline that waits in `write` could not be stopped. */
  #release(): void {
    this.#fifo.close();
    this.#feed.close();
  }
}
