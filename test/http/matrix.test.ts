/**
 * The authorisation matrix: every route, as every role, with all cameras, with the one the request is about, and with
 * another one. The rows are the server's own list of routes: one that is new and has no row here, or no rule, fails.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Grant, Role } from '../../src/domain/access.ts';
import { cameraId } from '../../src/domain/ids.ts';
import type { KnownRoute } from '../../src/http/rules.ts';
import { type Harness, logIn, newUser, problemOf, startHarness } from './harness.ts';
import { GOOD_REQUESTS, type GoodRequest } from './requests.ts';

const LEVELS = ['public', 'viewer', 'operator', 'admin'] as const;
const OWN: Grant = [cameraId('front-door'), cameraId('yard')];
const FOREIGN: Grant = [cameraId('back-yard')];

/** What a user of another camera gets of routes whose handlers choose what to give. */
const nothingOf = (name: string) => (answer: LightMyRequestResponse) => {
  expect(answer.statusCode).toBe(200);
  expect(answer.json()[name]).toEqual([]);
};
const unknown = (answer: LightMyRequestResponse) => expect(problemOf(answer).status).toBe(404);
const harmless = (answer: LightMyRequestResponse) => {
  expect(answer.statusCode).toBe(200);
  expect(answer.body).not.toContain('front-door');
};
const FOREIGN_ANSWERS: Readonly<Record<string, (answer: LightMyRequestResponse) => void>> = {
  'GET /cameras': nothingOf('cameras'),
  // For admins, who have all cameras.
  'POST /cameras/bulk': () => expect.unreachable(),
  'GET /runs/:runId/init.mp4': unknown,
  'GET /segments/:segmentId/gops/:from-:to.m4s': unknown,
  'GET /segments/:segmentId/file.mp4': unknown,
  'GET /timeline': unknown,
  // Without cameras in its query: of those that may be used.
  'GET /calendar': () => expect(harness.calls[0]?.[1]).toEqual(FOREIGN),
  'GET /storage': nothingOf('cameras'),
  'GET /events': unknown,
  'POST /events': unknown,
  'PATCH /events/:eventId': unknown,
  'DELETE /events/:eventId': unknown,
  'GET /alarms': nothingOf('alarms'),
  'POST /alarms/:alarmId/acknowledge': unknown,
  'GET /exports': nothingOf('exports'),
  'POST /exports': unknown,
  'GET /exports/:exportId': unknown,
  'GET /exports/:exportId/file': unknown,
  'DELETE /exports/:exportId': unknown,
  'GET /viewers': nothingOf('viewers'),
  'DELETE /viewers/:viewerId': unknown,
  'GET /system': harmless,
  'GET /readyz': harmless,
};
/** WebSockets, whose tests are in liveSocket.test.ts, partOf.test.ts and eventSocket.test.ts; their upgrade is tried here. */
const SOCKETS: readonly string[] = ['GET /live', 'GET /events/live'];
/** An answer without end. */
const ENDLESS: readonly string[] = ['GET /cameras/:cameraId/live.mjpeg'];

let folder: string;
let harness: Harness;
const cookies = new Map<string, string>();
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-'));
  const segmentPath = join(folder, 'segment.mp4');
  writeFileSync(segmentPath, '0123456789');
  harness = await startHarness({ segmentPath });
});
beforeEach(async () => {
  harness.calls.length = 0;
  await harness.restore();
});
afterAll(async () => {
  await harness.close();
  rmSync(folder, { recursive: true });
});

/** Asks as a user of a role and some cameras, who logs in once and whose rights are those at each request. */
async function ask(role: Role, cameras: Grant, request: InjectOptions): Promise<LightMyRequestResponse> {
  await harness.restore();
  const name = `${role} of some`;
  const passwordHash = harness.users.find('admin')?.passwordHash ?? '';
  harness.users.insert({ ...newUser(role, cameras), name, passwordHash });
  const before = cookies.get(name);
  const cookie =
    before !== undefined && harness.sessions.knows(before) ? before : await logIn(harness.app, name);
  cookies.set(name, cookie);
  harness.calls.length = 0;
  return await harness.app.inject({ ...request, headers: { ...request.headers, cookie } });
}

function injected({ method, url, payload, text }: GoodRequest): InjectOptions {
  if (text) return { method, url, payload: text.body, headers: { 'content-type': text.type } };
  return { method, url, ...(payload ? { payload } : {}) };
}

