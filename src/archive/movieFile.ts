/**
 * An export as an ordinary MP4 that is nowhere on the disk: its length and its tag are known at once, its bytes are
 * read out of the segment files as they are asked for, in any range.
 */
import { createHash } from 'node:crypto';
import { epochMs } from '../domain/time.ts';
import { hastenHidden, hastenLate } from '../mp4/hasten.ts';
import { type Layout, layOut, type MediaPart, type TablePart } from '../mp4/progressive.ts';
import { mediaPieces, renderTable, slicePieces } from '../mp4/render.ts';
import type { SampleIndex } from '../mp4/sampleIndex.ts';
import { type Spliced, splice } from '../mp4/splice.ts';
import { chaptersOf } from './chapters.ts';
import type { Exporter, ExportFile, ExportPlan, ExportStretch } from './exporter.ts';
import { type BlockMemory, readPieces } from './pieces.ts';

/** Part of every tag: another number when the same footage is laid out otherwise. */
const LAYOUT_VERSION = 2;
/** Tables are collected to buffers of about this size; the first ones are smaller, not to be waited for. */
const TABLE_BYTES = 2 ** 18;
const FIRST_BYTES = 2 ** 9;
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

  /** @param options `saysDuration` false for what GStreamer is to read, see `Movie` */
  constructor(
    exporter: Exporter,
    plan: ExportPlan,
    { saysDuration = true }: { readonly saysDuration?: boolean } = {},
  ) {
    this.#exporter = exporter;
    const shown = edited(plan);
    this.#files = shown.stretches.flatMap(({ files }) => files);
    const spliced = spliceOf(shown);
    const createdMs = epochMs(Math.round(plan.interval.startMs));
    const chapters = chaptersOf(shown, spliced);
    this.#layout = layOut({ init: plan.init, ...spliced, createdMs, saysDuration, chapters });
    this.bytes = this.#layout.bytes;
    this.tag = tagOf(shown, spliced);
  }

  /**
   * The bytes `[from, to)`. Files are opened one after the other and closed when the reader stops, early too.
   * @param memory for the samples; new memory when absent
   * @throws NvrError `not-found` when footage was deleted meanwhile, or another of the disk.
   */
  async *read(from = 0, to = this.bytes, memory?: BlockMemory): AsyncGenerator<Buffer, void, undefined> {
    const tables = collecting();
    let at = 0;
    for (const part of this.#layout.parts) {
      const [start, end] = [Math.max(0, from - at), Math.min(part.bytes, to - at)];
      at += part.bytes;
      if (start >= end) continue;
      if (part.kind === 'media') {
        yield* tables.flush();
        yield* this.#readMedia(part, start, end, memory);
      } else if (part.kind === 'table') {
        for await (const entries of this.#readTable(part, start, end)) yield* tables.add(entries);
      } else {
        yield* tables.add(part.content.subarray(start, end));
      }
    }
    yield* tables.flush();
  }

  async *#readTable(part: TablePart, from: number, to: number): AsyncGenerator<Buffer, void, undefined> {
    const { files, starts } = part;
    for (let at = lastAtOrBefore(starts, from); at < files.length; at++) {
      const where = files[at];
      const start = starts[at] ?? to;
      if (where === undefined || start >= to) return;
      // A failure is told when the index is needed.
      for (const { file } of files.slice(at + 1, at + READ_AHEAD)) this.#index(file).catch(() => undefined);
      const entries = renderTable(part, where, await this.#index(where.file), this.#layout.mediaAt);
      yield entries.subarray(Math.max(0, from - start), to - start);
    }
  }

  async *#readMedia(
    { starts }: MediaPart,
    from: number,
    to: number,
    memory?: BlockMemory,
  ): AsyncGenerator<Buffer, void, undefined> {
    for (let file = lastAtOrBefore(starts, from); file < starts.length; file++) {
      const start = starts[file] ?? to;
      if (start >= to) return;
      const all = mediaPieces(await this.#index(file));
      const pieces = slicePieces(all, Math.max(0, from - start), to - start);
      yield* readPieces(this.#exporter.disk, this.#file(file).source.file, pieces, memory);
    }
  }

  async #index(file: number): Promise<SampleIndex> {
    const { trimmed, source } = this.#file(file);
    return trimmed ?? (await this.#exporter.reader.read(source));
  }

  #file(number: number): ExportFile {
    const file = this.#files[number];
    if (file === undefined) throw new RangeError(`the movie has no file ${number}`);
    return file;
  }
}

/** Makes few large buffers of many small ones. The first are smaller: whoever waits for the file sees it begin. */
function collecting() {
  let collected: Buffer[] = [];
  let bytes = 0;
  let enough = FIRST_BYTES;
  function* flush(): Generator<Buffer> {
    if (bytes > 0) yield Buffer.concat(collected);
    [collected, bytes] = [[], 0];
    enough = Math.min(enough * 2, TABLE_BYTES);
  }
  function* add(buffer: Buffer): Generator<Buffer> {
    collected.push(buffer);
    bytes += buffer.length;
    if (bytes >= enough) yield* flush();
  }
  return { add, flush };
}

/** Index of the last of the ascending values that is not above `value`. */
function lastAtOrBefore(values: readonly number[], value: number): number {
  let [low, high] = [0, values.length];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? 0) <= value) low = middle;
    else high = middle;
  }
  return low;
}

/** The plan, with times that players want of what is hidden before the first frame, and of the last frames. */
function edited(plan: ExportPlan): ExportPlan {
  const { shownFrom } = plan.stretches[0].head;
  const begun = withFile(plan, 0, (index) => hastenHidden(index, shownFrom));
  const { files, start, end } = spliceOf(begun);
  const [first, last] = [files[0], files.at(-1)];
  if (first === undefined || last === undefined) return begun;
  const until = first.video.firstDts + first.videoShift + end - start - last.videoShift;
  return withFile(begun, files.length - 1, (index) => hastenLate(index, until));
}

/** With other times in a file of which not all is shown. */
function withFile(plan: ExportPlan, number: number, change: (index: SampleIndex) => SampleIndex): ExportPlan {
  let at = 0;
  const changed = (file: ExportFile): ExportFile => {
    if (at++ !== number || file.trimmed === null) return file;
    const index = change(file.trimmed);
    return { ...file, front: index, trimmed: index };
  };
  const stretchOf = ({ files: [first, ...others], ...ends }: ExportStretch): ExportStretch => {
    return { ...ends, files: [changed(first), ...others.map(changed)] };
  };
  const [first, ...others] = plan.stretches;
  return { ...plan, stretches: [stretchOf(first), ...others.map(stretchOf)] };
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
