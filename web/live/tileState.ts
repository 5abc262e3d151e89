/** What one tile of the wall shows: a pure function of what the recorder says and what the player sees. */
import type { CameraView } from '../../types/api.ts';
import type { PlayerState } from './player.ts';

/** What is to be seen. Whether it is recorded is another question, answered by `keepingOf`. */
export type Picture =
  /** The camera is switched off. */
  | { readonly kind: 'off' }
  /** The camera sends; the first picture is on its way. */
  | { readonly kind: 'loading' }
  /** The recorder is connecting to the camera. */
  | { readonly kind: 'connecting'; readonly attempt: number }
  | { readonly kind: 'live' }
  /** Connected, but silent: the last frame stands. */
  | { readonly kind: 'no-signal'; readonly sinceMs: number }
  | {
      readonly kind: 'offline';
      readonly sinceMs: number;
      readonly cause: string | null;
      readonly message: string | null;
    }
  | { readonly kind: 'unsupported'; readonly codecs: string }
  /** The browser wants a click before it plays. */
  | { readonly kind: 'blocked' };

/** The state of a tile. A camera that does not deliver explains more than a player that has nothing to play. */
export function pictureOf({ enabled, status }: CameraView, player: PlayerState): Picture {
  if (!enabled) return { kind: 'off' };
  const { source, lastFragmentMs } = status;
  switch (source.state) {
    case 'off':
      return { kind: 'off' };
    case 'connecting':
      return source.attempt > 0 && source.cause !== null
        ? offline(status, lastFragmentMs)
        : { kind: 'connecting', attempt: source.attempt + 1 };
    case 'stalled':
      return { kind: 'no-signal', sinceMs: lastFragmentMs ?? source.sinceMs };
    case 'backoff':
      return offline(status, lastFragmentMs);
    case 'live':
      return playing(player);
  }
}

function offline({ source }: CameraView['status'], lastFragmentMs: number | null): Picture {
  return {
    kind: 'offline',
    sinceMs: lastFragmentMs ?? source.sinceMs,
    cause: source.cause,
    message: source.message,
  };
}

function playing(player: PlayerState): Picture {
  switch (player.kind) {
    case 'playing':
      return { kind: 'live' };
    case 'unsupported':
      return { kind: 'unsupported', codecs: player.codecs };
    case 'blocked':
      return { kind: 'blocked' };
    case 'opening':
      return { kind: 'loading' };
  }
}
