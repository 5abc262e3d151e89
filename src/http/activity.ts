/** When activity of a camera is an event. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { cameraId } from '../domain/ids.ts';
import type { ActivityPort } from './finding.ts';
import { administer, watch } from './rules.ts';
import { CameraParams } from './schemas.ts';
import { ActivityInput, ActivityView } from './wire/activity.ts';

const tags = ['cameras'];
const params = CameraParams;

export function activityRoutes(activity: ActivityPort): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/cameras/:cameraId/activity',
      {
        config: watch,
        schema: {
          tags,
          summary: 'How much moves in the picture now, and when that is an event',
          params,
          response: { 200: ActivityView },
        },
      },
      async (request) => await activity.rule(cameraId(request.params.cameraId)),
    );

    app.put(
      '/cameras/:cameraId/activity',
      {
        config: administer,
        schema: {
          tags,
          summary: 'Choose when activity is an event',
          params,
          body: ActivityInput,
          response: { 200: ActivityView },
        },
      },
      async (request) => await activity.setRule(cameraId(request.params.cameraId), request.body),
    );
  };
}