function nameOf(method: string, url: string): string {
  return `${method} ${url.replace('/api/v1', '')}`;
}

const rows = GOOD_REQUESTS.map((request) => [nameOf(request.method, request.route), request] as const).filter(
  ([name]) => !ENDLESS.includes(name) && !name.endsWith(' /setup'),
);

function ruleOf({ method, route }: GoodRequest): KnownRoute {
  const rule = harness.app.knownRoutes.find(({ methods, url }) => methods.includes(method) && url === route);
  return rule ?? expect.unreachable(`${method} ${route} is no route`);
}

describe('the matrix', () => {
  it('has a row for every route', () => {
    const routes = harness.app.knownRoutes.flatMap(({ methods, url }) =>
      methods.filter((method) => method !== 'HEAD').map((method) => nameOf(method, url)),
    );
    const known = GOOD_REQUESTS.map(({ method, route }) => nameOf(method, route));
    expect(new Set([...known, ...SOCKETS])).toEqual(new Set(routes));
  });

  it('says of every route that chooses what to give what a user of another camera gets', () => {
    const choosing = harness.app.knownRoutes
      .filter(({ reach, methods }) => reach === 'own' && !methods.includes('HEAD'))
      .map(({ methods, url }) => nameOf(methods[0] ?? '', url));
    expect(new Set([...Object.keys(FOREIGN_ANSWERS), ...SOCKETS])).toEqual(new Set(choosing));
  });

  describe.each(['viewer', 'operator'] as const)('as a %s', (role) => {
    it.each(rows)(
      '%s of the own camera is as of all cameras, unless it may give any',
      async (name, request) => {
        const rule = ruleOf(request);
        const [all, own] = [
          await ask(role, 'all', injected(request)),
          await ask(role, OWN, injected(request)),
        ];
        const allowed = LEVELS.indexOf(role) >= LEVELS.indexOf(rule.access);
        const closed = allowed && rule.access !== 'public' && rule.reach === 'all';
        expect(own.statusCode, `${name}: ${own.body}`).toBe(closed ? 403 : all.statusCode);
        if (!allowed) expect(problemOf(own).status).toBe(403);
      },
    );

    it.each(rows)('%s of a foreign camera is unknown, filtered or refused', async (name, request) => {
      const rule = ruleOf(request);
      const answer = await ask(role, FOREIGN, injected(request));
      const changes = harness.calls.filter(
        ([call]) => !/^(?:cameraOf|list|get$|info|troubles|report|events?$|alarms|export$)/.test(call),
      );
      if (rule.access === 'public' || rule.reach === 'none') return;
      if (LEVELS.indexOf(role) < LEVELS.indexOf(rule.access)) expect(problemOf(answer).status).toBe(403);
      else if (request.route.includes('/:cameraId')) expect(problemOf(answer).status).toBe(404);
      else if (rule.reach === 'all') expect(problemOf(answer).status).toBe(403);
      else FOREIGN_ANSWERS[name]?.(answer);
      if (answer.statusCode >= 400) expect(changes).toEqual([]);
    });

    it.each(rows.filter(([, { route }]) => route.includes('/:cameraId')))(
      '%s can’t tell a foreign camera from one that does not exist',
      async (_, request) => {
        const elsewhere = { ...request, url: request.url.replace('/front-door', '/nowhere') };
        const [foreign, none] = [
          await ask(role, FOREIGN, injected(request)),
          await ask(role, FOREIGN, injected(elsewhere)),
        ];
        const told = ({ statusCode, headers, body }: LightMyRequestResponse) => ({
          ...{ statusCode, type: headers['content-type'], cache: headers['cache-control'] },
          body: body.replace(/front-door|nowhere/g, '…').replace(/"requestId":"[^"]+"/, ''),
        });
        expect(told(foreign)).toEqual(told(none));
      },
    );
  });

  it.each(SOCKETS)('%s is open to nobody without a login, nor to another site', async (name) => {
    const url = `/api/v1${name.slice(4)}`;
    const upgrade = { upgrade: 'websocket', connection: 'upgrade' };
    expect((await harness.app.inject({ url, headers: upgrade })).statusCode).toBe(401);
    const evil = await ask('viewer', 'all', { url, headers: { ...upgrade, origin: 'https://evil.example' } });
    expect(evil.statusCode).toBe(403);
  });
});
