/**
 * What the HTTP room needs of the others, as small interfaces that `app.ts` implements. Answers are wire types,
 * which domain objects satisfy by their shape. A port throws `NvrError`: its kind becomes the status, its message
 * the sentence the client reads, its field the field named.
 */

import type { Grant } from '../domain/access.ts';
import type { CameraId, RunId, SegmentId } from '../domain/ids.ts';
import type { EpochMs, Interval } from '../domain/time.ts';
import type { Day } from '../domain/zone.ts';
import type { DayView, ExportPartView, GapView, RecordingView, SegmentView } from './wire/archive.ts';
import type { CameraInput, CameraPatch, CameraView, SourceInput } from './wire/camera.ts';
import type { ScheduleInput, ScheduleOverride, ScheduleView } from './wire/schedule.ts';
import type { StreamFormat } from './wire/status.ts';
import type { ProtectionInput, ProtectionView, RetentionPolicy, StorageView } from './wire/storage.ts';
import type { SystemInfo } from './wire/system.ts';

export type Awaitable<T> = T | Promise<T>;

/** The cameras and what is done with them. */
export interface CamerasPort {
  list(): Awaitable<readonly CameraView[]>;
  /** @throws NvrError `not-found` */
  get(id: CameraId): Awaitable<CameraView>;
  /** @throws NvrError `invalid` naming the field, `conflict` when the id is taken */
  create(input: CameraInput): Awaitable<CameraView>;
  /**
   * @param expected the revision that the client saw, or null when it does not care
   * @throws NvrError `not-found`, `invalid`, and `conflict` with the field `revision` when `expected` is outdated
   */
  update(id: CameraId, patch: CameraPatch, expected: number | null): Awaitable<CameraView>;
  /** @throws as `update` */
  remove(id: CameraId, expected: number | null): Awaitable<void>;
  /**
   * Adds a disabled copy with the same source and rules.
   * @param name of the copy; null for one made from the camera's
   * @throws NvrError `not-found`
   */
  clone(id: CameraId, name: string | null): Awaitable<CameraView>;
  /** @throws NvrError `not-found`, `conflict` when the mode leaves nothing to start */
  startRecording(id: CameraId): Awaitable<CameraView>;
  /** @throws as `startRecording` */
  stopRecording(id: CameraId): Awaitable<CameraView>;
  /** Connects to a source and looks. @throws NvrError `unavailable` with the field `source`, within 10 s */
  probe(source: SourceInput): Awaitable<StreamFormat>;
  /** A JPEG of what a source shows. @throws as `probe`, within 20 s */
  probePicture(source: SourceInput): Awaitable<Buffer>;
}

/** A position in a list that is sorted by start and, among equals, by id. */
export interface Position {
  readonly startMs: EpochMs;
  readonly id: number;
}

/** Which part of a long list is wanted. */
export interface Page {
  /** At most so many. */
  readonly limit: number;
  /** Only what comes after it; null from the beginning. */
  readonly after: Position | null;
}

/** A part of a long list, and whether anything follows it. */
export interface Paged<T> {
  readonly items: readonly T[];
  readonly more: boolean;
}

/** Bytes of the archive. */
export interface ArchivedBytes {
  readonly bytes: Buffer;
  /** Whether they will always be the same; false while the segment's file grows at their end. */
  readonly final: boolean;
}

/** A whole segment file, to be sent from the disk. */
export interface SegmentFile {
  /** Absolute; built from the index, never from anything a client sent. */
  readonly path: string;
  /** Suggested name of the download: letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  /** As of `ArchivedBytes`. */
  readonly final: boolean;
}

/** What was recorded. Every method throws NvrError `not-found` for an id that it does not know. */
export interface ArchivePort {
  /** Those that overlap the interval, sorted by start. */
  segments(camera: CameraId, interval: Interval, page: Page): Awaitable<Paged<SegmentView>>;
  recordings(camera: CameraId, interval: Interval): Awaitable<readonly RecordingView[]>;
  /** What of it was recorded and can't be reached now, because its media folder is missing. */
  missing(camera: CameraId, interval: Interval): Awaitable<readonly Interval[]>;
  gaps(camera: CameraId, interval: Interval): Awaitable<readonly GapView[]>;
  /** The days of the configured zone that have footage, oldest first. */
  days(camera: CameraId): Awaitable<readonly DayView[]>;
  /** Text of an HLS media playlist. */
  playlist(camera: CameraId, interval: Interval): Awaitable<string>;
  /** The same of a day of the configured zone. */
  dayPlaylist(camera: CameraId, day: Day): Awaitable<string>;
  cameraOfRun(run: RunId): Awaitable<CameraId>;
  cameraOfSegment(segment: SegmentId): Awaitable<CameraId>;
  /** `ftyp` + `moov` of a run. */
  initOf(run: RunId): Awaitable<Buffer>;
  /** The bytes of GOPs `from` (counted from 0) up to but not including `to`, on the run's clock. */
  readGops(segment: SegmentId, from: number, to: number): Awaitable<ArchivedBytes>;
  segmentFile(segment: SegmentId): Awaitable<SegmentFile>;
}

