/**
 * The live window as text: an HLS media playlist (RFC 8216bis) that low-latency players read part by part and ordinary
 * ones segment by segment; and what becomes of a request for a playlist or part that is not there yet (§6.2.5).
 */
import type { RunId } from './ids.ts';
import { type LivePart, partTicks } from './liveParts.ts';
import {
  durationOf,
  type LiveSegment,
  type LiveWindow,
  MIN_TARGET_SECONDS,
  nextPart,
  openSequence,
  spanTicks,
} from './liveWindow.ts';
import { extinf, iso, quoted } from './playlist.ts';
import { TICKS_PER_SECOND } from './ticks.ts';

/** Gives URI references for what a live playlist names. */
export interface LiveUris {
  media(segment: LiveSegment): string;
  /** The part that begins with this fragment, which may not have arrived yet. */
  part(runId: RunId, sequence: number): string;
  init(runId: RunId): string;
}

/** References under a base that is empty or ends with `/`; relative ones play behind any prefix. */
export function liveUris(base: string): LiveUris {
  return {
    init: (run) => `${base}${run}/init.mp4`,
    part: (run, sequence) => `${base}${run}/parts/${sequence}.m4s`,
    media: ({ fragments }) => {
      const [first] = fragments;
      const last = fragments.at(-1) ?? first;
      return `${base}${first.runId}/${first.sequence}-${last.sequence}.m4s`;
    },
  };
}

/** How far another stream of the camera has come (EXT-X-RENDITION-REPORT, §4.4.5.4). */
export interface RenditionReport {
  readonly uri: string;
  readonly window: LiveWindow;
}

export interface LivePlaylistOptions {
  /** Leave out what the client has (EXT-X-SKIP, §4.4.5.2), if there is enough of it. */
  readonly skip?: boolean;
  readonly reports?: readonly RenditionReport[];
}

/** Up to where a playlist has to reach: a segment, or a part of it, by its number. */
export interface Reload {
  readonly msn: number;
  readonly part: number | null;
}

/** §4.4.3.8: least distances from the end, in target durations, of what is skipped, and of where playing begins. */
const SKIP_TARGETS = 6;
const HOLD_BACK_TARGETS = 3;
/** The same in part target durations; twice is required, three times is advised. */
const HOLD_BACK_PARTS = 3;
/** Of so many complete segments parts are listed: enough to begin with, and never beyond three target durations (§6.2.2). */
const SEGMENTS_WITH_PARTS = 2;
/** §6.2.5.2: a client may ask for a part so many seconds ahead, and for a segment so many after the last. */
const ADVANCE_SECONDS = 3;
const ADVANCE_SEGMENTS = 2;

/**
 * Text of the window; without a segment it is one that players do not accept yet. Every segment carries its date, so
 * that no tag of it changes while others slide out (§6.2.1).
 */
export function livePlaylist(window: LiveWindow, uris: LiveUris, options: LivePlaylistOptions = {}): string {
  const skipped = options.skip === true ? skippable(window) : 0;
  const lines = header(window, skipped);
  const context = { uris, runId: undefined };
  const withParts = window.segments.length - SEGMENTS_WITH_PARTS;
  for (const [i, segment] of window.segments.entries()) {
    if (i >= skipped) lines.push(...segmentLines(segment, i >= withParts ? segment.parts : [], context));
  }
  lines.push(...openLines(window, context));
  for (const { uri, window: other } of options.reports ?? []) lines.push(...reportLine(uri, other));
  return `${lines.join('\n')}\n`;
}

/** Whether a playlist that reaches so far can be given now, will be, or was asked for too far ahead (§6.2.5.2). */
export function reloadState(window: LiveWindow, { msn, part }: Reload): 'ready' | 'wait' | 'too-far' {
  const open = openSequence(window);
  if (msn >= open + ADVANCE_SEGMENTS) return 'too-far';
  const here = window.open?.packing.parts.length ?? 0;
  if (msn < open) return msn === open - 1 && rollsOver(window, part) && here === 0 ? 'wait' : 'ready';
  const seconds = Math.min(1, window.partTarget / TICKS_PER_SECOND) || 1;
  const ahead = (part ?? 0) - (msn === open ? here - 1 : 0);
  if (ahead > ADVANCE_SECONDS / seconds) return 'too-far';
  return msn === open && part !== null && part < here ? 'ready' : 'wait';
}

/** How long a request may wait (§6.2.5.2), in milliseconds. */
export function reloadLimitMs({ targetSeconds }: LiveWindow): number {
  return Math.max(MIN_TARGET_SECONDS, targetSeconds) * 3 * 1_000;
}

/** A part after the last of a complete segment is the first of the next one. */
function rollsOver({ segments }: LiveWindow, part: number | null): boolean {
  const count = segments.at(-1)?.parts.length ?? 0;
  return part !== null && count > 0 && part >= count;
}

