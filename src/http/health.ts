/** For supervisors: `/healthz`, whether the process answers, and `/readyz`, whether it records what it should. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { SystemPort } from './ports.ts';
import { open, watchOwn } from './rules.ts';
import { Health } from './wire/system.ts';

const tags = ['system'];

export function healthRoutes(system: Pick<SystemPort, 'troubles'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/healthz',
      { config: open, schema: { tags, summary: 'Whether it is alive', response: { 200: Health } } },
      async () => ({ status: 'ok' as const, reasons: [] }),
    );

    app.get(
      '/readyz',
      {
        config: watchOwn,
        schema: {
          tags,
          summary: 'Whether it records what it should',
          response: { 200: Health, 503: Health },
        },
      },
      async (request, reply) => {
        const reasons = await system.troubles(request.visibleCameras());
        if (reasons.length > 0) reply.code(503);
        return { status: reasons.length > 0 ? ('failing' as const) : ('ok' as const), reasons };
      },
    );
  };
}
