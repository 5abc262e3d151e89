/**
 * The init segment (`ftyp` + `moov`): reading the tracks out of any, and building the one we publish. What is
 * true of ours: video is track 1, audio track 2, in this order; no durations, no edit list, no dates, no tags;
 * movie timescale 90 kHz. So two runs with the same codec configuration have the same init segment.
 */
import { TICKS_PER_SECOND } from '../domain/ticks.ts';
import { type Box, boxesIn, Cursor, makeBox, makeFullBox, malformed, needBox, uint32s } from './boxes.ts';
import { codecString } from './codecs.ts';
import type { InitSegment, Track } from './types.ts';

export const VIDEO_TRACK = 1;
export const AUDIO_TRACK = 2;

/** `iso6`: `tfdt`, default-base-is-moof, signed composition offsets; `mp42`, `isom` for players that ask. */
const FTYP = makeBox('ftyp', Buffer.from('iso6'), uint32s(0), Buffer.from('iso6mp42isom'));

interface TrackBox {
  readonly track: Track;
  readonly box: Box;
}

/**
 * Reads an init segment.
 * @param bytes `ftyp` + `moov`, other boxes around them are ignored; kept by reference
 * @throws NvrError `invalid` when it is malformed, has no video, two tracks of a kind, or an unknown codec.
 */
export function parseInit(bytes: Buffer): InitSegment {
  const { video, audio } = tracksOf(needBox(boxesIn(bytes), 'moov'));
  const codecs = audio === null ? video.track.codec : `${video.track.codec},${audio.track.codec}`;
  return { bytes, video: video.track, audio: audio?.track ?? null, codecs };
}

/**
 * Builds the init segment that we publish from a muxer's, or from that of a segment file; its own result stays
 * as it is. Sample entries are kept byte for byte, and so are the timescales of the tracks.
 * @throws NvrError `invalid` like parseInit.
 */
export function rewriteInit(bytes: Buffer): InitSegment {
  const moov = needBox(boxesIn(bytes), 'moov');
  return parseInit(Buffer.concat([FTYP, rewriteMoov(moov, [])]));
}

/** Timescale by track id: what rebase and scan need to know of an init segment. */
export function timescalesOf(init: InitSegment): ReadonlyMap<number, number> {
  const tracks = init.audio === null ? [init.video] : [init.video, init.audio];
  return new Map(tracks.map((track) => [track.id, track.timescale]));
}

/**
 * Our `moov`, from another one.
 * @param intoMvex boxes to put at the front of `mvex`, such as a `mehd`
 * @throws NvrError `invalid` like parseInit.
 */
export function rewriteMoov(moov: Box, intoMvex: readonly Buffer[]): Buffer {
  const { video, audio } = tracksOf(moov);
  const header = withoutDates(needBox(boxesIn(moov.body), 'mvhd'), 'mvhd');
  header.writeUInt32BE(TICKS_PER_SECOND, 12);
  header.writeUInt32BE(AUDIO_TRACK + 1, header.length - 4);
  const traks = [rewriteTrak(video.box, VIDEO_TRACK)];
  const trexs = [trex(VIDEO_TRACK)];
  if (audio !== null) {
    traks.push(rewriteTrak(audio.box, AUDIO_TRACK));
    trexs.push(trex(AUDIO_TRACK));
  }
  return makeBox('moov', makeBox('mvhd', header), ...traks, makeBox('mvex', ...intoMvex, ...trexs));
}

/** Track extends (§8.8.3) without defaults: every fragment says everything itself. */
function trex(trackId: number): Buffer {
  return makeFullBox('trex', 0, 0, uint32s(trackId, 1, 0, 0, 0));
}

function rewriteTrak(trak: Box, trackId: number): Buffer {
  const boxes = boxesIn(trak.body);
  const header = withoutDates(needBox(boxes, 'tkhd'), 'tkhd');
  header.writeUInt32BE(trackId, 12);
  const media = boxesIn(needBox(boxes, 'mdia').body);
  const mediaHeader = withoutDates(needBox(media, 'mdhd'), 'mdhd');
  return makeBox(
    'trak',
    makeBox('tkhd', header),
    makeBox('mdia', makeBox('mdhd', mediaHeader), needBox(media, 'hdlr').bytes, needBox(media, 'minf').bytes),
  );
}

