/** The resources `/devices` and `/encoders`: what this machine can capture and encode. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Awaitable } from './ports.ts';
import { administer } from './rules.ts';
import { DeviceList, EncoderList } from './wire/devices.ts';

export interface DevicesPort {
  devices(): Awaitable<DeviceList>;
  /** Tries those that have not been tried yet, up to the first that works. */
  encoders(): Awaitable<EncoderList>;
}

export function deviceRoutes(port: DevicesPort): FastifyPluginAsyncTypebox {
  return async (app) => {
    const tags = ['cameras'];
    app.get(
      '/devices',
      {
        config: administer,
        schema: {
          tags,
          summary: 'Capture devices of this machine, with what they offer',
          response: { 200: DeviceList },
        },
      },
      async () => await port.devices(),
    );
    app.get(
      '/encoders',
      {
        config: administer,
        schema: {
          tags,
          summary: 'Which encoder is used, and why others are not',
          response: { 200: EncoderList },
        },
      },
      async () => await port.encoders(),
    );
  };
}
