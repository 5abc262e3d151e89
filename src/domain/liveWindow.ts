/**
 * The sliding window of a live stream: fragments in, segments and their parts out (RFC 8216bis §6.2.2). The window is a
 * value; `push` gives the next one. It names media, it does not hold any: `forget` says what the ring has let go. Its
 * text is in `livePlaylist.ts`.
 */
import {
  type LiveFragment,
  type LivePart,
  NOTHING_PACKED,
  type Packing,
  pack,
  packAll,
  packed,
  partTargetOf,
  partTicks,
  suits,
} from './liveParts.ts';
import { continues } from './playlist.ts';
import { msToTicks, type Ticks, ticks, ticksToMs } from './ticks.ts';

/** A live media segment: consecutive fragments of one run, the first a key fragment. */
export interface LiveSegment {
  readonly fragments: readonly [LiveFragment, ...LiveFragment[]];
  /** None when its fragments made no parts. */
  readonly parts: readonly LivePart[];
  /** Its media does not follow that of the segment before it. */
  readonly discontinuity: boolean;
}

/** The segment that is still growing. */
export interface OpenSegment extends Omit<LiveSegment, 'parts'> {
  readonly packing: Packing;
}

/** State of one stream's live playlist. */
export interface LiveWindow {
  /** Complete segments, oldest first. */
  readonly segments: readonly LiveSegment[];
  readonly open: OpenSegment | undefined;
  /** The newest fragment of a complete segment, also when that has slid out. */
  readonly newest: LiveFragment | undefined;
  /** Number of the first segment. */
  readonly mediaSequence: number;
  /** How many discontinuities have slid out. */
  readonly discontinuitySequence: number;
  /** 0 until there has been a segment. */
  readonly targetSeconds: number;
  /** Part target duration; 0, and no parts, until there has been a whole segment. */
  readonly partTarget: Ticks;
  /** How many segments in a row did not suit the part target duration. */
  readonly unsuited: number;
}

/** GOPs shorter than this share a segment. */
const SEGMENT_TICKS = msToTicks(1_000);
/** Of 1 s GOPs that jitter, one is sometimes just too short and shares a segment of almost 2 s. */
export const MIN_TARGET_SECONDS = 2;
/** Target durations the window spans. Clients need three (§6.2.2), and delta updates leave out what is beyond six. */
export const WINDOW_TARGETS = 8;
/** A hiccup does not change the part target duration; a camera that sends at another pace by now does. */
const MOST_UNSUITED = 3;

/** The window of a stream that has sent nothing yet. */
export const EMPTY_WINDOW: LiveWindow = {
  segments: [],
  open: undefined,
  newest: undefined,
  mediaSequence: 0,
  discontinuitySequence: 0,
  targetSeconds: 0,
  partTarget: ticks(0),
  unsuited: 0,
};

/**
 * Takes the next fragment. A segment closes when a keyframe follows at least one second of it, or when its run ends or
 * loses a fragment; what then arrives is left out until a keyframe. Segments beyond eight target durations slide out.
 *
 * Segments are numbered on from the second in which the first one began: as they last a second or more, a window that
 * is built anew (after a restart) goes on above the numbers that clients have seen. Discontinuities are counted from 0,
 * because hls.js keeps an array as long as their number.
 */
export function push(window: LiveWindow, fragment: LiveFragment): LiveWindow {
  const { open, partTarget } = window;
  if (open && follows(fragment, open) && !(fragment.key && durationOf(open) >= SEGMENT_TICKS)) {
    const packing = pack(open.packing, fragment, partTarget);
    return { ...window, open: { ...open, fragments: [...open.fragments, fragment], packing } };
  }
  const closed = open ? slide(close(window, open)) : window;
  if (!fragment.key) return { ...closed, open: undefined };
  const discontinuity = closed.newest !== undefined && !continues(fragment, closed.newest);
  const packing = pack(NOTHING_PACKED, fragment, closed.partTarget);
  return { ...closed, open: { fragments: [fragment], packing, discontinuity } };
}

/** Drops the oldest segments as long as the ring no longer holds their first fragment. */
export function forget(window: LiveWindow, held: (fragment: LiveFragment) => boolean): LiveWindow {
  const kept = window.segments.findIndex((segment) => held(segment.fragments[0]));
  return drop(window, kept < 0 ? window.segments.length : kept);
}

