/**
 * Any interval of a camera as one file: which segments go into it, what is cut off at its ends, how they are put
 * together. What is then read when its bytes are asked for is in `movieFile.ts` and `fragmentFile.ts`.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { NvrError } from '../domain/errors.ts';
import {
  addJoined,
  type ExportPart,
  type ExportSegment,
  exportParts,
  type GapRule,
  stretches,
} from '../domain/exportParts.ts';
import type { CameraId } from '../domain/ids.ts';
import type { EpochMs, Interval } from '../domain/time.ts';
import { recordedRuns } from '../domain/timeline.ts';
import { columnsOf, type SampleFront, type SampleIndex } from '../mp4/sampleIndex.ts';
import { type Bounds, type TrimmedFile, trimFile } from '../mp4/trim.ts';
import type { InitSegment } from '../mp4/types.ts';
import type { Disk } from './disk.ts';
import type { ExportSource, ExportSources } from './exportSources.ts';
import { portions } from './portions.ts';
import { SampleReader } from './sampleReader.ts';

/** A file of an export. */
export interface ExportFile {
  readonly source: ExportSource;
  readonly front: SampleFront;
  /** Of the samples that are kept, where some are cut off; else as the file says. */
  readonly trimmed: SampleIndex | null;
}

/** Files without a pause between them, and what is shown of the first and the last. */
export interface ExportStretch {
  readonly files: readonly [ExportFile, ...ExportFile[]];
  readonly head: TrimmedFile;
  readonly tail: TrimmedFile;
}

/** Everything that is in an export. */
export interface ExportPlan {
  readonly init: InitSegment;
  readonly initKey: string;
  readonly stretches: readonly [ExportStretch, ...ExportStretch[]];
  /** Of the footage that is shown, gaps within it included. */
  readonly interval: { readonly startMs: number; readonly endMs: number };
}

export interface ExportRequest extends Interval {
  readonly cameraId: CameraId;
  readonly gaps: GapRule;
  /** Which part, from 1; null when there must be only one. */
  readonly part: number | null;
}

/** Of a part, what is known without its segments. */
export type PartBounds = Omit<ExportPart<ExportSegment>, 'segments'>;

export interface ExporterDoors {
  readonly sources: ExportSources;
  readonly disk: Disk;
  /** @throws NvrError `not-found` */
  readonly init: (initKey: string) => InitSegment;
}

/** Files opened at the same time while an export is planned. */
const FILES_AT_ONCE = 16;

export class Exporter {
  readonly disk: Disk;
  readonly reader: SampleReader;
  readonly sources: ExportSources;
  readonly #doors: ExporterDoors;

  constructor(doors: ExporterDoors) {
    this.#doors = doors;
    this.disk = doors.disk;
    this.sources = doors.sources;
    this.reader = new SampleReader(doors.disk);
  }

  /**
   * The intervals of a range of any length that can be one file each; none without footage. Other work goes on meanwhile.
   * @throws NvrError as `ExportSources.find`.
   */
  async parts(cameraId: CameraId, interval: Interval, gaps: GapRule): Promise<PartBounds[]> {
    return exportParts(await joinedSegments(this.sources, cameraId, interval), interval, gaps);
  }

  /** What of a range of any length there is. @throws NvrError as `ExportSources.find` */
  async recorded(cameraId: CameraId, interval: Interval): Promise<Interval[]> {
    return recordedRuns(await joinedSegments(this.sources, cameraId, interval));
  }

  /**
   * Decides what goes into a file.
   * @throws NvrError `not-found` without footage or such a part, `conflict` naming the field `part` when the range has
   *   several and none is chosen, and what the disk refuses.
   */
  async plan(request: ExportRequest): Promise<ExportPlan> {
    const { segments } = this.#choose(request);
    const [{ initKey }] = segments;
    const init = this.#doors.init(initKey);
    const groups = stretches(segments);
    const indexes = await this.#readNeeded(groups);
    const kept: ExportStretch[] = [];
    for (const group of groups) {
      const stretch = trimStretch(group, indexes, request, kept.length === 0, init);
      if (stretch !== null) kept.push(stretch);
    }
    const [first, ...more] = kept;
    if (first === undefined) throw noFootage();
    const last = more.at(-1) ?? first;
    const interval = { startMs: first.head.startMs, endMs: last.tail.endMs };
    return { init, initKey, stretches: [first, ...more], interval };
  }

