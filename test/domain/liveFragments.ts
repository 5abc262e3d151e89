/** Made-up live streams for tests of the window and its playlist. */
import { type RunId, runId } from '../../src/domain/ids.ts';
import type { LiveFragment } from '../../src/domain/liveParts.ts';
import type { LiveUris } from '../../src/domain/livePlaylist.ts';
import { EMPTY_WINDOW, type LiveWindow, push } from '../../src/domain/liveWindow.ts';
import { msToTicks } from '../../src/domain/ticks.ts';
import { epochMs } from '../../src/domain/time.ts';

export const NOON = Date.UTC(2026, 2, 1, 12);
export const NOON_S = NOON / 1_000;
export const A = runId('00000000-0000-4000-8000-00000000000a');
export const B = runId('00000000-0000-4000-8000-00000000000b');

export const uris: LiveUris = {
  media: ({ fragments }) =>
    `${fragments[0].runId.slice(-1)}/${fragments[0].sequence}-${fragments.length}.m4s`,
  part: (run, sequence) => `${run.slice(-1)}/p${sequence}.m4s`,
  init: (run) => `${run.slice(-1)}/init.mp4`,
};

/**
 * GOPs of a run, cut every so many milliseconds and at each keyframe; the first begins `atMs` after noon.
 * @param fragmentMs half a second when not given
 */
export function fragmentsOf(
  run: RunId,
  gopMs: readonly number[],
  atMs = 0,
  fragmentMs = 500,
): LiveFragment[] {
  const pieces = gopMs.flatMap((length) =>
    Array.from({ length: Math.ceil(length / fragmentMs) }, (_, i) => ({
      ms: Math.min(fragmentMs, length - i * fragmentMs),
      key: i === 0,
    })),
  );
  let began = 0;
  return pieces.map(({ ms, key }, i) => {
    const startTicks = msToTicks(began);
    const startMs = epochMs(NOON + atMs + Math.round(began));
    began += ms;
    return { runId: run, sequence: i + 1, key, startTicks, durationTicks: msToTicks(ms), startMs };
  });
}

export const repeat = (ms: number, count: number): number[] => Array.from({ length: count }, () => ms);

export const feed = (fragments: readonly LiveFragment[], from: LiveWindow = EMPTY_WINDOW): LiveWindow =>
  fragments.reduce(push, from);
