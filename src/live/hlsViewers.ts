/**
 * Viewers by HLS: there is no connection that would end, only requests. A player is taken for one viewer of a stream as
 * long as it goes on asking; players of one user behind one address that say they are the same program count as one.
 */
import { type CameraId, cameraOf } from '../domain/ids.ts';
import type { Clock } from '../domain/time.ts';
import type { ViewerHandle, ViewerProgress, ViewerRegistry } from './viewers.ts';

/** Who asks. */
export interface HlsClient {
  readonly user: string;
  /** Tells players of one user apart: their address and program. */
  readonly player: string;
}

interface Seen {
  readonly handle: ViewerHandle;
  /** On the monotonic clock. */
  atMs: number;
}

/** Players ask at least once per target duration; after so long without a request it is gone. */
const GONE_MS = 20_000;
const LOOK_MS = 2_000;

export class HlsViewers {
  readonly #viewers: ViewerRegistry;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #seen = new Map<string, Seen>();
  #timer: NodeJS.Timeout | undefined;

  constructor(viewers: ViewerRegistry, clock: Pick<Clock, 'monotonic'>) {
    this.#viewers = viewers;
    this.#clock = clock;
  }

  /** A player asked for something of a camera. @throws NvrError as `ViewerRegistry.add` for a new one */
  seen(camera: CameraId, { user, player }: HlsClient, progress: ViewerProgress): void {
    const key = `${camera}\0${user}\0${player}`;
    const known = this.#seen.get(key) ?? this.#begin(key, camera, user);
    known.atMs = this.#clock.monotonic();
    known.handle.update(progress);
  }

  /** Ends those who have not asked for too long; called by itself. */
  expire(): void {
    const before = this.#clock.monotonic() - GONE_MS;
    for (const [key, { handle, atMs }] of this.#seen) {
      if (atMs > before) continue;
      handle.end();
      this.#seen.delete(key);
    }
    if (this.#seen.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #begin(key: string, camera: CameraId, user: string): Seen {
    const main = cameraOf(camera);
    const stream = camera === main ? 'main' : 'sub';
    const draft = { camera: main, stream, transport: 'hls', user } as const;
    const handle = this.#viewers.add(draft, () => this.#seen.delete(key));
    const seen = { handle, atMs: this.#clock.monotonic() };
    this.#seen.set(key, seen);
    this.#timer ??= setInterval(() => this.expire(), LOOK_MS).unref();
    return seen;
  }
}
