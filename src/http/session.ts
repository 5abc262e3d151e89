/** The resource `/session`: log in, who am I, change my password, log out. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Auth } from './auth/auth.ts';
import { readToken, writeToken } from './auth/cookie.ts';
import type { Identity } from './auth/gate.ts';
import type { User } from './auth/ports.ts';
import { LONGEST_SESSION_MS, type LoginPlace } from './auth/sessions.ts';
import { HttpError } from './problems.ts';
import { open, watchNone } from './rules.ts';
import { PasswordInput } from './wire/access.ts';
import { LoginInput, SessionView } from './wire/system.ts';

const tags = ['session'];
const LONGEST_AGENT = 200;

export function sessionRoutes(auth: Auth): FastifyPluginAsyncTypebox {
  const { credentials, sessions, users, setup } = auth;
  return async (app) => {
    recheckAfterChanges(app, auth);

    app.post(
      '/session',
      { config: open, schema: { tags, summary: 'Log in', body: LoginInput, response: { 200: SessionView } } },
      async (request, reply) => {
        const { name, password } = request.body;
        request.subject = name;
        return await beginSession(auth, request, reply, await credentials.check(name, password, request.ip));
      },
    );

    app.get(
      '/session',
      { config: watchNone, schema: { tags, summary: 'Who is asking', response: { 200: SessionView } } },
      async ({ identity }) => {
        const { user, expiresMs } = known(identity);
        return viewOf(user, expiresMs);
      },
    );

    app.delete(
      '/session',
      {
        config: open,
        schema: { tags, summary: 'Log out', response: { 204: Type.Null({ description: 'Logged out' }) } },
      },
      async (request, reply) => {
        const token = readToken(request) ?? '';
        request.subject = (await sessions.find(token))?.user.name ?? null;
        await sessions.close(token);
        writeToken(request, reply, null, 0);
        // Pictures and fragments are kept by browsers as what never changes: the next user is not to find them.
        return reply.code(204).header('clear-site-data', '"cache"').send(null);
      },
    );

    app.post(
      '/session/password',
      {
        config: watchNone,
        schema: {
          tags,
          summary: 'Change the own password; all other sessions of the user end',
          body: PasswordInput,
          response: { 204: Type.Null({ description: 'Changed' }) },
        },
      },
      async (request, reply) => {
        const { user, sessionId } = known(request.identity);
        refuseTokens(request);
        const { current, password } = request.body;
        await credentials.confirm(user.name, current, request.ip);
        await users.change(user.name, { password }, sessionId);
        await setup.finish();
        return reply.code(204).send(null);
      },
    );
  };
}

/** After the answer, because it may be whoever asked who loses their rights. */
export function recheckAfterChanges(app: FastifyInstance, { recheck }: Pick<Auth, 'recheck'>): void {
  app.addHook('onResponse', async ({ method }) => {
    if (method !== 'GET') await recheck();
  });
}

/** Logs a user in: a session, and its cookie. */
export async function beginSession(
  { sessions }: Pick<Auth, 'sessions'>,
  request: FastifyRequest,
  reply: FastifyReply,
  user: User,
): Promise<SessionView> {
  // The token always changes at a login: one that somebody planted before is worth nothing.
  await sessions.close(readToken(request) ?? '');
  const { token, expiresMs } = await sessions.open(user, placeOf(request));
  writeToken(request, reply, token, LONGEST_SESSION_MS);
  return viewOf(user, expiresMs);
}

/** The user who asks. @throws HttpError 401 for nobody, and for a client that is no user */
export function known(identity: Identity | null): Identity {
  if (identity === null || identity.owner === null) throw new HttpError(401, 'Log in first.');
  return identity;
}

/** A token that leaked must not become a password, or another token that outlives it. @throws HttpError 403 */
export function refuseTokens({ identity }: FastifyRequest): void {
  if (identity?.means === 'token') throw new HttpError(403, 'A token may not do this; log in.');
}

function placeOf({ ip, headers }: FastifyRequest): LoginPlace {
  return { address: ip, agent: (headers['user-agent'] ?? '').slice(0, LONGEST_AGENT) };
}

function viewOf({ name, role, cameras }: User, expiresMs: number | null): SessionView {
  return { name, role, cameras: cameras === 'all' ? cameras : [...cameras], expiresMs };
}
