import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { GUEST, type Harness, logIn, startHarness } from './harness.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

async function listening(): Promise<{ harness: Harness; url: string; cookie: string }> {
  const harness = await startHarness();
  open.push(harness);
  await harness.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = harness.app.server.address() as AddressInfo;
  return { harness, url: `ws://127.0.0.1:${port}/api/v1/live`, cookie: await logIn(harness.app, 'viewer') };
}

function connect(url: string, headers: Record<string, string>): WebSocket {
  const socket = new WebSocket(url, { headers });
  open.unshift({ close: () => socket.terminate() });
  return socket;
}

async function refusal(socket: WebSocket): Promise<number | undefined> {
  socket.on('error', () => {});
  const [, response] = await once(socket, 'unexpected-response');
  return response.statusCode;
}

describe('the live socket', () => {
  it('carries text to the session and text and media back', async () => {
    const { url, cookie } = await listening();
    const socket = connect(url, { cookie });
    const heard: (string | Buffer)[] = [];
    socket.on('message', (data: Buffer, isBinary) => heard.push(isBinary ? data : data.toString()));
    await once(socket, 'open');
    socket.send('hello');
    while (heard.length < 2) await once(socket, 'message');
    expect(heard).toEqual(['viewer said hello', Buffer.from('headerbody')]);
  });

  it('is closed to those who have not logged in', async () => {
    const { url } = await listening();
    expect(await refusal(connect(url, {}))).toBe(401);
  });

  it('is closed to pages of other sites, cookie or not', async () => {
    const { url, cookie } = await listening();
    expect(await refusal(connect(url, { cookie, origin: 'http://evil.example' }))).toBe(403);
  });

  it('ends a client that sends binary or long messages', async () => {
    const { url, cookie } = await listening();
    for (const [message, code] of [
      [Buffer.from([1]), 1003],
      ['x'.repeat(2_000), 1009],
    ] as const) {
      const socket = connect(url, { cookie });
      await once(socket, 'open');
      socket.send(message);
      expect((await once(socket, 'close'))[0]).toBe(code);
    }
  });

  it('knows which cameras its user may use', async () => {
    const { harness, url } = await listening();
    const lodger = harness.users.find(GUEST) ?? expect.unreachable();
    const { passwordHash } = harness.users.find('viewer') ?? expect.unreachable();
    harness.users.update({ ...lodger, passwordHash });
    const socket = connect(url, { cookie: await logIn(harness.app, GUEST) });
    await once(socket, 'open');
    socket.send('hello');
    expect(String((await once(socket, 'message'))[0])).toBe(`${GUEST} said hello in the dark`);
  });

  it.each([
    ['is disabled', { method: 'PATCH', url: '/api/v1/users/viewer', payload: { enabled: false } }],
    ['is removed', { method: 'DELETE', url: '/api/v1/users/viewer' }],
    ['loses cameras', { method: 'PATCH', url: '/api/v1/users/viewer', payload: { cameras: ['back-yard'] } }],
    ['gets another role', { method: 'PATCH', url: '/api/v1/users/viewer', payload: { role: 'operator' } }],
    [
      'gets another password',
      { method: 'PATCH', url: '/api/v1/users/viewer', payload: { password: 'four herons' } },
    ],
  ] as const)('ends when its user %s, and nobody else’s does', async (_, change) => {
    const { harness, url, cookie } = await listening();
    const other = await logIn(harness.app, 'operator');
    const socket = connect(url, { cookie });
    const bystander = connect(url, { cookie: other });
    await Promise.all([once(socket, 'open'), once(bystander, 'open')]);
    const ended = once(socket, 'close');
    expect((await harness.as('admin', change)).statusCode).toBeLessThan(300);
    await ended;
    bystander.send('hello');
    expect(String((await once(bystander, 'message'))[0])).toBe('operator said hello');
  });

  it('ends with its session', async () => {
    const { harness, url, cookie } = await listening();
    const socket = connect(url, { cookie });
    await once(socket, 'open');
    const ended = once(socket, 'close');
    await harness.app.inject({ method: 'DELETE', url: '/api/v1/session', headers: { cookie } });
    await ended;
  });
});
