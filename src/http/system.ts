/** The resource `/system`: what this recorder is and how much of its work it is doing. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { SystemPort } from './ports.ts';
import { watchOwn } from './rules.ts';
import { SystemInfo } from './wire/system.ts';

export function systemRoutes(system: Pick<SystemPort, 'info'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/system',
      {
        config: watchOwn,
        schema: { tags: ['system'], summary: 'About this recorder', response: { 200: SystemInfo } },
      },
      async (request) => await system.info(request.visibleCameras()),
    );
  };
}
