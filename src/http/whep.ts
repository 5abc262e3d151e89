/**
 * Live view over WebRTC, by WHEP (draft-ietf-wish-whep): a session description is posted and answered, and the
 * address of the view in `Location` ends it. All candidates are in the answer, so there is nothing to trickle.
 */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { type CameraId, cameraId } from '../domain/ids.ts';
import { LONGEST_SDP } from '../domain/sdp.ts';
import type { Awaitable } from './ports.ts';
import { HttpError } from './problems.ts';
import { API_PREFIX, watch } from './rules.ts';
import { CameraParams, WhepParams } from './schemas.ts';

/** Who watches which camera. */
export interface WhepViewer {
  readonly camera: CameraId;
  /** Name of the user. */
  readonly user: string;
}

export interface WhepPort {
  /**
   * Answers an offer and begins to send.
   * @throws NvrError `invalid` with the field `offer`, `conflict` with the field `codec` when the camera's media can't go
   *   this way, `unavailable` while there is none, `exhausted` with the field `viewers`
   */
  open(viewer: WhepViewer, offer: string): Promise<{ readonly id: string; readonly answer: string }>;
  /** Ends a view of that viewer. @throws NvrError `not-found` */
  close(viewer: WhepViewer, id: string): Awaitable<void>;
  /** Ends every view. */
  closeAll(): void;
}

const SDP = 'application/sdp';
const tags = ['live'];
const SessionDescription = Type.String({
  minLength: 1,
  maxLength: LONGEST_SDP,
  description: 'SDP, RFC 8866',
});

export function whepRoutes(whep: WhepPort): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.addHook('onClose', async () => whep.closeAll());
    app.addContentTypeParser(SDP, { parseAs: 'string', bodyLimit: LONGEST_SDP }, (_request, body, done) => {
      done(null, body);
    });
    app.post(
      '/cameras/:cameraId/whep',
      {
        config: watch,
        schema: {
          tags,
          summary: 'Watch over WebRTC: an SDP offer is answered (WHEP)',
          description:
            'H.264 without B-frames is sent as it comes, with sound as Opus. The answer names all candidates.',
          params: CameraParams,
          consumes: [SDP],
          body: { content: { [SDP]: { schema: SessionDescription } } },
          response: {
            201: {
              description: 'The answer; Location is the address of the view',
              content: { [SDP]: { schema: SessionDescription } },
            },
          },
        },
      },
      async ({ params, body, identity }, reply) => {
        if (typeof body !== 'string') throw new HttpError(415, `The body must be ${SDP}.`);
        const camera = cameraId(params.cameraId);
        const { id, answer } = await whep.open({ camera, user: identity?.user.name ?? '' }, body);
        return reply
          .code(201)
          .header('location', `${API_PREFIX}/cameras/${camera}/whep/${id}`)
          .type(SDP)
          .send(answer);
      },
    );
    app.delete(
      '/cameras/:cameraId/whep/:viewId',
      {
        config: watch,
        schema: {
          tags,
          summary: 'End a view over WebRTC',
          params: WhepParams,
          response: { 204: Type.Null({ description: 'It has ended' }) },
        },
      },
      async ({ params, identity }, reply) => {
        await whep.close(
          { camera: cameraId(params.cameraId), user: identity?.user.name ?? '' },
          params.viewId,
        );
        return reply.code(204).send(null);
      },
    );
  };
}
