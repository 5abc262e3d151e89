/** The settings of live view. */
import type { Setting } from '../config.ts';
import { addresses, integer, type PortRange, portRange } from './readers.ts';

export interface LiveConfig {
  readonly ringSeconds: number;
  readonly ringMegabytes: number;
  readonly viewersPerUser: number;
  /** UDP ports of WebRTC, both included; null lets the system choose. */
  readonly webrtcPorts: PortRange | null;
  readonly publicAddresses: readonly string[];
}

export const LIVE_SETTINGS: { readonly [K in keyof LiveConfig]: Setting<LiveConfig[K]> } = {
  ringSeconds: {
    describes:
      'Newest media kept at least in memory of a stream while it is played by playlist; else two GOPs',
    read: integer(2, 120),
    fallback: () => 8,
  },
  ringMegabytes: { describes: 'The same, at most', read: integer(1, 1_024), fallback: () => 24 },
  viewersPerUser: {
    describes: 'How many cameras one user may watch live at once, over all connections',
    read: integer(1, 10_000),
    fallback: () => 200,
  },
  webrtcPorts: {
    describes: 'UDP ports of live view over WebRTC, e.g. 50000-50100; any when absent',
    read: (value) => (value === null ? null : portRange(value)),
    fallback: () => null,
  },
  publicAddresses: {
    describes: 'IPv4 addresses under which WebRTC viewers outside reach this machine: a JSON array',
    read: addresses,
    fallback: () => [],
  },
};
