/**
 * What the older camera API of existing front ends says: its requests, read with all the laxity those clients need, and
 * its answers. Flags are the numbers 0 and 1, times are local without a zone. Pure.
 */
import { ALL_SCHEMES, parseAddress } from './address.ts';
import { NvrError } from './errors.ts';
import { type DeviceAddress, type Motion, STILL } from './ptz.ts';
import type { EpochMs, Interval } from './time.ts';
import { formatLocal, type Zone } from './zone.ts';

/** How those clients name a camera: its number, unique within its group. */
export interface LegacyKey {
  readonly gid: string;
  readonly seq: number;
}

/** A camera as those clients register it. */
export interface LegacyCamera extends LegacyKey {
  readonly name: string;
  /** The source address with its credentials. */
  readonly iaddr: string;
  /** The transport they take it for: `rtsp`, `rtmp`, `hls`… */
  readonly protocol: string;
  readonly isRec: boolean;
}

/** What becomes of a request; the address parts of the answer are made by whoever knows the host. */
export interface LegacyOutcome extends LegacyKey {
  readonly isRec: boolean;
  readonly insertedMs: EpochMs;
  readonly updatedMs: EpochMs;
  /** The recording that this request began or ended. */
  readonly recording: { readonly startMs: EpochMs; readonly endMs: EpochMs | null } | null;
}

/** The kind of source behind an address; a scheme that says otherwise than `protocol` wins. */
export type LegacyKind = 'rtsp' | 'rtmp' | 'hls' | 'http' | 'udp' | 'srt';

const KIND_OF_SCHEME: Readonly<Record<string, LegacyKind>> = {
  rtsp: 'rtsp',
  rtsps: 'rtsp',
  rtmp: 'rtmp',
  rtmps: 'rtmp',
  udp: 'udp',
  srt: 'srt',
};
const LONGEST_NAME = 100;
const MOST_SEQ = 2_147_483_647;

/** @throws NvrError `invalid` naming the field. */
export function readLegacyKey({ gid, seq }: Readonly<Record<string, unknown>>): LegacyKey {
  return { gid: readGid(gid, 'gid'), seq: readSeq(seq) };
}

/** Letters, digits, `_` and `-`, or a number. @throws NvrError `invalid` naming the field. */
export function readGid(value: unknown, field: string): string {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text === 'string' && /^[\w-]{1,64}$/.test(text)) return text;
  throw new NvrError('invalid', 'A group is a number or a short word.', { field });
}

/** A whole number, also as text. @throws NvrError `invalid` naming the field. */
export function readSeq(value: unknown): number {
  const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= MOST_SEQ)
    return number;
  throw new NvrError('invalid', 'A camera’s number is a whole number.', { field: 'seq' });
}

/** @throws NvrError `invalid` naming the field. */
export function readFlag(value: unknown, field: string): boolean {
  if (value === 1 || value === '1' || value === true) return true;
  if (value === 0 || value === '0' || value === false) return false;
  throw new NvrError('invalid', 'A flag is 0 or 1.', { field });
}

/** What is absent of name and protocol is made up; the rest is needed. @throws NvrError `invalid` naming the field. */
export function readLegacyCamera(body: Readonly<Record<string, unknown>>): LegacyCamera {
  const key = readLegacyKey(body);
  const { iaddr, name, protocol, isRec = 0 } = body;
  if (typeof iaddr !== 'string' || iaddr.trim() === '')
    throw new NvrError('invalid', 'The address of the source is needed.', { field: 'iaddr' });
  const shown = typeof name === 'string' ? name.replaceAll(/\p{Cc}/gu, ' ').trim() : '';
  return {
    ...key,
    name: shown === '' ? `Camera ${key.gid}/${key.seq}` : shown.slice(0, LONGEST_NAME),
    iaddr: iaddr.trim(),
    protocol: typeof protocol === 'string' ? protocol.trim().toLowerCase() : '',
    isRec: readFlag(isRec, 'isRec'),
  };
}

