/**
 * The sliding window of a live stream: fragments in, HLS media playlist out (RFC 8216 §6.2.2). The window is a value;
 * `push` gives the next one. It names media, it does not hold any: `forget` says what the ring has let go.
 */
import type { RunId } from './ids.ts';
import { continues, type MediaSpan, mediaPlaylist, type PlaylistSegment } from './playlist.ts';
import { msToTicks, type Ticks, ticks, ticksToMs } from './ticks.ts';
import type { EpochMs } from './time.ts';

/** What the window needs to know of a fragment in the ring. */
export interface LiveFragment extends MediaSpan {
  /** Counts up within a run; a number left out is a fragment lost. */
  readonly sequence: number;
  /** Starts with a keyframe. */
  readonly key: boolean;
  /** Wall time of its first frame. */
  readonly startMs: EpochMs;
}

/** A live media segment: consecutive fragments of one run, the first a key fragment. */
export interface LiveSegment {
  readonly fragments: readonly [LiveFragment, ...LiveFragment[]];
  /** Its media does not follow that of the segment before it. */
  readonly discontinuity: boolean;
}

/** State of one stream's live playlist. */
export interface LiveWindow {
  /** Complete segments, oldest first. */
  readonly segments: readonly LiveSegment[];
  /** The segment that is still growing. */
  readonly open: LiveSegment | undefined;
  /** The newest fragment of a complete segment, also when that has slid out. */
  readonly newest: LiveFragment | undefined;
  /** Number of the first segment. */
  readonly mediaSequence: number;
  /** How many discontinuities have slid out. */
  readonly discontinuitySequence: number;
  /** 0 until there has been a segment. */
  readonly targetSeconds: number;
}

/** Gives URI references for what a live playlist names. */
export interface LiveUris {
  media(segment: LiveSegment): string;
  init(runId: RunId): string;
}

/** GOPs shorter than this share a segment. */
const SEGMENT_TICKS = msToTicks(1_000);
/** Of 1 s GOPs that jitter, one is sometimes just too short and shares a segment of almost 2 s. */
const MIN_TARGET_SECONDS = 2;
/** Target durations the window spans; a client needs three (§6.2.2), the rest is for those who lag or look back. */
const WINDOW_TARGETS = 6;

/** The window of a stream that has sent nothing yet. */
export const EMPTY_WINDOW: LiveWindow = {
  segments: [],
  open: undefined,
  newest: undefined,
  mediaSequence: 0,
  discontinuitySequence: 0,
  targetSeconds: 0,
};

/**
 * Takes the next fragment. A segment closes when a keyframe follows at least one second of it, or when its run ends or
 * loses a fragment; what then arrives is left out until a keyframe. Segments beyond six target durations slide out.
 *
 * Segments are numbered on from the second in which the first one began: as they last a second or more, a window that
 * is built anew (after a restart) goes on above the numbers that clients have seen. Discontinuities are counted from 0,
 * because hls.js keeps an array as long as their number.
 */
export function push(window: LiveWindow, fragment: LiveFragment): LiveWindow {
  const { open } = window;
  if (open && follows(fragment, open) && !(fragment.key && durationOf(open) >= SEGMENT_TICKS)) {
    return { ...window, open: { ...open, fragments: [...open.fragments, fragment] } };
  }
  const closed = open ? slide(close(window, open)) : window;
  if (!fragment.key) return { ...closed, open: undefined };
  const discontinuity = closed.newest !== undefined && !continues(fragment, closed.newest);
  return { ...closed, open: { fragments: [fragment], discontinuity } };
}

/** Drops the oldest segments as long as the ring no longer holds their first fragment. */
export function forget(window: LiveWindow, held: (fragment: LiveFragment) => boolean): LiveWindow {
  const kept = window.segments.findIndex((segment) => held(segment.fragments[0]));
  return drop(window, kept < 0 ? window.segments.length : kept);
}

/**
 * The window as a media playlist; without a segment it is one that players do not accept yet. Every segment carries
 * its date, so that no tag of it changes while others slide out (§6.2.1).
 */
export function livePlaylist(window: LiveWindow, uris: LiveUris): string {
  const items = window.segments.map((segment) => listed(segment, uris));
  const { mediaSequence, discontinuitySequence } = window;
  const targetSeconds = Math.max(MIN_TARGET_SECONDS, window.targetSeconds);
  return mediaPlaylist(items, { type: 'live', mediaSequence, discontinuitySequence, targetSeconds });
}

function listed(segment: LiveSegment, uris: LiveUris): PlaylistSegment {
  const [first] = segment.fragments;
  return {
    kind: 'segment',
    uri: uris.media(segment),
    initUri: uris.init(first.runId),
    startTicks: first.startTicks,
    durationTicks: durationOf(segment),
    discontinuity: segment.discontinuity,
    programDateMs: first.startMs,
  };
}

function close(window: LiveWindow, segment: LiveSegment): LiveWindow {
  const first = window.newest === undefined;
  return {
    ...window,
    segments: [...window.segments, segment],
    open: undefined,
    newest: lastOf(segment),
    mediaSequence: first ? Math.floor(segment.fragments[0].startMs / 1_000) : window.mediaSequence,
    targetSeconds: targetWith(window.targetSeconds, ticksToMs(durationOf(segment)) / 1_000),
  };
}

/**
 * The target duration must not change (§6.2.1), so the first segment sets it with a tenth to spare. A camera that later
 * sends a longer GOP breaks that promise for us; then it grows, since a segment above it would be the worse breach
 * (§4.3.3.1). It never shrinks.
 */
function targetWith(targetSeconds: number, seconds: number): number {
  if (Math.round(seconds) <= targetSeconds) return targetSeconds;
  return Math.max(MIN_TARGET_SECONDS, Math.round(seconds * 1.1));
}

function slide(window: LiveWindow): LiveWindow {
  const wanted = window.targetSeconds * WINDOW_TARGETS * 1_000;
  let spare = window.segments.reduce((sum, segment) => sum + ticksToMs(durationOf(segment)), 0) - wanted;
  const kept = window.segments.findIndex((segment) => {
    spare -= ticksToMs(durationOf(segment));
    return spare < 0;
  });
  return drop(window, Math.max(0, kept));
}

/**
 * Drops `count` segments. A discontinuity stays with the segment it stands before, also when that is the first, and
 * counts when that one goes (§6.2.2).
 */
function drop(window: LiveWindow, count: number): LiveWindow {
  if (count === 0) return window;
  const gone = window.segments.slice(0, count).filter((segment) => segment.discontinuity);
  return {
    ...window,
    segments: window.segments.slice(count),
    mediaSequence: window.mediaSequence + count,
    discontinuitySequence: window.discontinuitySequence + gone.length,
  };
}

function follows(fragment: LiveFragment, open: LiveSegment): boolean {
  const last = lastOf(open);
  return fragment.runId === last.runId && fragment.sequence === last.sequence + 1;
}

function lastOf({ fragments }: LiveSegment): LiveFragment {
  return fragments.at(-1) ?? fragments[0];
}

function durationOf(segment: LiveSegment): Ticks {
  const last = lastOf(segment);
  return ticks(last.startTicks + last.durationTicks - segment.fragments[0].startTicks);
}
