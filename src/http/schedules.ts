/** When cameras in mode `scheduled` record. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { cameraId } from '../domain/ids.ts';
import type { StoragePort } from './ports.ts';
import { administer, operate, watch } from './rules.ts';
import { CameraParams } from './schemas.ts';
import { ScheduleInput, ScheduleOverride, ScheduleView } from './wire/schedule.ts';

const tags = ['cameras'];
const params = CameraParams;

export function scheduleRoutes(
  storage: Pick<StoragePort, 'schedule' | 'setSchedule' | 'override'>,
): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/cameras/:cameraId/schedule',
      {
        config: watch,
        schema: { tags, summary: 'The schedule of a camera', params, response: { 200: ScheduleView } },
      },
      async (request) => await storage.schedule(cameraId(request.params.cameraId)),
    );

    app.put(
      '/cameras/:cameraId/schedule',
      {
        config: administer,
        schema: {
          tags,
          summary: 'Replace the schedule of a camera',
          params,
          body: ScheduleInput,
          response: { 200: ScheduleView },
        },
      },
      async (request) => await storage.setSchedule(cameraId(request.params.cameraId), request.body),
    );

    app.put(
      '/cameras/:cameraId/schedule/override',
      {
        config: operate,
        schema: {
          tags,
          summary: 'Record until a time, or do not, whatever the schedule says',
          params,
          body: ScheduleOverride,
          response: { 200: ScheduleView },
        },
      },
      async (request) => await storage.override(cameraId(request.params.cameraId), request.body),
    );

    app.delete(
      '/cameras/:cameraId/schedule/override',
      {
        config: operate,
        schema: { tags, summary: 'Go by the schedule again', params, response: { 200: ScheduleView } },
      },
      async (request) => await storage.override(cameraId(request.params.cameraId), null),
    );
  };
}
