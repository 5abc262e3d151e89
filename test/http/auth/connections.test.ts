import { once } from 'node:events';
import { request } from 'node:http';
import { fastify } from 'fastify';
import { expect, it } from 'vitest';
import { Connections } from '../../../src/http/auth/connections.ts';
import { LISTED_CLIENT } from '../../../src/http/auth/listedClient.ts';
import type { UserStore } from '../../../src/http/auth/ports.ts';

it('keeps nothing of a client that went before it was known who asks', async () => {
  const connections = new Connections({} as UserStore);
  let asked = 0;
  const isStillGood = async () => {
    asked += 1;
    return true;
  };
  const app = fastify();
  const tracked = new Promise<void>((resolve) => {
    app.addHook('onRequest', async (incoming, reply) => {
      client.destroy();
      await once(reply.raw, 'close');
      connections.track(incoming, reply, { ...LISTED_CLIENT, isStillGood });
      resolve();
    });
  });
  app.get('/', async () => 'late');
  const client = request(await app.listen({ host: '127.0.0.1', port: 0 }));
  client.on('error', () => undefined);
  client.end();
  await tracked;
  await connections.recheck();
  expect(asked).toBe(0);
  await app.close();
});
