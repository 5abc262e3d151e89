/** The bytes of what was recorded: init segments, GOPs, whole files. Only ids build paths. */
import { basename, dirname } from 'node:path';
import type {} from '@fastify/static';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { NvrError } from '../domain/errors.ts';
import { runId, segmentId } from '../domain/ids.ts';
import { fileAnswer, fragmentAnswer, initAnswer, sendFragments, sendInit } from './answers.ts';
import type { ArchivePort } from './ports.ts';
import { archived } from './rules.ts';
import { GopParams, RunParams, SegmentParams } from './schemas.ts';

const tags = ['playback'];

export function mediaRoutes(
  archive: Pick<ArchivePort, 'initOf' | 'readGops' | 'segmentFile'>,
): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/runs/:runId/init.mp4',
      {
        config: archived,
        schema: { tags, summary: 'Init segment of a run', params: RunParams, response: initAnswer },
      },
      async ({ params }, reply) => sendInit(reply, await archive.initOf(runId(params.runId))),
    );

    app.get(
      '/segments/:segmentId/gops/:from-:to.m4s',
      {
        config: archived,
        schema: {
          tags,
          summary: 'GOPs of a segment, counted from 0, up to but not including `to`',
          params: GopParams,
          response: fragmentAnswer,
        },
      },
      async ({ params: { segmentId: id, from, to } }, reply) => {
        if (from >= to)
          throw new NvrError('invalid', 'The first GOP must come before the last.', { field: 'to' });
        const { bytes, final } = await archive.readGops(segmentId(id), from, to);
        reply.changes = !final;
        return sendFragments(reply, [bytes]);
      },
    );

    app.get(
      '/segments/:segmentId/file.mp4',
      {
        config: archived,
        schema: {
          tags,
          summary: 'A whole segment file, also in byte ranges',
          params: SegmentParams,
          response: fileAnswer,
        },
      },
      async ({ params }, reply) => {
        const { path, name, final } = await archive.segmentFile(segmentId(params.segmentId));
        reply.changes = !final;
        reply.header('content-disposition', `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"`);
        return reply.sendFile(basename(path), dirname(path), { cacheControl: false });
      },
    );
  };
}
