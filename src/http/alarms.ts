/** The resource `/alarms`: what needs a person now, and who has seen it. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { NvrError } from '../domain/errors.ts';
import type { AlarmsPort } from './eventPort.ts';
import { operateOwn, watchOwn } from './rules.ts';
import { AlarmList, AlarmParams, AlarmView } from './wire/alarm.ts';

const tags = ['events'];

export function alarmRoutes(alarms: AlarmsPort): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/alarms',
      {
        config: watchOwn,
        schema: { tags, summary: 'What needs a person now, oldest first', response: { 200: AlarmList } },
      },
      async (request) => {
        const all = await alarms.list();
        return { alarms: all.filter(({ cameraId }) => cameraId === undefined || request.mayUse(cameraId)) };
      },
    );

    app.post(
      '/alarms/:alarmId/acknowledge',
      {
        config: operateOwn,
        schema: {
          tags,
          summary: 'Say that an alarm was seen',
          params: AlarmParams,
          response: { 200: AlarmView },
        },
      },
      async (request) => {
        const { alarmId } = request.params;
        const seen = (await alarms.list()).find(({ id }) => id === alarmId);
        if (seen === undefined || (seen.cameraId !== undefined && !request.mayUse(seen.cameraId))) {
          throw new NvrError('not-found', `There is no alarm ${alarmId}.`, { field: 'alarmId' });
        }
        return await alarms.acknowledge(alarmId, request.identity?.user.name ?? '');
      },
    );
  };
}
