/** A stream in its place on the page. Where HLS was only a way out, it is over the socket again, and nobody notices. */
import { effect, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { releaseVideo, takeVideo } from '../media/video.ts';
import { MsePlayer } from './msePlayer.ts';
import { type LivePlayer, openLive } from './player.ts';
import { type StreamName, socketUnavailable } from './socket.ts';

/** A player and the element it plays into. */
export interface Playing {
  readonly player: LivePlayer;
  readonly video: HTMLVideoElement;
}

export interface Showing {
  readonly playing: ReadonlySignal<Playing>;
  /** Releases all that plays. */
  close(): void;
}

/**
 * Plays a stream of a camera into an element that is put at the end of `place`.
 * @param hidden whether it is for the caller to make the element visible
 */
export function showLive(camera: string, stream: StreamName, place: HTMLElement, hidden = false): Showing {
  const playing = signal(begin(camera, stream, hidden));
  place.append(playing.peek().video);
  /** Plays behind the scenes until its first picture. */
  const next = signal<Playing | null>(null);
  let overHls = false;
  const stops = [
    effect(() => {
      if (socketUnavailable.value) {
        overHls = true;
        drop(next);
      } else if (overHls && MsePlayer.supported) {
        overHls = false;
        const better = begin(camera, stream, true);
        playing.peek().video.after(better.video);
        next.value = better;
      }
    }),
    effect(() => {
      const better = next.value;
      const now = playing.peek();
      // Who went back is not torn to the edge.
      if (better?.player.state.value.kind !== 'playing' || now.player.behind.value) return;
      better.video.muted = now.video.muted;
      better.video.style.visibility = now.video.style.visibility;
      playing.value = better;
      next.value = null;
      end(now);
    }),
  ];
  return {
    playing,
    close: () => {
      for (const stop of stops) stop();
      drop(next);
      end(playing.peek());
    },
  };
}

function begin(camera: string, stream: StreamName, hidden: boolean): Playing {
  const video = takeVideo();
  if (hidden) video.style.visibility = 'hidden';
  return { player: openLive(camera, video, stream), video };
}

/** It came to nothing. */
function drop(next: Signal<Playing | null>): void {
  const dropped = next.peek();
  next.value = null;
  if (dropped) end(dropped);
}

function end({ player, video }: Playing): void {
  player.close();
  video.style.visibility = '';
  releaseVideo(video);
}
