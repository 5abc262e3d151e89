/**
 * An export as a fragmented MP4: init segment and whole GOPs as they were recorded, moved to a clock that begins at
 * zero. It begins up to a GOP before the range and ends up to a GOP after it.
 */
import { NvrError } from '../domain/errors.ts';
import type { Gop } from '../domain/media.ts';
import { TICKS_PER_SECOND, type Ticks, ticks } from '../domain/ticks.ts';
import { timescalesOf } from '../mp4/init.ts';
import { rebase } from '../mp4/rebase.ts';
import { chunksOf, columnsOf, type SampleIndex } from '../mp4/sampleIndex.ts';
import { rescale } from '../mp4/timescale.ts';
import type { Exporter, ExportFile, ExportPlan } from './exporter.ts';
import { spliceOf, tagOf } from './movieFile.ts';
import { readPieces } from './pieces.ts';

/** The GOPs of a file that are in the export, `[from, to)`, and what is added to the file's clock. */
interface FilePart {
  readonly file: ExportFile;
  readonly offset: number;
  readonly bytes: number;
  readonly shift: Ticks;
}

export class FragmentFile {
  /** Of the whole file. */
  readonly bytes: number;
  /** Changes with any byte of the file; without quotes. */
  readonly tag: string;
  readonly #exporter: Exporter;
  readonly #plan: ExportPlan;
  readonly #parts: readonly FilePart[];

  private constructor(exporter: Exporter, plan: ExportPlan, parts: readonly FilePart[]) {
    this.#exporter = exporter;
    this.#plan = plan;
    this.#parts = parts;
    this.bytes = parts.reduce((sum, part) => sum + part.bytes, plan.init.bytes.length);
    const spans = parts.map(({ offset, bytes, shift }) => [offset, bytes, shift]);
    this.tag = `f${tagOf(plan, spliceOf(plan), spans)}`;
  }

  /** @throws NvrError `not-found` when footage was deleted meanwhile, or another of the disk. */
  static async open(exporter: Exporter, plan: ExportPlan): Promise<FragmentFile> {
    const { timescale } = plan.init.video;
    const files = plan.stretches.flatMap((stretch) => stretch.files);
    const spliced = spliceOf(plan);
    const parts = files.map((file, index): FilePart => {
      const { offset, bytes } = spanOf(file, exporter);
      const shift = rescale(spliced.files[index]?.videoShift ?? 0, timescale, TICKS_PER_SECOND);
      return { file, offset, bytes, shift: ticks(shift) };
    });
    const early = await earlySound(exporter, plan, parts[0]);
    const moved = parts.map((part) => ({ ...part, shift: ticks(part.shift + early) }));
    return new FragmentFile(exporter, plan, moved);
  }

  /** As of `MovieFile`. */
  async *read(from = 0, to = this.bytes): AsyncGenerator<Buffer, void, undefined> {
    const { init } = this.#plan;
    if (from < init.bytes.length) yield init.bytes.subarray(from, to);
    let at = init.bytes.length;
    for (const part of this.#parts) {
      if (at >= to) return;
      if (at + part.bytes > from) yield* this.#readPart(part, from - at, to - at);
      at += part.bytes;
    }
  }

  async *#readPart(part: FilePart, from: number, to: number): AsyncGenerator<Buffer, void, undefined> {
    const timescales = timescalesOf(this.#plan.init);
    for (const gop of gopsWithin(part, this.#exporter)) {
      const start = gop.offset - part.offset;
      if (start >= to || start + gop.bytes <= from) continue;
      const blocks: Buffer[] = [];
      for await (const block of readPieces(this.#exporter.disk, part.file.source.file, [gop]))
        blocks.push(block);
      const bytes = Buffer.concat(blocks);
      rebase(bytes, part.shift, timescales);
      yield bytes.subarray(Math.max(0, from - start), to - start);
    }
  }
}

function gopsWithin(
  { file, offset, bytes }: Pick<FilePart, 'file' | 'offset' | 'bytes'>,
  exporter: Exporter,
): Gop[] {
  const gops = exporter.sources.gops(file.source);
  return gops
    .filter((gop) => gop.offset >= offset && gop.offset < offset + bytes)
    .map((gop) => {
      // The last GOP of a segment that grows is longer by now.
      return { ...gop, bytes: Math.min(gop.bytes, offset + bytes - gop.offset) };
    });
}

/** Of a file that is trimmed, the GOPs that its samples are in; else all there was when the export was planned. */
function spanOf({ source, trimmed }: ExportFile, exporter: Exporter): { offset: number; bytes: number } {
  const end = source.samples?.offset ?? source.bytes;
  if (trimmed === null) return { offset: source.headerBytes, bytes: end - source.headerBytes };
  const chunks = chunksOf(trimmed.video);
  const [first, last] = [chunks[0]?.offset ?? source.headerBytes, chunks.at(-1)?.offset ?? end];
  const gops = exporter.sources.gops(source);
  const from = gops.findLast(({ offset }) => offset <= first);
  const until = gops.find(({ offset }) => offset > last);
  if (from === undefined)
    throw new NvrError('internal', `The GOPs of ${source.file} are not those of the index.`);
  return { offset: from.offset, bytes: (until?.offset ?? end) - from.offset };
}

/** How far sound in the first fragments begins before the movie's zero, in ticks: no time may be below zero. */
async function earlySound(
  exporter: Exporter,
  { init }: ExportPlan,
  part: FilePart | undefined,
): Promise<number> {
  if (part === undefined || init.audio === null) return 0;
  const first = firstSound(await exporter.reader.read(part.file.source), part.offset);
  if (first === null) return 0;
  return Math.max(0, -Math.floor((first * TICKS_PER_SECOND) / init.audio.timescale) - part.shift);
}

/** Decode time of the first sound at or behind an offset of the file. */
function firstSound({ audio }: SampleIndex, offset: number): number | null {
  if (audio === null) return null;
  const chunks = chunksOf(audio);
  const before = chunks
    .filter((chunk) => chunk.offset < offset)
    .reduce((sum, { samples }) => sum + samples, 0);
  return columnsOf(audio).dts[before] ?? null;
}
