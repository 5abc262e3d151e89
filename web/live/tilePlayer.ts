/** Plays a camera into a tile while it can be seen: its small stream if it has one and, when large, its main on top. */
import { computed, effect, type ReadonlySignal, type Signal, signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { exactNow, zone } from '../core/clock.ts';
import { go, link } from '../core/router.ts';
import { fileName, saveSnapshot } from '../media/snapshot.ts';
import { releaseVideo, takeVideo } from '../media/video.ts';
import { keepPicture, lastPicture } from './lastPictures.ts';
import { type LivePlayer, openLive } from './player.ts';
import type { StreamName } from './socket.ts';
import { register } from './tileControls.ts';

/** Tiles begin one after the other: sixteen decoders that start at once show nothing for longer than one needs. */
const STAGGER_MS = 40;

/** A player and the element it plays into. */
interface Playing {
  readonly player: LivePlayer;
  readonly video: HTMLVideoElement;
}

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
  const shown = useSignal<Playing | null>(null);
  const player = useSignal<LivePlayer | null>(null);
  useEffect(
    () =>
      effect(() => {
        player.value = shown.value?.player ?? null;
        if (shown.value) shown.value.video.muted = muted.value;
      }),
    [],
  );
  useEffect(
    () => whileSeen(place, () => playBelow(camera, hasSub ? 'sub' : 'main', place, shown, muted)),
    [camera, hasSub],
  );
  const below = shown.value !== null;
  useEffect(
    () => (hasSub && large && below ? playOnTop(camera, place, shown) : undefined),
    [camera, hasSub, large, below],
  );
  return player;
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
function whileSeen(place: Place, play: () => () => void): (() => void) | undefined {
  if (!place.current) return;
  let timer: number | undefined;
  let stop: (() => void) | null = null;
  const seen = new IntersectionObserver(([entry]) => {
    window.clearTimeout(timer);
    if (!entry?.isIntersecting) {
      stop?.();
      stop = null;
    } else if (!stop) {
      timer = window.setTimeout(() => {
        stop = play();
      }, waitForTurn());
    }
  });
  seen.observe(place.current);
  return () => {
    window.clearTimeout(timer);
    seen.disconnect();
    stop?.();
  };
}

function playBelow(
  camera: string,
  stream: StreamName,
  place: Place,
  shown: Signal<Playing | null>,
  muted: Signal<boolean>,
): () => void {
  const video = takeVideo();
  const before = lastPicture(camera);
  place.current?.replaceChildren(...(before ? [before] : []), video);
  const player = openLive(camera, video, stream);
  const mine = { player, video };
  shown.value = mine;
  players.value = new Map(players.peek()).set(camera, player);
  const unregister = register(
    camera,
    controls(camera, () => shown.peek() ?? mine, muted),
  );
  return () => {
    unregister();
    keepPicture(camera, video);
    player.close();
    releaseVideo(video);
    if (shown.peek() === mine) shown.value = null;
    const rest = new Map(players.peek());
    rest.delete(camera);
    players.value = rest;
  };
}

/** The main stream over the small one, from its first picture on; where it can't be shown, the small one stays. */
function playOnTop(camera: string, place: Place, shown: Signal<Playing | null>): () => void {
  const below = shown.peek();
  const video = takeVideo();
  video.style.visibility = 'hidden';
  place.current?.append(video);
  const player = openLive(camera, video, 'main');
  const stop = effect(() => {
    if (player.state.value.kind !== 'playing') return;
    video.style.visibility = '';
    // Nobody wants to hear both.
    if (below) below.video.muted = true;
    shown.value = { player, video };
  });
  return () => {
    stop();
    if (shown.peek()?.player === player) shown.value = below;
    player.close();
    video.style.visibility = '';
    releaseVideo(video);
  };
}

function controls(camera: string, current: () => Playing, muted: Signal<boolean>) {
  return {
    back: (seconds: number) => {
      const { player } = current();
      // What is no longer here is in the archive.
      if (player.back(seconds)) return;
      const at = (player.wallMs() ?? exactNow()) - seconds * 1_000;
      go(link('play', { cam: camera, t: Math.round(at) }));
    },
    toEdge: () => current().player.toEdge(),
    toggleSound: () => {
      muted.value = !muted.peek();
    },
    snapshot: () => {
      const { player, video } = current();
      saveSnapshot(video, fileName(camera, player.wallMs() ?? exactNow(), zone.peek()));
    },
    start: () => void current().video.play(),
  };
}
