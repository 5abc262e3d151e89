/** Users, sessions, tokens, who did what, and the first set-up, as the API speaks of them, over the archive's index. */
import type { Archive } from '../archive/archive.ts';
import type { Clock } from '../domain/time.ts';
import type { Zone } from '../domain/zone.ts';
import type { AuthPorts } from '../http/auth/auth.ts';
import type { SetupPort } from '../http/auth/ports.ts';

/** The key of the setting that says how far the first set-up has come; absent in installations older than it. */
const SETUP = 'setup';

export function accessPorts(archive: Archive, clock: Clock, zone: Zone): AuthPorts {
  return { ...archive.access, setup: setupPort(archive, zone), clock };
}

/** What is known of the first set-up; open from `begin` to `finish`. */
export function setupPort({ settings, storage }: Archive, zone: Zone): SetupPort {
  return {
    isOpen: () => settings.get(SETUP) === 'open',
    begin: () => settings.set(SETUP, 'open'),
    finish: () => settings.set(SETUP, 'done'),
    facts: () => ({
      zone,
      folders: storage.report().volumes.map(({ path, space }) => ({
        folder: path,
        freeBytes: space?.freeBytes ?? null,
        totalBytes: space?.totalBytes ?? null,
      })),
    }),
  };
}
