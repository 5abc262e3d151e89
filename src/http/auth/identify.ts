/** Who asks: by what the proxy says, the cookie of a session, the token of a program, or name and password. */
import type { FastifyRequest } from 'fastify';
import type { Means } from '../../domain/access.ts';
import type { EpochMs } from '../../domain/time.ts';
import { HttpError } from '../problems.ts';
import { readToken } from './cookie.ts';
import type { Credentials } from './credentials.ts';
import { LISTED_CLIENT } from './listedClient.ts';
import type { User, UserStore } from './ports.ts';
import type { Sessions } from './sessions.ts';
import type { Tokens } from './tokens.ts';

/** Who asks. */
export interface Identity {
  /** With the rights of this request, which those of a token limit. */
  readonly user: User;
  /** The user as stored when they were found; null for a client that is no user. */
  readonly owner: User | null;
  readonly means: Means;
  /** Of a session. */
  readonly sessionId: string | null;
  /** When the session ends; null when each request says anew who asks. */
  readonly expiresMs: EpochMs | null;
  /** Whether it would be found again: the session has not ended, the password not changed. */
  isStillGood(): Promise<boolean>;
}

export interface Identifiers {
  readonly users: UserStore;
  readonly credentials: Credentials;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  proxyUser(request: FastifyRequest): string | null;
  /** Whether it comes from a client that is known without saying who it is. */
  isListed(request: FastifyRequest): boolean;
}

/** Null when the request does not say who asks. @throws HttpError 401 when what it says is wrong, 429, 503 */
export async function identify(request: FastifyRequest, by: Identifiers): Promise<Identity | null> {
  const vouched = by.proxyUser(request);
  if (vouched !== null) return await ofProxy(request, vouched, by);
  const cookie = readToken(request);
  const session = cookie === undefined ? undefined : await by.sessions.find(cookie);
  if (session !== undefined) {
    const { user, id, expiresMs, isStillGood } = session;
    return { user, owner: user, means: 'session', sessionId: id, expiresMs, isStillGood };
  }
  const known = (await ofBearer(request, by)) ?? (await ofBasic(request, by));
  return known ?? (by.isListed(request) ? LISTED_CLIENT : null);
}

const NO_SESSION = { sessionId: null, expiresMs: null } as const;

async function ofProxy(request: FastifyRequest, name: string, { users }: Identifiers): Promise<Identity> {
  const user = await users.find(name);
  if (user === undefined || !user.enabled) {
    throw unauthorised(request, 'The user that the proxy names is not known here.');
  }
  return { user, owner: user, means: 'proxy', ...NO_SESSION, isStillGood: async () => true };
}

/** RFC 6750 §2.1; a token is never taken from an address, which would be logged and handed on. */
async function ofBearer(
  request: FastifyRequest,
  { tokens, isListed }: Identifiers,
): Promise<Identity | null> {
  const token = /^bearer +([\w.~+/-]+=*) *$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return null;
  const found = await tokens.find(token);
  if (found === undefined && isListed(request)) return LISTED_CLIENT;
  if (found === undefined) throw unauthorised(request, 'The token is not known, or has expired.');
  return { ...found, means: 'token', ...NO_SESSION };
}

async function ofBasic(request: FastifyRequest, by: Identifiers): Promise<Identity | null> {
  const basic = basicOf(request.headers.authorization);
  if (basic === undefined) return null;
  try {
    const user = await by.credentials.checkOften(basic.name, basic.password, request.ip);
    const isStillGood = async () => (await by.users.find(user.name))?.passwordHash === user.passwordHash;
    return { user, owner: user, means: 'password', ...NO_SESSION, isStillGood };
  } catch (error) {
    throw error instanceof HttpError && error.status === 401 ? unauthorised(request, error.message) : error;
  }
}

/** A page's own requests get a scheme that makes no browser ask for a password by itself; players get Basic. */
export function unauthorised({ headers }: FastifyRequest, detail: string): HttpError {
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
