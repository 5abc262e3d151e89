/** The resource `/setup`: the first user chooses a password, with the code that was printed when the recorder began. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Auth } from './auth/auth.ts';
import { FIRST_NAME } from './auth/firstUser.ts';
import { HttpError } from './problems.ts';
import { open } from './rules.ts';
import { beginSession } from './session.ts';
import { SetupInput, SetupView } from './wire/access.ts';
import { SessionView } from './wire/system.ts';

const tags = ['session'];

export function setupRoutes(auth: Auth): FastifyPluginAsyncTypebox {
  const { setup, credentials, users } = auth;
  return async (app) => {
    app.get(
      '/setup',
      {
        config: open,
        schema: { tags, summary: 'Whether the first set-up is open', response: { 200: SetupView } },
      },
      async () => {
        const isOpen = await setup.isOpen();
        const { zone, folders } = await setup.facts();
        return {
          open: isOpen,
          user: isOpen ? FIRST_NAME : '',
          zone,
          folders: isOpen ? [...folders] : [],
          changedBy: { zone: ['timeZone'], folders: ['mediaDir', 'moreMediaDirs'] },
        };
      },
    );

    app.post(
      '/setup',
      {
        config: open,
        schema: {
          tags,
          summary: 'Choose the password of the first user, and be logged in',
          body: SetupInput,
          response: { 200: SessionView },
        },
      },
      async (request, reply) => {
        if (!(await setup.isOpen())) throw new HttpError(409, 'The recorder is set up already.');
        const { code, password } = request.body;
        request.subject = FIRST_NAME;
        const user = await credentials.check(FIRST_NAME, code, request.ip);
        await users.change(FIRST_NAME, { password }, null);
        await setup.finish();
        return await beginSession(auth, request, reply, user);
      },
    );
  };
}
