/** Names are judged by what they resolve to, before and while connecting. */
import { createServer, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { expectReachable, guardedLookup } from '../../src/app/addressGuard.ts';

const RULES = { webhooksToLoopback: false };

function resolving(...addresses: string[]) {
  return async () => addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
}

it.each([
  [['192.168.0.7'], true],
  [['8.8.8.8', '2001:db8::1'], true],
  [[], true],
  [['169.254.169.254'], false],
  [['8.8.8.8', '169.254.169.254'], false],
  [['::ffff:169.254.169.254'], false],
])('a camera by a name for %j: %s', async (addresses, allowed) => {
  const judged = expectReachable('cam.example', 'camera', RULES, 'source.url', resolving(...addresses));
  if (allowed) await expect(judged).resolves.toBeUndefined();
  else await expect(judged).rejects.toMatchObject({ kind: 'forbidden', field: 'source.url' });
});

it('an address is judged without asking anybody, and a name that does not resolve is let through', async () => {
  const failing = () => Promise.reject(new Error('asked'));
  await expect(expectReachable('169.254.169.254', 'camera', RULES, 'url', failing)).rejects.toMatchObject({
    kind: 'forbidden',
  });
  await expect(expectReachable('nowhere.example', 'camera', RULES, 'url', failing)).resolves.toBeUndefined();
});

it('a connection to a name that leads to this machine is refused, unless the rules allow it', async () => {
  const server = createServer((_, answer) => answer.end('reached')).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const reach = (webhooksToLoopback: boolean) =>
    new Promise<string>((resolve) => {
      const lookup = guardedLookup('webhook', { webhooksToLoopback }, 'url');
      get({ host: 'localhost', port, family: 4, lookup }, (answer) => {
        answer.setEncoding('utf8').on('data', resolve);
      }).on('error', ({ message }) => resolve(message));
    });
  expect(await reach(false)).toMatch(/127\.0\.0\.1 may not be connected to/);
  expect(await reach(true)).toBe('reached');
  server.close();
});
