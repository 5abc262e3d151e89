/**
 * One table of settings → a frozen `Config`. Precedence: flags, then environment, then the file, then the default.
 * Unknown keys are errors, in the file as in the flags. Reads no file and no environment by itself.
 */
import { ACCESS_SETTINGS, type AccessConfig } from './config/access.ts';
import { EVENT_SETTINGS, type EventConfig } from './config/events.ts';
import { EXPORT_SETTINGS, type ExportConfig } from './config/exports.ts';
import { LIVE_SETTINGS, type LiveConfig } from './config/live.ts';
import { PICTURE_SETTINGS, type PictureConfig } from './config/pictures.ts';
import { choice, integer, networks, optional, path, paths, type Reader, text } from './config/readers.ts';
import { ENCODER_NAMES, type EncoderName } from './domain/encode.ts';
import { messageOf, NvrError } from './domain/errors.ts';
import type { WhenFull } from './domain/retention.ts';
import { type Zone, zone } from './domain/zone.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export const TLS_MODES = ['auto', 'own', 'off'] as const;
export type TlsMode = (typeof TLS_MODES)[number];

export const PLACEMENTS = ['camera', 'free-space'] as const;
export type Placement = (typeof PLACEMENTS)[number];

/** Everything that can be set; times in the unit of the name. */
export interface Config extends AccessConfig, EventConfig, ExportConfig, LiveConfig, PictureConfig {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsMode;
  /** Files in PEM; of `tls` = own. */
  readonly tlsCertificate: string | null;
  readonly tlsKey: string | null;
  /** Reverse proxies whose `X-Forwarded-*` headers are believed. */
  readonly trustedProxies: readonly string[];
  readonly mediaDir: string;
  readonly moreMediaDirs: readonly string[];
  readonly placement: Placement;
  readonly stateDir: string;
  readonly timeZone: Zone;
  readonly segmentSeconds: number;
  readonly fragmentMs: number;
  readonly queueSeconds: number;
  /** Folder whose files may be sources; null allows none. */
  readonly fileSourceDir: string | null;
  readonly encoder: EncoderName | 'auto';
  readonly syncMs: number;
  /** Kept free on each media folder; null is a twentieth of its volume, from 64 MB to 20 GB. */
  readonly reserveMegabytes: number | null;
  readonly whenFull: WhenFull;
  /** How long footage of deleted cameras is held; null is for ever. */
  readonly holdingDays: number | null;
  readonly legacyApi: 'on' | 'off';
  readonly legacyAddresses: readonly string[];
  readonly legacyToken: string | null;
  /** Where the list of cameras is fetched at the start. */
  readonly legacyBootUrl: string | null;
  readonly logLevel: LogLevel;
  /** Password of the first user `admin`; made up and printed once when absent. */
  readonly adminPassword: string | null;
}

/** Where a value came from, strongest first. */
export type Origin = 'flag' | 'environment' | 'file' | 'default';

type Key = keyof Config;

export interface Setting<T> {
  readonly describes: string;
  readonly read: Reader<T>;
  readonly fallback: () => unknown;
  readonly secret?: true;
}

