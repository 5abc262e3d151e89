/** Plays a camera live into a video element, the best way that works here. What all ways have in common. */
import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { HlsLivePlayer } from './hlsPlayer.ts';
import { MsePlayer } from './msePlayer.ts';
import { type StreamName, socketUnavailable } from './socket.ts';

export type PlayerState =
  | { readonly kind: 'opening' }
  | { readonly kind: 'playing' }
  | { readonly kind: 'unsupported'; readonly codecs: string }
  | { readonly kind: 'blocked' };

export interface LivePlayer {
  readonly state: ReadonlySignal<PlayerState>;
  /** Whether the viewer went back and is not at the live edge. */
  readonly behind: ReadonlySignal<boolean>;
  /** Goes back within what is still here. Gives false when it is not. */
  back(seconds: number): boolean;
  /** Goes to the newest picture, and stays there. */
  toEdge(): void;
  /** Wall time of the picture shown, in epoch milliseconds of the recorder; null when that is not known. */
  wallMs(): number | null;
  /** Releases the element. */
  close(): void;
}

/** Opens a player; it changes over to HLS when the socket turns out not to work here. */
export function openLive(camera: string, video: HTMLVideoElement, stream: StreamName): LivePlayer {
  const inner = signal<LivePlayer>(best(camera, video, stream));
  const stop = effect(() => {
    if (!socketUnavailable.value || inner.peek() instanceof HlsLivePlayer) return;
    inner.peek().close();
    inner.value = new HlsLivePlayer(camera, video);
  });
  return {
    state: computed(() => inner.value.state.value),
    behind: computed(() => inner.value.behind.value),
    back: (seconds) => inner.peek().back(seconds),
    toEdge: () => inner.peek().toEdge(),
    wallMs: () => inner.peek().wallMs(),
    close: () => {
      stop();
      inner.peek().close();
    },
  };
}

function best(camera: string, video: HTMLVideoElement, stream: StreamName): LivePlayer {
  const usable = MsePlayer.supported && !socketUnavailable.peek();
  return usable ? new MsePlayer(camera, video, stream) : new HlsLivePlayer(camera, video);
}
