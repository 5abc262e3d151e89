/** Chromium over TLS: pages and requests by HTTP/2, WebSockets by wss on the same port, a cookie that stays secure. */
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Harness, startHarness, USER_PASSWORD } from '../http/harness.ts';
import { makeCertificate } from '../support/certificate.ts';
import { startBrowser } from '../support/player.ts';

let browser: Browser;
let harness: Harness;
let address: string;

beforeAll(async () => {
  browser = await startBrowser();
  harness = await startHarness({ tls: await makeCertificate() });
  await harness.app.listen({ port: 0, host: '127.0.0.1' });
  address = `https://127.0.0.1:${(harness.app.server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await browser?.close();
  await harness?.close();
});

/** What the page does; runs in the browser. */
const VISIT = `async (password) => {
  const login = await fetch('/api/v1/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'viewer', password }),
  });
  const session = await (await fetch('/api/v1/session')).json();
  const protocols = performance.getEntriesByType('resource').map(({ nextHopProtocol }) => nextHopProtocol);
  const socket = new WebSocket(location.origin.replace('https', 'wss') + '/api/v1/live');
  socket.binaryType = 'arraybuffer';
  const heard = await new Promise((resolve, reject) => {
    const all = [];
    socket.onerror = () => reject(new Error('The socket failed.'));
    socket.onopen = () => socket.send('hello');
    socket.onmessage = ({ data }) => {
      all.push(typeof data === 'string' ? data : new TextDecoder().decode(data));
      if (all.length === 2) resolve(all);
    };
  });
  return { status: login.status, name: session.name, protocols, heard, cookie: document.cookie };
}`;

test('a page logs in, asks and listens over one port', async () => {
  const context = await browser.newContext({ ignoreHTTPSErrors: true });
  onTestFinished(() => context.close());
  const page = await context.newPage();
  await page.goto(`${address}/healthz`);
  const seen = await page.evaluate(`(${VISIT})(${JSON.stringify(USER_PASSWORD)})`);
  expect(seen).toEqual({
    status: 200,
    name: 'viewer',
    protocols: ['h2', 'h2'],
    heard: ['viewer said hello', 'headerbody'],
    cookie: '',
  });
  const cookies = await context.cookies();
  expect(cookies).toMatchObject([
    { name: '__Host-nightjar', secure: true, httpOnly: true, sameSite: 'Strict' },
  ]);
});