/** The settings, in the order of the documentation. `mediaDir` ↔ `--media-dir` ↔ `NIGHTJAR_MEDIA_DIR`. */
export const SETTINGS: { readonly [K in Key]: Setting<Config[K]> } = {
  host: {
    describes: 'Address to listen on; 0.0.0.0 for every interface',
    read: text(/^[\w.:[\]-]+$/, 'a host name or an IP address'),
    fallback: () => '127.0.0.1',
  },
  port: { describes: 'Port to listen on', read: integer(1, 65_535), fallback: () => 8080 },
  tls: {
    describes:
      'HTTPS: auto (beyond this machine, with a certificate made on the first run), own (with the two files below), off',
    read: choice(TLS_MODES),
    fallback: () => 'auto',
  },
  tlsCertificate: {
    describes: 'File of the certificate and its chain, in PEM',
    read: optional(path),
    fallback: () => null,
  },
  tlsKey: { describes: 'File of its private key, in PEM', read: optional(path), fallback: () => null },
  trustedProxies: {
    describes:
      'Reverse proxies whose X-Forwarded headers are believed: a JSON array of addresses or networks',
    read: networks,
    fallback: () => [],
  },
  mediaDir: { describes: 'Folder for footage', read: path, fallback: () => 'nightjar-data/media' },
  moreMediaDirs: {
    describes: 'More folders for footage, on other disks: a JSON array of paths',
    read: paths,
    fallback: () => [],
  },
  placement: {
    describes: 'Where a camera’s footage goes: camera (it keeps to one folder) or free-space (the emptiest)',
    read: choice(PLACEMENTS),
    fallback: () => 'camera',
  },
  stateDir: {
    describes: 'Folder for the index and settings',
    read: path,
    fallback: () => 'nightjar-data/state',
  },
  timeZone: {
    describes: 'IANA time zone whose days the archive is shown by',
    read: (value) => zone(String(value)),
    fallback: () => Intl.DateTimeFormat().resolvedOptions().timeZone,
  },
  segmentSeconds: { describes: 'Length of a segment file', read: integer(5, 3_600), fallback: () => 60 },
  fragmentMs: {
    describes: 'Longest fragment: what a crash can cost, and most of the live delay',
    read: integer(100, 500),
    fallback: () => 250,
  },
  queueSeconds: {
    describes: 'How long a stall of the disk or the process is absorbed in front of the muxer',
    read: integer(1, 60),
    fallback: () => 8,
  },
  ...LIVE_SETTINGS,
  fileSourceDir: {
    describes: 'Folder whose files may be played as cameras; none when absent',
    read: (value) => (value === null ? null : path(value)),
    fallback: () => null,
  },
  encoder: {
    describes: 'The encoder of cameras that are encoded anew; auto takes the first that works',
    read: choice(['auto', ...ENCODER_NAMES]),
    fallback: () => 'auto',
  },
  syncMs: {
    describes: 'After how long media is on the disk; where syncing takes long, it begins earlier',
    read: integer(100, 60_000),
    fallback: () => 1_500,
  },
  reserveMegabytes: {
    describes: 'Space kept free on the disk of the footage; a twentieth of it (64 MiB to 20 GiB) when absent',
    read: (value) => (value === null ? null : integer(1, 100_000_000)(value)),
    fallback: () => null,
  },
  whenFull: {
    describes:
      'When all that is left is guaranteed: drop the oldest of it, or stop the cameras of lowest priority',
    read: choice(['drop-oldest', 'stop-lowest']),
    fallback: () => 'drop-oldest',
  },
  holdingDays: {
    describes: 'Days that footage of deleted cameras is held; null for ever',
    read: (value) => (value === null || value === 'null' ? null : integer(0, 36_525)(value)),
    fallback: () => 30,
  },
  ...ACCESS_SETTINGS,
  ...EVENT_SETTINGS,
  ...EXPORT_SETTINGS,
  ...PICTURE_SETTINGS,
  legacyApi: {
    describes: 'The older camera API of existing front ends: on or off',
    read: choice(['on', 'off']),
    fallback: () => 'off',
  },
  legacyAddresses: {
    describes: 'Who may use it without credentials: a JSON array of addresses or networks',
    read: networks,
    fallback: () => ['127.0.0.1', '::1'],
  },
  legacyToken: {
    describes: 'Token with which anybody may use it, as Authorization: Bearer',
    read: optional(text(/^[\x21-\x7e]{16,200}$/, '16 to 200 characters without blanks')),
    fallback: () => null,
    secret: true,
  },
  legacyBootUrl: {
    describes: 'Server whose list of cameras is fetched at the start, for clients of that API',
    read: optional(text(/^https?:\/\/[^\s@]+$/, 'an address with http or https')),
    fallback: () => null,
  },
  logLevel: {
    describes: 'Least important lines that are logged',
    read: choice(LOG_LEVELS),
    fallback: () => 'info',
  },
  adminPassword: {
    describes: 'Password of the first user, admin; made up and printed once when absent',
    read: (value) => (value === null ? null : text(/^.{8,1024}$/, '8 to 1024 characters')(value)),
    fallback: () => null,
    secret: true,
  },
};

/** What was given, by origin; flags and environment hold text, the file any JSON value. */
export interface Given {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly file: Readonly<Record<string, unknown>>;
}

export interface LoadedConfig {
  readonly config: Config;
  readonly origins: Readonly<Record<Key, Origin>>;
}

/** @throws NvrError `invalid` naming the key that is unknown or wrong, and where it was given. */
export function loadConfig(given: Given): LoadedConfig {
  const keys = Object.keys(SETTINGS) as Key[];
  refuseUnknown(given, keys);
  const origins: Partial<Record<Key, Origin>> = {};
  const values = keys.map((key) => {
    const [origin, value] = pick(given, key);
    origins[key] = origin;
    return [key, read(key, value, origin)];
  });
  return {
    config: Object.freeze(Object.fromEntries(values)) as Config,
    origins: origins as Record<Key, Origin>,
  };
}

/** `mediaDir` → `NIGHTJAR_MEDIA_DIR`. */
export function environmentName(key: string): string {
  return `NIGHTJAR_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** `mediaDir` → `media-dir`. */
export function flagName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function pick({ flags, environment, file }: Given, key: Key): readonly [Origin, unknown] {
  const flag = flags[flagName(key)];
  if (flag !== undefined) return ['flag', flag];
  const variable = environment[environmentName(key)];
  if (variable !== undefined && variable !== '') return ['environment', variable];
  if (file[key] !== undefined) return ['file', file[key]];
  return ['default', SETTINGS[key].fallback()];
}

function read(key: Key, value: unknown, origin: Origin): unknown {
  try {
    return SETTINGS[key].read(value);
  } catch (thrown) {
    throw new NvrError('invalid', `Setting ${key} (${origin}): ${messageOf(thrown)}`, {
      field: key,
      cause: thrown,
    });
  }
}

function refuseUnknown({ flags, environment, file }: Given, keys: readonly Key[]): void {
  const unknown =
    Object.keys(file).find((key) => !keys.some((known) => known === key)) ??
    Object.keys(flags).find((flag) => !keys.some((known) => flagName(known) === flag)) ??
    Object.keys(environment).find(
      (name) => name.startsWith('NIGHTJAR_') && !keys.some((known) => environmentName(known) === name),
    );
  if (unknown !== undefined)
    throw new NvrError('invalid', `There is no setting ${unknown}.`, { field: unknown });
}
