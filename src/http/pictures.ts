/** Pictures of a camera: of now and of any moment of its footage. */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import { cameraId } from '../domain/ids.ts';
import { epochMs } from '../domain/time.ts';
import { livePicturesAnswer, pictureAnswer, sendPicture } from './answers.ts';
import { matches } from './byteRange.ts';
import { MultipartPictures } from './multipart.ts';
import type { PicturePort, Snapshot } from './picturePort.ts';
import { archived, watch } from './rules.ts';
import { CameraParams } from './schemas.ts';
import { LivePicturesQuery, SnapshotQuery } from './wire/picture.ts';

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

    app.get(
      '/cameras/:cameraId/live.mjpeg',
      {
        config: watch,
        // Fastify's own would watch for ever.
        exposeHeadRoute: false,
        schema: {
          tags,
          summary: 'Live view as JPEGs that replace each other',
          description:
            'One decoder serves all who watch a camera at the same width and rate. A client that is slow misses ' +
            'pictures. It ends when the camera is gone for half a minute.',
          params: CameraParams,
          querystring: LivePicturesQuery,
          response: livePicturesAnswer,
        },
      },
      async ({ params, query: { width = 640, fps = 5 }, identity }, reply) => {
        const parts = new MultipartPictures();
        const size = { width, fps };
        const leave = await pictures.watch(cameraId(params.cameraId), size, identity?.user.name ?? '', parts);
        parts.once('close', leave);
        return reply.type(MultipartPictures.mediaType).send(parts);
      },
    );
    app.head(
      '/cameras/:cameraId/live.mjpeg',
      {
        config: watch,
        schema: { hide: true, params: CameraParams, querystring: LivePicturesQuery },
      },
      async (_request, reply) => reply.type(MultipartPictures.mediaType).send(),
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
