/**
 * The gate before every route: refuses requests that another site made a browser send, finds out who asks, and
 * lets through whom the route's access rule names. It runs before the body of a request is read.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Role, ranks } from '../../domain/access.ts';
import { HttpError } from '../problems.ts';
import type { Connections } from './connections.ts';
import { type Identifiers, type Identity, identify, unauthorised } from './identify.ts';
import { decorateReach, refuseForeign } from './reach.ts';

export type { Identity } from './identify.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null on public routes. */
    identity: Identity | null;
  }
}

/** Methods that change nothing (RFC 9110 §9.2.1). */
export const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Puts the gate before all routes of the instance. */
export function guard(app: FastifyInstance, by: Identifiers, connections: Connections): void {
  app.decorateRequest('identity', null);
  decorateReach(app);
  app.addHook('onRequest', async (request, reply) => {
    refuseOtherSites(request);
    const { access } = request.routeOptions.config;
    // What has no route has no rule, and is not found by anybody.
    if (access === undefined || access === 'public') return;
    request.identity = await identify(request, by);
    admit(request, access);
    refuseChanges(request);
    refuseForeign(request);
    if (request.identity !== null) connections.track(request, reply, request.identity);
  });
}

/**
 * Cross-site request forgery and cross-site WebSocket hijacking: a browser says where a request comes from, in
 * `Sec-Fetch-Site` or, older ones, in `Origin`. Other clients say neither, and send no cookies on their own.
 */
function refuseOtherSites({ method, headers, host }: FastifyRequest): void {
  if (SAFE.has(method) && headers.upgrade === undefined) return;
  const site = headers['sec-fetch-site'];
  const same = site === undefined ? isFrom(headers.origin, host) : site === 'same-origin' || site === 'none';
  if (!same) throw new HttpError(403, 'This was asked for by another site.');
}

function isFrom(origin: string | undefined, host: string): boolean {
  if (origin === undefined) return true;
  return URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}

/** A client that is no user only looks; the older API, whose routes let it in themselves, is where it changes things. */
function refuseChanges({ method, identity }: FastifyRequest): void {
  if (identity?.means === 'listed' && !SAFE.has(method)) {
    throw new HttpError(403, 'A client of the older API may only look here; log in.');
  }
}

function admit(request: FastifyRequest, needed: Role): void {
  if (request.identity === null) throw unauthorised(request, 'Log in first.');
  const { role } = request.identity.user;
  if (!ranks(role, needed)) throw new HttpError(403, `Only a user with the role ${needed} may do this.`);
}
