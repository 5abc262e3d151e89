/** The same change of several cameras: each is changed completely or not at all, whatever becomes of the others. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { cameraId } from '../domain/ids.ts';
import type { CamerasPort } from './ports.ts';
import { refusalOf } from './problems.ts';
import { administer } from './rules.ts';
import { BulkInput, BulkResults } from './wire/camera.ts';

export function bulkRoutes(cameras: CamerasPort): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/cameras/bulk',
      {
        config: { ...administer, reach: 'own' },
        schema: {
          tags: ['cameras'],
          summary: 'Change several cameras; the answer says for each whether it was changed',
          body: BulkInput,
          response: { 200: BulkResults },
        },
      },
      async (request) => {
        const results: BulkResults['results'][number][] = [];
        for (const id of request.body.cameras) results.push(await change(cameras, id, request.body, request));
        const changed = results.filter(({ status }) => status === 200).map(({ cameraId: id }) => id);
        const status = changed.length > 0 ? 200 : (results[0]?.status ?? 200);
        request.outcome = { status, target: `/cameras/bulk: ${changed.join(', ')}` };
        return { results };
      },
    );
  };
}

async function change(
  cameras: CamerasPort,
  id: string,
  { patch }: BulkInput,
  request: FastifyRequest,
): Promise<BulkResults['results'][number]> {
  try {
    request.expectCamera(id);
    const { revision } = await cameras.update(cameraId(id), patch, null);
    return { cameraId: id, status: 200, revision, detail: null };
  } catch (error) {
    return { cameraId: id, revision: null, ...refusalOf(error, request) };
  }
}
