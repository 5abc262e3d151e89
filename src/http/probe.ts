/** The resource `/probe`: looks at a source without adding it, and shows what is there. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { pictureAnswer, sendPicture } from './answers.ts';
import type { CamerasPort } from './ports.ts';
import { administer } from './rules.ts';
import { ProbeInput } from './wire/camera.ts';
import { StreamFormat } from './wire/status.ts';

export function probeRoutes(cameras: Pick<CamerasPort, 'probe' | 'probePicture'>): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.post(
      '/probe',
      {
        config: { ...administer, untold: true },
        schema: {
          tags: ['cameras'],
          summary: 'Connect to a source and tell what it offers',
          body: ProbeInput,
          response: { 200: StreamFormat },
        },
      },
      async (request) => await cameras.probe(request.body.source),
    );
    app.post(
      '/probe/picture',
      {
        config: { ...administer, untold: true },
        schema: {
          tags: ['cameras'],
          summary: 'Connect to a source and show a picture of it',
          body: ProbeInput,
          response: pictureAnswer,
        },
      },
      async (request, reply) => sendPicture(reply, await cameras.probePicture(request.body.source)),
    );
  };
}
