/** Every route: what it does, who may use it, how it may be cached. The list of routes is the server's own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fastify } from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Access, enforceRules, watch } from '../../src/http/rules.ts';
import { type Harness, problemOf, ROLES, startHarness } from './harness.ts';
import { GOOD_REQUESTS, type GoodRequest } from './requests.ts';

const CACHE = {
  'no-store': 'no-store',
  immutable: 'private, max-age=31536000, immutable',
  revalidate: 'private, no-cache',
};
const LEVELS: readonly Access[] = ['public', 'viewer', 'operator', 'admin'];

let folder: string;
let harness: Harness;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-'));
  const segmentPath = join(folder, 'segment.mp4');
  writeFileSync(segmentPath, '0123456789');
  harness = await startHarness({ segmentPath });
});
afterAll(async () => {
  await harness.close();
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  harness.calls.length = 0;
  await harness.restore();
});

function injected({ method, url, payload, text }: GoodRequest) {
  if (text) return { method, url, payload: text.body, headers: { 'content-type': text.type } } as const;
  return { method, url, ...(payload ? { payload } : {}) } as const;
}

/** Logging in or out ends the session that the request came with, which the rows after it need. */
function endsSession({ method, route }: GoodRequest): boolean {
  return /\/(?:session|setup)$/.test(route) && method !== 'GET';
}

const named = GOOD_REQUESTS.map((request) => [`${request.method} ${request.route}`, request] as const);

describe('every route', () => {
  it('is in the table', () => {
    const known = harness.app.knownRoutes
      .flatMap(({ methods, url }) => methods.map((method) => `${method} ${url}`))
      // The WebSockets have tests of their own: liveSocket.test.ts, eventSocket.test.ts.
      .filter((route) => !/^HEAD |^GET \/api\/v1\/(?:events\/)?live$/.test(route));
    expect(named.map(([name]) => name).sort()).toEqual(known.sort());
  });

  it.each(named)('%s does what it is for', async (_, request) => {
    const answer = await harness.as(endsSession(request) ? null : 'admin', injected(request));
    expect(answer.statusCode, answer.body).toBe(request.status ?? 200);
    expect(answer.headers['content-type']).toBe(request.type);
    expect(answer.headers['cache-control']).toBe(CACHE[request.cache ?? 'no-store']);
    const json = request.type?.startsWith('application/json') === true;
    expect(json ? answer.json() : answer.body).toEqual(request.answer);
    expect(harness.calls).toEqual(request.calls);
  });

  it.each(named)('%s lets in only whom its rule names', async (_, request) => {
    const rule = harness.app.knownRoutes.find(
      ({ methods, url }) => methods.includes(request.method) && url === request.route,
    );
    for (const role of [null, ...ROLES]) {
      if (endsSession(request) && role !== null) continue;
      harness.calls.length = 0;
      await harness.restore();
      const answer = await harness.as(role, injected(request));
      const allowed = LEVELS.indexOf(role ?? 'public') >= LEVELS.indexOf(rule?.access ?? 'public');
      const refusal = role === null ? 401 : 403;
      const good = (role === 'admin' ? null : request.others) ?? request.status ?? 200;
      expect(answer.statusCode, `${role}: ${answer.body}`).toBe(allowed ? good : refusal);
      expect(harness.calls).toHaveLength(allowed ? request.calls.length : 0);
      if (!allowed) expect(problemOf(answer).detail).toBeTruthy();
    }
  });

  it.each(named.filter(([, { method }]) => method === 'GET'))('%s answers HEAD', async (_, request) => {
    const [get, head] = [
      await harness.as('admin', injected(request)),
      await harness.as('admin', { method: 'HEAD', url: request.url }),
    ];
    expect(head.statusCode).toBe(get.statusCode);
    expect(head.body).toBe('');
    for (const name of ['content-type', 'content-length', 'cache-control', 'etag']) {
      expect(head.headers[name]).toBe(get.headers[name]);
    }
  });
});

describe('the rules', () => {
  it('are a table that people can read', () => {
    const table = harness.app.knownRoutes
      .filter(({ methods }) => !methods.includes('HEAD'))
      .map(({ methods, url, access }) => `${access} ${methods.join()} ${url.replace('/api/v1', '')}`);
    expect(new Set(table.filter((line) => line.startsWith('public')))).toEqual(
      new Set([
        'public POST /session',
        'public DELETE /session',
        'public GET /setup',
        'public POST /setup',
        'public GET /healthz',
      ]),
    );
    expect(new Set(table.filter((line) => line.startsWith('operator')))).toEqual(
      new Set([
        'operator GET /viewers',
        'operator DELETE /viewers/:viewerId',
        'operator POST /cameras/:cameraId/recording/start',
        'operator POST /cameras/:cameraId/recording/stop',
        'operator POST /cameras/:cameraId/protections',
        'operator PUT /cameras/:cameraId/schedule/override',
        'operator DELETE /cameras/:cameraId/schedule/override',
        'operator POST /events',
        'operator PATCH /events/:eventId',
        'operator DELETE /events/:eventId',
        'operator POST /alarms/:alarmId/acknowledge',
      ]),
    );
    expect(new Set(table.filter((line) => line.startsWith('admin')))).toEqual(
      new Set([
        'admin POST /cameras',
        'admin PATCH /cameras/:cameraId',
        'admin DELETE /cameras/:cameraId',
        'admin POST /cameras/:cameraId/clone',
        'admin POST /cameras/bulk',
        'admin GET /settings/export',
        'admin POST /settings/export',
        'admin POST /settings/import',
        'admin POST /probe',
        'admin POST /probe/picture',
        'admin GET /devices',
        'admin GET /encoders',
        'admin PUT /cameras/:cameraId/activity',
        'admin PUT /cameras/:cameraId/retention',
        'admin DELETE /cameras/:cameraId/protections/:protectionId',
        'admin GET /holding',
        'admin POST /holding/:cameraId/restore',
        'admin DELETE /holding/:cameraId',
        'admin PUT /cameras/:cameraId/schedule',
        'admin GET /users',
        'admin POST /users',
        'admin GET /users/:name',
        'admin PATCH /users/:name',
        'admin DELETE /users/:name',
        'admin GET /audit',
        'admin GET /webhooks',
        'admin GET /mqtt',
        'admin PUT /mqtt',
        'admin GET /logs',
        'admin PATCH /logs',
        'admin POST /webhooks',
        'admin GET /webhooks/:webhookId',
        'admin PATCH /webhooks/:webhookId',
        'admin DELETE /webhooks/:webhookId',
        'admin POST /webhooks/:webhookId/secret',
        'admin POST /webhooks/:webhookId/test',
        'admin GET /webhooks/:webhookId/deliveries',
      ]),
    );
  });

  it.each([
    ['access', { cache: 'no-store' }],
    ['cache', { access: 'viewer' }],
  ] as const)('stop a server with a route that does not state its %s', (_, config) => {
    const app = fastify();
    enforceRules(app);
    expect(() => app.get('/stated', { config: watch }, async () => 1)).not.toThrow();
    expect(() => app.get('/unstated', { config }, async () => 1)).toThrow(/GET \/unstated does not state/);
  });
});