/** What the address is of, by its scheme; only HTTP leaves a choice. @throws NvrError `invalid` with the field `iaddr` */
export function legacyKind({ iaddr, protocol }: Pick<LegacyCamera, 'iaddr' | 'protocol'>): LegacyKind {
  const scheme = /^([a-z]+):\/\//i.exec(iaddr)?.[1]?.toLowerCase() ?? '';
  const kind = KIND_OF_SCHEME[scheme];
  if (kind !== undefined) return kind;
  if (scheme !== 'http' && scheme !== 'https')
    throw new NvrError('invalid', 'The address has no scheme that is known.', { field: 'iaddr' });
  return protocol === 'hls' || /\.m3u8(?:[?#]|$)/i.test(iaddr) ? 'hls' : 'http';
}

/** The body of an answer. @param origin such as `http://nvr:8080` */
export function legacyAnswer(outcome: LegacyOutcome, origin: string, zone: Zone) {
  const { gid, seq, isRec, recording } = outcome;
  return {
    status: 1,
    isRec: isRec ? 1 : 0,
    inserted: formatLocal(outcome.insertedMs, zone),
    updated: formatLocal(outcome.updatedMs, zone),
    stream_url: `${origin}/${gid}/${seq}/hls/index.m3u8`,
    record_url: recording?.endMs == null ? '' : `${origin}/${recordPath(outcome, recording.startMs, zone)}`,
    recStartDate: recording === null ? '' : compactDate(recording.startMs, zone),
    recStartTime: recording === null ? '' : localTime(recording.startMs, zone),
    recEndTime: recording?.endMs == null ? '' : localTime(recording.endMs, zone),
  };
}

/** The same when a request was not done. */
export const LEGACY_FAILURE = {
  status: 0,
  isRec: 0,
  inserted: '',
  updated: '',
  stream_url: '',
  record_url: '',
  recStartDate: '',
  recStartTime: '',
  recEndTime: '',
} as const;

/** Where a recording is played, by when it began. */
function recordPath({ gid, seq }: LegacyKey, startMs: EpochMs, zone: Zone): string {
  return `${gid}/${seq}/${compactDate(startMs, zone)}/${localTime(startMs, zone)}/index.m3u8`;
}

/** The recording that began at this local date (`YYYYMMDD`) and time (`HH:MM:SS`); undefined when none did. */
export function recordingAt<R extends Pick<Interval, 'startMs'>>(
  recordings: readonly R[],
  date: string,
  time: string,
  zone: Zone,
): R | undefined {
  return recordings.find(
    ({ startMs }) => compactDate(startMs, zone) === date && localTime(startMs, zone) === time,
  );
}

function compactDate(ms: EpochMs, zone: Zone): string {
  return formatLocal(ms, zone).slice(0, 10).replaceAll('-', '');
}

function localTime(ms: EpochMs, zone: Zone): string {
  return formatLocal(ms, zone).slice(11);
}

/**
 * Where a device is asked: `iaddr` is a host, alone or in an address of a kind of source; `id` and `passwd` are its
 * credentials. @throws NvrError `invalid` naming the field.
 */
export function readDevice({ iaddr, port, id, passwd }: Readonly<Record<string, unknown>>): DeviceAddress {
  if (typeof iaddr !== 'string' || iaddr.trim() === '')
    throw new NvrError('invalid', 'The address of the device is needed.', { field: 'iaddr' });
  const address = /^\s*\w+:\/\//.test(iaddr) ? iaddr : `http://${bracketed(iaddr.trim())}`;
  return {
    host: parseAddress(address, 'iaddr', ALL_SCHEMES).host,
    port: readPort(port),
    ...(typeof id === 'string' && id !== '' && { username: id }),
    ...(typeof passwd === 'string' && { password: passwd }),
  };
}

/** An IPv6 address alone, as an address has it. */
function bracketed(host: string): string {
  return /^[\da-f]*:[\da-f:.]*:[\da-f.]*$/i.test(host) ? `[${host}]` : host;
}

/** Of ONVIF, which is a web service: 80 when it is not said. @throws NvrError `invalid` with the field `port` */
export function readPort(value: unknown): number {
  const port = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : (value ?? 80);
  if (typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new NvrError('invalid', 'A port is a whole number from 1 to 65535.', { field: 'port' });
}

const SPEED = 0.5;
const STEPS: readonly (readonly [word: RegExp, step: Partial<Motion>])[] = [
  [/left/, { pan: -SPEED }],
  [/right/, { pan: SPEED }],
  [/up/, { tilt: SPEED }],
  [/down/, { tilt: -SPEED }],
  [/zoom_?-?in|\bin\b/, { zoom: SPEED }],
  [/zoom_?-?out|\bout\b/, { zoom: -SPEED }],
];

/** `left`, `upright`, `zoom_in`, `stop`, in any case. @throws NvrError `invalid` with the field `direction` */
export function readDirection(value: unknown): Motion {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : '';
  const steps = STEPS.flatMap(([word, step]) => (word.test(text) ? [step] : []));
  if (steps.length === 0 && !/^(?:stop|home|center)$/.test(text))
    throw new NvrError('invalid', 'A direction is left, right, up, down, zoom_in, zoom_out or stop.', {
      field: 'direction',
    });
  return Object.assign({}, STILL, ...steps);
}
