/** Which events a request may see: those of the cameras it may use, and private ones only for administrators. */
import type { FastifyRequest } from 'fastify';
import { mayUse, ranks } from '../domain/access.ts';
import { NvrError } from '../domain/errors.ts';
import { EVENT_KINDS, type EventKind, isEventKind, type NvrEvent, PRIVATE_KINDS } from '../domain/event.ts';
import { type CameraId, cameraId } from '../domain/ids.ts';

/** What is wanted, within what may be seen; null is all. */
export interface EventScope {
  readonly cameras: readonly CameraId[] | null;
  /** Whether events of no camera are wanted too. */
  readonly general: boolean;
  readonly kinds: readonly EventKind[] | null;
}

/** The lists of a query, as it was sent. */
export interface ScopeQuery {
  readonly cameras?: string;
  readonly kinds?: string;
}

const OPEN_KINDS = Object.keys(EVENT_KINDS)
  .filter(isEventKind)
  .filter((kind) => !PRIVATE_KINDS.includes(kind));

/**
 * What a request asks for and may see.
 * @throws NvrError `invalid` for a kind that does not exist, `not-found` for a camera that may not be used
 */
export function scopeOf(request: FastifyRequest, query: ScopeQuery): EventScope {
  const asked = query.cameras?.split(',').map((id) => cameraId(id, 'cameras')) ?? null;
  for (const id of asked ?? []) request.expectCamera(id);
  const granted = request.visibleCameras();
  const isAdmin = request.identity !== null && ranks(request.identity.user.role, 'admin');
  const kinds = query.kinds?.split(',').map(kindOf) ?? null;
  const open = isAdmin ? kinds : (kinds ?? OPEN_KINDS).filter((kind) => OPEN_KINDS.includes(kind));
  return { cameras: asked ?? (granted === 'all' ? null : granted), general: asked === null, kinds: open };
}

/** Whether an event is within the scope. */
export function isInScope({ cameras, general, kinds }: EventScope, event: NvrEvent): boolean {
  if (kinds !== null && !kinds.includes(event.kind)) return false;
  if (event.cameraId === undefined) return general;
  return cameras === null || mayUse(cameras, event.cameraId);
}

function kindOf(text: string): EventKind {
  if (isEventKind(text)) return text;
  throw new NvrError('invalid', `There is no kind of event ${text}.`, { field: 'kinds' });
}
