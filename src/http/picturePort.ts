/** What the HTTP room needs of pictures, as small interfaces that `app/` implements. */
import type { CameraId } from '../domain/ids.ts';
import type { PreviewStep } from '../domain/previews.ts';
import type { EpochMs, Interval } from '../domain/time.ts';
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

/** The sheets of thumbnails of a range. */
export interface PreviewList {
  readonly sheets: readonly {
    /** Changes with what the sheet shows. */
    readonly tag: string;
    readonly fromMs: EpochMs;
    readonly toMs: EpochMs;
    readonly stepMs: PreviewStep;
    readonly columns: number;
    readonly rows: number;
    readonly tileWidth: number;
    readonly tileHeight: number;
    /** Numbers of the tiles, from 0, for which nothing is recorded. */
    readonly empty: readonly number[];
  }[];
}

export interface SheetRequest {
  readonly startMs: EpochMs;
  readonly stepMs: PreviewStep;
  readonly tag: string;
}

/** One picture of a range, made when it is read. */
export interface ContactSheet {
  /** As of `Snapshot`. */
  readonly tag: string;
  read(): Promise<Buffer>;
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
  /**
   * @param step null for what suits the length of the range
   * @throws NvrError `invalid` with the field `to` when the range is too long
   */
  previews(camera: CameraId, interval: Interval, step: PreviewStep | null): Awaitable<PreviewList>;
  /** The JPEG of a sheet. @throws NvrError `not-found` when it would be another one by now */
  sheet(camera: CameraId, request: SheetRequest): Promise<Buffer>;
  /** @throws NvrError `not-found` when nothing is recorded in the range */
  contactSheet(camera: CameraId, interval: Interval, width: number): Awaitable<ContactSheet>;
}