function header(window: LiveWindow, skipped: number): string[] {
  const { mediaSequence, discontinuitySequence, partTarget } = window;
  const target = targetTicks(window);
  const control = ['CAN-BLOCK-RELOAD=YES', `CAN-SKIP-UNTIL=${seconds(target * SKIP_TARGETS)}`];
  const holdBack = `HOLD-BACK=${seconds(target * HOLD_BACK_TARGETS)}`;
  const partHoldBack = `PART-HOLD-BACK=${seconds(partTarget * HOLD_BACK_PARTS)}`;
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:9',
    '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-TARGETDURATION:${target / TICKS_PER_SECOND}`,
    `#EXT-X-SERVER-CONTROL:${[...control, holdBack, ...(partTarget > 0 ? [partHoldBack] : [])].join(',')}`,
    ...(partTarget > 0 ? [`#EXT-X-PART-INF:PART-TARGET=${seconds(partTarget)}`] : []),
    `#EXT-X-MEDIA-SEQUENCE:${mediaSequence}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuitySequence}`,
    ...(skipped > 0 ? [`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`] : []),
  ];
}

interface Context {
  readonly uris: LiveUris;
  /** Whose init segment holds. */
  runId: RunId | undefined;
}

function segmentLines(segment: LiveSegment, parts: readonly LivePart[], context: Context): string[] {
  const { startTicks } = segment.fragments[0];
  const duration = extinf({ startTicks, durationTicks: durationOf(segment) });
  return [
    ...beginning(segment, context),
    ...parts.map((part) => partLine(part, context.uris)),
    `#EXTINF:${duration.toFixed(5)},`,
    context.uris.media(segment),
  ];
}

/** §4.4.4: what holds for a segment holds for its parts, and stands before the first. */
function beginning(
  { fragments, discontinuity }: Pick<LiveSegment, 'fragments' | 'discontinuity'>,
  context: Context,
) {
  const [{ runId, startMs }] = fragments;
  const lines = discontinuity ? ['#EXT-X-DISCONTINUITY'] : [];
  if (runId !== context.runId) lines.push(`#EXT-X-MAP:URI=${quoted(context.uris.init(runId))}`);
  context.runId = runId;
  return [...lines, `#EXT-X-PROGRAM-DATE-TIME:${iso(startMs)}`];
}

function partLine(part: LivePart, uris: LiveUris): string {
  const { runId, sequence, startTicks } = part.first;
  const duration = extinf({ startTicks, durationTicks: partTicks(part) });
  const independent = part.independent ? ',INDEPENDENT=YES' : '';
  return `#EXT-X-PART:DURATION=${duration.toFixed(5)},URI=${quoted(uris.part(runId, sequence))}${independent}`;
}

/** The segment that is growing: its parts, and the part that a client can ask for now. */
function openLines(window: LiveWindow, context: Context): string[] {
  const { open } = window;
  const parts = open?.packing.parts ?? [];
  const next = nextPart(window);
  const lines = open !== undefined && parts.length > 0 ? beginning(open, context) : [];
  lines.push(...parts.map((part) => partLine(part, context.uris)));
  if (next !== undefined) {
    lines.push(`#EXT-X-PRELOAD-HINT:TYPE=PART,URI=${quoted(context.uris.part(next.runId, next.sequence))}`);
  }
  return lines;
}

function reportLine(uri: string, window: LiveWindow): string[] {
  if (window.segments.length === 0) return [];
  const parts = window.open?.packing.parts.length ?? 0;
  const open = openSequence(window);
  const reached =
    parts > 0
      ? `LAST-MSN=${open},LAST-PART=${parts - 1}`
      : `LAST-MSN=${open - 1}${lastPart(window.segments.at(-1)?.parts.length ?? 0)}`;
  return [`#EXT-X-RENDITION-REPORT:URI=${quoted(uri)},${reached}`];
}

function lastPart(parts: number): string {
  return parts > 0 ? `,LAST-PART=${parts - 1}` : '';
}

/** How many segments end further from the end of the playlist than clients may be spared. */
function skippable(window: LiveWindow): number {
  const boundary = targetTicks(window) * SKIP_TARGETS;
  let left: number = spanTicks(window);
  let count = 0;
  for (const segment of window.segments) {
    left -= durationOf(segment);
    if (left < boundary) break;
    count++;
  }
  return count;
}

function targetTicks({ targetSeconds }: LiveWindow): number {
  return Math.max(MIN_TARGET_SECONDS, targetSeconds) * TICKS_PER_SECOND;
}

/** Decimal seconds to the millisecond, of which targets are a whole number. */
function seconds(length: number): string {
  return (length / TICKS_PER_SECOND).toFixed(3);
}
