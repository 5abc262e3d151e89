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

/** Further behind than this, the player jumps. */
const JUMP_SECONDS = 3;
/** Where it jumps to: a fragment is up to half a second long, and one has to be in reserve. */
const RESERVE_SECONDS = 0.6;
/** Further behind than this it plays a little faster, which nobody sees. */
const DRIFT_SECONDS = 1.5;
const FASTER = 1.05;

/** @param behind whether the viewer went back on purpose and wants to stay there */
export function adviseEdge(currentSeconds: number, edge: Edge, behind: boolean): Advice {
  const lag = edge.endSeconds - currentSeconds;
  if (behind) return { seekTo: null, rate: 1 };
  if (currentSeconds < edge.startSeconds || lag > JUMP_SECONDS) {
    return { seekTo: Math.max(edge.startSeconds, edge.endSeconds - RESERVE_SECONDS), rate: 1 };
  }
  return { seekTo: null, rate: lag > DRIFT_SECONDS ? FASTER : 1 };
}
