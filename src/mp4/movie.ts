/**
 * The boxes of an ordinary MP4's `moov` around its sample tables (ISO 14496-12 §8.2–§8.6), made from a published
 * init segment: headers with dates and durations, edit lists. The tables themselves are in `progressive.ts`.
 */
import type { EpochMs } from '../domain/time.ts';
import { boxesIn, Cursor, findBox, makeBox, makeFullBox, malformed, needBox, uint32s } from './boxes.ts';
import { AUDIO_TRACK, VIDEO_TRACK } from './init.ts';
import type { InitSegment } from './types.ts';

/** What of the media a track shows, from the movie's first moment on. */
export interface TrackEdit {
  /** Before anything of the track is shown, in 90 kHz ticks. */
  readonly emptyTicks: number;
  /** The first moment of the media that is shown, in the timescale of the track. */
  readonly mediaTime: number;
  /** For how long, in 90 kHz ticks. */
  readonly ticks: number;
}

/** A place in the movie that players can jump to. */
export interface Chapter {
  /** From the first moment that is shown. */
  readonly atMs: number;
  /** ASCII. */
  readonly title: string;
}

/** The boxes of a track that do not depend on its samples. */
export interface TrackBoxes {
  readonly tkhd: Buffer;
  readonly edts: Buffer;
  readonly mdhd: Buffer;
  readonly hdlr: Buffer;
  /** What stands in `minf` before the sample table. */
  readonly media: readonly Buffer[];
  readonly stsd: Buffer;
}

/** `isom`, with what the tables and the edit lists ask of a reader. */
export const MOVIE_FTYP = makeBox('ftyp', Buffer.from('isom'), uint32s(512), Buffer.from('isomiso2mp41'));

const LARGEST = 2 ** 32 - 1;
/** Seconds from 1904 to 1970. */
const MAC_EPOCH_SECONDS = 2_082_844_800;

/** @param durationTicks of what is shown, 90 kHz @param createdMs of its first moment */
export function movieHeader(init: InitSegment, durationTicks: number, createdMs: EpochMs): Buffer {
  const body = needBox(boxesIn(init.bytes), 'moov', 'mvhd').body;
  const created = Math.floor(createdMs / 1000) + MAC_EPOCH_SECONDS;
  return makeBox('mvhd', withTimes(body, created, durationTicks, 0));
}

/**
 * Chapters as Nero wrote them, which no standard knows and ffmpeg, VLC and mpv read: times in 100 ns.
 * @param chapters 255 at most
 */
export function chapterBox(chapters: readonly Chapter[]): Buffer {
  const entries = chapters.map(({ atMs, title }) => {
    const text = Buffer.from(title, 'latin1');
    return Buffer.concat([long(atMs * 10_000), Buffer.from([text.length]), text]);
  });
  const count = Buffer.from([chapters.length]);
  return makeBox('udta', makeFullBox('chpl', 1, 0, uint32s(0), count, ...entries));
}

/**
 * @param duration of the media, in the timescale of the track
 * @throws NvrError `invalid` when the init segment has no such track.
 */
export function trackBoxes(
  init: InitSegment,
  kind: 'video' | 'audio',
  edit: TrackEdit,
  duration: number,
): TrackBoxes {
  const trackId = kind === 'video' ? VIDEO_TRACK : AUDIO_TRACK;
  const boxes = boxesIn(trakOf(init, trackId));
  const mdia = boxesIn(needBox(boxes, 'mdia').body);
  const minf = boxesIn(needBox(mdia, 'minf').body);
  return {
    tkhd: makeBox('tkhd', withTimes(needBox(boxes, 'tkhd').body, 0, edit.emptyTicks + edit.ticks, 4)),
    edts: makeBox('edts', editList(edit)),
    mdhd: makeBox('mdhd', withTimes(needBox(mdia, 'mdhd').body, 0, duration, 0)),
    hdlr: needBox(mdia, 'hdlr').bytes,
    media: minf.filter(({ type }) => type !== 'stbl').map(({ bytes }) => bytes),
    stsd: needBox(minf, 'stbl', 'stsd').bytes,
  };
}

function trakOf(init: InitSegment, trackId: number): Buffer {
  const traks = boxesIn(needBox(boxesIn(init.bytes), 'moov').body).filter(({ type }) => type === 'trak');
  const trak = traks.find(({ body }) => {
    const tkhd = findBox(boxesIn(body), 'tkhd');
    return tkhd !== undefined && new Cursor(tkhd.body).skip(12).u32() === trackId;
  });
  if (trak === undefined) throw malformed(`there is no track ${trackId}`);
  return trak.body;
}

/**
 * The body of a header box with a date and a duration, in version 1 where they need it.
 * @param body in version 0, as `rewriteInit` makes it @param reserved bytes between id and duration
 */
function withTimes(body: Buffer, created: number, duration: number, reserved: number): Buffer {
  const cursor = new Cursor(body);
  const flags = cursor.u32();
  const id = cursor.skip(8).take(4 + reserved);
  const rest = cursor.skip(4).take(cursor.left);
  if (Math.max(created, duration) <= LARGEST) {
    return Buffer.concat([uint32s(flags, created, created), id, uint32s(duration), rest]);
  }
  return Buffer.concat([uint32s(2 ** 24 + flags), long(created), long(created), id, long(duration), rest]);
}

/** §8.6.6: an empty edit where the track begins later, and the one that shows its media. */
function editList({ emptyTicks, mediaTime, ticks }: TrackEdit): Buffer {
  const wide = Math.max(emptyTicks, mediaTime, ticks) > LARGEST / 2;
  const number = wide ? long : (value: number) => int32(value);
  const rate = uint32s(0x10000);
  const empty = emptyTicks > 0 ? [number(emptyTicks), number(-1), rate] : [];
  const count = uint32s(emptyTicks > 0 ? 2 : 1);
  return makeFullBox('elst', wide ? 1 : 0, 0, count, ...empty, number(ticks), number(mediaTime), rate);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
}
