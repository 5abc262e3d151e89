/** Users, sessions, tokens, the audit log, the first set-up and the proxy's user, over HTTP. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addFirstUser } from '../../src/http/auth/firstUser.ts';
import {
  GUEST,
  type Harness,
  logIn,
  MARKER,
  NOW,
  newUser,
  problemOf,
  SETTINGS,
  startHarness,
  USER_PASSWORD,
} from './harness.ts';

const API = '/api/v1';
const STRONG = 'four quiet herons wade';
let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(() => harness.close());

const asAdmin = (method: 'GET' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
  harness.as('admin', { method, url: API + url, ...(payload ? { payload } : {}) });
const bearer = (token: string, url: string, method: 'GET' | 'POST' | 'DELETE' = 'GET', payload?: object) =>
  harness.app.inject({
    ...{ method, url: API + url, headers: { authorization: `Bearer ${token}` } },
    ...(payload ? { payload } : {}),
  });

describe('the last admin', () => {
  it.each([
    ['removed', 'DELETE', undefined],
    ['demoted', 'PATCH', { role: 'operator' }],
    ['disabled', 'PATCH', { enabled: false }],
  ] as const)('can’t be %s, unless there is another who can log in', async (_, method, payload) => {
    expect(problemOf(await asAdmin(method, '/users/admin', payload)).status).toBe(409);
    const other = { name: 'second', password: STRONG, role: 'admin' };
    expect((await asAdmin('POST', '/users', { ...other, enabled: false })).statusCode).toBe(201);
    expect(problemOf(await asAdmin(method, '/users/ADMIN', payload)).status).toBe(409);
    await asAdmin('PATCH', '/users/second', { enabled: true });
    expect((await asAdmin(method, '/users/admin', payload)).statusCode).toBeLessThan(300);
  });

  it('is one of two who demote each other at once', async () => {
    await asAdmin('POST', '/users', { name: 'second', password: STRONG, role: 'admin' });
    const both = ['admin', 'second'].map((name) => asAdmin('PATCH', `/users/${name}`, { role: 'viewer' }));
    const ended = await Promise.allSettled(both);
    // Of whoever lost their rights, what was under way has ended with them.
    const done = ended.filter((each) => each.status === 'fulfilled' && each.value.statusCode === 200);
    expect(done).toHaveLength(1);
    expect(harness.users.list().filter(({ role }) => role === 'admin')).toHaveLength(1);
  });
});

it('a token brings back settings, but no users in them', async () => {
  const made = await asAdmin('POST', '/tokens', { name: 'backup', role: 'admin' });
  const { token } = made.json();
  const settings = { version: 1, exportedMs: NOW, cameras: [], webhooks: [] };
  const users = [{ name: 'mallory', role: 'admin' }];
  const bring = (file: object) => bearer(token, '/settings/import', 'POST', { settings: file });
  expect((await bring(settings)).statusCode).toBe(200);
  expect((await bring({ ...settings, users: [] })).statusCode).toBe(200);
  expect(problemOf(await bring({ ...settings, users })).status).toBe(403);
  expect((await asAdmin('POST', '/settings/import', { settings: { ...settings, users } })).statusCode).toBe(
    200,
  );
});

describe('a user', () => {
  it.each([
    ['password', { password: 'short' }],
    ['password', { password: 'password1' }],
    ['password', { password: '12345678' }],
    ['password', { password: 'abababab' }],
    ['password', { password: 'caroline' }],
    ['password', { password: 'Trustno1' }],
    ['password', { password: 'hikvision' }],
    ['password', { password: 'VoxStrange' }],
    ['password', { password: 'qazwsxedc' }],
    ['password', { password: 'P@ssw0rd!' }],
    ['cameras', { role: 'admin', cameras: ['front-door'] }],
    ['name', { name: 'a:b' }],
    ['name', { name: ' a' }],
    ['role', { role: 'owner' }],
  ])('is not added with a bad %s: %j', async (field, wrong) => {
    const good = { name: 'caroline', password: STRONG, role: 'viewer' };
    const problem = problemOf(await asAdmin('POST', '/users', { ...good, ...wrong }));
    expect([problem.status, problem.field]).toEqual([400, field]);
  });

  it('is one whatever the case of the name', async () => {
    const problem = problemOf(
      await asAdmin('POST', '/users', { name: 'Viewer', password: STRONG, role: 'viewer' }),
    );
    expect([problem.status, problem.field]).toEqual([409, 'name']);
  });

  it('that is disabled can’t log in, and neither session nor password nor token is good any more', async () => {
    const cookie = await logIn(harness.app, 'viewer');
    const token = await tokenOf('viewer', { name: 'a', role: 'viewer' });
    const basic = `Basic ${Buffer.from(`viewer:${USER_PASSWORD}`).toString('base64')}`;
    const ways = [{ cookie }, { authorization: `Bearer ${token}` }, { authorization: basic }];
    const statuses = () =>
      Promise.all(
        ways.map(
          async (headers) => (await harness.app.inject({ url: `${API}/session`, headers })).statusCode,
        ),
      );
    expect(await statuses()).toEqual([200, 200, 200]);
    await asAdmin('PATCH', '/users/viewer', { enabled: false });
    expect(await statuses()).toEqual([401, 401, 401]);
    expect(await logIn(harness.app, 'viewer')).not.toContain('nightjar=');
    await asAdmin('PATCH', '/users/viewer', { enabled: true });
    // Their sessions were ended for good.
    expect(await statuses()).toEqual([401, 200, 200]);
  });

  it('changes the own password, keeps this session and loses the others', async () => {
    const [mine, other] = [await logIn(harness.app, 'viewer'), await logIn(harness.app, 'viewer')];
    const change = (current: string) =>
      harness.app.inject({
        ...{ method: 'POST', url: `${API}/session/password`, headers: { cookie: mine } },
        payload: { current, password: STRONG },
      });
    const wrong = problemOf(await change('wrong'));
    expect([wrong.status, wrong.field]).toEqual([400, 'current']);
    expect((await change(USER_PASSWORD)).statusCode).toBe(204);
    const who = async (cookie: string) =>
      (await harness.app.inject({ url: `${API}/session`, headers: { cookie } })).statusCode;
    expect([await who(mine), await who(other)]).toEqual([200, 401]);
    expect(await logIn(harness.app, 'viewer', STRONG)).toContain('nightjar=');
  });
});

async function tokenOf(role: 'viewer' | 'operator' | 'admin', payload: object): Promise<string> {
  const answer = await harness.as(role, { method: 'POST', url: `${API}/tokens`, payload });
  return String(answer.json().token);
}

describe('a session', () => {
  it('is listed to its user, with where it came from, and can be ended by them and by an admin', async () => {
    const cookie = await logIn(harness.app, 'viewer');
    const list = async (headers: Record<string, string>) =>
      (await harness.app.inject({ url: `${API}/sessions`, headers })).json().sessions;
    const mine = await list({ cookie });
    expect(mine).toEqual([expect.objectContaining({ user: 'viewer', address: '127.0.0.1', current: true })]);
    const operator = await logIn(harness.app, 'operator');
    const end = (who: string) =>
      harness.app.inject({
        method: 'DELETE',
        url: `${API}/sessions/${mine[0].id}`,
        headers: { cookie: who },
      });
    expect((await end(operator)).statusCode).toBe(404);
    expect((await end(await logIn(harness.app, 'admin'))).statusCode).toBe(204);
    expect((await harness.app.inject({ url: `${API}/sessions`, headers: { cookie } })).statusCode).toBe(401);
  });
});

describe('a token', () => {
  it('stands for its user, is noted as used, expires and can be revoked', async () => {
    const token = await tokenOf('operator', { name: 'home', role: 'operator', expiresMs: NOW + 1_000 });
    expect(JSON.stringify([...harness.tokens.rows.values()])).not.toContain(token);
    expect((await bearer(token, '/session')).json()).toMatchObject({ name: 'operator', role: 'operator' });
    const [stored] = harness.tokens.list().filter(({ name }) => name === 'home');
    expect(stored?.usedMs).toBe(NOW);
    harness.clock.ms += 1_000;
    expect(problemOf(await bearer(token, '/session')).status).toBe(401);
  });

  it('never may more than was asked for, nor more than its user may now', async () => {
    const start = '/cameras/front-door/recording/start';
    const token = await tokenOf('admin', { name: 'home', role: 'operator', cameras: ['back-yard'] });
    expect((await bearer(token, '/users')).statusCode).toBe(403);
    expect((await bearer(token, start, 'POST')).statusCode).toBe(404);
    expect((await bearer(token, '/cameras')).json()).toEqual({ cameras: [] });
    const wide = await tokenOf('operator', { name: 'wide', role: 'operator' });
    expect((await bearer(wide, start, 'POST')).statusCode).toBe(200);
    await asAdmin('PATCH', '/users/operator', { role: 'viewer' });
    expect((await bearer(wide, start, 'POST')).statusCode).toBe(403);
    await asAdmin('DELETE', '/users/operator');
    harness.tokens.rows.clear();
    expect((await bearer(wide, '/cameras')).statusCode).toBe(401);
  });

  it.each([
    [403, { role: 'operator' }],
    [400, { role: 'viewer', expiresMs: NOW }],
  ])('is refused with %i to a viewer who asks for %j', async (status, wrong) => {
    const answer = await harness.as('viewer', {
      ...{ method: 'POST', url: `${API}/tokens` },
      payload: { name: 'a', ...wrong },
    });
    expect(problemOf(answer).status).toBe(status);
  });

  it('can’t make another one, change a password, or add users', async () => {
    const token = await tokenOf('admin', { name: 'home', role: 'admin' });
    for (const [url, payload] of [
      ['/tokens', { name: 'b', role: 'viewer' }],
      ['/session/password', { current: USER_PASSWORD, password: STRONG }],
      ['/users', { name: 'eve', password: STRONG, role: 'admin' }],
    ] as const) {
      expect(problemOf(await bearer(token, url, 'POST', payload)).status, url).toBe(403);
    }
  });

  it.each(['', 'njt_', 'njt_short', `njt_${'A'.repeat(43)}`, MARKER])('%j is none', async (token) => {
    expect(problemOf(await bearer(token, '/session')).status).toBe(401);
    expect(harness.log.join()).not.toContain(MARKER);
  });
});

describe('the audit log', () => {
  it('has a line for each change and login, of whom, from where, by what, with names and no values', async () => {
    await asAdmin('POST', '/cameras', {
      name: 'Front door',
      source: { kind: 'rtsp', url: 'rtsp://192.0.2.1/', username: 'u', password: MARKER },
    });
    await asAdmin('POST', '/users', { name: 'eve', password: MARKER, role: 'viewer' });
    await asAdmin('GET', '/cameras');
    expect(harness.audit.lines.map(({ action }) => action)).toEqual([
      'POST /users',
      'POST /cameras',
      'POST /session',
    ]);
    expect(harness.audit.lines[1]).toMatchObject({
      ...{
        atMs: NOW,
        user: 'admin',
        means: 'session',
        address: '127.0.0.1',
        target: '/cameras/front-door',
        status: 201,
      },
      fields: ['name', 'source.kind', 'source.url', 'source.username', 'source.password'],
    });
    expect(JSON.stringify(harness.audit.lines)).not.toContain(MARKER);
  });

  it('tells a trial of an import from an import', async () => {
    harness.answers.set('take', () => ({ done: false, steps: [] }));
    await asAdmin('POST', '/settings/import?dryRun=1', { settings: SETTINGS });
    expect(harness.audit.lines[0]).toMatchObject({ target: '/settings/import?dryRun=1' });
  });

  it('tells who failed to log in, but not a name that nobody has: it may be a password', async () => {
    for (const name of ['Viewer', MARKER]) {
      const payload = { name, password: MARKER };
      await harness.app.inject({ method: 'POST', url: `${API}/session`, payload });
    }
    expect(harness.audit.lines.map(({ user, status }) => [user, status])).toEqual([
      ['', 401],
      ['viewer', 401],
    ]);
    expect(JSON.stringify(harness.audit.lines)).not.toContain(MARKER);
  });

  it('tells what was refused to whom', async () => {
    await harness.as('viewer', { method: 'DELETE', url: `${API}/cameras/front-door` });
    await harness.app.inject({ method: 'DELETE', url: `${API}/cameras/front-door` });
    const refused = harness.audit.lines.filter(({ status }) => status >= 400);
    expect(refused).toEqual([
      expect.objectContaining({
        user: 'viewer',
        action: 'DELETE /cameras/:cameraId',
        target: '/cameras/front-door',
        status: 403,
      }),
    ]);
  });

  it('is paged and searched', async () => {
    for (let times = 0; times < 5; times++) await asAdmin('PATCH', `/users/${GUEST}`, { role: 'viewer' });
    const first = (await asAdmin('GET', '/audit?action=PATCH&limit=3')).json();
    expect(first.entries).toHaveLength(3);
    const rest = (await asAdmin('GET', `/audit?action=PATCH&limit=3&cursor=${first.next}`)).json();
    expect(rest.entries).toHaveLength(2);
    expect(rest.next).toBeNull();
    expect((await asAdmin('GET', '/audit?user=nobody')).json().entries).toEqual([]);
    expect((await asAdmin('GET', `/audit?from=${NOW + 1}`)).json().entries).toEqual([]);
  });
});

describe('the first set-up', () => {
  async function begun(): Promise<string> {
    harness.users.rows.clear();
    const first = await addFirstUser(harness.users, harness.setup, harness.clock, null);
    return first?.password ?? expect.unreachable();
  }
  const post = (code: string, password = STRONG) =>
    harness.app.inject({ method: 'POST', url: `${API}/setup`, payload: { code, password } });

  it('takes the code once, and logs in', async () => {
    const code = await begun();
    expect((await harness.app.inject({ url: `${API}/setup` })).json()).toMatchObject({
      open: true,
      user: 'admin',
    });
    expect(problemOf(await post('wrong')).status).toBe(401);
    expect(problemOf(await post(code, 'password1')).field).toBe('password');
    const done = await post(code);
    expect(done.json()).toMatchObject({ name: 'admin', role: 'admin' });
    expect(String(done.headers['set-cookie'])).toMatch(/^nightjar=[\w-]{43}; .*HttpOnly/);
    expect(problemOf(await post(code)).status).toBe(409);
    expect(await logIn(harness.app, 'admin', code)).not.toContain('nightjar=');
    expect((await harness.app.inject({ url: `${API}/setup` })).json()).toMatchObject({
      open: false,
      user: '',
      folders: [],
    });
  });

  it('gives another code at each start until one was used', async () => {
    const [first, second] = [
      await begun(),
      (await addFirstUser(harness.users, harness.setup, harness.clock, null))?.password,
    ];
    expect(second).not.toBe(first);
    expect(problemOf(await post(first)).status).toBe(401);
    expect(await logIn(harness.app, 'admin', second ?? '')).toContain('nightjar=');
    expect(await addFirstUser(harness.users, harness.setup, harness.clock, null)).toBeNull();
  });

  it('can be guessed no faster than a password', async () => {
    await begun();
    const statuses: number[] = [];
    for (let tries = 0; tries < 7; tries++) statuses.push((await post('guess')).statusCode);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
  });
});

describe('a user whom a reverse proxy names', () => {
  const ask = async (from: string, headers: Record<string, string>, proxies = ['10.0.0.0/8', '::1']) => {
    const behind = await startHarness({ trustedProxies: proxies, userHeader: 'x-user' });
    behind.users.insert({ ...newUser('viewer'), name: 'off', enabled: false });
    const answer = await behind.app.inject({ url: `${API}/session`, remoteAddress: from, headers });
    await behind.close();
    return answer;
  };

  it.each([
    ['10.1.2.3', 'Viewer', 200],
    ['::ffff:10.1.2.3', 'viewer', 200],
    ['::1', 'viewer', 200],
    ['10.1.2.3', 'nobody', 401],
    ['10.1.2.3', 'off', 401],
    ['10.1.2.3', '', 401],
    ['192.168.0.1', 'viewer', 401],
    ['127.0.0.1', 'viewer', 401],
  ])('from %s as %j: %i', async (from, name, status) => {
    expect((await ask(from, { 'x-user': name })).statusCode).toBe(status);
  });

  it('is not believed for what it forwards of others, nor without the setting', async () => {
    expect((await ask('192.168.0.1', { 'x-user': 'admin', 'x-forwarded-for': '10.0.0.1' })).statusCode).toBe(
      401,
    );
    expect(
      (await harness.app.inject({ url: `${API}/session`, headers: { 'x-user': 'admin' } })).statusCode,
    ).toBe(401);
  });

  it('may not be made to change anything by another site', async () => {
    const behind = await startHarness({ trustedProxies: ['10.0.0.1'], userHeader: 'x-user' });
    const change = (origin: string) =>
      behind.app.inject({
        ...{ method: 'POST', url: `${API}/cameras/front-door/recording/start`, remoteAddress: '10.0.0.1' },
        headers: { 'x-user': 'operator', host: 'nvr.example', origin },
      });
    expect((await change('https://evil.example')).statusCode).toBe(403);
    expect((await change('https://nvr.example')).statusCode).toBe(200);
    await behind.close();
  });
});

it('no page may be put into a frame, nor run what is not of this server', async () => {
  const { headers } = await harness.as('viewer', { url: `${API}/docs` });
  expect(headers['content-security-policy']).toMatch(
    /default-src 'self'.*frame-ancestors 'none'.*script-src 'self'/,
  );
  expect(headers['content-security-policy']).not.toMatch(/unsafe/);
  expect(headers['x-frame-options']).toBe('DENY');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['referrer-policy']).toBe('no-referrer');
});

describe('who is told of events', () => {
  const id = 3;
  it.each([
    ['PUT', '/mqtt', '/mqtt', { enabled: true, url: 'mqtt://192.0.2.5:1883', password: MARKER }],
    ['POST', '/webhooks', '/webhooks', { url: 'https://hooks.example/a', secret: `${MARKER}-long-enough` }],
    ['PATCH', '/webhooks/:webhookId', `/webhooks/${id}`, { secret: `${MARKER}-long-enough`, enabled: false }],
    ['POST', '/webhooks/:webhookId/secret', `/webhooks/${id}/secret`, undefined],
    ['DELETE', '/webhooks/:webhookId', `/webhooks/${id}`, undefined],
  ] as const)('%s %s is in the audit log, without a value', async (method, route, url, payload) => {
    const answer = await harness.as('admin', { method, url: API + url, ...(payload && { payload }) });
    expect(answer.statusCode, answer.body).toBeLessThan(300);
    const { body } = await asAdmin('GET', '/audit');
    expect(JSON.parse(body).entries[0]).toMatchObject({
      ...{ user: 'admin', action: `${method} ${route}`, target: url, fields: Object.keys(payload ?? {}) },
    });
    expect(body).not.toContain(MARKER);
  });
});
