/** The resource `/settings`: everything that is configured as one file, to be kept and to be brought back. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Auth } from './auth/auth.ts';
import type { Awaitable } from './ports.ts';
import { administer } from './rules.ts';
import { recheckAfterChanges, refuseTokens } from './session.ts';
import { ExportInput, ImportInput, ImportPlan, ImportQuery, SettingsFile } from './wire/settings.ts';

export interface SettingsPort {
  /** @param passphrase locks the passwords of cameras; null leaves them out */
  give(passphrase: string | null): Awaitable<SettingsFile>;
  /**
   * All of it, or nothing.
   * @throws NvrError `invalid` or `forbidden` naming the field, `conflict` for an id that footage is held under
   */
  take(input: ImportInput, dryRun: boolean): Awaitable<ImportPlan>;
}

const tags = ['system'];

export function settingsRoutes(
  settings: SettingsPort,
  auth: Pick<Auth, 'recheck'>,
): FastifyPluginAsyncTypebox {
  return async (app) => {
    recheckAfterChanges(app, auth);

    app.get(
      '/settings/export',
      {
        config: administer,
        schema: {
          tags,
          summary: 'All settings as one file, without secrets',
          response: { 200: SettingsFile },
        },
      },
      async () => await settings.give(null),
    );

    app.post(
      '/settings/export',
      {
        config: administer,
        schema: {
          tags,
          summary: 'The same with the passwords of cameras, locked with a passphrase',
          body: ExportInput,
          response: { 200: SettingsFile },
        },
      },
      async (request) => await settings.give(request.body.passphrase),
    );

    app.post(
      '/settings/import',
      {
        config: administer,
        schema: {
          tags,
          summary: 'Bring back a file of settings: adds and changes, removes nothing; all of it or nothing',
          querystring: ImportQuery,
          body: ImportInput,
          response: { 200: ImportPlan },
        },
      },
      async (request) => {
        const { users = [] } = request.body.settings;
        if (users.length > 0) refuseTokens(request);
        const isTrial = request.query.dryRun === 1;
        if (isTrial) request.outcome = { status: 200, target: '/settings/import?dryRun=1' };
        return await settings.take(request.body, isTrial);
      },
    );
  };
}
