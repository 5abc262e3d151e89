/** The end of all WebSockets when the server closes. */
import { setTimeout as delay } from 'node:timers/promises';
import type {} from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';

/** RFC 6455 §7.4.1: the endpoint goes away. */
const GOING_AWAY = 1001;
/** A client that reads takes much less to say goodbye. */
const GOODBYE_MS = 300;

/** Says goodbye to every client, and ends those that do not answer: they would keep the server for half a minute. */
export async function endSockets(this: FastifyInstance): Promise<void> {
  const { clients } = this.websocketServer;
  if (clients.size === 0) return;
  for (const client of clients) client.close(GOING_AWAY, 'The recorder stops.');
  await delay(GOODBYE_MS);
  for (const client of clients) client.terminate();
}