  #choose(request: ExportRequest): ExportPart<ExportSource> {
    const parts = exportParts(this.sources.find(request.cameraId, request), request, request.gaps);
    const [first, ...more] = parts;
    if (first === undefined) throw noFootage();
    if (request.part === null) {
      if (more.length > 0) throw severalParts(first, more);
      return first;
    }
    const chosen = parts[request.part - 1];
    if (chosen !== undefined) return chosen;
    throw new NvrError('not-found', `The range has ${parts.length} parts.`, { field: 'part' });
  }

  /** The indexes of the files at the ends of stretches, and of those of which nothing is known. */
  async #readNeeded(groups: readonly (readonly ExportSource[])[]): Promise<Map<ExportSource, SampleIndex>> {
    const needed = groups.flatMap((group) =>
      group.filter((source, at) => source.samples === null || isNearEnd(at, group.length)),
    );
    const indexes = new Map<ExportSource, SampleIndex>();
    for (let at = 0; at < needed.length; at += FILES_AT_ONCE) {
      const batch = needed.slice(at, at + FILES_AT_ONCE);
      const read = await Promise.all(batch.map((source) => this.reader.read(source)));
      for (const [number, source] of batch.entries()) {
        const index = read[number];
        if (index !== undefined) indexes.set(source, index);
      }
    }
    return indexes;
  }
}

async function joinedSegments(
  sources: ExportSources,
  cameraId: CameraId,
  interval: Interval,
): Promise<ExportSegment[]> {
  const joined: ExportSegment[] = [];
  for (const some of portions(interval, (portion) => sources.find(cameraId, portion))) {
    addJoined(joined, some);
    await nextTurn();
  }
  return joined;
}

/** Where the first or last file has no frame of the range, the one beside it is cut. */
function isNearEnd(at: number, length: number): boolean {
  return at < 2 || at >= length - 2;
}

function trimStretch(
  group: readonly ExportSource[],
  indexes: ReadonlyMap<ExportSource, SampleIndex>,
  range: Interval,
  exact: boolean,
  init: InitSegment,
): ExportStretch | null {
  const trim = (source: ExportSource, ends: { head: boolean; tail: boolean }) =>
    trimSource(source, indexes.get(source), boundsOf(source, range, exact, ends), init);
  let sources = group;
  for (;;) {
    const [first, ...others] = sources;
    const last = others.at(-1);
    if (first === undefined) return null;
    const head = trim(first, { head: true, tail: last === undefined });
    if (last === undefined) {
      if (head === null) return null;
      return { files: [trimmedFile(first, head)], head, tail: head };
    }
    const tail = trim(last, { head: false, tail: true });
    if (head !== null && tail !== null) {
      const between = others.slice(0, -1).map((source) => wholeFile(source, indexes.get(source)));
      return { files: [trimmedFile(first, head), ...between, trimmedFile(last, tail)], head, tail };
    }
    sources = head === null ? others : sources.slice(0, -1);
  }
}

function boundsOf(
  { startMs, endMs }: ExportSource,
  range: Interval,
  exact: boolean,
  ends: { readonly head: boolean; readonly tail: boolean },
): Bounds {
  return {
    head: ends.head ? { fromMs: startMs < range.startMs ? range.startMs : null, exact } : null,
    tail: ends.tail ? { toMs: endMs > range.endMs ? range.endMs : null } : null,
  };
}

function trimSource(
  source: ExportSource,
  index: SampleIndex | undefined,
  bounds: Bounds,
  init: InitSegment,
): TrimmedFile | null {
  if (index === undefined) throw notRead(source);
  const video = columnsOf(index.video);
  const audio = index.audio === null ? null : columnsOf(index.audio);
  return trimFile({ video, audio, startMs: source.startMs }, bounds, init);
}

function trimmedFile(source: ExportSource, { index }: TrimmedFile): ExportFile {
  return { source, front: index, trimmed: index };
}

function wholeFile(source: ExportSource, index: SampleIndex | undefined): ExportFile {
  const front = source.samples?.front ?? index;
  if (front === undefined)
    throw new NvrError('internal', `Nothing is known of the samples of ${source.file}.`);
  return { source, front, trimmed: null };
}

function notRead({ file }: ExportSource): NvrError {
  return new NvrError('internal', `Nothing is known of the samples of ${file}.`);
}

function noFootage(): NvrError {
  return new NvrError('not-found', 'Nothing was recorded in this range.', { field: 'start' });
}

function severalParts(first: Interval, more: readonly Interval[]): NvrError {
  const text = (ms: EpochMs) => new Date(ms).toISOString();
  const intervals = [first, ...more].map(({ startMs, endMs }) => `${text(startMs)} to ${text(endMs)}`);
  const listed = [...intervals.slice(0, 5), ...(intervals.length > 5 ? ['…'] : [])].join(', ');
  return new NvrError(
    'conflict',
    `The range cannot be one file, because the format of the footage changes in it. Choose one of its ${intervals.length} parts: ${listed}.`,
    { field: 'part' },
  );
}
