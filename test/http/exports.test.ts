/** Exports over HTTP: byte ranges, conditional requests, names, and what goes wrong while a file is sent. */
import { existsSync, readdirSync } from 'node:fs';
import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { NvrError } from '../../src/domain/errors.ts';
import { exportedFile, type Harness, logIn, NOW, problemOf, startHarness } from './harness.ts';

const RANGE = `start=${NOW}&end=${NOW + 60_000}`;
const URL = `/api/v1/cameras/front-door/export.mp4?${RANGE}`;
const ETAG = '"tag-1"';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness.close());
afterEach(() => {
  harness.calls.length = 0;
  harness.answers.clear();
});

describe('an export', () => {
  it('states its length, its tag and that it takes ranges, by GET and by HEAD', async () => {
    for (const method of ['GET', 'HEAD'] as const) {
      const answer = await harness.as('viewer', { method, url: URL });
      expect(answer.statusCode).toBe(200);
      expect(answer.headers).toMatchObject({
        'content-length': '10',
        'content-type': 'video/mp4',
        'accept-ranges': 'bytes',
        'cache-control': 'private, no-cache',
        etag: ETAG,
      });
      expect(answer.body).toBe(method === 'GET' ? '0123456789' : '');
    }
  });

  it.each([
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=4-', '456789', 'bytes 4-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=-99', '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
    ['bytes=9-9', '9', 'bytes 9-9/10'],
  ])('gives %s', async (range, body, contentRange) => {
    for (const method of ['GET', 'HEAD'] as const) {
      const answer = await harness.as('viewer', { method, url: URL, headers: { range } });
      expect(answer.statusCode).toBe(206);
      expect(answer.headers['content-range']).toBe(contentRange);
      expect(answer.headers['content-length']).toBe(String(body.length));
      expect(answer.body).toBe(method === 'GET' ? body : '');
    }
  });

  it.each(['bytes=x', 'pages=1-2', 'bytes=5-2', 'bytes=0-1,4-5', 'bytes=-'])(
    'gives all of it for %s',
    async (range) => {
      const answer = await harness.as('viewer', { url: URL, headers: { range } });
      expect([answer.statusCode, answer.body]).toEqual([200, '0123456789']);
    },
  );

  it.each(['bytes=10-', 'bytes=11-12', 'bytes=-0'])('refuses %s, which is beyond its end', async (range) => {
    const answer = await harness.as('viewer', { url: URL, headers: { range } });
    expect(problemOf(answer).status).toBe(416);
    expect(answer.headers['content-range']).toBe('bytes */10');
  });

  it.each([
    [{ 'if-range': ETAG }, 206],
    [{ 'if-range': '"other"' }, 200],
    [{ 'if-range': `W/${ETAG}` }, 200],
    [{ 'if-range': 'Sun, 29 Mar 2026 00:00:00 GMT' }, 200],
    [{ 'if-none-match': ETAG }, 304],
    [{ 'if-none-match': `"x", W/${ETAG}` }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"x"' }, 206],
    [{ 'if-match': '"x"' }, 412],
    [{ 'if-match': ETAG }, 206],
  ])('asked for four bytes with %j answers %i', async (headers, status) => {
    const answer = await harness.as('viewer', { url: URL, headers: { range: 'bytes=2-5', ...headers } });
    expect(answer.statusCode).toBe(status);
    if (status === 206) expect(answer.body).toBe('2345');
    if (status === 200) expect(answer.body).toBe('0123456789');
    if (status === 304) expect(answer.body).toBe('');
  });

  it('is a download named after the camera and the time, in any script', async () => {
    const { headers } = await harness.as('viewer', { url: URL });
    expect(headers['content-disposition']).toBe(
      'attachment; filename="Tu_r _1_ 2026-03-29 03.00.00+0200.mp4"; ' +
        "filename*=UTF-8''T%C3%BCr%20_1_%202026-03-29%2003.00.00%2B0200.mp4",
    );
  });

  it.each([
    ['\r\nX-Evil: 1', '\r\n'],
    ['../../etc/passwd', '/'],
    ['a"; filename="b', '"b"'],
    ['%2e%2e', '%2e'],
  ])('cannot be named %j', async (name, evil) => {
    harness.answers.set('openExport', () => ({ ...exportedFile('01'), name }));
    const { headers } = await harness.as('viewer', { url: URL });
    expect(headers['x-evil']).toBeUndefined();
    expect(String(headers['content-disposition']).replace(/filename\*.*/, '')).not.toContain(evil);
  });

  it.each([
    ['conflict', 'part', 409],
    ['invalid', 'end', 400],
    ['not-found', 'start', 404],
  ] as const)('that is refused as %s of %s is a problem', async (kind, field, status) => {
    harness.answers.set('openExport', () => {
      throw new NvrError(kind, 'There are 2 parts.', { field });
    });
    const problem = problemOf(await harness.as('viewer', { url: URL }));
    expect(problem).toMatchObject({ status, field, detail: 'There are 2 parts.' });
  });

  it.each([
    [`start=${NOW}&end=${NOW}`, 'end'],
    [`start=${NOW}&end=${NOW - 1}`, 'end'],
    [`start=${NOW}`, 'end'],
    [`${RANGE}&part=0`, 'part'],
    [`${RANGE}&gaps=fill`, 'gaps'],
    [`${RANGE}&format=avi`, 'format'],
    [`${RANGE}&speed=2`, 'speed'],
  ])('asked for with %s is refused, naming %s', async (query, field) => {
    const answer = await harness.as('viewer', { url: `/api/v1/cameras/front-door/export.mp4?${query}` });
    expect(problemOf(answer)).toMatchObject({ status: 400, field });
    expect(harness.calls).toEqual([]);
  });
});

describe('over a connection', () => {
  it('that the client leaves, stops being read', async () => {
    const reading = { blocks: 0, ended: false };
    harness.answers.set('openExport', () => ({
      ...exportedFile(''),
      bytes: 2 ** 40,
      async *read() {
        try {
          for (;;) {
            reading.blocks++;
            yield Buffer.alloc(2 ** 20);
          }
        } finally {
          reading.ended = true;
        }
      },
    }));
    const { request, response } = await download();
    await new Promise((resolve) => response.once('data', resolve));
    const before = reading.blocks;
    request.destroy();
    await expect.poll(() => reading.ended, { timeout: 5_000 }).toBe(true);
    // What the kernel and the stream hold, not what a fast disk could give.
    expect(before).toBeLessThan(64);
  });

  it('ends when the footage is deleted meanwhile, and leaves no descriptor', async () => {
    const sockets = descriptors();
    harness.answers.set('openExport', () => ({
      ...exportedFile(''),
      bytes: 100,
      async *read() {
        yield Buffer.alloc(50);
        throw new NvrError('not-found', 'gone');
      },
    }));
    const { response } = await download();
    const ended = new Promise((resolve) => response.once('close', resolve));
    response.resume();
    await ended;
    expect(response.complete).toBe(false);
    await expect.poll(descriptors, { timeout: 5_000 }).toBeLessThanOrEqual(sockets + 1);
  });
});

async function download() {
  const { app } = harness;
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const cookie = await logIn(app, 'viewer');
  return await new Promise<{
    request: ReturnType<typeof get>;
    response: import('node:http').IncomingMessage;
  }>((resolve, reject) => {
    const request = get(
      { host: '127.0.0.1', port, path: URL, headers: { cookie }, agent: false },
      (response) => {
        response.on('error', () => undefined);
        resolve({ request, response });
      },
    );
    request.on('error', reject);
  });
}

/** How many files and sockets this process has open. */
function descriptors(): number {
  return existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0;
}
