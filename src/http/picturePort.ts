/** What the HTTP room needs of pictures, as small interfaces that `app/` implements. */
import type { CameraId } from '../domain/ids.ts';
import type { EpochMs } from '../domain/time.ts';
import type { Awaitable } from './ports.ts';

/** Which picture. */
export interface SnapshotRequest {
  /** Null for now. */
  readonly atMs: EpochMs | null;
  /** In pixels; null for that of the video, which is also the most. */
  readonly width: number | null;
}

/** A picture that is decoded when it is asked for. */
export interface Snapshot {
  /** For the ETag: another for any other picture; letters, digits, `-` and `_`. */
  readonly tag: string;
  /** When it was taken. */
  readonly atMs: EpochMs;
  /** Whether the moment that was asked for will always show this picture. */
  readonly final: boolean;
  /** A JPEG. @throws NvrError `unavailable` when it can't be decoded, `exhausted` when too many are asked for */
  read(): Promise<Buffer>;
}

/** How live pictures come. */
export interface LivePictureSize {
  /** In pixels, at most that of the video. */
  readonly width: number;
  /** Pictures a second, at most. */
  readonly fps: number;
}

/** Somebody who watches pictures. */
export interface PictureViewer {
  /** Takes a JPEG; false when it is still busy with the one before. */
  show(jpeg: Buffer): boolean;
  /** There will be no more. */
  end(): void;
}

export interface PicturePort {
  /**
   * @throws NvrError `not-found` when there is no such camera, or nothing was recorded then: the nearest footage is
   *   named; `conflict` when the camera delivers nothing now
   */
  snapshot(camera: CameraId, request: SnapshotRequest): Awaitable<Snapshot>;
  /**
   * Shows a camera to a viewer until it leaves, by the function that is returned.
   * @param user name of who watches
   * @throws NvrError `not-found`, `conflict` when the camera delivers nothing now, `exhausted`
   */
  watch(camera: CameraId, size: LivePictureSize, user: string, viewer: PictureViewer): Awaitable<() => void>;
}
