/**
 * What a camera's conductor needs of the other rooms, as small interfaces: `app.ts` passes the real ones, tests
 * pass scripted ones.
 */
import type { Camera, CameraDraft, Encode, Source, StreamName } from '../domain/camera.ts';
import type { CameraId, RunId } from '../domain/ids.ts';
import type { StreamFormat } from '../domain/media.ts';
import type { Anchor } from '../domain/mediaClock.ts';
import type { EndReason, GapCause, RecordingReason, StorageCause } from '../domain/recording.ts';
import type { Schedule } from '../domain/schedule.ts';
import type { SourceCause, SourceState } from '../domain/source.ts';
import type { Clock, EpochMs } from '../domain/time.ts';
import type { Zone } from '../domain/zone.ts';
import type { Fragment, InitSegment, RunFragment } from '../mp4/types.ts';

export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface Failure {
  readonly cause: SourceCause;
  readonly message: string;
  /** Where only the sound of a device is concerned: there may be a picture without it. */
  readonly track?: 'audio';
}

export type ProbeResult =
  | {
      readonly ok: true;
      readonly format: StreamFormat;
      /** Why a device gives its picture without the sound that its source names. */
      readonly silent?: Failure;
    }
  | ({ readonly ok: false } & Failure);

export interface RunEvents {
  /** Once, before the first fragment. */
  onBegin(init: InitSegment, anchor: Anchor): void;
  onFragment(fragment: Fragment): void;
  /** Once, after the last fragment; null when the end was asked for. */
  onEnd(failure: Failure | null): void;
}

export interface RunRequest {
  readonly runId: RunId;
  readonly cameraId: CameraId;
  readonly stream: StreamName;
  readonly source: Source;
  readonly encode: Encode | null;
  /** What is recorded of it; `audio` null records no sound. */
  readonly format: StreamFormat;
}

/** A pipeline that runs. */
export interface RunHandle {
  /** Ends it on a fragment boundary; resolves after `onEnd`. */
  end(): Promise<void>;
}

export interface MediaDoor {
  /** What has to be ready before a source can be asked, and takes time of the recorder's own; null for nothing. */
  readonly prepare?: (source: Source, encode: Encode | null) => Promise<void> | null;
  /** Why the sound that a source names can't be had; null when it can. */
  readonly hear?: (source: Source) => Promise<Failure | null>;
  /** @returns the format after encoding */
  probe(source: Source, encode: Encode | null): Promise<ProbeResult>;
  openRun(request: RunRequest, events: RunEvents): Promise<RunHandle>;
}

/** The segment files of one run of a camera. */
export interface WriterDoor {
  /** Keeps a fragment, from the first key fragment on. Never throws for what the disk does, never waits. */
  append(fragment: Fragment, startMs: EpochMs): void;
  /** Closes the open file at the last fragment; resolves when it is durable and in the index. */
  end(): Promise<void>;
  /** End of the media that is known to be on the disk; null before there is any. */
  readonly lastDurableMs: EpochMs | null;
}

/** Media that could not be kept: told when it begins and when it is over. The writer tries again by itself. */
export interface StorageProblem {
  readonly cause: StorageCause;
  readonly message: string;
  readonly fromMs: EpochMs;
  readonly toMs: EpochMs;
  readonly over: boolean;
}

/** The index, as far as a camera writes it. At most one recording and one gap of a camera is open. */
export interface Ledger {
  beginRun(run: {
    readonly id: RunId;
    readonly cameraId: CameraId;
    readonly init: InitSegment;
    readonly format: StreamFormat;
    readonly startedMs: EpochMs;
  }): void;
  endRun(id: RunId, endMs: EpochMs, cause: GapCause): void;
  beginRecording(cameraId: CameraId, reason: RecordingReason, fromMs: EpochMs): void;
  endRecording(cameraId: CameraId, endMs: EpochMs, reason: EndReason): void;
  openGap(cameraId: CameraId, fromMs: EpochMs, cause: GapCause): void;
  updateGap(cameraId: CameraId, cause: GapCause): void;
  closeGap(cameraId: CameraId, atMs: EpochMs): void;
  /** Where the newest footage ends that is known to be on the disk; null when there is none. */
  durableUntil(cameraId: CameraId): EpochMs | null;
  /** For a run that was begun. */
  openWriter(cameraId: CameraId, runId: RunId, onProblem: (problem: StorageProblem) => void): WriterDoor;
}

/** The newest fragments of one stream. */
export interface RingDoor {
  push(entry: RunFragment): void;
  readonly entries: readonly RunFragment[];
}

/** Cameras as they are configured, kept over restarts. */
export interface CameraStore {
  list(): readonly Camera[];
  /** @throws NvrError `conflict` when the id is taken. */
  insert(draft: CameraDraft, at: EpochMs): Camera;
  /** @throws NvrError `conflict` unless the stored revision is the expected one. */
  update(draft: CameraDraft, expectedRevision: number, at: EpochMs): Camera;
  /** Its footage and settings are held. */
  remove(id: CameraId, expectedRevision: number, at: EpochMs): void;
  /** Takes a deleted camera back. @throws NvrError `not-found`. */
  restore(id: CameraId, at: EpochMs): Camera;
  /** Whether a camera in mode `manual` was started; survives a restart. */
  started(id: CameraId): boolean;
  setStarted(id: CameraId, started: boolean): void;
}

/** When cameras in mode `scheduled` record. */
export interface ScheduleDoor {
  readonly zone: Zone;
  /** Null when none was set. */
  of(cameraId: CameraId): Schedule | null;
}

/** Everything around a camera. */
export interface Surroundings {
  readonly clock: Clock;
  /** Evenly distributed in 0..1. */
  random(): number;
  newRunId(): RunId;
  readonly log: Log;
  readonly media: MediaDoor;
  readonly ledger: Ledger;
  readonly schedules: ScheduleDoor;
  ring(cameraId: CameraId): RingDoor;
  /** Lets go of a deleted camera's ring. */
  dropRing(cameraId: CameraId): void;
  /** Told of every change of a camera's source. Must neither throw nor take time. */
  /** Whether somebody looked at a stream since this was asked last; for a second stream, by its key. */
  readonly watched?: (stream: CameraId) => boolean;
  /** Where the media of a camera's second stream goes. */
  readonly subRing?: (cameraId: CameraId) => RingDoor;
  readonly onSource?: (cameraId: CameraId, state: SourceState) => void;
  /** Told when the sound of a device goes away, with the cause, and when it is back (null). As above. */
  readonly onSound?: (cameraId: CameraId, silent: Failure | null) => void;
}
