/** The resource `/session`: log in, who am I, log out. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { readToken, writeToken } from './auth/cookie.ts';
import type { Credentials } from './auth/credentials.ts';
import type { Identity } from './auth/gate.ts';
import { LONGEST_SESSION_MS, type LoginPlace, type Sessions } from './auth/sessions.ts';
import { HttpError } from './problems.ts';
import { open, watchNone } from './rules.ts';
import { LoginInput, SessionView } from './wire/system.ts';

const tags = ['session'];

export function sessionRoutes(credentials: Credentials, sessions: Sessions): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/session',
      { config: open, schema: { tags, summary: 'Log in', body: LoginInput, response: { 200: SessionView } } },
      async (request, reply) => {
        const { name, password } = request.body;
        const user = await credentials.check(name, password, request.ip);
        // The token always changes at a login: one that somebody planted before is worth nothing.
        await sessions.close(readToken(request) ?? '');
        const { token, expiresMs } = await sessions.open(user, placeOf(request));
        writeToken(request, reply, token, LONGEST_SESSION_MS);
        return viewOf({ user, expiresMs });
      },
    );

    app.get(
      '/session',
      { config: watchNone, schema: { tags, summary: 'Who is asking', response: { 200: SessionView } } },
      async ({ identity }) => viewOf(identity),
    );

    app.delete(
      '/session',
      {
        config: open,
        schema: { tags, summary: 'Log out', response: { 204: Type.Null({ description: 'Logged out' }) } },
      },
      async (request, reply) => {
        await sessions.close(readToken(request) ?? '');
        writeToken(request, reply, null, 0);
        return reply.code(204).send(null);
      },
    );
  };
}

const LONGEST_AGENT = 200;

function placeOf({ ip, headers }: FastifyRequest): LoginPlace {
  return { address: ip, agent: (headers['user-agent'] ?? '').slice(0, LONGEST_AGENT) };
}

function viewOf(identity: Identity | null): SessionView {
  if (identity === null) throw new HttpError(401, 'Log in first.');
  const { user, expiresMs } = identity;
  return { name: user.name, role: user.role, expiresMs };
}
