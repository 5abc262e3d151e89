/** Plays a camera into a tile while it can be seen: its small stream if it has one and, when large, its main on top. */
import {
  computed,
  effect,
  type ReadonlySignal,
  type Signal,
  signal,
  useComputed,
  useSignal,
} from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { exactNow, zone } from '../core/clock.ts';
import { go, link } from '../core/router.ts';
import { fileName, saveSnapshot } from '../media/snapshot.ts';
import { keepPicture, lastPicture } from './lastPictures.ts';
import type { LivePlayer } from './player.ts';
import { type Playing, showLive } from './showing.ts';
import type { StreamName } from './socket.ts';
import { register } from './tileControls.ts';

/** Tiles begin one after the other: sixteen decoders that start at once show nothing for longer than one needs. */
const STAGGER_MS = 40;

type Place = { readonly current: HTMLElement | null };

const players = signal<ReadonlyMap<string, LivePlayer>>(new Map());

/** Whether a tile waits for a click of its user. */
export const anyBlocked = computed(() =>
  [...players.value.values()].some(({ state }) => state.value.kind === 'blocked'),
);

interface Wanted {
  readonly camera: string;
  /** Whether the camera has a small stream. */
  readonly hasSub: boolean;
  readonly large: boolean;
}

/** What plays in a tile; null while nothing does. */
export function useTilePlayer(
  { camera, hasSub, large }: Wanted,
  place: Place,
  muted: Signal<boolean>,
): ReadonlySignal<LivePlayer | null> {
  const below = useSignal<Playing | null>(null);
  const top = useSignal<Playing | null>(null);
  const shown = useComputed(() => top.value ?? below.value);
  useEffect(
    () =>
      effect(() => {
        // Nobody wants to hear both.
        if (below.value) below.value.video.muted = top.value !== null || muted.value;
        if (top.value) top.value.video.muted = muted.value;
      }),
    [],
  );
  useEffect(
    () =>
      whileSeen(place, (element) => {
        const unregister = register(camera, controls(camera, shown, muted));
        const stop = playBelow(camera, hasSub ? 'sub' : 'main', element, below);
        return () => {
          unregister();
          stop();
        };
      }),
    [camera, hasSub],
  );
  const begun = below.value !== null;
  useEffect(
    () => (hasSub && large && begun ? playOnTop(camera, place, top) : undefined),
    [camera, hasSub, large, begun],
  );
  return useComputed(() => shown.value?.player ?? null);
}

let nextTurnMs = 0;

/** Milliseconds until the next tile may begin. */
function waitForTurn(): number {
  const now = performance.now();
  const turn = Math.max(now, nextTurnMs);
  nextTurnMs = turn + STAGGER_MS;
  return turn - now;
}

/** Plays while the place is on screen; what `play` gives ends it. */
function whileSeen(place: Place, play: (element: HTMLElement) => () => void): (() => void) | undefined {
  const { current: element } = place;
  if (!element) return;
  let timer: number | undefined;
  let stop: (() => void) | null = null;
  const seen = new IntersectionObserver(([entry]) => {
    window.clearTimeout(timer);
    if (!entry?.isIntersecting) {
      stop?.();
      stop = null;
    } else if (!stop) {
      timer = window.setTimeout(() => {
        stop = play(element);
      }, waitForTurn());
    }
  });
  seen.observe(element);
  return () => {
    window.clearTimeout(timer);
    seen.disconnect();
    stop?.();
  };
}

function playBelow(
  camera: string,
  stream: StreamName,
  element: HTMLElement,
  below: Signal<Playing | null>,
): () => void {
  const before = lastPicture(camera);
  element.replaceChildren(...(before ? [before] : []));
  const showing = showLive(camera, stream, element);
  const stop = effect(() => {
    below.value = showing.playing.value;
    players.value = new Map(players.peek()).set(camera, showing.playing.value.player);
  });
  return () => {
    stop();
    keepPicture(camera, showing.playing.peek().video);
    showing.close();
    below.value = null;
    const rest = new Map(players.peek());
    rest.delete(camera);
    players.value = rest;
  };
}

/** The main stream over the small one, from its first picture on; where it can't be shown, the small one stays. */
function playOnTop(camera: string, place: Place, top: Signal<Playing | null>): (() => void) | undefined {
  if (!place.current) return;
  const showing = showLive(camera, 'main', place.current, true);
  const stop = effect(() => {
    const playing = showing.playing.value;
    if (playing.player.state.value.kind !== 'playing') return;
    playing.video.style.visibility = '';
    top.value = playing;
  });
  return () => {
    stop();
    top.value = null;
    showing.close();
  };
}

/** What keys and buttons do with what is on show. */
function controls(camera: string, shown: ReadonlySignal<Playing | null>, muted: Signal<boolean>) {
  return {
    back: (seconds: number) => {
      const player = shown.peek()?.player;
      // What is no longer here is in the archive.
      if (player?.back(seconds)) return;
      const at = (player?.wallMs() ?? exactNow()) - seconds * 1_000;
      go(link('play', { cam: camera, t: Math.round(at) }));
    },
    toEdge: () => shown.peek()?.player.toEdge(),
    toggleSound: () => {
      muted.value = !muted.peek();
    },
    snapshot: () => {
      const playing = shown.peek();
      if (!playing) return;
      const at = playing.player.wallMs() ?? exactNow();
      saveSnapshot(playing.video, fileName(camera, at, zone.peek()));
    },
    start: () => void shown.peek()?.video.play(),
  };
}
