/** The live view of a camera as HLS, also of low latency: a sliding playlist over the fragments in memory. */

import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import type { Static } from 'typebox';
import { NvrError } from '../domain/errors.ts';
import { cameraId, runId, subKey } from '../domain/ids.ts';
import {
  fragmentAnswer,
  initAnswer,
  playlistAnswer,
  sendFragments,
  sendInit,
  sendPlaylist,
} from './answers.ts';
import type { HlsClient, LivePort, LiveQuestion } from './ports.ts';
import { archived, watch } from './rules.ts';
import {
  CameraParams,
  LivePartParams,
  LivePlaylistQuery,
  LiveRunParams,
  LiveSegmentParams,
} from './schemas.ts';

const tags = ['live'];
const LONGEST_PROGRAM = 200;

export function liveRoutes(live: LivePort): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/cameras/:cameraId/live/playlist.m3u8',
      {
        config: watch,
        schema: {
          tags,
          summary: 'Live playlist; 503 with Retry-After until there is media',
          description:
            'Low-Latency HLS (RFC 8216bis): with `_HLS_msn` it is answered when it has that segment or part, and ' +
            'with 503 when that takes longer than three target durations.',
          params: CameraParams,
          querystring: LivePlaylistQuery,
          response: playlistAnswer,
        },
      },
      async (request, reply) => {
        const question = questionOf(request.query);
        const id = cameraId(request.params.cameraId);
        const camera = request.query.stream === 'sub' ? subKey(id) : id;
        return sendPlaylist(reply, await live.playlist(camera, question, clientOf(request)));
      },
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
      '/cameras/:cameraId/live/:runId/parts/:first.m4s',
      {
        config: archived,
        schema: {
          tags,
          summary: 'The part that begins with a fragment; waits for the part that comes next',
          params: LivePartParams,
          response: fragmentAnswer,
        },
      },
      async (request, reply) => {
        const { cameraId: camera, runId: run, first } = request.params;
        return sendFragments(reply, await live.part(cameraId(camera), runId(run), first, clientOf(request)));
      },
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
      async (request, reply) => {
        const { cameraId: camera, runId: run, from, to } = request.params;
        if (from > to)
          throw new NvrError('invalid', 'The first fragment must not follow the last.', { field: 'to' });
        const chunks = await live.fragments(cameraId(camera), runId(run), from, to, clientOf(request));
        return sendFragments(reply, chunks);
      },
    );
  };
}

/** @throws NvrError `invalid` for a part without its segment (§6.2.5.2). */
function questionOf({
  _HLS_msn: msn,
  _HLS_part: part,
  _HLS_skip: skip,
}: Static<typeof LivePlaylistQuery>): LiveQuestion {
  if (msn === undefined && part !== undefined)
    throw new NvrError('invalid', '_HLS_part is of no use without _HLS_msn.', { field: '_HLS_part' });
  return { reload: msn === undefined ? null : { msn, part: part ?? null }, skip: skip !== undefined };
}

/** A program at an address: there is nothing else in a player's requests to tell it from others of the same user. */
function clientOf({ identity, ip, headers }: FastifyRequest): HlsClient {
  const program = (headers['user-agent'] ?? '').slice(0, LONGEST_PROGRAM);
  return { user: identity?.user.name ?? '', player: `${ip} ${program}` };
}
