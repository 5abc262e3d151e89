/** Media of a run as it comes, in another container than MP4: a transport stream or Matroska. Nothing is decoded. */
import { join } from 'node:path';
import { NvrError } from '../domain/errors.ts';
import type { Fragment, InitSegment } from '../mp4/types.ts';
import { FeedFifo } from './feedFifo.ts';
import { Pipeline } from './pipeline.ts';

export type Container = 'ts' | 'mkv';

export interface ContainerOptions {
  readonly container: Container;
  /** Absolute path of the file to write. */
  readonly path: string;
  readonly init: InitSegment;
  /** Folder for the FIFO. */
  readonly runtimeDir: string;
}

const MUXERS: Readonly<Record<Container, string>> = { ts: 'mpegtsmux', mkv: 'matroskamux' };
const VIDEO: readonly (readonly [codec: RegExp, parser: string])[] = [
  [/^avc/, 'h264parse config-interval=-1'],
  [/^h[ve][vc]1/, 'h265parse config-interval=-1'],
];
const AUDIO: readonly (readonly [codec: RegExp, parser: string])[] = [
  [/^mp4a\.40/, 'aacparse'],
  [/^opus/i, 'opusparse'],
];
const END_LIMIT_MS = 10_000;

export class ContainerFile {
  readonly #feed: FeedFifo;
  readonly #pipeline: Pipeline;
  #failure: string | null = null;
  readonly #ended: Promise<void>;
  #onEnded: () => void = () => undefined;

  private constructor({ container, path, init }: ContainerOptions, feed: FeedFifo) {
    this.#feed = feed;
    this.#ended = new Promise((resolve) => {
      this.#onEnded = resolve;
    });
    this.#pipeline = new Pipeline(launchText(container, init), (message) => {
      if (message.type === 'error') this.#failure ??= message.message;
      if (message.type === 'error' || message.type === 'eos') this.#onEnded();
    });
    this.#pipeline.set('source', 'location', feed.path);
    this.#pipeline.set('sink', 'location', path);
    this.#pipeline.play();
    this.#feed.write([init.bytes]);
  }

  /** Begins to write. @throws NvrError `unavailable` when it can't be built, `conflict` for media that does not fit. */
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
  get failure(): string | null {
    return this.#failure;
  }

  write({ chunks }: Fragment): void {
    this.#feed.write(chunks);
  }

  /** Resolves when everything is in the file. @throws NvrError `unavailable` when that failed. */
  async end(): Promise<void> {
    await this.#feed.end();
    const timer = setTimeout(() => this.#onEnded(), END_LIMIT_MS);
    await this.#ended;
    clearTimeout(timer);
    this.#pipeline.close();
    if (this.#failure !== null)
      throw new NvrError('unavailable', `The file could not be written: ${this.#failure}`);
  }
}

function launchText(container: Container, { video, audio }: InitSegment): string {
  const picture = parserOf(VIDEO, video.codec);
  if (picture === null) throw new NvrError('conflict', `${video.codec} fits into no .${container} file.`);
  const sound = audio === null ? null : parserOf(AUDIO, audio.codec);
  return [
    `filesrc name=source ! qtdemux name=demux ${MUXERS[container]} name=mux ! filesink name=sink`,
    `demux.video_0 ! queue ! ${picture} ! mux.`,
    ...(sound === null ? [] : [`demux.audio_0 ! queue ! ${sound} ! mux.`]),
  ].join(' ');
}

function parserOf(parsers: readonly (readonly [RegExp, string])[], codec: string): string | null {
  return parsers.find(([pattern]) => pattern.test(codec))?.[1] ?? null;
}
