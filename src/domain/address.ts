/**
 * Addresses of cameras as people give them, and their credentials, which leave the address here and never return to
 * it. People paste addresses with passwords that were never percent-encoded; the rules for those are here too.
 */
import { NvrError } from './errors.ts';

/** An address taken apart. */
export interface Address {
  /** The address without credentials; otherwise as it was given, scheme and host in lower case. */
  readonly url: string;
  readonly scheme: string;
  /** Host name or IP address; IPv6 without brackets. */
  readonly host: string;
  /** The scheme's own port when the address names none. */
  readonly port: number;
  readonly username?: string;
  readonly password?: string;
}

/** Schemes that are taken, each with the port it has when none is given. */
export type Schemes = Readonly<Record<string, number>>;

/** RFC 7826 §4.2. */
export const RTSP_SCHEMES: Schemes = { rtsp: 554, rtsps: 322 };
const HTTP_SCHEMES: Schemes = { http: 80, https: 443 };

/** Schemes of each kind of source that has an address; a port of 0 has to be given. */
export const SCHEMES_OF = {
  rtsp: RTSP_SCHEMES,
  rtmp: { rtmp: 1935, rtmps: 443 },
  hls: HTTP_SCHEMES,
  http: HTTP_SCHEMES,
  udp: { udp: 0 },
  srt: { srt: 0 },
} as const satisfies Readonly<Record<string, Schemes>>;
/** Those of every kind. */
export const ALL_SCHEMES: Schemes = Object.assign({}, ...Object.values(SCHEMES_OF));

/** One way to understand what follows `scheme://`. */
interface Reading {
  readonly userinfo: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
  readonly isIp: boolean;
  /** Path, query and fragment. */
  readonly tail: string;
  /** Why it is no address. */
  readonly fault: string | undefined;
}

const MAX_LENGTH = 2048;
/** Control characters and halves of surrogate pairs. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;
const FORBIDDEN_TAIL = /[\s"'`!]/u;
const SCHEME = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/isu;
const AUTHORITY = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/su;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?=\d)|$)){4}$/;
const IPV6 = /^\[[0-9a-f:.]+\]$/;
/** RFC 1123 §2.1, and the underscores of container networks. */
const LABEL = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * Takes an address apart; blanks around it are ignored. Where its credentials end is decided so:
 *
 * 1. As RFC 3986 §3.2 says: the authority ends at the first `/`, `?` or `#`, the userinfo at its last `@`.
 * 2. But an unescaped password may hold all of these. Each later `@` may end the userinfo too, if that has a `:`; they
 *    are tried from the last to the first. What follows the `@` has to be a host, with or without a port.
 * 3. Of these readings the first whose host is an IP address counts, else the first that is an address at all.
 *
 * So `rtsp://a:p@x/y@10.0.0.1/` has the password `p@x/y`, and `rtsp://a:p@cam/y@2x` the host `cam`; who means something
 * else percent-encodes. User name and password are percent-decoded where `%XX` gives printable UTF-8; any other `%` is
 * a `%`. A password that holds `%41` is so given as `%2541`.
 *
 * @param schemes those taken, with their ports.
 * @throws NvrError `invalid`, naming the field and never a part of the credentials.
 */
export function parseAddress(text: string, field = 'url', schemes: Schemes = RTSP_SCHEMES): Address {
  const given = text.trim();
  if (given.length > MAX_LENGTH) throw refusal(`is longer than ${MAX_LENGTH} characters`, field);
  if (UNPRINTABLE.test(given)) throw refusal('has control characters', field);
  const [, scheme = '', rest = ''] = SCHEME.exec(given) ?? [];
  const name = scheme.toLowerCase();
  const taken = Object.keys(schemes).join(', ');
  const defaultPort = Object.hasOwn(schemes, name) ? schemes[name] : undefined;
  if (name === '') throw refusal(`has to begin with its scheme (${taken}) and ://`, field);
  if (defaultPort === undefined) throw refusal(`has the scheme ${name}, which is not one of ${taken}`, field);

  const { userinfo, host, port, tail } = chosen(rest, field);
  if (port === undefined && defaultPort === 0) throw refusal('has no port', field);
  return {
    url: `${name}://${host}${port === undefined ? '' : `:${port}`}${tail}`,
    scheme: name,
    host: host.replace(/^\[|\]$/g, ''),
    port: port ?? defaultPort,
    ...credentials(userinfo),
  };
}

