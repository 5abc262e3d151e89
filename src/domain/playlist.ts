/**
 * HLS media playlists (RFC 8216, protocol version 7, fMP4): their text, and which parts of recorded segments make up
 * the playlist of a range. The live playlist is in `livePlaylist.ts`.
 */
import type { RunId, SegmentId } from './ids.ts';
import { msToTicks, type Ticks, ticks, ticksToMs } from './ticks.ts';
import { type EpochMs, epochMs, type Interval } from './time.ts';
import { ROUNDING_MS, type SegmentRow } from './timeline.ts';

/** One media segment of a playlist. */
export interface PlaylistSegment {
  readonly kind: 'segment';
  /** URI reference, already encoded; it stands on a line of its own. */
  readonly uri: string;
  /** URI reference of the init segment. */
  readonly initUri: string;
  /** On the run's media clock. */
  readonly startTicks: Ticks;
  readonly durationTicks: Ticks;
  /** Its media does not follow that of the segment before it: another run, or a jump of the media clock. */
  readonly discontinuity: boolean;
  /** Wall time of its first frame, where the player has to be told; else it counts on from the last. */
  readonly programDateMs: EpochMs | undefined;
}

/** An interval without footage, stated where it lies. Its end is known: one that lasts ends now. */
export interface PlaylistGap extends Interval {
  readonly kind: 'gap';
  readonly cause: string;
}

export type PlaylistItem = PlaylistSegment | PlaylistGap;

export interface PlaylistOptions {
  /** `vod`: complete, will not change. `event`: more will be appended. */
  readonly type: 'vod' | 'event';
}

/** Consecutive GOPs of one segment file: what one media segment of a playlist consists of. */
export interface GopRange {
  readonly segmentId: SegmentId;
  /** Index of the first GOP, from 0, and of the first one that is no longer in it. */
  readonly fromGop: number;
  readonly toGop: number;
}

/** Gives URI references for what a playlist names. */
export interface RangeUris {
  media(range: GopRange): string;
  init(initKey: string): string;
}

/** Where a piece of media lies on the media clock of its run. */
export interface MediaSpan {
  readonly runId: RunId;
  readonly startTicks: Ticks;
  readonly durationTicks: Ticks;
}

/** A GOP group placed on the run's clock and in wall time. */
interface Piece extends GopRange, MediaSpan {
  readonly initKey: string;
  /** Not rounded: a tick is no whole number of milliseconds. */
  readonly startMs: number;
  readonly endMs: number;
}

/** Shortest group of GOPs that becomes a media segment; only the last before a hole or the file's end is shorter. */
const GROUP_TICKS = msToTicks(4_000);
const ROUNDING_TICKS = msToTicks(ROUNDING_MS);

/**
 * Text of a media playlist. A gap is a jump of the wall time, with a discontinuity, which players play straight
 * across; that it is a gap, and why, is said by an EXT-X-DATERANGE of class `gap`. EXT-X-GAP (RFC 8216bis) is not used:
 * it makes players stall or search for another rendition. A list without a segment has no dates and so states no gaps
 * (§4.3.2.7).
 */
export function mediaPlaylist(items: readonly PlaylistItem[], options: PlaylistOptions): string {
  // Lines are joined once: a day has 50,000 of them, and a string that grows by each is dear to flatten.
  const lines: string[] = [];
  let initUri: string | undefined;
  let longest = 0;
  const dated = items.some((item) => item.kind === 'segment' && item.programDateMs !== undefined);
  for (const item of items) {
    if (item.kind === 'gap') {
      if (dated) lines.push(dateRange(item));
      continue;
    }
    if (item.discontinuity) lines.push('#EXT-X-DISCONTINUITY');
    if (item.initUri !== initUri) lines.push(`#EXT-X-MAP:URI=${quoted(item.initUri)}`);
    if (item.programDateMs !== undefined) lines.push(`#EXT-X-PROGRAM-DATE-TIME:${iso(item.programDateMs)}`);
    const seconds = extinf(item);
    lines.push(`#EXTINF:${seconds.toFixed(5)},`, item.uri);
    initUri = item.initUri;
    longest = Math.max(longest, seconds);
  }
  if (options.type === 'vod') lines.push('#EXT-X-ENDLIST');
  // RFC 8216 §4.3.3.1: no EXTINF, rounded to the nearest integer, may exceed the target duration.
  const targetSeconds = Math.max(1, Math.round(longest));
  return `${[...header(options, targetSeconds), ...lines].join('\n')}\n`;
}

/**
 * What a playlist of an interval lists: the groups of GOPs that overlap it, and the gaps that do, by wall time. Groups
 * are counted from the start of each file, so that every range names the same piece of media by the same URI and a
 * file that grows keeps all groups but its last. Footage may so begin up to one group before the interval.
 * @param segments sorted by start.
 * @param gaps sorted by start.
 */
