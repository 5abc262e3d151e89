/** How much footage there is, how long it is kept, and what of it is never deleted. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { cameraId } from '../domain/ids.ts';
import type { StoragePort } from './ports.ts';
import { administer, operate, watch, watchOwn } from './rules.ts';
import { CameraParams, ProtectionParams } from './schemas.ts';
import {
  ProtectionInput,
  ProtectionList,
  ProtectionView,
  RetentionPolicy,
  StorageView,
} from './wire/storage.ts';

const tags = ['storage'];
const params = CameraParams;

export function storageRoutes(storage: StoragePort): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/storage',
      {
        config: watchOwn,
        schema: {
          tags,
          summary: 'Media folders, footage of each camera, and how long it will last',
          response: { 200: StorageView },
        },
      },
      async (request) => {
        const report = await storage.report();
        return { ...report, cameras: report.cameras.filter(({ cameraId }) => request.mayUse(cameraId)) };
      },
    );

    app.get(
      '/cameras/:cameraId/retention',
      {
        config: watch,
        schema: {
          tags,
          summary: 'How long footage of a camera is kept',
          params,
          response: { 200: RetentionPolicy },
        },
      },
      async (request) => await storage.retention(cameraId(request.params.cameraId)),
    );

    app.put(
      '/cameras/:cameraId/retention',
      {
        config: administer,
        schema: {
          tags,
          summary: 'Change how long footage of a camera is kept; what exceeds it is deleted at once',
          params,
          body: RetentionPolicy,
          response: { 200: RetentionPolicy },
        },
      },
      async (request) => await storage.setRetention(cameraId(request.params.cameraId), request.body),
    );

    app.get(
      '/cameras/:cameraId/protections',
      {
        config: watch,
        schema: { tags, summary: 'Protected intervals', params, response: { 200: ProtectionList } },
      },
      async (request) => ({ protections: await storage.protections(cameraId(request.params.cameraId)) }),
    );

    app.post(
      '/cameras/:cameraId/protections',
      {
        config: operate,
        schema: {
          tags,
          summary: 'Protect an interval: its footage is never deleted',
          params,
          body: ProtectionInput,
          response: { 201: ProtectionView },
        },
      },
      async (request, reply) => {
        const user = request.identity?.user.name ?? '';
        reply.code(201);
        return await storage.protect(cameraId(request.params.cameraId), request.body, user);
      },
    );

    app.delete(
      '/cameras/:cameraId/protections/:protectionId',
      {
        config: administer,
        schema: {
          tags,
          summary: 'End a protection',
          params: ProtectionParams,
          response: { 204: Type.Null({ description: 'Ended' }) },
        },
      },
      async ({ params }, reply) => {
        await storage.unprotect(cameraId(params.cameraId), params.protectionId);
        return reply.code(204).send(null);
      },
    );
  };
}
