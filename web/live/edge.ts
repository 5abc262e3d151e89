/** Where at the live edge a player should be. Pure. */

/** What is buffered without a hole, up to the newest. */
export interface Edge {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

export interface Advice {
  readonly seekTo: number | null;
  readonly rate: number;
}

/** So much left to play, at the least, and more is not made up for by playing faster: the player jumps. */
const JUMP_SECONDS = 1;
/** Where it jumps to: behind the fragment that is on its way, and what a late one may take. */
export const RESERVE_SECONDS = 0.4;
/** How much is left to play, at the least, when the next fragment comes: less than this is too near to a standstill, */
const LEAST_LEFT_SECONDS = 0.06;
/** and more than this is a delay for nothing. */
const MOST_LEFT_SECONDS = 0.25;
/** Nobody sees that it plays a little slower, or faster; */
const SLOWER = 0.97;
const RATE_STEP = 0.05;
/** and the more there is to make up for, the faster, so that a wall that began all at once is not late for a minute. */
const STEP_SECONDS = 0.1;
const MOST_STEPS = 5;

/**
 * @param leftSeconds the least there was to play when a fragment came, lately; null while that is not known
 * @param behind whether the viewer went back on purpose and wants to stay there
 */
export function adviseEdge(
  currentSeconds: number,
  edge: Edge,
  leftSeconds: number | null,
  behind: boolean,
): Advice {
  if (behind) return { seekTo: null, rate: 1 };
  if (currentSeconds < edge.startSeconds || (leftSeconds ?? 0) > JUMP_SECONDS) {
    return { seekTo: Math.max(edge.startSeconds, edge.endSeconds - RESERVE_SECONDS), rate: 1 };
  }
  return { seekTo: null, rate: leftSeconds === null ? 1 : rateFor(leftSeconds) };
}

function rateFor(leftSeconds: number): number {
  if (leftSeconds < LEAST_LEFT_SECONDS) return SLOWER;
  if (leftSeconds <= MOST_LEFT_SECONDS) return 1;
  const steps = Math.ceil((leftSeconds - MOST_LEFT_SECONDS) / STEP_SECONDS);
  return 1 + RATE_STEP * Math.min(MOST_STEPS, steps);
}

/** Remembers how little was left to play whenever a fragment came. */
export class LowWater {
  readonly #marks: { readonly atMs: number; readonly leftSeconds: number }[] = [];

  /** @param atMs on a clock that never goes back */
  note(leftSeconds: number, atMs: number): void {
    this.#marks.push({ atMs, leftSeconds });
  }

  /** The least of the last two seconds; null when no fragment came. */
  lowest(nowMs: number): number | null {
    while (this.#marks[0] !== undefined && nowMs - this.#marks[0].atMs > WINDOW_MS) this.#marks.shift();
    return this.#marks.length === 0 ? null : Math.min(...this.#marks.map(({ leftSeconds }) => leftSeconds));
  }

  /** The picture jumped: what was before says nothing any more. */
  forget(): void {
    this.#marks.length = 0;
  }
}

const WINDOW_MS = 2_000;
