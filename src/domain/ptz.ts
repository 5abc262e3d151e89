/** How a camera that can move is told to. */

/** −1…1 of its greatest speed in each direction, to the right, up and nearer; all zero stops it. */
export interface Motion {
  readonly pan: number;
  readonly tilt: number;
  readonly zoom: number;
}

export const STILL: Motion = { pan: 0, tilt: 0, zoom: 0 };

/** What a device says of itself. */
export interface DeviceInfo {
  readonly manufacturer: string;
  readonly model: string;
  readonly firmware: string;
  /** `00:11:22:33:44:55`; empty when it does not say. */
  readonly macAddress: string;
}

/** Where a device is asked. */
export interface DeviceAddress {
  readonly host: string;
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
}