/** Number of the segment that is still growing. */
export function openSequence({ mediaSequence, segments }: LiveWindow): number {
  return mediaSequence + segments.length;
}

/** Of all that is listed, parts of the open segment included. */
export function spanTicks({ segments, open }: LiveWindow): Ticks {
  const tail = open?.packing.parts ?? [];
  return ticks(
    [...segments.map(durationOf), ...tail.map(partTicks)].reduce<number>((sum, each) => sum + each, 0),
  );
}

/** The fragment the next part will begin with, as far as can be told; a client may ask for that part before it exists. */
export function nextPart({
  open,
  newest,
  partTarget,
}: LiveWindow): Pick<LiveFragment, 'runId' | 'sequence'> | undefined {
  const last = open === undefined ? newest : lastOf(open);
  if (last === undefined || partTarget === 0) return undefined;
  const { spoiled, pending } = open?.packing ?? NOTHING_PACKED;
  const { runId, sequence } = spoiled ?? pending?.first ?? { ...last, sequence: last.sequence + 1 };
  return { runId, sequence };
}

/** The part that begins with this fragment; also the growing one's, and those no longer listed. */
export function findPart(
  { segments, open }: LiveWindow,
  start: Pick<LiveFragment, 'runId' | 'sequence'>,
): LivePart | undefined {
  const isIt = ({ first }: LivePart) => first.sequence === start.sequence && first.runId === start.runId;
  // The newest first, which players ask for.
  const growing = open?.packing.parts.findLast(isIt);
  if (growing !== undefined) return growing;
  return segments.findLast(({ parts }) => parts.some(isIt))?.parts.find(isIt);
}

export function durationOf(segment: Pick<LiveSegment, 'fragments'>): Ticks {
  return partTicks({ first: segment.fragments[0], last: lastOf(segment) });
}

function close(window: LiveWindow, open: OpenSegment): LiveWindow {
  const { fragments, discontinuity } = open;
  const first = window.newest === undefined;
  const aimed = aim(window, open);
  const isNewTarget = aimed.partTarget !== window.partTarget;
  // The segment that set the target has the parts of it: hls.js takes no part of the growing one while none is listed
  // before it, so whoever looks at a camera that has just begun would wait for the end of that segment.
  const parts = isNewTarget ? packAll(fragments, aimed.partTarget) : packed(open.packing);
  // Parts of another target may break the rules of this one; those segments are still there as a whole.
  const before = isNewTarget ? window.segments.map((each) => ({ ...each, parts: [] })) : window.segments;
  return {
    ...window,
    ...aimed,
    segments: [...before, { fragments, discontinuity, parts }],
    open: undefined,
    newest: lastOf(open),
    mediaSequence: first ? Math.floor(fragments[0].startMs / 1_000) : window.mediaSequence,
    targetSeconds: targetWith(window.targetSeconds, ticksToMs(durationOf(open)) / 1_000),
  };
}

/**
 * The part target duration must not change either: the first whole segment sets it. A fragment that is longer spoils
 * the parts of its segment only; when that goes on, the target is set anew.
 */
function aim(
  { partTarget, unsuited }: LiveWindow,
  open: OpenSegment,
): Pick<LiveWindow, 'partTarget' | 'unsuited'> {
  if (durationOf(open) < SEGMENT_TICKS || (partTarget > 0 && suits(open.fragments, partTarget))) {
    return { partTarget, unsuited: 0 };
  }
  if (partTarget > 0 && unsuited + 1 < MOST_UNSUITED) return { partTarget, unsuited: unsuited + 1 };
  return { partTarget: partTargetOf(open.fragments), unsuited: 0 };
}

/**
 * The target duration must not change (§6.2.1), so the first segment sets it with a tenth to spare. A camera that later
 * sends a longer GOP breaks that promise for us; then it grows, since a segment above it would be the worse breach
 * (§4.4.3.1). It never shrinks.
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

function follows(fragment: LiveFragment, open: OpenSegment): boolean {
  const last = lastOf(open);
  return fragment.runId === last.runId && fragment.sequence === last.sequence + 1;
}

function lastOf({ fragments }: Pick<LiveSegment, 'fragments'>): LiveFragment {
  return fragments.at(-1) ?? fragments[0];
}
