/** Which moment of wall time lies where on the timeline of a playlist, on which gaps have no length. Pure. */

/** A piece of media as a playlist lists it. */
export interface MediaPiece {
  /** On the playlist's timeline. */
  readonly startSeconds: number;
  readonly durationSeconds: number;
  /** Wall time of its first frame; null where the playlist does not say. */
  readonly wallMs: number | null;
}

/** Media without a hole, on both timelines. */
export interface Stretch {
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly startMs: number;
  readonly endMs: number;
}

/** Pieces further apart than this in wall time have a hole between them. */
const SLACK_MS = 250;

export function stretchesOf(pieces: readonly MediaPiece[]): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (const { startSeconds, durationSeconds, wallMs } of pieces) {
    if (wallMs === null) continue;
    const endSeconds = startSeconds + durationSeconds;
    const endMs = wallMs + durationSeconds * 1_000;
    const last = stretches.at(-1);
    if (last && Math.abs(wallMs - last.endMs) <= SLACK_MS) {
      stretches[stretches.length - 1] = { ...last, endSeconds, endMs };
    } else stretches.push({ startSeconds, endSeconds, startMs: wallMs, endMs });
  }
  return stretches;
}

/** Where a moment lies, or where the footage after it begins; null after the last. */
export function placeOf(
  stretches: readonly Stretch[],
  ms: number,
): { readonly seconds: number; readonly ms: number } | null {
  const stretch = stretches.find(({ endMs }) => ms < endMs);
  if (!stretch) return null;
  const at = Math.max(ms, stretch.startMs);
  // Two clocks that drift apart within a stretch are brought together in proportion.
  const share = (at - stretch.startMs) / (stretch.endMs - stretch.startMs);
  return { seconds: stretch.startSeconds + share * (stretch.endSeconds - stretch.startSeconds), ms: at };
}

/** Wall time of a position; null outside of all media. */
export function wallAt(stretches: readonly Stretch[], seconds: number): number | null {
  const stretch = stretches.findLast(({ startSeconds }) => startSeconds <= seconds + 0.01);
  if (!stretch) return null;
  const share = (seconds - stretch.startSeconds) / (stretch.endSeconds - stretch.startSeconds);
  return stretch.startMs + Math.min(1, Math.max(0, share)) * (stretch.endMs - stretch.startMs);
}
