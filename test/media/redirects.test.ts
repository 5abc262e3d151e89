/** Where HTTP sources send the recorder: nowhere but to the address that was given and judged. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { REQUIRED_ELEMENTS } from '../../src/media/elements.ts';
import { startGst } from '../../src/media/gst.ts';
import { probe } from '../../src/media/probe.ts';

const servers: Server[] = [];
let heard: string[];
let elsewhere: string;

/** Answers each request as said; gives its address. */
async function serve(location: (path: string) => string | null): Promise<string> {
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    heard.push(path);
    const to = location(path);
    if (to === null) response.end('#EXTM3U\n');
    else response.writeHead(302, { location: to }).end();
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

startGst(REQUIRED_ELEMENTS);
beforeEach(async () => {
  heard = [];
  elsewhere = await serve(() => null);
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

it.each([
  ['http', '/cam.mp4'],
  ['http', '/cam.mjpg'],
  ['hls', '/live.m3u8'],
] as const)('a redirect of %s %s is not followed, and said to be no source', async (kind, path) => {
  const given = await serve(() => `${elsewhere}/secret`);
  const found = await probe({ kind, url: `${given}${path}` });
  expect(found).toMatchObject({ ok: false, message: expect.any(String) });
  expect(heard).toContain(path);
  expect(heard).not.toContain('/secret');
});
