/** Logging in and out, sessions and their end, name and password with each request, and other sites. */
import { verify } from '@node-rs/argon2';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Harness, logIn, MARKER, NOW, problemOf, startHarness, USER_PASSWORD } from './harness.ts';

vi.mock(import('@node-rs/argon2'), async (original) => {
  const argon2 = await original();
  return { ...argon2, verify: vi.fn(argon2.verify) };
});

const URL_OF = '/api/v1/session';
const DAY_MS = 86_400_000;

let harness: Harness;
beforeEach(async () => {
  harness = await startHarness();
});
afterEach(async () => {
  vi.clearAllMocks();
  await harness.close();
});

function login(payload: object, headers = {}) {
  return harness.app.inject({ method: 'POST', url: URL_OF, payload, headers });
}

function whoAmI(headers: Record<string, string>) {
  return harness.app.inject({ url: URL_OF, headers });
}

function basic(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
}

describe('logging in', () => {
  it('gives a cookie that scripts cannot read and other sites do not send', async () => {
    const answer = await login({ name: 'Viewer', password: USER_PASSWORD });
    const rights = { role: 'viewer', cameras: 'all' };
    expect(answer.json()).toEqual({ name: 'viewer', ...rights, expiresMs: NOW + 7 * DAY_MS });
    const [cookie, ...attributes] = String(answer.headers['set-cookie']).split('; ');
    expect(cookie).toMatch(/^nightjar=[\w-]{43}$/);
    expect(attributes).toEqual(['Path=/', 'HttpOnly', 'SameSite=Strict', `Max-Age=${30 * 86_400}`]);
    expect(answer.body).not.toContain(String(cookie).slice(9));
  });

  it('stores nothing that could be used to log in', async () => {
    const cookie = await logIn(harness.app, 'viewer');
    const stored = JSON.stringify([...harness.sessions.rows.values(), ...harness.users.rows.values()]);
    expect(stored).not.toContain(cookie.slice(9));
    expect(stored).not.toContain(USER_PASSWORD);
    expect(stored).toContain('$argon2id$v=19$m=19456,t=2,p=1$');
  });

  it.each([
    ['viewer', 'wrong'],
    ['nobody', USER_PASSWORD],
    ['viewer', `${USER_PASSWORD} `],
    ['viewer\u0000', USER_PASSWORD],
    ["viewer' OR 1=1 --", USER_PASSWORD],
  ])('as %j with %j says the same, and not which of them is wrong', async (name, password) => {
    const answer = await login({ name, password });
    expect(problemOf(answer)).toMatchObject({
      status: 401,
      detail: 'The user name or the password is wrong.',
    });
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('changes the token and ends the session that was there', async () => {
    const first = await logIn(harness.app, 'viewer');
    const answer = await login({ name: 'viewer', password: USER_PASSWORD }, { cookie: first });
    const second = String(answer.headers['set-cookie']).split(';', 1)[0] ?? '';
    expect(second).not.toBe(first);
    expect((await whoAmI({ cookie: first })).statusCode).toBe(401);
    expect((await whoAmI({ cookie: second })).statusCode).toBe(200);
  });

  it('takes no token that the client made up', async () => {
    const planted = `nightjar=${'A'.repeat(43)}`;
    const answer = await login({ name: 'viewer', password: USER_PASSWORD }, { cookie: planted });
    expect(String(answer.headers['set-cookie'])).not.toContain(planted);
    expect((await whoAmI({ cookie: planted })).statusCode).toBe(401);
  });

  it('holds up whoever guesses, and nobody else', async () => {
    const from = (remoteAddress: string, password: string) =>
      harness.app.inject({
        method: 'POST',
        url: URL_OF,
        payload: { name: 'admin', password },
        remoteAddress,
      });
    for (let tries = 0; tries < 5; tries++) expect((await from('192.0.2.66', 'guess')).statusCode).toBe(401);
    const refused = await from('192.0.2.66', USER_PASSWORD);
    expect(problemOf(refused).status).toBe(429);
    expect(refused.headers['retry-after']).toBe('1');
    expect((await from('192.0.2.7', USER_PASSWORD)).statusCode).toBe(200);
    harness.clock.ms += 1_000;
    expect((await from('192.0.2.66', USER_PASSWORD)).statusCode).toBe(200);
  });

  it('counts every try of a burst', async () => {
    const burst = Array.from({ length: 12 }, () => login({ name: 'admin', password: 'guess' }));
    const statuses = (await Promise.all(burst)).map(({ statusCode }) => statusCode);
    expect(statuses.filter((status) => status === 401)).toHaveLength(5);
    expect(statuses.filter((status) => status === 429)).toHaveLength(7);
  });

  it('turns a flood away, without a single thread more', async () => {
    const flood = Array.from({ length: 40 }, (_, index) =>
      harness.app.inject({
        method: 'POST',
        url: URL_OF,
        payload: { name: `nobody${index}`, password: 'guess' },
        remoteAddress: `192.0.2.${index}`,
      }),
    );
    const answers = await Promise.all(flood);
    const busy = answers.filter(({ statusCode }) => statusCode === 503);
    expect(busy).toHaveLength(8);
    expect(busy[0]?.headers['retry-after']).toBe('2');
  });
});

describe('a session', () => {
  it('ends with the logout, and the cookie goes', async () => {
    const cookie = await logIn(harness.app, 'viewer');
    const answer = await harness.app.inject({ method: 'DELETE', url: URL_OF, headers: { cookie } });
    expect(answer.statusCode).toBe(204);
    expect(answer.headers['set-cookie']).toBe('nightjar=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0');
    expect(answer.headers['clear-site-data']).toBe('"cache"');
    expect((await whoAmI({ cookie })).statusCode).toBe(401);
    expect((await harness.app.inject({ method: 'DELETE', url: URL_OF })).statusCode).toBe(204);
  });

  it('ends after a week without use', async () => {
    const cookie = await logIn(harness.app, 'viewer');
    harness.clock.ms += 7 * DAY_MS - 1;
    expect((await whoAmI({ cookie })).statusCode).toBe(200);
    harness.clock.ms += 7 * DAY_MS;
    expect((await whoAmI({ cookie })).statusCode).toBe(401);
  });

  it('ends after 30 days however much it is used, and is then forgotten', async () => {
    const cookie = await logIn(harness.app, 'viewer');
    for (let days = 0; days < 29; days++) {
      harness.clock.ms += DAY_MS;
      expect((await whoAmI({ cookie })).statusCode).toBe(200);
    }
    expect((await whoAmI({ cookie })).json().expiresMs).toBe(NOW + 30 * DAY_MS);
    harness.clock.ms += DAY_MS + 1;
    expect((await whoAmI({ cookie })).statusCode).toBe(401);
    await logIn(harness.app, 'viewer');
    expect(harness.sessions.rows.size).toBe(1);
  });

  it('is noted as used once a minute at most', async () => {
    const cookie = await logIn(harness.app, 'viewer');
    const seen = () => Math.max(...[...harness.sessions.rows.values()].map(({ seenMs }) => seenMs));
    harness.clock.ms += 59_999;
    await whoAmI({ cookie });
    expect(seen()).toBe(NOW);
    harness.clock.ms += 1;
    await whoAmI({ cookie });
    expect(seen()).toBe(NOW + 60_000);
  });

  it('ends when its user goes, and follows their role', async () => {
    const cookie = await logIn(harness.app, 'viewer');
    const user = harness.users.find('viewer');
    harness.users.rows.set('viewer', { ...(user ?? expect.unreachable()), role: 'admin' });
    expect((await whoAmI({ cookie })).json().role).toBe('admin');
    harness.users.rows.delete('viewer');
    expect((await whoAmI({ cookie })).statusCode).toBe(401);
  });

  it.each([
    '',
    'nightjar',
    'nightjar=',
    'nightjar=x',
    `other=${'A'.repeat(43)}`,
    'nightjar=%00; ;;=',
    ';'.repeat(5_000),
  ])('is not there for the cookie %j', async (cookie) => {
    expect(problemOf(await whoAmI({ cookie })).status).toBe(401);
  });
});

describe('name and password with each request', () => {
  it('are taken, and checked with argon2 once', async () => {
    const headers = { authorization: basic('viewer', USER_PASSWORD) };
    const answers = await Promise.all(Array.from({ length: 50 }, () => whoAmI(headers)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 200));
    expect(answers[0]?.json()).toEqual({ name: 'viewer', role: 'viewer', cameras: 'all', expiresMs: null });
    expect(verify).toHaveBeenCalledTimes(1);
    harness.clock.ms += 10 * 60_000;
    await whoAmI(headers);
    expect(verify).toHaveBeenCalledTimes(2);
  });

  it('are no longer right once the password has changed or the user is gone', async () => {
    const headers = { authorization: basic('viewer', USER_PASSWORD) };
    expect((await whoAmI(headers)).statusCode).toBe(200);
    const user = harness.users.find('viewer') ?? expect.unreachable();
    harness.users.rows.set('viewer', {
      ...user,
      passwordHash:
        harness.users.find('nobody')?.passwordHash ??
        '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA',
    });
    expect((await whoAmI(headers)).statusCode).toBe(401);
    harness.users.rows.set('viewer', user);
    expect((await whoAmI(headers)).statusCode).toBe(200);
    harness.users.rows.delete('viewer');
    expect((await whoAmI(headers)).statusCode).toBe(401);
  });

  it.each([
    ['a wrong password', basic('viewer', 'wrong')],
    ['no password', basic('viewer', '')],
    ['no colon', `Basic ${Buffer.from('viewer').toString('base64')}`],
    ['no base64', 'Basic §§§'],
    ['nothing', 'Basic'],
    ['another scheme', `Bearer ${MARKER}`],
    ['a megabyte', basic('viewer', 'x'.repeat(100_000))],
  ])('are refused with a challenge: %s', async (_, authorization) => {
    const answer = await whoAmI({ authorization });
    expect(problemOf(answer).status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Basic realm="Nightjar", charset="UTF-8"');
    expect(harness.log.join()).not.toContain(MARKER);
  });

  it('are never asked for by a dialogue over the dashboard', async () => {
    const answer = await whoAmI({ 'sec-fetch-mode': 'cors', 'sec-fetch-site': 'same-origin' });
    expect(answer.headers['www-authenticate']).toBe('Session realm="Nightjar"');
  });

  it('may be in any language', async () => {
    const user = harness.users.find('viewer') ?? expect.unreachable();
    harness.users.insert({ ...user, name: '현관' });
    expect((await whoAmI({ authorization: basic('현관', USER_PASSWORD) })).json().name).toBe('현관');
  });
});

describe('another site', () => {
  const host = 'nvr.example:8080';
  it.each([
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ origin: 'https://evil.example' }, 403],
    [{ origin: 'http://nvr.example' }, 403],
    [{ origin: 'http://nvr.example:8080.evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: '' }, 403],
    [{ 'sec-fetch-site': 'cross-site', origin: 'http://nvr.example:8080' }, 403],
    [{ 'sec-fetch-site': 'same-origin', origin: 'http://nvr.example:8080' }, 200],
    [{ origin: 'http://nvr.example:8080' }, 200],
    [{ 'sec-fetch-site': 'none' }, 200],
    [{}, 200],
  ])('with %j may change: %i', async (headers, status) => {
    const answer = await harness.as('operator', {
      method: 'POST',
      url: '/api/v1/cameras/front-door/recording/start',
      headers: { host, ...headers },
    });
    expect(answer.statusCode).toBe(status);
    expect(harness.calls).toHaveLength(status === 200 ? 1 : 0);
  });

  it('cannot log anybody in or out', async () => {
    const headers = { 'sec-fetch-site': 'cross-site' };
    const payload = { name: 'viewer', password: USER_PASSWORD };
    expect((await login(payload, headers)).statusCode).toBe(403);
    expect((await harness.as('viewer', { method: 'DELETE', url: URL_OF, headers })).statusCode).toBe(403);
  });

  it('may be a link from', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await harness.as('viewer', { url: '/api/v1/cameras', headers })).statusCode).toBe(200);
  });

  it('cannot open a WebSocket', async () => {
    const headers = { upgrade: 'websocket', connection: 'upgrade', origin: 'https://evil.example' };
    expect((await harness.as('viewer', { url: '/api/v1/cameras', headers })).statusCode).toBe(403);
  });
});

