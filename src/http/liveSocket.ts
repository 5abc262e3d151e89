/** Live media of any number of cameras over one WebSocket (RFC 6455): the transport; what is said is in `live/`. */
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import type { WebSocket } from 'ws';
import { keepAlive } from './keepAlive.ts';
import type { LiveSocketPort } from './ports.ts';
import { watchOwn } from './rules.ts';

/** Longest message of a client, in bytes; all it has to say is short. */
export const LONGEST_MESSAGE = 1024;
/** RFC 6455 §7.4.1: a kind of data that is not accepted. */
const UNSUPPORTED_DATA = 1003;

export function liveSocketRoutes(live: LiveSocketPort): FastifyPluginAsyncTypebox {
  return async (app) => {
    // A refused upgrade leaves a connection that the HTTP server no longer knows, and would wait for when it closes.
    app.addHook('onResponse', async ({ raw }) => {
      raw.socket.destroySoon();
    });
    app.get(
      '/live',
      {
        websocket: true,
        config: watchOwn,
        schema: { tags: ['live'], summary: 'Live media of any number of cameras, over a WebSocket' },
      },
      (socket, request) => serve(socket, live, request),
    );
  };
}

function serve(socket: WebSocket, live: LiveSocketPort, request: FastifyRequest): void {
  const client = live.connect(
    {
      text: (message) => socket.send(message),
      binary(header, body) {
        // Two frames of one message: the body is shared by all viewers and not copied.
        socket.send(header, { binary: true, fin: false });
        socket.send(body, { binary: true, fin: true });
      },
      get queuedBytes() {
        return socket.bufferedAmount;
      },
      close: (code, reason) => socket.close(code, reason),
    },
    request.identity?.user.name ?? '',
    (camera) => request.mayUse(camera),
  );
  const stopPinging = keepAlive(socket);
  socket.on('message', (data: Buffer, isBinary: boolean) => {
    if (isBinary) socket.close(UNSUPPORTED_DATA, 'Messages are JSON text.');
    else client.receive(data.toString('utf8'));
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    stopPinging();
    client.close();
  });
}
