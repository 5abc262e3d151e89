/**
 * Live view as a row of JPEGs: one decoder for all who watch a camera at the same size, while anybody does. A viewer
 * that is slow misses pictures; nobody waits for anybody.
 */
import { NvrError } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import type { Clock } from '../domain/time.ts';
import type { RunFragment } from '../mp4/types.ts';
import type { LiveHub } from './hub.ts';
import { type Onlooker, Projector } from './projector.ts';
import type { ViewerHandle, ViewerRegistry } from './viewers.ts';

/** What is shown. */
export interface PictureSize {
  /** In pixels, at most; never larger than the video. */
  readonly width: number;
  /** Pictures a second, at most. */
  readonly fps: number;
}

/** A decoder of one run. */
export interface PictureSource {
  push(entry: RunFragment): void;
  close(): void;
}

export interface PictureSourceEvents {
  onPicture(jpeg: Buffer): void;
  onEnd(): void;
}

/** Opens decoders. */
export type OpenPictures = (
  entry: RunFragment,
  size: PictureSize,
  events: PictureSourceEvents,
) => Promise<PictureSource>;

/** Somebody who watches. */
export interface PictureViewer {
  /** Takes a picture; false when it is still busy with the one before. */
  show(jpeg: Buffer): boolean;
  /** There will be no more. */
  end(): void;
}

export interface LivePicturesDoors {
  readonly hub: LiveHub;
  readonly viewers: ViewerRegistry;
  readonly open: OpenPictures;
  readonly clock: Clock;
}

/** Each is a decoder at work. */
const MOST_PROJECTORS = 8;
const STALE_MS = 10_000;

export class LivePictures {
  readonly #doors: LivePicturesDoors;
  readonly #projectors = new Map<string, Projector>();

  constructor(doors: LivePicturesDoors) {
    this.#doors = doors;
    doors.hub.join({ dropped: (camera) => this.#dropped(camera) });
  }

  /** How many decoders are at work. */
  get projectors(): number {
    return this.#projectors.size;
  }

  /**
   * Shows a camera to a viewer until it leaves.
   * @returns to be called when the viewer is gone
   * @throws NvrError `not-found` for an unknown camera, `conflict` when it delivers nothing, `exhausted` (with the field
   *   `viewers` when the user has too many)
   */
  watch(camera: CameraId, size: PictureSize, user: string, viewer: PictureViewer): () => void {
    const stream = this.#doors.hub.get(camera);
    const newestMs = stream.ring.entries.at(-1)?.startMs;
    if (newestMs === undefined || this.#doors.clock.now() - newestMs > STALE_MS) {
      throw new NvrError('conflict', 'The camera delivers no picture now.', { field: 'cameraId' });
    }
    const draft = { camera, stream: 'main', transport: 'mjpeg', user } as const;
    const handle = this.#doors.viewers.add(draft, () => viewer.end());
    try {
      const leave = this.#projector(camera, size).join(onlookerOf(viewer, handle));
      return () => {
        handle.end();
        leave();
      };
    } catch (thrown) {
      handle.end();
      throw thrown;
    }
  }

  close(): void {
    for (const projector of [...this.#projectors.values()]) projector.end();
  }

  #projector(camera: CameraId, size: PictureSize): Projector {
    const key = `${camera} ${size.width} ${size.fps}`;
    const known = this.#projectors.get(key);
    if (known !== undefined) return known;
    if (this.#projectors.size >= MOST_PROJECTORS) {
      throw new NvrError(
        'exhausted',
        `Only ${MOST_PROJECTORS} cameras or sizes are shown as pictures at once.`,
      );
    }
    const { hub, open } = this.#doors;
    const projector = new Projector(hub.get(camera).ring, {
      open: (entry, events) => open(entry, size, events),
      onIdle: () => this.#projectors.delete(key),
    });
    this.#projectors.set(key, projector);
    return projector;
  }

  #dropped(camera: CameraId): void {
    for (const [key, projector] of [...this.#projectors]) {
      if (key.startsWith(`${camera} `)) projector.end();
    }
  }
}

function onlookerOf(viewer: PictureViewer, handle: ViewerHandle): Onlooker {
  let skipped = 0;
  return {
    show: (jpeg) => {
      if (!viewer.show(jpeg)) handle.update({ skipped: ++skipped });
    },
    end: () => {
      handle.end();
      viewer.end();
    },
  };
}