describe('behind a reverse proxy', () => {
  const forwarded = {
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'nvr.example',
    'x-forwarded-for': '198.51.100.9',
  };
  const payload = { name: 'viewer', password: USER_PASSWORD };

  it('that is trusted, the cookie is for TLS only and bound to the host', async () => {
    const behind = await startHarness({ trustedProxies: ['127.0.0.1'] });
    const answer = await behind.app.inject({ method: 'POST', url: URL_OF, payload, headers: forwarded });
    const [cookie = '', ...attributes] = String(answer.headers['set-cookie']).split('; ');
    expect(cookie).toMatch(/^__Host-nightjar=[\w-]{43}$/);
    expect(attributes).toEqual(expect.arrayContaining(['Path=/', 'HttpOnly', 'SameSite=Strict', 'Secure']));
    const who = (headers: object) => behind.app.inject({ url: URL_OF, headers: { ...headers, cookie } });
    expect((await who(forwarded)).statusCode).toBe(200);
    expect((await who({})).statusCode).toBe(401);
    const change = (origin: string) =>
      behind.app.inject({ method: 'DELETE', url: URL_OF, headers: { ...forwarded, cookie, origin } });
    expect((await change('https://evil.example')).statusCode).toBe(403);
    expect((await change('https://nvr.example')).statusCode).toBe(204);
    await behind.close();
  });

  it('that is not, nothing it says is believed', async () => {
    const answer = await login(payload, forwarded);
    expect(String(answer.headers['set-cookie'])).toMatch(/^nightjar=/);
    for (let tries = 0; tries < 5; tries++) {
      const headers = { 'x-forwarded-for': `192.0.2.${tries}` };
      expect((await login({ name: 'admin', password: 'guess' }, headers)).statusCode).toBe(401);
    }
    expect((await login({ name: 'admin', password: 'guess' }, forwarded)).statusCode).toBe(429);
  });
});
