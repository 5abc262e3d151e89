/** Clients that send no name and no password, and are known by where they come from or by a token they all share. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { epochMs } from '../../domain/time.ts';
import type { Identity } from './identify.ts';
import { blockListOf } from './proxyUser.ts';

export interface ListedClientOptions {
  /** IP addresses, or networks as `10.0.0.0/8`. */
  readonly addresses: readonly string[];
  /** Sent as `Authorization: Bearer`; null when there is none. */
  readonly token: string | null;
}

/** Whether a request comes from such a client. @throws NvrError `invalid` for an address that is none */
export function listedClients({
  addresses,
  token,
}: ListedClientOptions): (request: FastifyRequest) => boolean {
  const listed = blockListOf(addresses);
  return ({ ip, headers }) => {
    const address = ip.replace(/^::ffff:(?=\d+\.)/i, '');
    if (listed.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')) return true;
    const given = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
    return token !== null && given !== undefined && timingSafeEqual(digest(given), digest(token));
  };
}

/** They may look at everything, as they may through the older API; what they change they change there. */
export const LISTED_CLIENT: Identity = {
  user: {
    // No user can be called so.
    name: 'older API: client',
    role: 'viewer',
    cameras: 'all',
    enabled: true,
    passwordHash: '',
    createdMs: epochMs(0),
    loginMs: null,
  },
  owner: null,
  means: 'listed',
  sessionId: null,
  expiresMs: null,
  isStillGood: async () => true,
};

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