export function planRange(
  segments: readonly SegmentRow[],
  gaps: readonly PlaylistGap[],
  interval: Interval,
  uris: RangeUris,
): PlaylistItem[] {
  const items: PlaylistItem[] = [];
  const pending = gaps.filter((gap) => overlaps(gap, interval));
  let told = 0;
  let previous: Piece | undefined;
  let expectedMs: number | undefined;
  for (const piece of pieces(segments, interval)) {
    const toldBefore = told;
    for (let gap = pending[told]; gap && gap.startMs <= piece.startMs; gap = pending[++told]) items.push(gap);
    const discontinuity = previous !== undefined && !continues(piece, previous);
    // Also where wall time and media time have drifted apart within a run: players count on from the last date.
    const drifted = expectedMs === undefined || Math.abs(piece.startMs - expectedMs) > ROUNDING_MS;
    const dated = discontinuity || drifted || told > toldBefore;
    items.push(listed(piece, discontinuity, dated, uris));
    expectedMs = (dated ? piece.startMs : (expectedMs ?? 0)) + ticksToMs(piece.durationTicks);
    previous = piece;
  }
  return [...items, ...pending.slice(told)];
}

/**
 * A segment that is still being written, without the GOPs at its end that would be listed otherwise later: the last one
 * grows, and a group that is not full takes more. A playlist that is appended to may never change what it listed.
 */
export function settled(row: SegmentRow): SegmentRow {
  const complete = { ...row, gops: row.gops.slice(0, -1) };
  const full = groups(complete).findLast(({ durationTicks }) => durationTicks >= GROUP_TICKS);
  return { ...row, gops: row.gops.slice(0, full?.toGop ?? 0) };
}

/** Whether media follows other media with no more than rounding between them, so that a player needs no new start. */
export function continues(media: MediaSpan, before: MediaSpan): boolean {
  const missed = media.startTicks - before.startTicks - before.durationTicks;
  return media.runId === before.runId && Math.abs(missed) <= ROUNDING_TICKS;
}

function listed(piece: Piece, discontinuity: boolean, dated: boolean, uris: RangeUris): PlaylistSegment {
  return {
    kind: 'segment',
    uri: uris.media(piece),
    initUri: uris.init(piece.initKey),
    startTicks: piece.startTicks,
    durationTicks: piece.durationTicks,
    discontinuity,
    programDateMs: dated ? epochMs(Math.round(piece.startMs)) : undefined,
  };
}

function* pieces(segments: readonly SegmentRow[], interval: Interval): Generator<Piece> {
  for (const row of segments) {
    if (!overlaps(row, interval)) continue;
    for (const piece of groups(row)) if (overlaps(piece, interval)) yield piece;
  }
}

/** A segment's GOPs, in groups. */
function groups(row: SegmentRow): Piece[] {
  const found: Piece[] = [];
  let fromGop = 0;
  let first = row.gops[0];
  row.gops.forEach((gop, index) => {
    first ??= gop;
    const next = row.gops[index + 1];
    const endTicks = gop.startTicks + gop.durationTicks;
    const hole = next === undefined || Math.abs(next.startTicks - endTicks) > ROUNDING_TICKS;
    if (!hole && endTicks - first.startTicks < GROUP_TICKS) return;
    found.push(placed(row, fromGop, index + 1, first.startTicks, ticks(endTicks)));
    fromGop = index + 1;
    first = next;
  });
  return found;
}

function placed(row: SegmentRow, fromGop: number, toGop: number, start: Ticks, end: Ticks): Piece {
  const { id: segmentId, runId, initKey } = row;
  const startTicks = ticks(row.startTicks + start);
  const durationTicks = ticks(end - start);
  const startMs = row.startMs + ticksToMs(start);
  const endMs = row.startMs + ticksToMs(end);
  return { segmentId, runId, initKey, fromGop, toGop, startTicks, durationTicks, startMs, endMs };
}

function overlaps(span: { readonly startMs: number; readonly endMs: number }, interval: Interval): boolean {
  return Math.max(span.startMs, interval.startMs) < Math.min(span.endMs, interval.endMs);
}

function header(options: PlaylistOptions, targetSeconds: number): string[] {
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-TARGETDURATION:${targetSeconds}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-DISCONTINUITY-SEQUENCE:0',
    `#EXT-X-PLAYLIST-TYPE:${options.type.toUpperCase()}`,
  ];
}

/**
 * Seconds of a media segment in steps of 10 µs. Start and end are rounded on the run's clock, not the duration: the
 * sum over a run is then off by one step at most, however many segments it has.
 */
export function extinf({
  startTicks,
  durationTicks,
}: Pick<PlaylistSegment, 'startTicks' | 'durationTicks'>): number {
  return (Math.round((startTicks + durationTicks) / 0.9) - Math.round(startTicks / 0.9)) / 1e5;
}

/** RFC 8216 §4.3.2.7. */
function dateRange(gap: PlaylistGap): string {
  const attributes = [
    `ID=${quoted(`gap-${gap.startMs}`)}`,
    'CLASS="gap"',
    `START-DATE=${quoted(iso(gap.startMs))}`,
    `END-DATE=${quoted(iso(gap.endMs))}`,
    `X-CAUSE=${quoted(gap.cause)}`,
  ];
  return `#EXT-X-DATERANGE:${attributes.join(',')}`;
}

/** A quoted-string of RFC 8216 §4.2, which knows no escapes: what it cannot hold is replaced. */
export function quoted(text: string): string {
  return `"${text.replaceAll('"', "'").replace(/\p{Cc}+/gu, ' ')}"`;
}

/** UTC, ISO 8601 to the millisecond. */
export function iso(ms: EpochMs): string {
  return new Date(ms).toISOString();
}
