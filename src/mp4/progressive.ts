/**
 * An ordinary MP4 (`ftyp`, `moov` with full sample tables, one `mdat`) over the samples of segment files, laid out
 * before any of it exists: how long it is, and which bytes of it come from where. A part is made when it is read, so
 * that any byte range can be answered without the rest.
 */
import { TICKS_PER_SECOND } from '../domain/ticks.ts';
import type { EpochMs } from '../domain/time.ts';
import { uint32s } from './boxes.ts';
import { type Chapter, chapterBox, MOVIE_FTYP, movieHeader, type TrackEdit, trackBoxes } from './movie.ts';
import type { SampleFront, TrackFront } from './sampleIndex.ts';
import { rescale } from './timescale.ts';
import type { InitSegment } from './types.ts';

/** A segment file, and where its media lies in the movie. */
export interface PlacedFile extends SampleFront {
  /** Added to the decode times of the file, each in its track's timescale, they are those of the movie. */
  readonly videoShift: number;
  readonly audioShift: number;
}

/** What goes into the movie. */
export interface Movie {
  /** Of all its files. */
  readonly init: InitSegment;
  /** In order; decode times do not go backwards. */
  readonly files: readonly PlacedFile[];
  /** What is shown, `[start, end)`, in the video's timescale on the movie's clock. */
  readonly start: number;
  readonly end: number;
  /** Wall time of its first frame. */
  readonly createdMs: EpochMs;
  readonly chapters: readonly Chapter[];
  /** Whether its header says how long it is. Where it does, GStreamer 1.22 ends as early as an edit list begins late. */
  readonly saysDuration: boolean;
}

export type TrackKind = 'video' | 'audio';
export type TableName = 'stts' | 'ctts' | 'stss' | 'stsz' | 'stsc' | 'co64';

/** A track within a file of the movie, and what precedes it. */
export interface TrackInFile {
  readonly front: TrackFront;
  /** Number of the file, from 0. */
  readonly file: number;
  /** Duration of the file's last sample in the movie. */
  readonly lastDuration: number;
  /** Samples and chunks of the track before this file, and bytes of media before it in the movie. */
  readonly samplesBefore: number;
  readonly chunksBefore: number;
  readonly mediaBefore: number;
}

/** The entries of a table of a track, made file by file by `renderTable`. */
export interface TablePart {
  readonly kind: 'table';
  readonly track: TrackKind;
  readonly table: TableName;
  readonly bytes: number;
  readonly files: readonly TrackInFile[];
  /** Where, from the start of the part, the entries of each file begin. */
  readonly starts: readonly number[];
}

/** The samples of all files. */
export interface MediaPart {
  readonly kind: 'media';
  readonly bytes: number;
  /** Where, from the start of the part, the samples of each file begin. */
  readonly starts: readonly number[];
}

/** Consecutive bytes of the movie: as they are, of a table, or samples. */
export type Part =
  | { readonly kind: 'bytes'; readonly bytes: number; readonly content: Buffer }
  | TablePart
  | MediaPart;

export interface Layout {
  /** Of the whole movie. */
  readonly bytes: number;
  readonly parts: readonly Part[];
  /** Where the samples begin: right behind the header of `mdat`. */
  readonly mediaAt: number;
}

const MDAT_HEADER = 16;
const ENTRY_BYTES = { stts: 8, ctts: 8, stss: 4, stsz: 4, stsc: 12, co64: 8 } as const;
/** Bytes of each table between its box header and its entries: version, count, and of `stsz` a common size. */
const TABLE_HEADER = { stts: 8, ctts: 8, stss: 8, stsz: 12, stsc: 8, co64: 8 } as const;

/** Lays the movie out. @throws NvrError `invalid` when its init segment is malformed. */
export function layOut(movie: Movie): Layout {
  const moov = moovOf(movie);
  const media = startsOf(movie.files, mediaBytesOf);
  const parts: Part[] = [
    ...literal(MOVIE_FTYP),
    ...moov,
    ...literal(mdatHeader(media.bytes)),
    { kind: 'media', ...media },
  ];
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 0);
  return { bytes, parts, mediaAt: bytes - media.bytes };
}

/** Where each of the items begins, and how long they are together. */
function startsOf<T>(items: readonly T[], bytesOf: (item: T) => number) {
  const starts: number[] = [];
  let bytes = 0;
  for (const item of items) {
    starts.push(bytes);
    bytes += bytesOf(item);
  }
  return { starts, bytes };
}

function moovOf(movie: Movie): Part[] {
  const { init, start, end, createdMs, saysDuration, chapters } = movie;
  const ticks = rescale(end - start, init.video.timescale, TICKS_PER_SECOND);
  const video = placeTrack(movie.files, 'video');
  const audio = placeTrack(movie.files, 'audio');
  const tracks = [trak(init, video, { emptyTicks: 0, mediaTime: start - video.firstDts, ticks })];
  if (init.audio !== null && audio.samples > 0) {
    tracks.push(trak(init, audio, audioEdit(movie, audio, init.audio.timescale, ticks)));
  }
  const header = literal(movieHeader(init, saysDuration ? ticks : 0, createdMs));
  const marks = chapters.length > 0 ? [literal(chapterBox(chapters))] : [];
  return box('moov', [header, ...tracks, ...marks]);
}

/** Sound starts with the picture, or, where it begins later, after an empty edit; it may end earlier. */
function audioEdit({ init, start }: Movie, audio: PlacedTrack, timescale: number, ticks: number): TrackEdit {
  const wanted = rescale(start, init.video.timescale, timescale) - audio.firstDts;
  const emptyTicks = Math.min(ticks, rescale(Math.max(0, -wanted), timescale, TICKS_PER_SECOND));
  const mediaTime = Math.max(0, wanted);
  const left = rescale(Math.max(0, audio.duration - mediaTime), timescale, TICKS_PER_SECOND);
  return { emptyTicks, mediaTime, ticks: Math.min(ticks - emptyTicks, left) };
}

