/** The resource `/mqtt`: the broker that states and events are published to. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { MqttPort } from './eventPort.ts';
import { administer } from './rules.ts';
import { MqttInput, MqttView } from './wire/mqtt.ts';

const tags = ['events'];

export function mqttRoutes(mqtt: MqttPort): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/mqtt',
      { config: administer, schema: { tags, summary: 'The MQTT broker', response: { 200: MqttView } } },
      async () => await mqtt.get(),
    );

    app.put(
      '/mqtt',
      {
        config: administer,
        schema: { tags, summary: 'Set the MQTT broker', body: MqttInput, response: { 200: MqttView } },
      },
      async (request) => await mqtt.set(request.body),
    );
  };
}
