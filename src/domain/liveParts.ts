/**
 * The partial segments of low-latency HLS (RFC 8216bis §4.4.4.9): how the fragments of a live segment are put together
 * to parts, and how long parts are. A part is ready as soon as its last fragment is.
 */
import type { MediaSpan } from './playlist.ts';
import { msToTicks, type Ticks, ticks } from './ticks.ts';
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

/** Consecutive fragments of one run, from the first to the last. */
export interface LivePart {
  readonly first: LiveFragment;
  readonly last: LiveFragment;
  /** There is a keyframe in it. */
  readonly independent: boolean;
}

/** How far the fragments of a segment have been put together. */
export interface Packing {
  readonly parts: readonly LivePart[];
  /** Fragments that are not enough for a part yet. */
  readonly pending: LivePart | undefined;
  /** The first fragment that is in no part, because one was longer than a part may be: the rest is not offered in parts. */
  readonly spoiled: LiveFragment | undefined;
}

/** A part lasts at least so much of the target; the last of a segment and those with a keyframe may be shorter. */
const LEAST = 0.85;
/** Fragments are put together up to so many times the longest: beyond that, the rule would cost too much delay. */
const MOST_JOINED = 2;
/**
 * Each part costs a player two requests, whatever is in it. A wall of sixteen spent more on those than on its pictures when
 * parts were as short as fragments, and fell behind; a third of a second, the shortest that players ask for, hardly shows.
 */
const LEAST_TICKS = msToTicks(333);

export const NOTHING_PACKED: Packing = { parts: [], pending: undefined, spoiled: undefined };

/** Takes the next fragment of a segment. @param target the part target duration */
export function pack({ parts, pending, spoiled }: Packing, fragment: LiveFragment, target: Ticks): Packing {
  if (spoiled !== undefined || fragment.durationTicks > target) {
    return { parts, pending: undefined, spoiled: spoiled ?? pending?.first ?? fragment };
  }
  const joined = joinedTo(pending, fragment);
  const fits = partTicks(joined) <= target;
  const done = pending === undefined || fits ? parts : [...parts, pending];
  const part = fits ? joined : joinedTo(undefined, fragment);
  if (partTicks(part) >= target * LEAST) return { parts: [...done, part], pending: undefined, spoiled };
  return { parts: done, pending: part, spoiled };
}

/** All parts of a segment that has ended; none of a spoiled one. */
export function packed({ parts, pending, spoiled }: Packing): readonly LivePart[] {
  if (spoiled !== undefined) return [];
  return pending === undefined ? parts : [...parts, pending];
}

/** All parts of a whole segment. @param target the part target duration */
export function packAll(fragments: readonly LiveFragment[], target: Ticks): readonly LivePart[] {
  return packed(fragments.reduce((sum, fragment) => pack(sum, fragment, target), NOTHING_PACKED));
}

/** Whether the fragments of a whole segment can be parts of that target duration by all the rules. */
export function suits(fragments: readonly LiveFragment[], target: Ticks): boolean {
  const parts = packAll(fragments, target);
  return parts.length > 0 && shortest(parts, target) >= target * LEAST;
}

/**
 * The part target duration for a stream with such fragments: the shortest for which all parts are long enough, in whole
 * milliseconds, with room on both sides for frames that jitter. Where there is none, the longest fragment.
 */
export function partTargetOf(fragments: readonly LiveFragment[]): Ticks {
  const longest = ticks(Math.max(...fragments.map(({ durationTicks }) => durationTicks)));
  const target = candidates(fragments, longest).find((each) => suits(fragments, each)) ?? longest;
  const most = shortest(packAll(fragments, target), target) / LEAST;
  return msToTicks(Math.ceil(Math.max(target, (target + most) / 2) / 90));
}

export function partTicks({ first, last }: Pick<LivePart, 'first' | 'last'>): Ticks {
  return ticks(last.startTicks + last.durationTicks - first.startTicks);
}

/** The shortest part that may not be short; the target when every part may. */
function shortest(parts: readonly LivePart[], target: Ticks): number {
  const bound = parts.slice(0, -1).filter(({ independent }) => !independent);
  return Math.min(target, ...bound.map(partTicks));
}

/** Durations of consecutive fragments that a part could have, in order. */
function candidates(fragments: readonly LiveFragment[], longest: Ticks): Ticks[] {
  const least = Math.max(longest, LEAST_TICKS);
  const most = Math.max(longest * MOST_JOINED, LEAST_TICKS + longest);
  const found = new Set<Ticks>();
  for (const [i, first] of fragments.entries()) {
    for (const last of fragments.slice(i)) {
      const span = partTicks({ first, last });
      if (span > most) break;
      if (span >= least) found.add(span);
    }
  }
  return [...found].sort((a, b) => a - b);
}

function joinedTo(part: LivePart | undefined, fragment: LiveFragment): LivePart {
  return {
    first: part?.first ?? fragment,
    last: fragment,
    independent: fragment.key || (part?.independent ?? false),
  };
}
