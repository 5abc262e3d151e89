/** The routes that have to do with what happens, as one plug-in. */
import type { FastifyPluginAsync } from 'fastify';
import { alarmRoutes } from './alarms.ts';
import type { EventPorts } from './eventPort.ts';
import { eventSocketRoutes } from './eventSocket.ts';
import { eventRoutes } from './events.ts';
import { logRoutes } from './logs.ts';
import { mqttRoutes } from './mqtt.ts';
import { webhookRoutes } from './webhooks.ts';

export function happeningRoutes({ events, alarms, webhooks, mqtt, logs }: EventPorts): FastifyPluginAsync {
  return async (app) => {
    app.register(eventRoutes(events));
    app.register(eventSocketRoutes(events));
    app.register(alarmRoutes(alarms));
    app.register(webhookRoutes(webhooks));
    app.register(mqttRoutes(mqtt));
    app.register(logRoutes(logs));
  };
}
