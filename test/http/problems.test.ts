/** How requests fail: the status of each kind, what is told and what is not, and what HTTP itself refuses. */
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ErrorKind, NvrError } from '../../src/domain/errors.ts';
import { type Harness, MARKER, problemOf, startHarness } from './harness.ts';

const API = '/api/v1';
const JSON_TYPE = { 'content-type': 'application/json' };
const UUID = /^[0-9a-f-]{36}$/;

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());
afterEach(() => {
  harness.calls.length = 0;
  harness.answers.clear();
  harness.log.length = 0;
});

function failWith(error: unknown): void {
  harness.answers.set('get', () => {
    throw error;
  });
}

describe('what a port throws', () => {
  it.each<[ErrorKind, string | undefined, number]>([
    ['invalid', 'source.url', 400],
    ['unauthorised', undefined, 401],
    ['forbidden', undefined, 403],
    ['not-found', undefined, 404],
    ['conflict', 'id', 409],
    ['conflict', 'revision', 412],
    ['unavailable', undefined, 503],
    ['unavailable', 'source', 422],
    ['exhausted', undefined, 507],
  ])('%s with the field %s becomes %i with its sentence', async (kind, field, status) => {
    failWith(new NvrError(kind, 'A sentence for the user.', field === undefined ? {} : { field }));
    const answer = await harness.as('viewer', { url: `${API}/cameras/front-door` });
    expect(problemOf(answer)).toEqual({
      type: 'about:blank',
      title: expect.any(String),
      status,
      detail: 'A sentence for the user.',
      ...(field === undefined ? {} : { field }),
      requestId: expect.stringMatching(UUID),
    });
    expect(answer.headers['retry-after']).toBe(status === 503 ? '1' : undefined);
    expect(answer.headers['cache-control']).toBe('no-store');
    const errors = harness.log.filter((line) => JSON.parse(line).level >= 50);
    expect(errors).toHaveLength(status === 507 ? 1 : 0);
  });

  it.each([
    new Error(`secret ${MARKER} at /var/lib`),
    new NvrError('internal', `pipeline ${MARKER} broke`),
    Object.assign(new Error(MARKER), { statusCode: 500 }),
    Object.assign(new Error(MARKER), { statusCode: 200 }),
    Object.assign(new Error(MARKER), { statusCode: '404' }),
    MARKER,
    null,
  ])('%s becomes 500, of which only the log knows more', async (error) => {
    failWith(error);
    const answer = await harness.as('viewer', { url: `${API}/cameras/front-door` });
    const { status, requestId } = problemOf(answer);
    expect(status).toBe(500);
    expect(answer.body).not.toContain(MARKER);
    const lines = harness.log.map((line) => JSON.parse(line)).filter(({ level }) => level >= 50);
    expect(lines).toEqual([expect.objectContaining({ reqId: requestId, msg: 'request failed' })]);
  });

  it('is not cached where the answer would be for ever', async () => {
    harness.answers.set('initOf', () => {
      throw new NvrError('not-found', 'There is no such run.');
    });
    const url = `${API}/runs/6f1f7a53-0f0e-4a5c-8a76-52f1a3a0b111/init.mp4`;
    const answer = await harness.as('viewer', { url });
    expect(problemOf(answer).status).toBe(404);
    expect(answer.headers['cache-control']).toBe('no-store');
  });
});

