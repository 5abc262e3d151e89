/** The bytes of what was recorded: init segments, GOPs, whole files. Only ids build paths. */
import { basename, dirname } from 'node:path';
import type {} from '@fastify/static';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { NvrError } from '../domain/errors.ts';
import { type RunId, runId, type SegmentId, segmentId } from '../domain/ids.ts';
import { fileAnswer, fragmentAnswer, initAnswer, sendFragments, sendInit } from './answers.ts';
import type { ArchivePort } from './ports.ts';
import { archived } from './rules.ts';
import { GopParams, RunParams, SegmentParams } from './schemas.ts';

const tags = ['playback'];

export function mediaRoutes(
  archive: Pick<ArchivePort, 'cameraOfRun' | 'cameraOfSegment' | 'initOf' | 'readGops' | 'segmentFile'>,
): FastifyPluginAsyncTypebox {
  // Neither address names the camera; of a foreign one, they are as unknown as those that don't exist.
  const expectRun = async (request: FastifyRequest, run: RunId) => {
    if (request.visibleCameras() === 'all' || request.mayUse(await archive.cameraOfRun(run))) return;
    throw new NvrError('not-found', `There is no run ${run}.`);
  };
  const expectSegment = async (request: FastifyRequest, id: SegmentId) => {
    if (request.visibleCameras() === 'all' || request.mayUse(await archive.cameraOfSegment(id))) return;
    throw new NvrError('not-found', `There is no segment ${id}.`);
  };
  return async (app) => {
    app.get(
      '/runs/:runId/init.mp4',
      {
        config: archived,
        schema: { tags, summary: 'Init segment of a run', params: RunParams, response: initAnswer },
      },
      async (request, reply) => {
        const run = runId(request.params.runId);
        await expectRun(request, run);
        return sendInit(reply, await archive.initOf(run));
      },
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
      async (request, reply) => {
        const { segmentId: id, from, to } = request.params;
        await expectSegment(request, segmentId(id));
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
      async (request, reply) => {
        const id = segmentId(request.params.segmentId);
        await expectSegment(request, id);
        const { path, name, final } = await archive.segmentFile(id);
        reply.changes = !final;
        reply.header('content-disposition', `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"`);
        return reply.sendFile(basename(path), dirname(path), { cacheControl: false });
      },
    );
  };
}