/**
 * A header box's body in version 0 with its dates and its duration zero. `mvhd` and `mdhd` go: dates,
 * timescale, duration (§8.2.2, §8.4.2); `tkhd`: dates, track id, reserved, duration (§8.3.2).
 */
function withoutDates(box: Box, kind: 'mvhd' | 'mdhd' | 'tkhd'): Buffer {
  const { id, rest, flags } = headerFields(box, kind);
  const reserved = kind === 'tkhd' ? [0] : [];
  return Buffer.concat([uint32s(flags, 0, 0, id, ...reserved, 0), rest]);
}

interface HeaderFields {
  readonly flags: number;
  /** Track id of `tkhd`, timescale of `mvhd` and `mdhd`. */
  readonly id: number;
  /** What follows the duration. */
  readonly rest: Buffer;
}

const REST_BYTES = { mvhd: 80, mdhd: 4, tkhd: 60 };

function headerFields(box: Box, kind: 'mvhd' | 'mdhd' | 'tkhd'): HeaderFields {
  const cursor = new Cursor(box.body);
  const wide = cursor.u8() === 1;
  const flags = cursor.u24();
  const id = cursor.skip(wide ? 16 : 8).u32();
  if (kind === 'tkhd') cursor.skip(4);
  return { flags, id, rest: cursor.skip(wide ? 8 : 4).take(REST_BYTES[kind]) };
}

function tracksOf(moov: Box): { video: TrackBox; audio: TrackBox | null } {
  const tracks = boxesIn(moov.body)
    .filter((box) => box.type === 'trak')
    .map((box) => ({ box, track: readTrack(box) }));
  const [video, ...moreVideo] = tracks.filter(({ track }) => track.kind === 'video');
  const [audio, ...moreAudio] = tracks.filter(({ track }) => track.kind === 'audio');
  if (video === undefined) throw malformed('there is no video track');
  if (moreVideo.length + moreAudio.length > 0) throw malformed('there are two tracks of a kind');
  if (video.track.id === audio?.track.id) throw malformed('two tracks share an id');
  return { video, audio: audio ?? null };
}

function readTrack(trak: Box): Track {
  const boxes = boxesIn(trak.body);
  const media = boxesIn(needBox(boxes, 'mdia').body);
  const timescale = headerFields(needBox(media, 'mdhd'), 'mdhd').id;
  if (timescale === 0) throw malformed('a track has no timescale');
  const description = new Cursor(needBox(media, 'minf', 'stbl', 'stsd').body);
  const entry = boxesIn(description.skip(8).take(description.left))[0];
  if (entry === undefined) throw malformed('a track has no sample entry');
  const base = { id: headerFields(needBox(boxes, 'tkhd'), 'tkhd').id, timescale };
  const handler = new Cursor(needBox(media, 'hdlr').body).skip(8).take(4).toString('latin1');
  if (handler === 'vide') return { ...base, ...readVideoEntry(entry) };
  if (handler === 'soun') return { ...base, ...readAudioEntry(entry, timescale) };
  throw malformed(`unknown kind of track ${JSON.stringify(handler)}`);
}

type EntryFields = Omit<Track, 'id' | 'timescale'>;

/** VisualSampleEntry, ISO 14496-12 §12.1.3. */
function readVideoEntry(entry: Box): EntryFields {
  const cursor = new Cursor(entry.body).skip(24);
  const [width, height] = [cursor.u16(), cursor.u16()];
  const children = boxesIn(cursor.skip(50).take(cursor.left));
  return { kind: 'video', codec: codecString(entry, children), width, height, sampleRate: 0, channels: 0 };
}

/** AudioSampleEntry, ISO 14496-12 §12.2.3; version 1 is QuickTime's, with 16 more bytes. */
function readAudioEntry(entry: Box, timescale: number): EntryFields {
  const cursor = new Cursor(entry.body).skip(8);
  const version = cursor.u16();
  const channels = cursor.skip(6).u16();
  const sampleRate = cursor.skip(6).u16() || timescale;
  const children = boxesIn(cursor.skip(version === 1 ? 18 : 2).take(cursor.left));
  return { kind: 'audio', codec: codecString(entry, children), width: 0, height: 0, sampleRate, channels };
}
