/** HLS media playlists of what was recorded. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { cameraId } from '../domain/ids.ts';
import { day } from '../domain/zone.ts';
import { playlistAnswer, sendPlaylist } from './answers.ts';
import type { ArchivePort } from './ports.ts';
import { watch } from './rules.ts';
import { CameraDayParams, CameraParams, IntervalQuery, intervalOf } from './schemas.ts';

const tags = ['playback'];

export function playlistRoutes(
  archive: Pick<ArchivePort, 'playlist' | 'dayPlaylist'>,
): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/cameras/:cameraId/playlist.m3u8',
      {
        config: watch,
        schema: {
          tags,
          summary: 'Playlist of an interval',
          params: CameraParams,
          querystring: IntervalQuery,
          response: playlistAnswer,
        },
      },
      async ({ params, query }, reply) =>
        sendPlaylist(reply, await archive.playlist(cameraId(params.cameraId), intervalOf(query))),
    );

    app.get(
      '/cameras/:cameraId/days/:day/playlist.m3u8',
      {
        config: watch,
        schema: {
          tags,
          summary: 'Playlist of a calendar day in the configured zone',
          params: CameraDayParams,
          response: playlistAnswer,
        },
      },
      async ({ params }, reply) =>
        sendPlaylist(reply, await archive.dayPlaylist(cameraId(params.cameraId), day(params.day))),
    );
  };
}
