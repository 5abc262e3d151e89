/** Capture devices of the machine, as plain data. */

/** What a device offers in one format of picture. */
export interface DeviceMode {
  /** A raw format by GStreamer's name, or `MJPG`, `H264`, `H265`. */
  readonly pixelFormat: string;
  /** Null where any size goes. */
  readonly width: number | null;
  readonly height: number | null;
  /** Frames per second, highest first; empty where any goes. */
  readonly fps: readonly number[];
}

export interface VideoDevice {
  /** The name that it keeps when others come and go, where it has one: `/dev/v4l/by-id/usb-…`. */
  readonly device: string;
  /** What it is called now, e.g. `/dev/video0`. */
  readonly node: string;
  readonly name: string;
  readonly modes: readonly DeviceMode[];
  /** Why it can't be used, with the remedy; null when it can. */
  readonly problem: string | null;
}

export interface AudioDevice {
  /** ALSA's name by that of the card, which it keeps when others come and go: `hw:CARD=HDMI,DEV=0`. */
  readonly device: string;
  /** What it is called now, e.g. `hw:4,0`. */
  readonly node: string;
  readonly name: string;
  readonly problem: string | null;
}

export interface Devices {
  readonly video: readonly VideoDevice[];
  readonly audio: readonly AudioDevice[];
}
