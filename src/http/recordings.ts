/** What of a camera was recorded, and what was not: segments, recordings, gaps, days. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { cameraId } from '../domain/ids.ts';
import type { ArchivePort } from './ports.ts';
import { watch } from './rules.ts';
import { CameraParams, cursorAfter, IntervalQuery, intervalOf, PageQuery, pageOf } from './schemas.ts';
import { DayList, GapList, RecordingList, SegmentList } from './wire/archive.ts';

const tags = ['archive'];
const params = CameraParams;

export function recordingRoutes(
  archive: Pick<ArchivePort, 'segments' | 'recordings' | 'missing' | 'gaps' | 'days'>,
): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/cameras/:cameraId/segments',
      {
        config: watch,
        schema: {
          tags,
          summary: 'Segment files that overlap an interval, page by page',
          params,
          querystring: PageQuery,
          response: { 200: SegmentList },
        },
      },
      async ({ params, query }) => {
        const found = await archive.segments(cameraId(params.cameraId), intervalOf(query), pageOf(query));
        return { segments: found.items, next: found.more ? cursorAfter(found.items.at(-1)) : null };
      },
    );

    app.get(
      '/cameras/:cameraId/recordings',
      {
        config: watch,
        schema: {
          tags,
          summary: 'Recordings that overlap an interval',
          params,
          querystring: IntervalQuery,
          response: { 200: RecordingList },
        },
      },
      async ({ params, query }) => {
        const [camera, interval] = [cameraId(params.cameraId), intervalOf(query)];
        const recordings = await archive.recordings(camera, interval);
        return { recordings, onMissingVolume: await archive.missing(camera, interval) };
      },
    );

    app.get(
      '/cameras/:cameraId/gaps',
      {
        config: watch,
        schema: {
          tags,
          summary: 'Gaps that overlap an interval',
          params,
          querystring: IntervalQuery,
          response: { 200: GapList },
        },
      },
      async ({ params, query }) => ({
        gaps: await archive.gaps(cameraId(params.cameraId), intervalOf(query)),
      }),
    );

    app.get(
      '/cameras/:cameraId/days',
      {
        config: watch,
        schema: { tags, summary: 'Days that have footage', params, response: { 200: DayList } },
      },
      async ({ params }) => ({ days: await archive.days(cameraId(params.cameraId)) }),
    );
  };
}
