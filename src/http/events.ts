/** The resource `/events`: what happened, page by page, and marks by hand. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { NvrError } from '../domain/errors.ts';
import type { EventId, EventPosition, NvrEvent } from '../domain/event.ts';
import { cameraId } from '../domain/ids.ts';
import { epochMs } from '../domain/time.ts';
import type { EventsPort } from './eventPort.ts';
import { isInScope, scopeOf } from './eventScope.ts';
import { operateOwn, watchOwn } from './rules.ts';
import type {} from './telling.ts';
import {
  EventList,
  EventPage,
  EventParams,
  EventQuery,
  EventView,
  MarkInput,
  MarkPatch,
} from './wire/event.ts';

const tags = ['events'];
const DEFAULT_LIMIT = 100;
/** What is marked is an event itself. */
const mark = { ...operateOwn, untold: true } as const;

export function eventRoutes(events: EventsPort): FastifyPluginAsyncTypebox {
  return async (app) => {
    app.get(
      '/events',
      {
        config: watchOwn,
        schema: {
          tags,
          summary: 'What happened, newest first',
          querystring: EventQuery,
          response: { 200: EventPage },
        },
      },
      async (request) => {
        const { from, to, text = null, limit = DEFAULT_LIMIT, cursor } = request.query;
        const found = await events.find({
          ...scopeOf(request, request.query),
          fromMs: from === undefined ? null : epochMs(from, 'from'),
          toMs: to === undefined ? null : epochMs(to, 'to'),
          text,
          after: cursor === undefined ? null : positionOf(cursor),
          limit,
        });
        return { events: found.items, next: found.more ? cursorAfter(found.items.at(-1)) : null };
      },
    );

    app.post(
      '/events',
      {
        config: mark,
        schema: {
          tags,
          summary: 'Mark a moment or an interval by hand',
          body: MarkInput,
          response: { 201: EventList },
        },
      },
      async (request, reply) => {
        for (const id of request.body.cameras ?? []) request.expectCamera(cameraId(id, 'cameras'));
        const made = await events.mark(request.body, request.identity?.user.name ?? '');
        reply.code(201);
        return { events: made };
      },
    );

    app.patch(
      '/events/:eventId',
      {
        config: mark,
        schema: {
          tags,
          summary: 'Change a mark',
          params: EventParams,
          body: MarkPatch,
          response: { 200: EventView },
        },
      },
      async (request) => {
        const { id } = await visible(events, request.params.eventId, request);
        return await events.change(id, request.body);
      },
    );

    app.delete(
      '/events/:eventId',
      {
        config: mark,
        schema: {
          tags,
          summary: 'Remove a mark',
          params: EventParams,
          response: { 204: Type.Null({ description: 'It is gone' }) },
        },
      },
      async (request, reply) => {
        const { id } = await visible(events, request.params.eventId, request);
        await events.remove(id);
        return reply.code(204).send(null);
      },
    );
  };
}

/** @throws NvrError `not-found` for what may not be seen, as for what does not exist */
async function visible(events: EventsPort, id: number, request: FastifyRequest): Promise<NvrEvent> {
  const event = await events.get(id as EventId);
  if (isInScope(scopeOf(request, {}), event)) return event;
  throw new NvrError('not-found', `There is no event ${id}.`, { field: 'eventId' });
}

function positionOf(cursor: string): EventPosition {
  const [atMs = 0, id = 0] = cursor.split('-').map(Number);
  return { atMs: epochMs(atMs, 'cursor'), id: id as EventId };
}

function cursorAfter(event: NvrEvent | undefined): string | null {
  return event === undefined ? null : `${event.atMs}-${event.id}`;
}
