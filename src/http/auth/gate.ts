/**
 * The gate before every route: refuses requests that another site made a browser send, finds out who asks, and
 * lets through whom the route's access rule names. It runs before the body of a request is read.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Role, ranks } from '../../domain/access.ts';
import type { EpochMs } from '../../domain/time.ts';
import { HttpError } from '../problems.ts';
import { readToken } from './cookie.ts';
import type { Credentials } from './credentials.ts';
import type { User } from './ports.ts';
import { decorateReach, refuseForeign } from './reach.ts';
import type { Sessions } from './sessions.ts';

/** Who asks; `expiresMs` is that of the session, null when the request brought name and password itself. */
export interface Identity {
  readonly user: User;
  readonly expiresMs: EpochMs | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null on public routes. */
    identity: Identity | null;
  }
}

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Puts the gate before all routes of the instance. */
export function guard(app: FastifyInstance, credentials: Credentials, sessions: Sessions): void {
  app.decorateRequest('identity', null);
  decorateReach(app);
  app.addHook('onRequest', async (request) => {
    refuseOtherSites(request);
    const { access } = request.routeOptions.config;
    // What has no route has no rule, and is not found by anybody.
    if (access === undefined || access === 'public') return;
    request.identity = await identify(request, credentials, sessions);
    admit(request, access);
    refuseForeign(request);
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

async function identify(
  request: FastifyRequest,
  credentials: Credentials,
  sessions: Sessions,
): Promise<Identity | null> {
  const token = readToken(request);
  const found = token === undefined ? undefined : await sessions.find(token);
  if (found !== undefined) return found;
  const basic = basicOf(request.headers.authorization);
  if (basic === undefined) return null;
  try {
    return { user: await credentials.checkOften(basic.name, basic.password, request.ip), expiresMs: null };
  } catch (error) {
    throw error instanceof HttpError && error.status === 401 ? unauthorised(request, error.message) : error;
  }
}

function admit(request: FastifyRequest, needed: Role): void {
  if (request.identity === null) throw unauthorised(request, 'Log in first.');
  const { role } = request.identity.user;
  if (!ranks(role, needed)) throw new HttpError(403, `Only a user with the role ${needed} may do this.`);
}

/** A page's own requests get a scheme that makes no browser ask for a password by itself; players get Basic. */
function unauthorised({ headers }: FastifyRequest, detail: string): HttpError {
  const byPage = headers['sec-fetch-mode'] !== undefined;
  const challenge = byPage ? 'Session realm="Nightjar"' : 'Basic realm="Nightjar", charset="UTF-8"';
  return new HttpError(401, detail, { 'www-authenticate': challenge });
}

/** RFC 7617. */
function basicOf(
  header: string | undefined,
): { readonly name: string; readonly password: string } | undefined {
  const encoded = /^basic +([a-z0-9+/=]+) *$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
