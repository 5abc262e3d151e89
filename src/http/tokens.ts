/** The resources `/sessions` and `/tokens`: what is open in a user's name, and how to end it. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Auth } from './auth/auth.ts';
import { watchNone } from './rules.ts';
import { known, recheckAfterChanges, refuseTokens } from './session.ts';
import { SessionList, SessionParams, TokenInput, TokenList, TokenMade, TokenParams } from './wire/access.ts';

const tags = ['users'];
const config = watchNone;
const gone = { 204: Type.Null({ description: 'Ended' }) };

export function tokenRoutes(auth: Auth): FastifyPluginAsyncTypebox {
  const { sessions, tokens } = auth;
  return async (app) => {
    recheckAfterChanges(app, auth);
    app.addHook('preHandler', async (request) => {
      if (request.method !== 'GET') refuseTokens(request);
    });

    app.get(
      '/sessions',
      {
        config,
        schema: { tags, summary: 'Own sessions; an admin sees everybody’s', response: { 200: SessionList } },
      },
      async (request) => ({
        sessions: await sessions.entries(whose(request), known(request.identity).sessionId),
      }),
    );

    app.delete(
      '/sessions',
      { config, schema: { tags, summary: 'End all own sessions but this one', response: gone } },
      async ({ identity }, reply) => {
        const { user, sessionId } = known(identity);
        await sessions.revokeOthers(user.name, sessionId);
        return reply.code(204).send(null);
      },
    );

    app.delete(
      '/sessions/:sessionId',
      {
        config,
        schema: { tags, summary: 'End a session; an admin anybody’s', params: SessionParams, response: gone },
      },
      async (request, reply) => {
        await sessions.revoke(request.params.sessionId, whose(request));
        return reply.code(204).send(null);
      },
    );

    app.get(
      '/tokens',
      {
        config,
        schema: { tags, summary: 'Own tokens; an admin sees everybody’s', response: { 200: TokenList } },
      },
      async (request) => ({ tokens: await tokens.list(whose(request)) }),
    );

    app.post(
      '/tokens',
      {
        config,
        schema: {
          tags,
          summary: 'Make a token for a program: of a role and cameras, shown only this once',
          body: TokenInput,
          response: { 201: TokenMade },
        },
      },
      async (request, reply) => {
        reply.code(201);
        return await tokens.make(known(request.identity).user, request.body);
      },
    );

    app.delete(
      '/tokens/:tokenId',
      {
        config,
        schema: { tags, summary: 'Revoke a token; an admin anybody’s', params: TokenParams, response: gone },
      },
      async (request, reply) => {
        await tokens.revoke(request.params.tokenId, whose(request));
        return reply.code(204).send(null);
      },
    );
  };
}

/** Whose are shown and may be ended: one's own; null, for an admin, everybody's. */
function whose({ identity }: FastifyRequest): string | null {
  const { user } = known(identity);
  return user.role === 'admin' ? null : user.name;
}
