/** Exports that are made in the background: ordered, followed, fetched, removed. */
import { basename, dirname } from 'node:path';
import type {} from '@fastify/static';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { NvrError } from '../domain/errors.ts';
import { cameraId } from '../domain/ids.ts';
import { filesAnswer } from './answers.ts';
import { attachment } from './downloadName.ts';
import type { ExportJobPort } from './finding.ts';
import { exported, watchOwn } from './rules.ts';
import { ExportJobList, ExportJobView, ExportOrder } from './wire/exportJob.ts';
import { strict } from './wire/shapes.ts';

const tags = ['playback'];
const params = strict(
  { exportId: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }) },
  'Id of an export',
);
const TYPES: Readonly<Record<string, string>> = {
  '.mp4': 'video/mp4',
  '.ts': 'video/mp2t',
  '.zip': 'application/zip',
};
const anyFile = filesAnswer([...Object.values(TYPES), 'application/octet-stream'], 'The file');

export function exportJobRoutes(jobs: ExportJobPort): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/exports',
      {
        config: watchOwn,
        schema: {
          tags,
          summary: 'Exports that are made in the background',
          response: { 200: ExportJobList },
        },
      },
      async (request) => {
        const { exports, key } = await jobs.list();
        return { exports: exports.filter((job) => mayUseAll(request, job)), key };
      },
    );

    app.post(
      '/exports',
      {
        config: watchOwn,
        schema: {
          tags,
          summary: 'Have an export made',
          description:
            'Frames as they were recorded, unless the time is drawn into them; it goes on after a restart and is kept for some days.',
          body: ExportOrder,
          response: { 201: ExportJobView },
        },
      },
      async (request, reply) => {
        const { cameras, fromMs, toMs, format = 'mp4', zip = cameras.length > 1 } = request.body;
        const { burnTime = false } = request.body;
        for (const camera of cameras) request.expectCamera(camera);
        const ids = [...new Set(cameras)].map((id) => cameraId(id, 'cameras'));
        const order = { cameras: ids, fromMs, toMs, format, zip, burnTime };
        const job = await jobs.order(order, request.identity?.user.name ?? '');
        return reply.code(201).header('location', `exports/${job.id}`).send(job);
      },
    );

    app.get(
      '/exports/:exportId',
      {
        config: watchOwn,
        schema: { tags, summary: 'How far an export is', params, response: { 200: ExportJobView } },
      },
      async (request) => expected(request, await jobs.get(request.params.exportId)),
    );

    app.delete(
      '/exports/:exportId',
      {
        config: watchOwn,
        schema: {
          tags,
          summary: 'Cancel an export, or remove its file',
          params,
          response: { 204: Type.Null() },
        },
      },
      async (request, reply) => {
        expected(request, await jobs.get(request.params.exportId));
        await jobs.remove(request.params.exportId);
        return reply.code(204).send(null);
      },
    );

    app.get(
      '/exports/:exportId/file',
      {
        config: { ...exported, reach: 'own' },
        schema: { tags, summary: 'The file of an export, also in byte ranges', params, response: anyFile },
      },
      async (request, reply) => {
        const job = expected(request, await jobs.get(request.params.exportId));
        const path = await jobs.file(job.id);
        const name = job.name ?? 'export';
        const extension = /\.[a-z0-9]+$/.exec(name)?.[0] ?? '';
        reply.header(
          'content-disposition',
          attachment(name.slice(0, name.length - extension.length), extension),
        );
        reply.type(TYPES[extension] ?? 'application/octet-stream');
        return reply.sendFile(basename(path), dirname(path), { cacheControl: false, contentType: false });
      },
    );
  };
}

function mayUseAll(request: FastifyRequest, { cameras }: ExportJobView): boolean {
  return cameras.every((camera) => request.mayUse(camera));
}

/** What somebody may not see does not exist for him. */
function expected(request: FastifyRequest, job: ExportJobView): ExportJobView {
  if (mayUseAll(request, job)) return job;
  throw new NvrError('not-found', `There is no export ${job.id}.`, { field: 'exportId' });
}
