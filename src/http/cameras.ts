/** The resource `/cameras`: what is configured, how it is doing, and recording by hand. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { cameraId } from '../domain/ids.ts';
import type { CamerasPort } from './ports.ts';
import { API_PREFIX, administer, operate, watch, watchOwn } from './rules.ts';
import { CameraParams, etagOf, expectedRevision, IfMatchHeader, NoBody } from './schemas.ts';
import { CameraInput, CameraList, CameraPatch, CameraView, CloneInput } from './wire/camera.ts';

const tags = ['cameras'];

export function cameraRoutes(cameras: CamerasPort): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/cameras',
      {
        config: watchOwn,
        schema: {
          tags,
          summary: 'All cameras that whoever asks may use, by position and name',
          response: { 200: CameraList },
        },
      },
      async (request) => ({ cameras: (await cameras.list()).filter(({ id }) => request.mayUse(id)) }),
    );

    app.post(
      '/cameras',
      {
        config: administer,
        schema: { tags, summary: 'Add a camera', body: CameraInput, response: { 201: CameraView } },
      },
      async (request, reply) => {
        const camera = await cameras.create(request.body);
        request.outcome = { status: 201, target: `/cameras/${camera.id}` };
        reply.code(201).headers({ etag: etagOf(camera), location: `${API_PREFIX}/cameras/${camera.id}` });
        return camera;
      },
    );

    app.get(
      '/cameras/:cameraId',
      {
        config: watch,
        schema: { tags, summary: 'A camera', params: CameraParams, response: { 200: CameraView } },
      },
      async (request, reply) => {
        const camera = await cameras.get(cameraId(request.params.cameraId));
        reply.header('etag', etagOf(camera));
        return camera;
      },
    );

    app.patch(
      '/cameras/:cameraId',
      {
        config: administer,
        schema: {
          tags,
          summary: 'Change a camera',
          params: CameraParams,
          headers: IfMatchHeader,
          body: CameraPatch,
          response: { 200: CameraView },
        },
      },
      async (request, reply) => {
        const expected = expectedRevision(request.headers['if-match']);
        const camera = await cameras.update(cameraId(request.params.cameraId), request.body, expected);
        reply.header('etag', etagOf(camera));
        return camera;
      },
    );

    app.delete(
      '/cameras/:cameraId',
      {
        config: administer,
        schema: {
          tags,
          summary: 'Remove a camera; its footage stays until retention takes it',
          params: CameraParams,
          headers: IfMatchHeader,
          response: { 204: Type.Null({ description: 'Removed' }) },
        },
      },
      async (request, reply) => {
        const expected = expectedRevision(request.headers['if-match']);
        await cameras.remove(cameraId(request.params.cameraId), expected);
        return reply.code(204).send(null);
      },
    );

    app.post(
      '/cameras/:cameraId/clone',
      {
        config: administer,
        schema: {
          tags,
          summary: 'Add a copy, disabled, with the source, the retention and the schedule of a camera',
          params: CameraParams,
          body: CloneInput,
          response: { 201: CameraView },
        },
      },
      async (request, reply) => {
        const camera = await cameras.clone(cameraId(request.params.cameraId), request.body.name ?? null);
        reply.code(201).headers({ etag: etagOf(camera), location: `${API_PREFIX}/cameras/${camera.id}` });
        return camera;
      },
    );

    app.post(
      '/cameras/:cameraId/recording/start',
      {
        config: operate,
        schema: {
          tags,
          summary: 'Start recording by hand',
          params: CameraParams,
          body: NoBody,
          response: { 200: CameraView },
        },
      },
      (request) => cameras.startRecording(cameraId(request.params.cameraId)),
    );

    app.post(
      '/cameras/:cameraId/recording/stop',
      {
        config: operate,
        schema: {
          tags,
          summary: 'Stop recording by hand',
          params: CameraParams,
          body: NoBody,
          response: { 200: CameraView },
        },
      },
      (request) => cameras.stopRecording(cameraId(request.params.cameraId)),
    );
  };
}
