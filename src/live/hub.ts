/** The live streams of all cameras, and those who have to hear when a camera goes. */
import { NvrError } from '../domain/errors.ts';
import { type CameraId, cameraOf, type RunId, subKey } from '../domain/ids.ts';
import type { RingLimits } from './ring.ts';
import { LiveStream } from './stream.ts';

/** Someone who watches and has to hear when a camera goes. */
export interface Watcher {
  dropped(id: CameraId): void;
}

/** What a viewer needs of the hub. */
export type HubDoor = Pick<LiveHub, 'get' | 'join' | 'leave'>;

/** The hub as somebody sees it who may use some cameras only: the others are as unknown as those that do not exist. */
export function partOf(hub: LiveHub, mayUse: (camera: CameraId) => boolean): HubDoor {
  return {
    get(camera) {
      if (!mayUse(cameraOf(camera))) throw unknown(camera);
      return hub.get(camera);
    },
    join: (watcher) => hub.join(watcher),
    leave: (watcher) => hub.leave(watcher),
  };
}

function unknown(camera: CameraId): NvrError {
  return new NvrError('not-found', `There is no camera ${camera}.`, { field: 'cameraId' });
}

export class LiveHub {
  readonly #limits: RingLimits;
  readonly #streams = new Map<CameraId, LiveStream>();
  readonly #watchers = new Set<Watcher>();

  constructor(limits: RingLimits) {
    this.#limits = limits;
  }

  /** The camera's stream, made when it is first asked for. */
  open(id: CameraId): LiveStream {
    const stream = this.#streams.get(id) ?? new LiveStream(this.#limits);
    this.#streams.set(id, stream);
    return stream;
  }

  /** @throws NvrError `not-found`. */
  get(id: CameraId): LiveStream {
    const stream = this.#streams.get(id);
    if (stream === undefined) throw unknown(id);
    return stream;
  }

  /** Of a camera's two streams the one that has media of a run. @throws NvrError `not-found` for an unknown camera */
  holding(id: CameraId, run: RunId): LiveStream {
    const main = this.get(id);
    const sub = this.#streams.get(subKey(id));
    return sub?.entries.some((entry) => entry.runId === run) ? sub : main;
  }

  /** The other stream of a camera, as long as it has media to play; null when there is none. */
  sibling(key: CameraId): LiveStream | null {
    const camera = cameraOf(key);
    const other = this.#streams.get(key === camera ? subKey(camera) : camera);
    return other !== undefined && other.window.segments.length > 0 ? other : null;
  }

  /** The camera is gone; those who watch it are told. */
  drop(id: CameraId): void {
    this.#streams.get(id)?.close();
    this.#streams.delete(id);
    for (const watcher of this.#watchers) watcher.dropped(id);
  }

  join(watcher: Watcher): void {
    this.#watchers.add(watcher);
  }

  leave(watcher: Watcher): void {
    this.#watchers.delete(watcher);
  }
}
