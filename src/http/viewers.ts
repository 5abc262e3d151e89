/** The resource `/viewers`: who watches live, and ending one of them. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Awaitable } from './ports.ts';
import { operateOwn } from './rules.ts';
import { ViewerParams } from './schemas.ts';
import { ViewerList, type ViewerView } from './wire/viewers.ts';

export interface ViewersPort {
  list(): Awaitable<readonly ViewerView[]>;
  /** @throws NvrError `not-found` */
  get(id: number): Awaitable<ViewerView>;
  /** Ends one, and keeps its user from this camera for a minute. @throws as `get` */
  end(id: number): Awaitable<void>;
}

const tags = ['live'];

export function viewerRoutes(viewers: ViewersPort): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/viewers',
      {
        config: operateOwn,
        schema: { tags, summary: 'Who watches live', response: { 200: ViewerList } },
      },
      async (request) => {
        const visible = (await viewers.list()).filter(({ cameraId }) => request.mayUse(cameraId));
        return { total: visible.length, viewers: visible };
      },
    );

    app.delete(
      '/viewers/:viewerId',
      {
        config: operateOwn,
        schema: {
          tags,
          summary: 'End a viewer; the user can’t watch this camera again for a minute',
          params: ViewerParams,
          response: { 204: Type.Null({ description: 'Ended' }) },
        },
      },
      async (request, reply) => {
        const { viewerId } = request.params;
        request.expectCamera((await viewers.get(viewerId)).cameraId);
        await viewers.end(viewerId);
        return reply.code(204).send(null);
      },
    );
  };
}
