/** The resource `/logs`: how much each room of the recorder logs, until it stops. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { LogsPort } from './eventPort.ts';
import { administer } from './rules.ts';
import { LogLevels, LogLevelsPatch } from './wire/logs.ts';

const tags = ['system'];

export function logRoutes(logs: LogsPort): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/logs',
      {
        config: administer,
        schema: { tags, summary: 'How much each room logs', response: { 200: LogLevels } },
      },
      async () => logs.levels(),
    );

    app.patch(
      '/logs',
      {
        config: administer,
        schema: {
          tags,
          summary: 'Log more or less of some rooms, until the recorder stops',
          body: LogLevelsPatch,
          response: { 200: LogLevels },
        },
      },
      async (request) => {
        logs.set(request.body);
        return logs.levels();
      },
    );
  };
}
