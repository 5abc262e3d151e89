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
  /** How long packets may take to arrive in order, milliseconds; what the transport needs when absent. */
  readonly latencyMs?: number;
}

/** Where a source on the network is, and who asks. */
interface Remote {
  /** Address without credentials. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
}

/** A stream that an RTMP server (Adobe RTMP 1.0) gives out. */
export interface RtmpSource extends Remote {
  readonly kind: 'rtmp';
}

/** An HLS playlist (RFC 8216), live or not; one that ends is played again. */
export interface HlsSource extends Remote {
  readonly kind: 'hls';
}

/** A file or endless stream behind HTTP: MP4, MPEG-TS, or JPEG pictures as `multipart/x-mixed-replace`. */
export interface HttpSource extends Remote {
  readonly kind: 'http';
}

/** MPEG-TS (ISO 13818-1) in UDP datagrams to a port of this machine, or to a multicast group. */
export interface UdpSource {
  readonly kind: 'udp';
  /** `udp://group-or-interface:port`. */
  readonly url: string;
}

/** MPEG-TS over SRT. */
export interface SrtSource {
  readonly kind: 'srt';
  /** `srt://host:port`; of a listener the interface it listens on. */
  readonly url: string;
  /** Who connects: this machine (`caller`), or whoever sends (`listener`). */
  readonly role: 'caller' | 'listener';
  readonly streamId?: string;
  /** The passphrase. */
  readonly password?: string;
  /** How long lost packets are waited for, milliseconds. */
  readonly latencyMs: number;
}

/** A file of the folder for such files, played in a loop at its own pace. */
export interface FileSource {
  readonly kind: 'file';
  /** Relative to the folder, with `/`. */
  readonly path: string;
}

/** A capture device of this machine: a webcam, an HDMI grabber. What is absent is chosen by the device. */
export interface DeviceSource {
  readonly kind: 'v4l2';
  /** Of the picture, e.g. `/dev/video0`. */
  readonly device: string;
  /** GStreamer's name of a raw format (`NV16`), or `MJPG`, `H264`, `H265`. */
  readonly pixelFormat?: string;
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
  /** The element that knows a camera on the board, which has a number instead of a path; V4L2 when absent. */
  readonly onBoard?: 'nvarguscamerasrc' | 'libcamerasrc';
  /** ALSA's name of the sound device, e.g. `hw:4,0`; no sound when absent. */
  readonly audioDevice?: string;
}

/** The embedded test pattern with a burnt-in clock: what an empty installation starts with. */
export interface TestSource {
  readonly kind: 'test';
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

/** How a camera's media is reached. */
export type Source =
  | RtspSource
  | RtmpSource
  | HlsSource
  | HttpSource
  | UdpSource
  | SrtSource
  | FileSource
  | DeviceSource
  | TestSource;

/** Which of the two streams of a camera: what is recorded, or a smaller one for walls and previews. */
export type StreamName = 'main' | 'sub';

/** Text that is drawn into the picture. */
export interface Overlay {
  /** As `strftime` has it, in the time zone of the machine: `%Y-%m-%d %H:%M:%S`. */
  readonly clock?: string;
  /** Before the clock, or alone. */
  readonly text?: string;
  readonly position: 'top-left' | 'top-right' | 'bottom-left' | 'bottom-right';
  /** Points, at the size of the encoded picture. */
  readonly fontSize: number;
}

/** That and how the picture is encoded anew; what is absent stays as it arrives. */
export interface Encode {
  /** At most; the shape of the picture is kept. */
  readonly width?: number;
  readonly height?: number;
  /** Frames per second, at most. */
  readonly fps?: number;
  readonly kbitPerSecond?: number;
  readonly keyframeSeconds: number;
  readonly preset: 'fast' | 'balanced' | 'small';
  readonly overlay?: Overlay;
}

/** When a camera records: round the clock, between start and stop, by its schedule, or never. */
export type RecordingMode = 'continuous' | 'manual' | 'scheduled' | 'off';

/** What the user added. */
export interface Camera {
  readonly id: CameraId;
  readonly name: string;
  /** A disabled camera is neither connected nor recorded. */
  readonly enabled: boolean;
  readonly source: Source;
  /** A second, smaller stream of the same picture; only ever connected while somebody looks at it. */
  readonly sub?: Source | null;
  /** Without, the picture is recorded as it arrives, unless it is in no codec that can be recorded. */
  readonly encode?: Encode | null;
  /** Whether the camera is connected only while it is watched or recorded. */
  readonly onDemand?: boolean;
  /** Length of a segment file; without, as the setting of the recorder says. */
  readonly segmentSeconds?: number | null;
  /** What it is shown together with: a building, a floor. */
  readonly group?: string | null;
  /** Words to find it by. */
  readonly tags?: readonly string[];
  /** Where it stands in lists; those without come last. */
  readonly position?: number | null;
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
