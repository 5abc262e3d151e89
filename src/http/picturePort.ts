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

export interface PicturePort {
  /**
   * @throws NvrError `not-found` when there is no such camera, or nothing was recorded then: the nearest footage is
   *   named; `conflict` when the camera delivers nothing now
   */
  snapshot(camera: CameraId, request: SnapshotRequest): Awaitable<Snapshot>;
}
