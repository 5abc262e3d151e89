/** Playing through a gap instead of over it: the picture stands still and time goes on until there is footage again. */
import { follow, jumps, playing, rate } from './model.ts';

/** Shorter holes are skipped in any case. */
const SHORTEST_MS = 1_000;
const STEP_MS = 100;

export interface GapWalk {
  /** Whether there is a gap between two moments that follow each other; then it begins to walk through it. */
  crosses(fromMs: number, toMs: number): boolean;
  stop(): void;
}

export function startGapWalk(video: HTMLVideoElement): GapWalk {
  let timer: number | undefined;
  const stop = () => window.clearInterval(timer);
  return {
    stop,
    crosses: (fromMs, toMs) => {
      const played = STEP_MS * rate.peek() * 3;
      if (toMs - fromMs < SHORTEST_MS + played) return false;
      video.pause();
      let at = fromMs;
      const jump = jumps.peek();
      stop();
      timer = window.setInterval(() => {
        // Somebody went elsewhere, or has had enough.
        if (jumps.peek() !== jump) return stop();
        if (!playing.peek()) return;
        at += STEP_MS * rate.peek();
        follow(Math.min(at, toMs));
        if (at < toMs) return;
        stop();
        void video.play();
      }, STEP_MS);
      return true;
    },
  };
}
