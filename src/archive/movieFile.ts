/**
 * An export as an ordinary MP4 that is nowhere on the disk: its length and its tag are known at once, its bytes are
 * read out of the segment files as they are asked for, in any range.
 */
import { createHash } from 'node:crypto';
import { epochMs } from '../domain/time.ts';
import { type Layout, layOut, type Part } from '../mp4/progressive.ts';
import { mediaPieces, renderTable, slicePieces } from '../mp4/render.ts';
import type { SampleIndex } from '../mp4/sampleIndex.ts';
import { type Spliced, splice } from '../mp4/splice.ts';
import type { Exporter, ExportFile, ExportPlan } from './exporter.ts';
import { readPieces } from './pieces.ts';

/** Part of every tag: another number when the same footage is laid out otherwise. */
const LAYOUT_VERSION = 1;
/** Tables are collected to buffers of about this size. */
const TABLE_BYTES = 2 ** 18;
/** Indexes that are read ahead of the table they are for. */
const READ_AHEAD = 8;

export class MovieFile {
  /** Of the whole file. */
  readonly bytes: number;
  /** Changes with any byte of the file; without quotes. */
  readonly tag: string;
  readonly #exporter: Exporter;
  readonly #files: readonly ExportFile[];
  readonly #layout: Layout;

  constructor(exporter: Exporter, plan: ExportPlan) {
    this.#exporter = exporter;
    this.#files = plan.stretches.flatMap(({ files }) => files);
    const spliced = spliceOf(plan);
    const createdMs = epochMs(Math.round(plan.interval.startMs));
    this.#layout = layOut({ init: plan.init, ...spliced, createdMs });
    this.bytes = this.#layout.bytes;
    this.tag = tagOf(plan, spliced);
  }

  /**
   * The bytes `[from, to)`. Files are opened one after the other and closed when the reader stops, early too.
   * @throws NvrError `not-found` when footage was deleted meanwhile, or another of the disk.
   */
  async *read(from = 0, to = this.bytes): AsyncGenerator<Buffer, void, undefined> {
    const { parts, offsets } = this.#layout;
    let collected: Buffer[] = [];
    let collectedBytes = 0;
    for (let at = this.#partAt(from); at < parts.length; at++) {
      const part = parts[at];
      const offset = offsets[at] ?? to;
      if (part === undefined || offset >= to) break;
      const [start, end] = [Math.max(0, from - offset), Math.min(part.bytes, to - offset)];
      if (part.kind === 'media') {
        if (collectedBytes > 0) yield Buffer.concat(collected);
        [collected, collectedBytes] = [[], 0];
        yield* this.#readMedia(part.file, start, end);
        continue;
      }
      this.#readAhead(at + 1);
      collected.push((await this.#content(part)).subarray(start, end));
      collectedBytes += end - start;
      if (collectedBytes < TABLE_BYTES) continue;
      yield Buffer.concat(collected);
      [collected, collectedBytes] = [[], 0];
    }
    if (collectedBytes > 0) yield Buffer.concat(collected);
  }

  /** Number of the part that holds a byte. */
  #partAt(byte: number): number {
    const { offsets } = this.#layout;
    let [low, high] = [0, offsets.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((offsets[middle] ?? 0) <= byte) low = middle;
      else high = middle;
    }
    return low;
  }

  async #content(part: Exclude<Part, { kind: 'media' }>): Promise<Buffer> {
    if (part.kind === 'bytes') return part.content;
    return renderTable(part, await this.#index(part.file), this.#layout.mediaAt);
  }

  async #index(file: number): Promise<SampleIndex> {
    const { trimmed, source } = this.#file(file);
    return trimmed ?? (await this.#exporter.reader.read(source));
  }

  #readAhead(from: number): void {
    for (const part of this.#layout.parts.slice(from, from + READ_AHEAD)) {
      // A failure is told when the index is needed.
      if (part.kind === 'table') this.#index(part.file).catch(() => undefined);
    }
  }

  async *#readMedia(file: number, from: number, to: number): AsyncGenerator<Buffer, void, undefined> {
    const pieces = slicePieces(mediaPieces(await this.#index(file)), from, to);
    yield* readPieces(this.#exporter.disk, this.#file(file).source.file, pieces);
  }

  #file(number: number): ExportFile {
    const file = this.#files[number];
    if (file === undefined) throw new RangeError(`the movie has no file ${number}`);
    return file;
  }
}

/** An export's files on the clock of a movie. */
export function spliceOf({ stretches, init }: ExportPlan): Spliced {
  const placed = stretches.map(({ files: [first, ...others], head, tail }) => {
    const place = ({ source, front }: ExportFile) => ({ startTicks: source.startTicks, ...tracksOf(front) });
    const files = [place(first), ...others.map(place)] as const;
    const { shownFrom } = head;
    return { files, shownFrom, shownTo: tail.shownTo, presentationEnd: tail.presentationEnd };
  });
  return splice(placed, init);
}

function tracksOf({ video, audio }: ExportFile['front']) {
  return { video, audio };
}

/**
 * Changes with any byte of a file. What is in a segment never changes, so a file is told by which samples of which
 * segments it has, and where. How many they are is in it for the segment that still grows.
 * @param more that tells files of the same samples apart
 */
export function tagOf(plan: ExportPlan, { start, end, files }: Spliced, more: unknown = null): string {
  const sources = plan.stretches.flatMap((stretch) => stretch.files);
  const contents = sources.map(({ source: { id }, front: { video, audio } }, index) => {
    const { videoShift = 0, audioShift = 0 } = files[index] ?? {};
    const sound = audio === null ? [] : [audio.samples, audio.bytes, audio.firstDts, audioShift];
    return [id, video.samples, video.bytes, video.firstDts, videoShift, ...sound];
  });
  const facts = JSON.stringify([LAYOUT_VERSION, plan.initKey, start, end, contents, more]);
  return createHash('sha256').update(facts).digest('base64url').slice(0, 27);
}