/**
 * Text without the credentials of addresses in it, for logs: what stands between `scheme://` and the last `@` before the
 * next address or the end of the line, and the values of parameters that sound like secrets. As passwords may hold
 * anything, text that is none can go with them; the reverse happens only to a password that itself holds a blank or
 * quote followed by `scheme://`.
 */
export function redact(text: string): string {
  return text
    .split(/(?<=[\r\n])|(?<=[\s"'`(<[{,;=>|])(?=[a-z][a-z0-9+.-]{0,15}:\/\/)/iu)
    .map(withoutUserinfo)
    .join('')
    .replace(/((?:pass(?:word|wd|phrase)?|pwd|token|secret|auth|api[_-]?key)=)[^&\s"'#]+/giu, '$1***');
}

/** Of text with one address in it. */
function withoutUserinfo(text: string): string {
  const start = text.indexOf('://');
  const end = text.lastIndexOf('@');
  return start >= 0 && end > start ? `${text.slice(0, start)}://***${text.slice(end)}` : text;
}

/** The reading of what follows `scheme://` that counts. */
function chosen(rest: string, field: string): Reading {
  const authorityEnd = rest.search(/[/?#]|$/u);
  const standard = readingAt(rest, rest.slice(0, authorityEnd).lastIndexOf('@'));
  const readings = [standard, ...laterReadings(rest, authorityEnd)].filter((reading) => !reading.fault);
  const found = readings.find((reading) => reading.isIp) ?? readings[0];
  if (!found) throw refusal(standard.fault ?? 'cannot be read', field);
  return found;
}

function laterReadings(rest: string, authorityEnd: number): Reading[] {
  const readings: Reading[] = [];
  for (let at = rest.lastIndexOf('@'); at > authorityEnd; at = rest.lastIndexOf('@', at - 1)) {
    if (rest.slice(0, at).includes(':')) readings.push(readingAt(rest, at));
  }
  return readings;
}

/** Reads an address whose userinfo ends at an index, or that has none when the index is -1. */
function readingAt(rest: string, at: number): Reading {
  const behind = rest.slice(at + 1);
  const authorityEnd = behind.search(/[/?#]|$/u);
  const tail = behind.slice(authorityEnd);
  const [, name = '', portText] = AUTHORITY.exec(behind.slice(0, authorityEnd)) ?? [];
  const host = name.toLowerCase();
  const isIp = IPV4.test(host) || (IPV6.test(host) && URL.canParse(`http://${host}/`));
  const port = portText === undefined ? undefined : Number(/^\d{1,5}$/.exec(portText)?.[0] ?? 0);
  const userinfo = at < 0 ? undefined : rest.slice(0, at);
  return { userinfo, host, port, tail, isIp, fault: faultOf(host, isIp, port, tail) };
}

function faultOf(host: string, isIp: boolean, port: number | undefined, tail: string): string | undefined {
  if (host === '') return 'has no host';
  if (!isIp && !isHostName(host)) return 'has a host that is neither a name nor an IP address';
  if (port !== undefined && (port < 1 || port > 65_535))
    return 'has a port that is no number from 1 to 65535';
  return FORBIDDEN_TAIL.test(tail) ? 'has blanks, quotes or exclamation marks in its path' : undefined;
}

function isHostName(host: string): boolean {
  const labels = host.split('.');
  const last = labels.at(-1) ?? '';
  // A name that ends in a number would be taken for an IPv4 address by some and not by others.
  return host.length <= 253 && labels.every((label) => LABEL.test(label)) && !/^\d+$/.test(last);
}

function credentials(userinfo: string | undefined): { username?: string; password?: string } {
  if (!userinfo) return {};
  const colon = userinfo.indexOf(':');
  if (colon < 0) return { username: decode(userinfo) };
  return { username: decode(userinfo.slice(0, colon)), password: decode(userinfo.slice(colon + 1)) };
}

/** Percent-decodes the sequences that give printable text; the others were never meant as such. */
function decode(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/giu, (sequence) => {
    try {
      const decoded = decodeURIComponent(sequence);
      return UNPRINTABLE.test(decoded) ? sequence : decoded;
    } catch {
      return sequence;
    }
  });
}

function refusal(what: string, field: string): NvrError {
  return new NvrError('invalid', `The address ${what}.`, { field });
}
