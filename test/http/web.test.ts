/** The dashboard's files, its page for its own addresses, and what a browser is told that pages may do. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Harness, problemOf, startHarness } from './harness.ts';

const PAGE = '<!doctype html><title>Nightjar</title>';
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

let root: string;
let harness: Harness;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'nightjar-'));
  const folder = join(root, 'web');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), PAGE);
  writeFileSync(join(folder, 'icon.svg'), '<svg/>');
  writeFileSync(join(folder, '.env'), 'hidden');
  writeFileSync(join(folder, 'assets/index-abc123.js'), 'export {}');
  writeFileSync(join(root, 'secret.txt'), 'secret');
  symlinkSync('/nowhere', join(folder, 'broken'));
  harness = await startHarness({ webFolder: folder });
});
afterAll(async () => {
  await harness.close();
  rmSync(root, { recursive: true });
});

describe('the dashboard', () => {
  it.each([
    ['/', PAGE, 'text/html; charset=utf-8', 'private, no-cache'],
    ['/index.html', PAGE, 'text/html; charset=utf-8', 'private, no-cache'],
    ['/icon.svg?v=1', '<svg/>', 'image/svg+xml', 'private, no-cache'],
    [
      '/assets/index-abc123.js',
      'export {}',
      'application/javascript; charset=utf-8',
      'private, max-age=31536000, immutable',
    ],
    ['/cameras/front-door', PAGE, 'text/html; charset=utf-8', 'no-store'],
    ['/apiary', PAGE, 'text/html; charset=utf-8', 'no-store'],
  ])('answers everybody at %s', async (url, body, type, cache) => {
    const answer = await harness.as(null, { url, headers: HTML });
    expect([answer.statusCode, answer.body]).toEqual([200, body]);
    expect(answer.headers['content-type']).toBe(type);
    expect(answer.headers['cache-control']).toBe(cache);
  });

  it('is not sent again to a browser that has it', async () => {
    const { headers } = await harness.as(null, { url: '/' });
    const answer = await harness.as(null, { url: '/', headers: { 'if-none-match': String(headers.etag) } });
    expect([answer.statusCode, answer.body]).toEqual([304, '']);
  });

  it.each([
    ['/cameras/front-door', { accept: 'application/json' }],
    ['/missing.js', { accept: '*/*' }],
    ['/missing.js', {}],
    ['/assets/missing.js', HTML],
    ['/assets/', HTML],
    ['/api', HTML],
    ['/api/', HTML],
    ['/api/v1/nothing', HTML],
    ['/api/v2/cameras', HTML],
    ['/.env', { accept: '*/*' }],
    ['/..%2fsecret.txt', { accept: '*/*' }],
    ['/%2e%2e/secret.txt', { accept: '*/*' }],
    ['/..%5csecret.txt', { accept: '*/*' }],
    ['/assets/..%2f..%2fsecret.txt', { accept: '*/*' }],
    ['/%00', { accept: '*/*' }],
    ['/broken', { accept: '*/*' }],
    [`/${'a'.repeat(5_000)}`, { accept: '*/*' }],
    ['/%E0%A4%A', { accept: '*/*' }],
  ])('is not found at %s', async (url, headers) => {
    const answer = await harness.as(null, { url, headers });
    expect(answer.body).not.toMatch(/secret|hidden|doctype/);
    expect([400, 403, 404, 414]).toContain(problemOf(answer).status);
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it.each(['POST', 'PUT', 'DELETE'] as const)('takes no %s', async (method) => {
    expect(problemOf(await harness.as(null, { method, url: '/', headers: HTML })).status).toBe(404);
  });

  it('knows no folder outside its own', async () => {
    const answer = await harness.as(null, { url: '/../secret.txt', headers: { accept: '*/*' } });
    expect(answer.body).not.toContain('secret');
  });
});

describe('a browser', () => {
  it.each(['/', '/assets/index-abc123.js', '/missing', '/healthz', '/api/v1/cameras', '/api/v1/nothing'])(
    'is told at %s what pages may do',
    async (url) => {
      const { headers } = await harness.as('viewer', { url });
      const policy = String(headers['content-security-policy']).split(';');
      expect(policy).toEqual([
        "default-src 'self'",
        "base-uri 'none'",
        "connect-src 'self' ws: wss:",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "object-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "worker-src 'self' blob:",
      ]);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['x-frame-options']).toBe('DENY');
      expect(headers['referrer-policy']).toBe('no-referrer');
      expect(headers['cross-origin-resource-policy']).toBe('same-origin');
      expect(headers['x-powered-by']).toBeUndefined();
      expect(headers['access-control-allow-origin']).toBeUndefined();
    },
  );
});
