/** Any interval of a camera as one file to keep, and into which files it falls. */
import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyReply } from 'fastify';
import type { Static } from 'typebox';
import { cameraId } from '../domain/ids.ts';
import { exportAnswer, sendRange } from './answers.ts';
import { select } from './byteRange.ts';
import { attachment } from './downloadName.ts';
import type { ExportedFile, ExportPort } from './ports.ts';
import { exported, watch } from './rules.ts';
import { CameraParams, ExportPartsQuery, ExportQuery, intervalOf } from './schemas.ts';
import { ExportParts } from './wire/archive.ts';

const tags = ['playback'];
const params = CameraParams;

export function exportRoutes(exports: ExportPort): FastifyPluginAsyncTypebox {
  return async (app) => {
    const file = {
      url: '/cameras/:cameraId/export.mp4',
      // Fastify's own would read the whole file to tell its length.
      exposeHeadRoute: false,
      config: exported,
    };
    const request = { params, querystring: ExportQuery };
    const open = (id: string, query: Static<typeof ExportQuery>) => {
      const { gaps = 'close', part = null, format = 'mp4' } = query;
      return exports.open(cameraId(id), intervalOf(query), { gaps, part, format });
    };
    app.route({
      ...file,
      method: 'GET',
      schema: {
        tags,
        summary: 'An interval as one MP4 file, also in byte ranges',
        description:
          'Frames whose presentation lies in [start, end), to the frame, as they were recorded. Gaps are closed ' +
          '(`gaps=close`), with a chapter at each, or begin a new part (`gaps=split`); where the format changes, a new part begins in any ' +
          'case. Of several parts, `part` (from 1) chooses one. `format=fmp4` gives whole GOPs as fragmented MP4.',
        ...request,
        response: exportAnswer,
      },
      handler: async ({ params, query, headers }, reply) =>
        sendFile(headers, reply, await open(params.cameraId, query), true),
    });
    app.route({
      ...file,
      method: 'HEAD',
      schema: { hide: true, ...request },
      handler: async ({ params, query, headers }, reply) =>
        sendFile(headers, reply, await open(params.cameraId, query), false),
    });

    app.get(
      '/cameras/:cameraId/export/parts',
      {
        config: watch,
        schema: {
          tags,
          summary: 'The intervals of an interval that can be one MP4 file each',
          params,
          querystring: ExportPartsQuery,
          response: { 200: ExportParts },
        },
      },
      async ({ params, query }) => {
        const { gaps = 'close' } = query;
        return { parts: await exports.parts(cameraId(params.cameraId), intervalOf(query), gaps) };
      },
    );
  };
}

function sendFile(
  headers: IncomingHttpHeaders,
  reply: FastifyReply,
  file: ExportedFile,
  withBody: boolean,
): FastifyReply {
  const etag = `"${file.tag}"`;
  reply.header('etag', etag).header('accept-ranges', 'bytes');
  const selection = select(headers, etag, file.bytes);
  if (selection.kind === 'unchanged') return reply.code(304).send();
  reply.header('content-disposition', attachment(file.name, '.mp4'));
  const { from, to } = selection.kind === 'part' ? selection : { from: 0, to: file.bytes };
  if (selection.kind === 'part') {
    reply.code(206).header('content-range', `bytes ${from}-${to - 1}/${file.bytes}`);
  }
  const body = withBody ? Readable.from(file.read(from, to), { objectMode: false }) : null;
  return sendRange(reply, to - from, body);
}
