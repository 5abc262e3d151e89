/** What the user configures of a camera. Plain data; validation of addresses is in `address.ts`. */
import type { CameraId } from './ids.ts';
import type { EpochMs } from './time.ts';

/** RTSP over TCP (interleaved, RFC 7826 §14) or over UDP. */
export type RtspTransport = 'tcp' | 'udp';

export interface RtspSource {
  readonly kind: 'rtsp';
  /** Address without credentials. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly transport: RtspTransport;
}

/** The embedded test pattern with a burnt-in clock: what an empty installation starts with. */
export interface TestSource {
  readonly kind: 'test';
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

/** How a camera's media is reached. */
export type Source = RtspSource | TestSource;

/** When a camera records: round the clock, between start and stop, by its schedule, or never. */
export type RecordingMode = 'continuous' | 'manual' | 'scheduled' | 'off';

/** What the user added. */
export interface Camera {
  readonly id: CameraId;
  readonly name: string;
  /** A disabled camera is neither connected nor recorded. */
  readonly enabled: boolean;
  readonly source: Source;
  /** Whether sound is taken, if the source has any. */
  readonly audio: boolean;
  readonly mode: RecordingMode;
  /** Counts every change: the strong ETag of the camera. */
  readonly revision: number;
  readonly createdMs: EpochMs;
  readonly updatedMs: EpochMs;
}

/** What may be given to create a camera; the rest has defaults. */
export type CameraDraft = Omit<Camera, 'revision' | 'createdMs' | 'updatedMs'>;
