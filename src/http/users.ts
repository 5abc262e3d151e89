/** The resource `/users`: who may log in, and what they may do then. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Auth } from './auth/auth.ts';
import { API_PREFIX, administer } from './rules.ts';
import { recheckAfterChanges, refuseTokens } from './session.ts';
import { UserInput, UserList, UserParams, UserPatch, UserView } from './wire/access.ts';

const tags = ['users'];
const params = UserParams;

export function userRoutes(auth: Auth): FastifyPluginAsyncTypebox {
  const { users } = auth;
  return async (app) => {
    recheckAfterChanges(app, auth);
    app.addHook('preHandler', async (request) => {
      if (request.method !== 'GET') refuseTokens(request);
    });

    app.get(
      '/users',
      { config: administer, schema: { tags, summary: 'All users', response: { 200: UserList } } },
      async () => ({ users: await users.list() }),
    );

    app.post(
      '/users',
      {
        config: administer,
        schema: { tags, summary: 'Add a user', body: UserInput, response: { 201: UserView } },
      },
      async (request, reply) => {
        const user = await users.add(request.body);
        reply.code(201).header('location', `${API_PREFIX}/users/${encodeURIComponent(user.name)}`);
        return user;
      },
    );

    app.get(
      '/users/:name',
      { config: administer, schema: { tags, summary: 'A user', params, response: { 200: UserView } } },
      async (request) => await users.get(request.params.name),
    );

    app.patch(
      '/users/:name',
      {
        config: administer,
        schema: {
          tags,
          summary: 'Change a user; what they have open ends when their rights change',
          params,
          body: UserPatch,
          response: { 200: UserView },
        },
      },
      async ({ params, body, identity }) => {
        const own = identity?.user.name.toLowerCase() === params.name.toLowerCase();
        return await users.change(params.name, body, own ? (identity?.sessionId ?? null) : null);
      },
    );

    app.delete(
      '/users/:name',
      {
        config: administer,
        schema: {
          tags,
          summary: 'Remove a user with their sessions and tokens',
          params,
          response: { 204: Type.Null({ description: 'Removed' }) },
        },
      },
      async (request, reply) => {
        await users.remove(request.params.name);
        return reply.code(204).send(null);
      },
    );
  };
}
