/** The one cookie there is (RFC 6265): the token of a session. */
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Under TLS the prefix keeps other hosts and plain HTTP from setting it. */
function nameFor(request: FastifyRequest): string {
  return request.protocol === 'https' ? '__Host-nightjar' : 'nightjar';
}

/** The token that the request carries, if any. */
export function readToken(request: FastifyRequest): string | undefined {
  const prefix = `${nameFor(request)}=`;
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(prefix))?.slice(prefix.length);
}

/** Gives the token to the browser; null takes it back. */
export function writeToken(
  request: FastifyRequest,
  reply: FastifyReply,
  token: string | null,
  maxAgeMs: number,
): void {
  const parts = [
    `${nameFor(request)}=${token ?? ''}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Strict',
    `Max-Age=${token === null ? 0 : Math.floor(maxAgeMs / 1_000)}`,
    ...(request.protocol === 'https' ? ['Secure'] : []),
  ];
  reply.header('set-cookie', parts.join('; '));
}