/** How an interval becomes a file. */
export interface ExportOptions {
  /** Whether an interval without footage is left out, or a new part begins after it. */
  readonly gaps: 'close' | 'split';
  /** Which part, from 1; null when there must be only one. */
  readonly part: number | null;
  /** Ordinary MP4, to the frame; or fragmented MP4 of whole GOPs. */
  readonly format: 'mp4' | 'fmp4';
}

/** A file that exists while it is read. */
export interface ExportedFile {
  /** Of the whole file. */
  readonly bytes: number;
  /** For the ETag: changes with any byte of the file; letters, digits, `-` and `_`. */
  readonly tag: string;
  /** Suggested name without extension, in any characters. */
  readonly name: string;
  /** The bytes `[from, to)`; lets all files go when the reader stops. */
  read(from: number, to: number): AsyncIterable<Buffer>;
}

/** Footage to take away. */
export interface ExportPort {
  /** The intervals that can be one file each. @throws NvrError `invalid` for a range in the future */
  parts(
    camera: CameraId,
    interval: Interval,
    gaps: ExportOptions['gaps'],
  ): Awaitable<readonly ExportPartView[]>;
  /**
   * @throws NvrError `invalid` for a range in the future or too long, `not-found` without footage, `conflict` with the
   *   field `part` when the range is several files and none is chosen
   */
  open(camera: CameraId, interval: Interval, options: ExportOptions): Awaitable<ExportedFile>;
}

/** How long footage is kept, when cameras record, and how much there is. */
export interface StoragePort {
  report(): Awaitable<StorageView>;
  /** @throws NvrError `not-found` for a camera that has neither a registration nor footage; so do the next three */
  retention(camera: CameraId): Awaitable<RetentionPolicy>;
  /** @throws NvrError `invalid` naming the field */
  setRetention(camera: CameraId, policy: RetentionPolicy): Awaitable<RetentionPolicy>;
  protections(camera: CameraId): Awaitable<readonly ProtectionView[]>;
  /** @throws NvrError `invalid` naming the field */
  protect(camera: CameraId, input: ProtectionInput, user: string): Awaitable<ProtectionView>;
  /** @throws NvrError `not-found` */
  unprotect(camera: CameraId, id: number): Awaitable<void>;
  /** @throws NvrError `not-found` for a camera that is not registered */
  schedule(camera: CameraId): Awaitable<ScheduleView>;
  /** @throws NvrError `not-found`, `invalid` naming the field */
  setSchedule(camera: CameraId, input: ScheduleInput): Awaitable<ScheduleView>;
  /** Null ends the one there is. @throws as `setSchedule` */
  override(camera: CameraId, override: ScheduleOverride | null): Awaitable<ScheduleView>;
}

/** Who plays live HLS. */
export interface HlsClient {
  readonly user: string;
  /** Tells players of one user apart. */
  readonly player: string;
}

/** What of the live playlist is asked for (RFC 8216bis §6.2.5). */
export interface LiveQuestion {
  /** The segment, or the part of it, up to which the playlist has to reach; null as it is now. */
  readonly reload: { readonly msn: number; readonly part: number | null } | null;
  /** Leave out what the player has. */
  readonly skip: boolean;
}

/**
 * What is live now. Every method throws NvrError `not-found` for what is unknown or no longer in the ring; `exhausted`
 * and `forbidden` for a player more than its user may have, and for one that was ended.
 */
export interface LivePort {
  /**
   * Text of the live HLS playlist.
   * @throws NvrError `unavailable` while there is no media, or not what was asked for; `invalid` when that is too far
   */
  playlist(camera: CameraId, question: LiveQuestion, client: HlsClient): Awaitable<string>;
  init(camera: CameraId, run: RunId): Awaitable<Buffer>;
  /** The bytes of the part that begins with a fragment, which may be the next one to come; not to be changed. */
  part(camera: CameraId, run: RunId, first: number, client: HlsClient): Awaitable<readonly Buffer[]>;
  /** The bytes of the fragments with sequence `first` up to and including `last`, in order, not to be changed. */
  fragments(
    camera: CameraId,
    run: RunId,
    first: number,
    last: number,
    client: HlsClient,
  ): Awaitable<readonly Buffer[]>;
}

/** A connection of a live viewer, as far as messages can be put into it. */
export interface LiveTransport {
  text(message: string): void;
  /** One message of two parts, not to be changed. */
  binary(header: Buffer, body: Buffer): void;
  /** Bytes that were put in and have not left yet. */
  readonly queuedBytes: number;
  close(code: number, reason: string): void;
}

/** Live media over a message connection. */
export interface LiveSocketPort {
  /** @param mayUse whether the user may use a camera; to them, all others do not exist */
  connect(
    transport: LiveTransport,
    user: string,
    mayUse: (camera: CameraId) => boolean,
  ): { receive(text: string): void; close(): void };
}

/** One family of the Prometheus exposition: a name with one value per set of labels. */
export interface MetricFamily {
  /** `[a-z_][a-z0-9_]*`, with the unit as its last word, as Prometheus advises. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly samples: readonly MetricSample[];
}

export interface MetricSample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface SystemPort {
  /** Of these cameras. */
  info(cameras: Grant): Awaitable<SystemInfo>;
  /** A sentence for each thing that is not as it should be; none when each of these cameras records as it should. */
  troubles(cameras: Grant): Awaitable<readonly string[]>;
  metrics(): Awaitable<readonly MetricFamily[]>;
}
