/**
 * A reverse proxy that has authenticated its user and says so in a header. It is believed only when the connection
 * itself comes from an address that is listed, and when the user is known here.
 */
import { BlockList, isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { NvrError } from '../../domain/errors.ts';

export interface ProxyUserOptions {
  /** Name of the header, in lower case; null believes none. */
  readonly header: string | null;
  /** IP addresses, or networks as `10.0.0.0/8`. */
  readonly proxies: readonly string[];
}

/** Gives the name that a listed proxy vouches for, or null. @throws NvrError `invalid` for an address that is none */
export function proxyUserReader({
  header,
  proxies,
}: ProxyUserOptions): (request: FastifyRequest) => string | null {
  const listed = blockListOf(proxies);
  return ({ raw, headers }) => {
    if (header === null || raw.socket.remoteAddress === undefined) return null;
    const address = raw.socket.remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '');
    if (!listed.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')) return null;
    const name = headers[header];
    return typeof name === 'string' && name !== '' ? name : null;
  };
}

/** Addresses and networks to check against. @throws NvrError `invalid` for one that is none */
export function blockListOf(proxies: readonly string[]): BlockList {
  const listed = new BlockList();
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/');
    const family = isIP(address);
    const most = family === 6 ? 128 : 32;
    if (family === 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most))) {
      throw new NvrError('invalid', `${proxy} is no IP address and no network.`, { field: 'trustedProxies' });
    }
    listed.addSubnet(address, bits === undefined ? most : Number(bits), family === 6 ? 'ipv6' : 'ipv4');
  }
  return listed;
}
