/** The live view of a camera as HLS: a sliding playlist over the fragments in memory. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { NvrError } from '../domain/errors.ts';
import { cameraId, runId } from '../domain/ids.ts';
import {
  fragmentAnswer,
  initAnswer,
  playlistAnswer,
  sendFragments,
  sendInit,
  sendPlaylist,
} from './answers.ts';
import type { LivePort } from './ports.ts';
import { archived, watch } from './rules.ts';
import { CameraParams, LiveRunParams, LiveSegmentParams } from './schemas.ts';

const tags = ['live'];

export function liveRoutes(live: LivePort): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/cameras/:cameraId/live/playlist.m3u8',
      {
        config: watch,
        schema: {
          tags,
          summary: 'Live playlist; 503 with Retry-After until there is media',
          params: CameraParams,
          response: playlistAnswer,
        },
      },
      async ({ params }, reply) => sendPlaylist(reply, await live.playlist(cameraId(params.cameraId))),
    );

    app.get(
      '/cameras/:cameraId/live/:runId/init.mp4',
      {
        config: archived,
        schema: { tags, summary: 'Init segment of a live run', params: LiveRunParams, response: initAnswer },
      },
      async ({ params }, reply) =>
        sendInit(reply, await live.init(cameraId(params.cameraId), runId(params.runId))),
    );

    app.get(
      '/cameras/:cameraId/live/:runId/:from-:to.m4s',
      {
        config: archived,
        schema: {
          tags,
          summary: 'Fragments of a live run, by sequence number, including both',
          params: LiveSegmentParams,
          response: fragmentAnswer,
        },
      },
      async ({ params: { cameraId: camera, runId: run, from, to } }, reply) => {
        if (from > to)
          throw new NvrError('invalid', 'The first fragment must not follow the last.', { field: 'to' });
        return sendFragments(reply, await live.fragments(cameraId(camera), runId(run), from, to));
      },
    );
  };
}
