/** A door to a recorder for players that can't log in: it does so for them, and serves the page with a player. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { AUTHORIZATION, type Recorder } from './recorder.ts';

const page = new URL('player.html', import.meta.url);
const hls = createRequire(import.meta.url).resolve('hls.js/dist/hls.min.js');
const FILES = new Map([
  ['/player', { file: page, type: 'text/html' }],
  ['/player/hls.js', { file: hls, type: 'text/javascript' }],
]);

export interface LoginProxy {
  /** e.g. `http://127.0.0.1:40001`. */
  readonly address: string;
  close(): void;
}

export async function startLoginProxy(recorder: Recorder): Promise<LoginProxy> {
  const server: Server = createServer((asked, reply) => {
    const own = FILES.get(asked.url ?? '');
    if (own !== undefined) {
      reply.setHeader('content-type', own.type).end(readFileSync(own.file));
      return;
    }
    const headers = { ...asked.headers, authorization: AUTHORIZATION };
    const forwarded = request(`${recorder.address}${asked.url}`, { headers }, (answer) => {
      reply.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(reply);
    });
    forwarded.on('error', () => reply.destroy());
    forwarded.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { address: `http://127.0.0.1:${port}`, close: () => server.close() };
}
