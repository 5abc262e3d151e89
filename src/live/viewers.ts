/**
 * Who watches which camera now, by whatever transport: one registry that every transport adds its viewers to. It
 * counts, lists and ends them, and refuses more than a user may have. It touches no media.
 */
import { NvrError } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import type { Clock, EpochMs } from '../domain/time.ts';

export const VIEWER_TRANSPORTS = ['ws', 'hls', 'll-hls', 'mjpeg', 'whep'] as const;
export type ViewerTransport = (typeof VIEWER_TRANSPORTS)[number];

/** Somebody who begins to watch. */
export interface ViewerDraft {
  readonly camera: CameraId;
  readonly stream: 'main' | 'sub';
  readonly transport: ViewerTransport;
  /** Name of the user. */
  readonly user: string;
}

/** How the watching goes; what is left out stays as it was. */
export interface ViewerProgress {
  /** How far behind the newest media it is, in milliseconds, as far as the server can tell. */
  readonly lagMs?: number;
  /** Fragments, or pictures, left out in all because it could not keep up. */
  readonly skipped?: number;
  /** When it turns out to be another way of watching than it began with. */
  readonly transport?: ViewerTransport;
}

/** One viewer, as others see it. */
export interface Viewer extends ViewerDraft, Required<ViewerProgress> {
  readonly id: number;
  readonly sinceMs: EpochMs;
}

/** What a transport does with the viewer it added. */
export interface ViewerHandle {
  readonly id: number;
  update(progress: ViewerProgress): void;
  /** It has stopped watching. Idempotent. */
  end(): void;
}

interface Entry {
  viewer: Viewer;
  readonly stop: () => void;
}

/** Players come back by themselves; who was ended stays out for so long. */
const KEPT_OUT_MS = 60_000;

export class ViewerRegistry {
  readonly #clock: Clock;
  readonly #mostPerUser: number;
  readonly #entries = new Map<number, Entry>();
  /** User and camera of viewers that were ended, and until when, on the monotonic clock. */
  readonly #keptOut = new Map<string, number>();
  #nextId = 1;

  /** @param mostPerUser how many cameras one user may watch at once, over all connections */
  constructor(clock: Clock, mostPerUser: number) {
    this.#clock = clock;
    this.#mostPerUser = mostPerUser;
  }

  /**
   * Adds a viewer, before it gets anything.
   * @param stop ends it for its transport; called at most once, when somebody else wants it ended
   * @throws NvrError `exhausted` with the field `viewers` (429) when the user has as many as allowed, `forbidden` for a
   *   minute after somebody ended this user's view of this camera
   */
  add(draft: ViewerDraft, stop: () => void): ViewerHandle {
    const { camera, stream, transport, user } = draft;
    this.#refuseKeptOut(keyOf(draft));
    if (this.#countOf(user) >= this.#mostPerUser) {
      const detail = `A user watches ${this.#mostPerUser} cameras at once at most; end another viewer first.`;
      throw new NvrError('exhausted', detail, { field: 'viewers' });
    }
    const id = this.#nextId++;
    const sinceMs = this.#clock.now();
    const viewer = { id, camera, stream, transport, user, sinceMs, lagMs: 0, skipped: 0 };
    this.#entries.set(id, { viewer, stop });
    return {
      id,
      update: (progress) => {
        const entry = this.#entries.get(id);
        if (entry !== undefined) entry.viewer = { ...entry.viewer, ...progress };
      },
      end: () => {
        this.#entries.delete(id);
      },
    };
  }

  /** Everybody who watches now, in the order they began; of one camera when it is given. */
  list(camera?: CameraId): readonly Viewer[] {
    const all = Array.from(this.#entries.values(), ({ viewer }) => viewer);
    return camera === undefined ? all : all.filter((viewer) => viewer.camera === camera);
  }

  /** @throws NvrError `not-found` when nobody watches under that id (any more). */
  get(id: number): Viewer {
    return this.#entry(id).viewer;
  }

  /** Ends a viewer, and keeps its user from this camera for a minute. @throws as `get` */
  end(id: number): void {
    const { viewer, stop } = this.#entry(id);
    this.#entries.delete(id);
    this.#keptOut.set(keyOf(viewer), this.#clock.monotonic() + KEPT_OUT_MS);
    stop();
  }

  #refuseKeptOut(key: string): void {
    const now = this.#clock.monotonic();
    for (const [each, untilMs] of this.#keptOut) if (untilMs <= now) this.#keptOut.delete(each);
    if (this.#keptOut.has(key))
      throw new NvrError('forbidden', 'This view was ended by somebody; it can be opened again in a minute.');
  }

  #entry(id: number): Entry {
    const entry = this.#entries.get(id);
    if (entry === undefined)
      throw new NvrError('not-found', `There is no viewer ${id}.`, { field: 'viewerId' });
    return entry;
  }

  #countOf(user: string): number {
    let count = 0;
    for (const { viewer } of this.#entries.values()) if (viewer.user === user) count++;
    return count;
  }
}

function keyOf({ user, camera }: Pick<ViewerDraft, 'user' | 'camera'>): string {
  return `${camera} ${user}`;
}
