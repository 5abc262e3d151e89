/** Deleted cameras: their footage is held for a while, and can be played, taken back or purged. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { type CameraId, cameraId } from '../domain/ids.ts';
import type { Awaitable } from './ports.ts';
import { administer } from './rules.ts';
import { CameraParams, NoBody } from './schemas.ts';
import { CameraView } from './wire/camera.ts';
import { HeldCamera, HeldCameraList } from './wire/holding.ts';

/** Deleted cameras whose footage is still there. */
export interface HoldingPort {
  list(): Awaitable<readonly HeldCamera[]>;
  /** @throws NvrError `not-found`, `conflict` when nothing is known of the camera or it is still being deleted */
  restore(camera: CameraId): Awaitable<CameraView>;
  /** Begins to delete what is not protected. @throws NvrError `not-found` */
  purge(camera: CameraId): Awaitable<HeldCamera>;
}

const tags = ['storage'];
const params = CameraParams;

export function holdingRoutes(holding: HoldingPort): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/holding',
      {
        config: administer,
        schema: {
          tags,
          summary: 'Deleted cameras that left footage; it is played under their old ids',
          response: { 200: HeldCameraList },
        },
      },
      async () => ({ cameras: await holding.list() }),
    );

    app.post(
      '/holding/:cameraId/restore',
      {
        config: administer,
        schema: {
          tags,
          summary: 'Take a deleted camera back, with its id, settings and footage',
          params,
          body: NoBody,
          response: { 200: CameraView },
        },
      },
      async (request) => await holding.restore(cameraId(request.params.cameraId)),
    );

    app.delete(
      '/holding/:cameraId',
      {
        config: administer,
        schema: {
          tags,
          summary: 'Delete the footage of a deleted camera now; what is protected stays',
          params,
          response: { 202: HeldCamera },
        },
      },
      async (request, reply) => {
        reply.code(202);
        return await holding.purge(cameraId(request.params.cameraId));
      },
    );
  };
}
