/**
 * Which addresses the recorder may connect to on behalf of a user (server-side request forgery). Cameras live on
 * private networks and restreamers on loopback, so those are fine; what only the machine itself should be able to ask
 * (link-local addresses, the metadata services of clouds) is not. Names are resolved elsewhere, and what they
 * resolve to is judged here.
 */
import { NvrError } from './errors.ts';

/** What the connection is for. */
export type Purpose = 'camera' | 'webhook';

export interface AddressRules {
  /** Whether webhooks may go to this machine. */
  readonly webhooksToLoopback: boolean;
}

export type AddressClass =
  | 'public'
  | 'private'
  | 'loopback'
  | 'link-local'
  | 'metadata'
  | 'multicast'
  | 'unspecified'
  | 'reserved';

/** First address, length of the prefix in bits, class; the first that holds counts. */
type Range = readonly [first: string, bits: number, kind: AddressClass];

/** IANA's registries of special-purpose addresses (RFC 6890), and where clouds put their metadata. */
const V4: readonly Range[] = [
  ['169.254.169.254', 32, 'metadata'],
  ['100.100.100.200', 32, 'metadata'],
  ['192.0.0.192', 32, 'metadata'],
  ['168.63.129.16', 32, 'metadata'],
  ['0.0.0.0', 8, 'unspecified'],
  ['127.0.0.0', 8, 'loopback'],
  ['169.254.0.0', 16, 'link-local'],
  ['10.0.0.0', 8, 'private'],
  ['100.64.0.0', 10, 'private'],
  ['172.16.0.0', 12, 'private'],
  ['192.168.0.0', 16, 'private'],
  ['224.0.0.0', 4, 'multicast'],
  ['240.0.0.0', 4, 'reserved'],
];
const V6: readonly Range[] = [
  ['fd00:ec2::254', 128, 'metadata'],
  ['fd20:ce::254', 128, 'metadata'],
  ['::1', 128, 'loopback'],
  ['::', 128, 'unspecified'],
  ['fe80::', 10, 'link-local'],
  ['fec0::', 10, 'reserved'],
  ['fc00::', 7, 'private'],
  ['ff00::', 8, 'multicast'],
];
/** IPv6 prefixes that carry an IPv4 address, with the group where that begins (RFC 4291, 6052, 3056, 8215). */
const CARRIERS: readonly (readonly [prefix: string, bits: number, group: number])[] = [
  ['::ffff:0:0', 96, 6],
  ['::ffff:0:0:0', 96, 6],
  ['64:ff9b::', 96, 6],
  ['64:ff9b:1::', 48, 6],
  ['2002::', 16, 1],
  ['::', 96, 6],
];

const REFUSED: Readonly<Record<AddressClass, string | null>> = {
  public: null,
  private: null,
  loopback: null,
  multicast: null,
  'link-local': 'a link-local address, of which anybody on the wire may have any',
  metadata: 'where a cloud keeps the secrets of its machines',
  unspecified: 'no address of a machine',
  reserved: 'reserved, and no address of a machine',
};

/**
 * The class of an IP address, however it is written: also as one number, octal or hexadecimal, which resolvers take;
 * null for what is a name.
 */
export function classOf(host: string): AddressClass | null {
  const text = host.replace(/^\[|\]$/g, '').toLowerCase();
  const v4 = numberOfV4(text);
  if (v4 !== null) return classIn(V4, groupsOfV4(v4));
  const groups = groupsOfV6(text);
  if (groups === null) return null;
  const kind = classIn(V6, groups);
  if (kind !== 'public') return kind;
  const carrier = CARRIERS.find(([prefix, bits]) => holds(groupsOfV6(prefix) ?? [], bits, groups));
  return carrier === undefined ? kind : classIn(V4, groups.slice(carrier[2], carrier[2] + 2));
}

/**
 * Refuses an IP address that nobody may make the recorder connect to; takes a name, which is to be resolved first.
 * @param host as of a URL: a name, or an IP address, with brackets or without
 * @param field what is named in the error
 * @throws NvrError `forbidden`
 */
export function expectAllowed(host: string, purpose: Purpose, rules: AddressRules, field: string): void {
  const kind = classOf(host);
  if (kind === null) return;
  const why = refusalOf(kind, purpose, rules);
  if (why !== null)
    throw new NvrError('forbidden', `${host} may not be connected to: it is ${why}.`, { field });
}

function refusalOf(
  kind: AddressClass,
  purpose: Purpose,
  { webhooksToLoopback }: AddressRules,
): string | null {
  if (purpose === 'webhook' && kind === 'loopback' && !webhooksToLoopback) {
    return 'this machine itself, which the setting webhooksToLoopback would have to allow';
  }
  if (purpose === 'webhook' && kind === 'multicast') return 'an address of many machines';
  return REFUSED[kind];
}

function classIn(ranges: readonly Range[], groups: readonly number[]): AddressClass {
  const found = ranges.find(([first, bits]) => {
    const v4 = numberOfV4(first);
    return holds(v4 === null ? (groupsOfV6(first) ?? []) : groupsOfV4(v4), bits, groups);
  });
  return found?.[2] ?? 'public';
}

/** Whether both begin with the same bits; groups are of 16 bits. */
function holds(prefix: readonly number[], bits: number, groups: readonly number[]): boolean {
  return groups.every((group, index) => {
    const left = Math.min(16, Math.max(0, bits - index * 16));
    const mask = (0xffff << (16 - left)) & 0xffff;
    return (group & mask) === ((prefix[index] ?? 0) & mask);
  });
}

function groupsOfV4(number: number): number[] {
  return [Math.floor(number / 65_536), number % 65_536];
}

/** As inet_aton(3) reads it: one to four numbers, of which the last fills what is left. */
function numberOfV4(text: string): number | null {
  const parts = text.replace(/\.$/, '').split('.');
  if (parts.length > 4 || !parts.every((part) => /^(?:0x[0-9a-f]*|\d+)$/.test(part))) return null;
  const numbers = parts.map((part) => (/^0\d+$/.test(part) ? Number.parseInt(part, 8) : Number(part || 0)));
  const last = numbers.pop() ?? 0;
  const head = numbers.reduce((sum, byte) => sum * 256 + byte, 0) * 256 ** (4 - numbers.length);
  const fits = numbers.every((byte) => byte < 256) && last < 256 ** (4 - numbers.length);
  return fits && Number.isInteger(head + last) ? head + last : null;
}

/** The eight groups of an IPv6 address (RFC 4291 §2.2), without its zone; null when it is none. */
function groupsOfV6(text: string): number[] | null {
  const plain = text.replace(/%.*$/, '').replace(/[^:]*\.[^:]*$/, (v4) => {
    const groups = /^\d+\.\d+\.\d+\.\d+$/.test(v4) ? groupsOfV4(numberOfV4(v4) ?? 0) : [];
    return groups.map((group) => group.toString(16)).join(':');
  });
  if (!plain.includes(':')) return null;
  const [head = '', tail, ...more] = plain.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = 8 - front.length - back.length;
  if (more.length > 0 || (tail === undefined ? missing !== 0 : missing < 1)) return null;
  const groups = [...front, ...Array.from({ length: missing }, () => '0'), ...back];
  return groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))
    ? groups.map((group) => Number.parseInt(group, 16))
    : null;
}