describe('what HTTP refuses', () => {
  it.each([
    [`${API}/cameras`, 'PUT', 'GET, HEAD, POST'],
    [`${API}/cameras`, 'DELETE', 'GET, HEAD, POST'],
    [`${API}/cameras/front-door`, 'POST', 'GET, HEAD, PATCH, DELETE'],
    [`${API}/cameras/front-door/recording/start`, 'GET', 'POST'],
    [`${API}/segments/5/gops/0-1.m4s`, 'POST', 'GET, HEAD'],
    [`${API}/session`, 'PUT', 'POST, GET, HEAD, DELETE'],
    ['/healthz', 'POST', 'GET, HEAD'],
  ] as const)('%s does not take %s', async (url, method, allow) => {
    const answer = await harness.as('admin', { method, url, headers: JSON_TYPE, payload: '{not json' });
    expect(problemOf(answer).status).toBe(405);
    expect(answer.headers.allow).toBe(allow);
    expect(harness.calls).toEqual([]);
  });

  it.each([
    ['a body that ends early', '{"name":'],
    ['a body that is no JSON', `name=${MARKER}`],
    ['an empty body', ''],
    ['a poisoned body', '{"__proto__":{"admin":true},"name":"a"}'],
    ['a body with a poisoned constructor', '{"constructor":{"prototype":{"admin":true}}}'],
    ['10,000 brackets', '['.repeat(10_000)],
  ])('%s is 400', async (_, payload) => {
    const answer = await harness.as('admin', {
      method: 'POST',
      url: `${API}/cameras`,
      headers: JSON_TYPE,
      payload,
    });
    expect(problemOf(answer).status).toBe(400);
    expect(answer.body).not.toContain(MARKER);
    expect(harness.calls).toEqual([]);
  });

  it.each([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['application/xml'],
    ['nonsense'],
    [undefined],
  ])('a body of type %s is 415', async (type) => {
    const answer = await harness.as('admin', {
      method: 'POST',
      url: `${API}/cameras`,
      headers: type === undefined ? {} : { 'content-type': type },
      payload: '{"name":"a","source":{"kind":"test"}}',
    });
    expect(problemOf(answer).status).toBe(415);
    expect(harness.calls).toEqual([]);
  });

  it('a body of more than 1 MiB is 413, and one of just that is read', async () => {
    const send = (bytes: number) =>
      harness.as('admin', {
        method: 'POST',
        url: `${API}/cameras`,
        headers: JSON_TYPE,
        payload: `"${'x'.repeat(bytes - 2)}"`,
      });
    expect(problemOf(await send(1024 * 1024 + 1)).status).toBe(413);
    expect(problemOf(await send(1024 * 1024))).toMatchObject({ status: 400, field: 'body' });
  });

  it.each([
    ['viewer', 'GET', `${API}/nothing`],
    ['viewer', 'POST', `${API}/nothing`],
    [null, 'GET', `${API}/nothing`],
    [null, 'DELETE', '/'],
  ] as const)('%s finds nothing with %s %s', async (role, method, url) => {
    const answer = await harness.as(role, { method, url, headers: { accept: 'text/html' } });
    expect(problemOf(answer)).toMatchObject({ status: 404, detail: 'There is nothing at this address.' });
  });

  it('gives every answer a request id of its own, whatever the client says', async () => {
    const headers = { 'x-request-id': MARKER, 'request-id': MARKER };
    const ask = () => harness.as(null, { url: `${API}/cameras`, headers });
    const [first, second] = [problemOf(await ask()), problemOf(await ask())];
    expect(first.requestId).toMatch(UUID);
    expect(second.requestId).not.toBe(first.requestId);
  });
});

describe('over a real socket', () => {
  async function send(text: string): Promise<string> {
    const { port } = new URL(await address());
    return await new Promise((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1', () => socket.end(text));
      let received = '';
      socket.setEncoding('utf8').on('data', (data: string) => {
        received += data;
      });
      socket.on('close', () => resolve(received)).on('error', reject);
    });
  }

  let listening: Promise<string> | undefined;
  function address(): Promise<string> {
    listening ??= harness.app.listen({ host: '127.0.0.1', port: 0 });
    return listening;
  }

  it.each([
    ['an unknown method', 'BREW /api/v1/cameras HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['no HTTP at all', '\u0016\u0003\u0001\r\n\r\n', 400],
    [
      'two lengths',
      'POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      400,
    ],
    [
      'length and chunks',
      'POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['headers of 20 KB', `GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['no host', 'GET /healthz HTTP/1.1\r\n\r\n', 400],
  ])('%s gets an answer and the server lives', async (_, text, status) => {
    expect(await send(text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(await send('GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1.1 200 /,
    );
  });
});
