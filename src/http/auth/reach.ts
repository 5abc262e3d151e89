/**
 * Which cameras a request may reach. A route under `/cameras/:cameraId` is guarded by its address: a camera that is
 * not granted is as unknown as one that does not exist. Any other route says in its rules what it reaches, and is
 * closed to users of some cameras only until it does.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Grant, mayUse } from '../../domain/access.ts';
import { NvrError } from '../../domain/errors.ts';
import { HttpError } from '../problems.ts';

/**
 * What the answers of a route are about: no camera, only those that `request.visibleCameras()` names (the handler
 * sees to that), or any camera, which is what is taken of a route that says nothing.
 */
export type Reach = 'none' | 'own' | 'all';

declare module 'fastify' {
  interface FastifyRequest {
    /** The cameras whoever asks may use; none on public routes. */
    visibleCameras(): Grant;
    /** Whether whoever asks may use this camera. */
    mayUse(camera: string): boolean;
    /** @throws NvrError `not-found`, as for a camera that does not exist, unless it may be used */
    expectCamera(camera: string): void;
  }
}

/** Adds the questions above to every request. */
export function decorateReach(app: FastifyInstance): void {
  app.decorateRequest('visibleCameras', function visibleCameras(this: FastifyRequest): Grant {
    return this.identity?.user.cameras ?? [];
  });
  app.decorateRequest('mayUse', function may(this: FastifyRequest, camera: string): boolean {
    return mayUse(this.visibleCameras(), camera);
  });
  app.decorateRequest('expectCamera', function expectCamera(this: FastifyRequest, camera: string): void {
    if (this.mayUse(camera)) return;
    throw new NvrError('not-found', `There is no camera ${camera}.`, { field: 'cameraId' });
  });
}

/** Refuses a request of a user of some cameras for another one, or for a route that may give any. */
export function refuseForeign(request: FastifyRequest): void {
  if (request.visibleCameras() === 'all') return;
  const camera = cameraOf(request.params);
  if (camera !== undefined) request.expectCamera(camera);
  else if ((request.routeOptions.config.reach ?? 'all') === 'all') {
    throw new HttpError(403, 'Only a user of all cameras may do this.');
  }
}

function cameraOf(params: unknown): string | undefined {
  if (typeof params !== 'object' || params === null || !('cameraId' in params)) return undefined;
  return String(params.cameraId);
}
