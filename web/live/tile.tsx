/** One camera on the wall: its picture, its name, and in words how it is doing. */
import { computed, type ReadonlySignal, signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { CameraView } from '../../types/api.ts';
import { exactNow, now, zone } from '../core/clock.ts';
import { type Keeping, keepingOf } from '../core/recordingState.ts';
import { address, go, link } from '../core/router.ts';
import { fileName, saveSnapshot } from '../media/snapshot.ts';
import { releaseVideo, takeVideo } from '../media/video.ts';
import { words } from '../words/index.ts';
import { keepPicture, lastPicture } from './lastPictures.ts';
import { type LivePlayer, openLive } from './player.ts';
import { TileActions } from './tileActions.tsx';
import { register } from './tileControls.ts';
import { pictureOf } from './tileState.ts';
import { PictureText, RecordingMark } from './tileWords.tsx';

const OPENING = { kind: 'opening' } as const;
/** Tiles are counted off so that not all of them ask the recorder in the same instant. */
const STAGGER_MS = 100;
const MOST_STAGGER = 8;

const players = signal<ReadonlyMap<string, LivePlayer>>(new Map());

/** Whether a tile waits for a click of its user. */
export const anyBlocked = computed(() =>
  [...players.value.values()].some(({ state }) => state.value.kind === 'blocked'),
);

export function Tile({ camera, large }: { readonly camera: CameraView; readonly large: boolean }) {
  const screen = useRef<HTMLDivElement>(null);
  const muted = useSignal(true);
  const player = usePlayer(camera.id, screen, muted);
  const picture = pictureOf(camera, player.value?.state.value ?? OPENING);
  const keeping = keepingOf(camera, now.value);
  return (
    <article
      class="tile"
      data-camera={camera.id}
      data-picture={picture.kind}
      data-keeping={keeping}
      aria-label={camera.name}
    >
      <div class="tile-screen" ref={screen} />
      <PictureText camera={camera} picture={picture} large={large} />
      {!large && (
        <a class="tile-open" href={link('live', { cam: camera.id, view: address.value.query.get('view') })}>
          <span class="visually-hidden">{words.value.live.open(camera.name)}</span>
        </a>
      )}
      <TileCaption camera={camera} keeping={keeping} />
      <TileActions camera={camera} player={player} muted={muted} large={large} />
    </article>
  );
}

function TileCaption({ camera, keeping }: { readonly camera: CameraView; readonly keeping: Keeping }) {
  return (
    <div class="tile-caption">
      <span class="tile-name">{camera.name}</span>
      <RecordingMark keeping={keeping} />
    </div>
  );
}

/** Plays into the element while it can be seen. */
function usePlayer(
  camera: string,
  screen: { readonly current: HTMLDivElement | null },
  muted: { value: boolean; peek(): boolean },
): ReadonlySignal<LivePlayer | null> {
  const player = useSignal<LivePlayer | null>(null);
  useEffect(() => {
    const place = screen.current;
    if (!place) return;
    let timer: number | undefined;
    let stop: (() => void) | null = null;
    const seen = new IntersectionObserver(([entry]) => {
      window.clearTimeout(timer);
      if (!entry?.isIntersecting) {
        stop?.();
        stop = null;
      } else if (!stop) {
        timer = window.setTimeout(() => {
          stop = play(camera, place, player, muted);
        }, STAGGER_MS * Math.min(players.peek().size, MOST_STAGGER));
      }
    });
    seen.observe(place);
    return () => {
      window.clearTimeout(timer);
      seen.disconnect();
      stop?.();
    };
  }, [camera]);
  return player;
}

function play(
  camera: string,
  place: HTMLElement,
  player: { value: LivePlayer | null },
  muted: { value: boolean; peek(): boolean },
): () => void {
  const video = takeVideo();
  video.muted = muted.peek();
  const before = lastPicture(camera);
  place.replaceChildren(...(before ? [before] : []), video);
  const opened = openLive(camera, video);
  player.value = opened;
  players.value = new Map(players.peek()).set(camera, opened);
  const unregister = register(camera, {
    back: (seconds) => {
      // What is no longer here is in the archive.
      if (!opened.back(seconds)) {
        go(link('play', { cam: camera, t: Math.round((opened.wallMs() ?? exactNow()) - seconds * 1_000) }));
      }
    },
    toEdge: () => opened.toEdge(),
    toggleSound: () => {
      muted.value = !muted.peek();
      video.muted = muted.peek();
    },
    snapshot: () => saveSnapshot(video, fileName(camera, opened.wallMs() ?? exactNow(), zone.peek())),
    start: () => void video.play(),
  });
  return () => {
    unregister();
    keepPicture(camera, video);
    opened.close();
    releaseVideo(video);
    player.value = null;
    const rest = new Map(players.peek());
    rest.delete(camera);
    players.value = rest;
  };
}
