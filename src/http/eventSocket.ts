/** `/events/live`: what happens, as it happens, over a WebSocket (RFC 6455), and first what was missed. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { WebSocket } from 'ws';
import type { EventChange, NvrEvent } from '../domain/event.ts';
import type { EventsPort } from './eventPort.ts';
import { type EventScope, isInScope, scopeOf } from './eventScope.ts';
import { keepAlive } from './keepAlive.ts';
import { watchOwn } from './rules.ts';
import { LiveEventQuery } from './wire/event.ts';

/** Listeners at once. */
const MOST_LISTENERS = 200;
/** Of what was missed, so many are looked through at most. */
const MOST_MISSED = 5_000;
/** A listener with so much on its way to it takes too little. */
const MOST_QUEUED_BYTES = 1024 * 1024;
/** Then it has to come again, so that who may no longer listen does not for longer. */
const LONGEST_MS = 15 * 60_000;
/** RFC 6455 §7.4.1 and its registry. */
const COME_AGAIN = 1012;
const TRY_LATER = 1013;

export function eventSocketRoutes(events: EventsPort): FastifyPluginAsyncTypebox {
  return async (app) => {
    const sockets = new Set<WebSocket>();
    // A refused upgrade leaves a connection that the HTTP server no longer knows, and would wait for when it closes.
    app.addHook('onResponse', async ({ raw }) => {
      raw.socket.destroySoon();
    });
    app.get(
      '/events/live',
      {
        websocket: true,
        config: watchOwn,
        schema: {
          tags: ['events'],
          summary: 'What happens, as it happens, over a WebSocket',
          querystring: LiveEventQuery,
        },
        // Before the connection becomes one of messages, so that what is wrong is answered as anywhere.
        preHandler: async (request) => {
          scopeOf(request, request.query);
        },
      },
      (socket, request) => {
        if (sockets.size >= MOST_LISTENERS) {
          socket.close(TRY_LATER, 'There are too many listeners.');
          return;
        }
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
        serve(socket, events, scopeOf(request, request.query), request.query.after ?? null);
      },
    );
  };
}

function serve(socket: WebSocket, events: EventsPort, scope: EventScope, after: number | null): void {
  const tell = (event: NvrEvent, change: EventChange): void => {
    if (!isInScope(scope, event)) return;
    if (socket.bufferedAmount > MOST_QUEUED_BYTES) socket.close(TRY_LATER, 'Too slow: connect again.');
    else socket.send(JSON.stringify({ type: 'event', change, event }));
  };
  const { lastId } = events;
  const from = after === null ? lastId : Math.max(Math.min(after, lastId), lastId - MOST_MISSED);
  const missed = after !== null && after < from;
  socket.send(JSON.stringify({ type: 'hello', lastId, missed }));
  for (const event of events.since(from, MOST_MISSED)) tell(event, 'added');
  const stopListening = events.subscribe(tell);
  const stopPinging = keepAlive(socket);
  const limit = setTimeout(() => socket.close(COME_AGAIN, 'Connect again.'), LONGEST_MS);
  // It has nothing to say.
  socket.on('message', () => undefined);
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    clearTimeout(limit);
    stopPinging();
    stopListening();
  });
}