/** A track of the movie, file by file. */
interface PlacedTrack {
  readonly kind: TrackKind;
  /** Of its first sample, on the movie's clock. */
  readonly firstDts: number;
  readonly duration: number;
  readonly samples: number;
  readonly reordered: boolean;
  readonly negative: boolean;
  /** Whether every sample is a sync sample. */
  readonly allSync: boolean;
  readonly files: readonly TrackInFile[];
}

function placeTrack(files: readonly PlacedFile[], kind: TrackKind): PlacedTrack {
  const placed: TrackInFile[] = [];
  const [samples, chunks] = [{ sum: 0 }, { sum: 0 }];
  let mediaBefore = 0;
  for (const [file, placedFile] of files.entries()) {
    const front = placedFile[kind];
    if (front !== null && front.samples > 0) {
      const before = { samplesBefore: samples.sum, chunksBefore: chunks.sum, mediaBefore };
      placed.push({ front, file, lastDuration: front.lastDuration, ...before });
      samples.sum += front.samples;
      chunks.sum += front.chunks;
    }
    mediaBefore += mediaBytesOf(placedFile);
  }
  const shift = (file: number) => (kind === 'video' ? files[file]?.videoShift : files[file]?.audioShift) ?? 0;
  return { kind, samples: samples.sum, ...joined(placed, shift), ...flagsOf(placed) };
}

function mediaBytesOf({ video, audio }: SampleFront): number {
  return video.bytes + (audio?.bytes ?? 0);
}

/** Each file's last sample lasts until the next file's first; where that would be before it, it lasts no time. */
function joined(files: readonly TrackInFile[], shift: (file: number) => number) {
  const [first] = files;
  const firstDts = first === undefined ? 0 : first.front.firstDts + shift(first.file);
  let at = firstDts;
  const lasting = files.map((each, index): TrackInFile => {
    const { front, file } = each;
    const next = files[index + 1];
    const lastAt = at + front.lastDts - front.firstDts;
    const until = next === undefined ? lastAt + front.lastDuration : next.front.firstDts + shift(next.file);
    at = Math.max(lastAt, until);
    return { ...each, file, lastDuration: at - lastAt };
  });
  return { firstDts, duration: at - firstDts, files: lasting };
}

function flagsOf(files: readonly TrackInFile[]) {
  return {
    reordered: files.some(({ front }) => front.reordered),
    negative: files.some(({ front }) => front.negative),
    allSync: files.every(({ front }) => front.syncs === front.samples),
  };
}

function trak(init: InitSegment, track: PlacedTrack, edit: TrackEdit): Part[] {
  const { tkhd, edts, mdhd, hdlr, media, stsd } = trackBoxes(init, track.kind, edit, track.duration);
  const minf = box('minf', [...media.map(literal), box('stbl', [literal(stsd), ...tables(track)])]);
  return box('trak', [literal(tkhd), literal(edts), box('mdia', [literal(mdhd), literal(hdlr), minf])]);
}

function tables(track: PlacedTrack): Part[][] {
  const entries = (count: (front: TrackFront) => number, name: TableName, version = 0) =>
    table(track, name, version, count);
  return [
    entries(({ sttsRuns }) => sttsRuns + 1, 'stts'),
    // Version 1 has signed offsets; the other is what older readers know.
    ...(track.reordered ? [entries(({ cttsRuns }) => cttsRuns, 'ctts', track.negative ? 1 : 0)] : []),
    ...(track.allSync ? [] : [entries(({ syncs }) => syncs, 'stss')]),
    entries(({ stscRuns }) => stscRuns, 'stsc'),
    entries(({ samples }) => samples, 'stsz'),
    entries(({ chunks }) => chunks, 'co64'),
  ];
}

function table(
  { kind: track, files }: PlacedTrack,
  name: TableName,
  version: number,
  count: (front: TrackFront) => number,
): Part[] {
  const entries = startsOf(files, ({ front }) => count(front) * ENTRY_BYTES[name]);
  const total = entries.bytes / ENTRY_BYTES[name];
  const header = name === 'stsz' ? uint32s(version * 2 ** 24, 0, total) : uint32s(version * 2 ** 24, total);
  const bytes = 8 + TABLE_HEADER[name] + entries.bytes;
  return [
    ...literal(boxHeader(name, bytes)),
    ...literal(header),
    { kind: 'table', track, table: name, files, ...entries },
  ];
}

/** A box around parts. */
function box(type: string, content: readonly (readonly Part[])[]): Part[] {
  const parts = content.flat();
  const bytes = parts.reduce((sum, part) => sum + part.bytes, 8);
  return [...literal(boxHeader(type, bytes)), ...parts];
}

function literal(content: Buffer): Part[] {
  return [{ kind: 'bytes', bytes: content.length, content }];
}

function boxHeader(type: string, bytes: number): Buffer {
  return Buffer.concat([uint32s(bytes), Buffer.from(type, 'latin1')]);
}

/** With a 64-bit size (§4.2), whatever it is: its length must not depend on it. */
function mdatHeader(mediaBytes: number): Buffer {
  const header = Buffer.alloc(MDAT_HEADER);
  header.writeUInt32BE(1, 0);
  header.write('mdat', 4, 'latin1');
  header.writeBigUInt64BE(BigInt(MDAT_HEADER + mediaBytes), 8);
  return header;
}
