/** The server under TLS: HTTP/2, HTTP/1.1 and WebSockets on one port, cookies that never leave it, another certificate. */
import { once } from 'node:events';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { connect as connectTls, type PeerCertificate } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { changeKeys } from '../../src/http/instance.ts';
import { makeCertificate } from '../support/certificate.ts';
import { type Harness, startHarness, USER_PASSWORD } from './harness.ts';

const insecure = { rejectUnauthorized: false };
let harness: Harness;
let port: number;

beforeAll(async () => {
  harness = await startHarness({ tls: await makeCertificate() });
  await harness.app.listen({ port: 0, host: '127.0.0.1' });
  port = (harness.app.server.address() as AddressInfo).port;
});
afterAll(() => harness.close());

function session(): ClientHttp2Session {
  const opened = connect(`https://127.0.0.1:${port}`, insecure);
  onTestFinished(() => void opened.destroy());
  return opened;
}

interface Answer {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

async function ask(over: ClientHttp2Session, headers: Record<string, string>, body = ''): Promise<Answer> {
  const stream = over.request(headers);
  if (body !== '') stream.end(body);
  const [answer]: IncomingHttpHeaders[] = await once(stream, 'response');
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece);
  return { headers: answer ?? {}, body: Buffer.concat(pieces).toString() };
}

const logIn = (over: ClientHttp2Session, headers: Record<string, string> = {}) =>
  ask(
    over,
    { ':method': 'POST', ':path': '/api/v1/session', 'content-type': 'application/json', ...headers },
    JSON.stringify({ name: 'viewer', password: USER_PASSWORD }),
  );

const cookieOf = ({ headers }: Answer): string => String(headers['set-cookie']).split(';', 1)[0] ?? '';

async function certificate(): Promise<PeerCertificate> {
  const socket = connectTls({ port, host: '127.0.0.1', ...insecure });
  await once(socket, 'secureConnect');
  const found = socket.getPeerCertificate();
  socket.destroy();
  return found;
}

describe('under TLS', () => {
  it('speaks HTTP/2, and gives cookies that only go back over TLS', async () => {
    const over = session();
    const answer = await logIn(over);
    expect(over.alpnProtocol).toBe('h2');
    expect(answer.headers[':status']).toBe(200);
    expect(String(answer.headers['set-cookie'])).toMatch(
      /^__Host-nightjar=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+; Secure$/,
    );
    const who = await ask(over, { ':path': '/api/v1/session', cookie: cookieOf(answer) });
    expect(JSON.parse(who.body)).toMatchObject({ name: 'viewer' });
  });

  it('knows other sites by the authority of HTTP/2', async () => {
    const over = session();
    expect((await logIn(over, { origin: `https://127.0.0.1:${port}` })).headers[':status']).toBe(200);
    expect((await logIn(over, { origin: 'https://evil.example' })).headers[':status']).toBe(403);
  });

  it('speaks HTTP/1.1 beside it', async () => {
    const asked = request({ port, host: '127.0.0.1', path: '/healthz', ...insecure }).end();
    const [answer] = await once(asked, 'response');
    answer.resume();
    expect([answer.httpVersion, answer.statusCode]).toEqual(['1.1', 200]);
  });

  it('carries WebSockets, and refuses those who have not logged in', async () => {
    const cookie = cookieOf(await logIn(session()));
    const socket = new WebSocket(`wss://127.0.0.1:${port}/api/v1/live`, { ...insecure, headers: { cookie } });
    onTestFinished(() => socket.terminate());
    await once(socket, 'open');
    socket.send('hello');
    expect(String((await once(socket, 'message'))[0])).toBe('viewer said hello');
    const stranger = new WebSocket(`wss://127.0.0.1:${port}/api/v1/live`, insecure);
    stranger.on('error', () => {});
    const [, refusal] = await once(stranger, 'unexpected-response');
    expect(refusal.statusCode).toBe(401);
  });

  it('answers a request for the socket that is none, and goes on', async () => {
    const over = session();
    const cookie = cookieOf(await logIn(over));
    const { headers } = await ask(over, { ':path': '/api/v1/live', cookie });
    expect(headers[':status']).toBeGreaterThanOrEqual(400);
    expect((await ask(session(), { ':path': '/healthz' })).headers[':status']).toBe(200);
  });

  it('takes another certificate without a break', async () => {
    const before = await certificate();
    const over = session();
    await once(over, 'connect');
    changeKeys(harness.app, await makeCertificate());
    expect((await certificate()).fingerprint256).not.toBe(before.fingerprint256);
    expect((await ask(over, { ':path': '/healthz' })).headers[':status']).toBe(200);
  });

  it('closes although connections are open', async () => {
    const own = await startHarness({ tls: await makeCertificate() });
    await own.app.listen({ port: 0, host: '127.0.0.1' });
    const over = connect(`https://127.0.0.1:${(own.app.server.address() as AddressInfo).port}`, insecure);
    over.on('error', () => {});
    await once(over, 'connect');
    const closed = once(over, 'close');
    await own.close();
    await closed;
  });
});
