/** Pictures of a camera: of now and of any moment of its footage. */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { cameraId } from '../domain/ids.ts';
import { epochMs } from '../domain/time.ts';
import { pictureAnswer, sendPicture } from './answers.ts';
import { matches } from './byteRange.ts';
import type { PicturePort, Snapshot } from './picturePort.ts';
import { archived } from './rules.ts';
import { CameraParams } from './schemas.ts';
import { SnapshotQuery } from './wire/picture.ts';

const tags = ['pictures'];

export function pictureRoutes(pictures: PicturePort): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/cameras/:cameraId/snapshot.jpg',
      {
        config: archived,
        schema: {
          tags,
          summary: 'A picture of now, or of a moment of the footage',
          description:
            'Without `t` the newest picture, at most a second old for whoever asks often. With `t` the frame that was ' +
            'on the screen then, exactly; where nothing was recorded, the answer names the footage around it. ' +
            '`Nightjar-Time` says when the picture was taken, in epoch milliseconds.',
          params: CameraParams,
          querystring: SnapshotQuery,
          response: pictureAnswer,
        },
      },
      async ({ params, query: { t, width = null }, headers }, reply) => {
        const atMs = t === undefined ? null : epochMs(t, 't');
        const snapshot = await pictures.snapshot(cameraId(params.cameraId), { atMs, width });
        return await answer(headers, reply, snapshot);
      },
    );
  };
}

async function answer(
  headers: IncomingHttpHeaders,
  reply: FastifyReply,
  snapshot: Snapshot,
): Promise<FastifyReply> {
  const etag = `"${snapshot.tag}"`;
  reply.changes = !snapshot.final;
  reply.header('etag', etag).header('nightjar-time', snapshot.atMs);
  if (matches(headers['if-none-match'], etag)) return reply.code(304).send();
  return sendPicture(reply, await snapshot.read());
}
