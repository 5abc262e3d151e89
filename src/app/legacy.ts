/** The older API as far as the settings switch it on: its routes' port, its clients, its boot list. */
import type { Archive } from '../archive/archive.ts';
import type { Fleet } from '../cameras/fleet.ts';
import * as onvif from '../cameras/onvif.ts';
import type { Config } from '../config.ts';
import type { Clock } from '../domain/time.ts';
import type { ArchivePort, CamerasPort } from '../http/ports.ts';
import type { ServerOptions } from '../http/server.ts';
import type { LiveHub } from '../live/hub.ts';
import { expectReachable } from './addressGuard.ts';
import { LegacyBoot } from './legacyBoot.ts';
import { legacyPort } from './legacyPort.ts';

interface Rooms {
  readonly archive: Archive;
  readonly playlists: Pick<ArchivePort, 'playlist'>;
  readonly cameras: CamerasPort;
  readonly fleet: Fleet;
  readonly hub: LiveHub;
}

interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** What the server is told of it; null when it is switched off. */
export function legacyOf(
  config: Config,
  rooms: Rooms,
  clock: Clock,
  log: Log,
): NonNullable<ServerOptions['legacy']> | null {
  if (config.legacyApi === 'off') return null;
  const boot: LegacyBoot = new LegacyBoot(config.legacyBootUrl, (camera) => port.register(camera, null), log);
  const port = legacyPort({
    ...rooms,
    onvif,
    clock,
    zone: config.timeZone,
    boot,
    expectReachable: (host) => expectReachable(host, 'camera', { webhooksToLoopback: false }, 'iaddr'),
  });
  return { port, clients: { addresses: config.legacyAddresses, token: config.legacyToken } };
}
