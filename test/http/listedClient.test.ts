/** Clients of the older API that say no name: they look at the API, and change things in the older one only. */
import type { InjectOptions } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NvrError } from '../../src/domain/errors.ts';
import { zone } from '../../src/domain/zone.ts';
import type { LegacyPort } from '../../src/http/legacy.ts';
import { CAMERA, type Harness, NOW, problemOf, startHarness, USER_PASSWORD } from './harness.ts';

const TOKEN = 'one-token-of-all-of-them';
const LISTED = '192.0.2.7';
const outcome = { gid: '5', seq: 1, isRec: false, insertedMs: NOW, updatedMs: NOW, recording: null };
const unused = () => expect.unreachable();

let harness: Harness;
let registered: number;
let refusal: NvrError | null;
beforeEach(async () => {
  registered = 0;
  refusal = null;
  const port: LegacyPort = {
    ...{ zone: zone('UTC'), booted: () => true, start: () => {}, stop: () => {} },
    ...{ record: unused, remove: unused, keysOf: unused, move: unused, info: unused },
    ...{ livePlaylist: async () => '#EXTM3U\n', recordedPlaylist: unused },
    async register() {
      if (refusal !== null) throw refusal;
      registered += 1;
      return outcome;
    },
  };
  harness = await startHarness({ legacy: { port, clients: { addresses: [LISTED], token: TOKEN } } });
});
afterEach(() => harness.close());

const WAYS: readonly (readonly [string, InjectOptions])[] = [
  ['address', { remoteAddress: LISTED }],
  ['token', { remoteAddress: '192.0.2.8', headers: { authorization: `Bearer ${TOKEN}` } }],
];

describe.each(WAYS)('a client known by its %s', (_, from) => {
  const ask = (method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, payload?: object) =>
    harness.app.inject({ ...from, method, url, ...(payload && { payload }) });

  it.each(['/cameras', '/cameras/front-door', '/cameras/front-door/live/playlist.m3u8'])(
    'sees %s',
    async (url) => {
      expect((await ask('GET', `/api/v1${url}`)).statusCode).toBe(200);
      expect((await ask('HEAD', `/api/v1${url}`)).statusCode).toBe(200);
    },
  );

  it.each([
    ['POST', '/tokens', { name: 'mine', role: 'viewer' }],
    ['POST', '/session/password', { current: USER_PASSWORD, password: 'four quiet herons wade' }],
    ['POST', '/cameras/front-door/whep', undefined],
    ['PATCH', '/cameras/front-door', { name: 'Mine' }],
    ['DELETE', '/cameras/front-door', undefined],
  ] as const)('may not %s %s', async (method, url, payload) => {
    expect(problemOf(await ask(method, `/api/v1${url}`, payload)).status).toBe(403);
    expect(harness.calls).toEqual([]);
    expect(harness.tokens.rows.size).toBe(1);
  });

  it.each(['/session', '/sessions', '/tokens'])('is nobody at %s', async (url) => {
    expect(problemOf(await ask('GET', `/api/v1${url}`)).status).toBe(401);
  });

  it('changes cameras in the older API, which is written down', async () => {
    const body = { seq: 1, gid: 5, iaddr: 'rtsp://192.0.2.1/1' };
    expect((await ask('POST', '/api/camera', body)).json()).toMatchObject({ status: 1 });
    expect(registered).toBe(1);
    expect(harness.audit.lines[0]).toMatchObject({
      ...{ user: 'older API: client', means: 'listed', action: 'POST /api/camera', status: 200 },
    });
  });

  it('has what was not done not written down as a change, although the answer is a 200', async () => {
    const body = { seq: 1, gid: 5, iaddr: 'rtsp://192.0.2.1/1' };
    for (const [kind, lines] of [
      ['conflict', 0],
      ['not-found', 0],
      ['forbidden', 1],
    ] as const) {
      refusal = new NvrError(kind, 'It can’t be.');
      const answer = await ask('POST', '/api/camera', body);
      expect([answer.statusCode, answer.json().status]).toEqual([200, 0]);
      expect(harness.audit.lines).toHaveLength(lines);
    }
    expect((await ask('POST', '/api/camera')).json()).toMatchObject({ status: 0 });
    expect(harness.audit.lines).toEqual([expect.objectContaining({ status: 403, fields: [] })]);
  });

  it('has what it watches not ended by a look at who may still watch', async () => {
    const watching = ask('GET', '/api/v1/cameras/front-door');
    harness.answers.set('get', async () => {
      // Ends what nobody may have open any more, while this is still being answered.
      await harness.as('admin', { method: 'DELETE', url: '/api/v1/session' });
      return CAMERA;
    });
    expect((await watching).statusCode).toBe(200);
  });
});

it('nobody else is let in', async () => {
  const ask = (url: string) => harness.app.inject({ url, remoteAddress: '192.0.2.8' });
  expect((await ask('/api/v1/cameras')).statusCode).toBe(401);
  expect((await ask('/5/1/index.m3u8')).statusCode).toBe(403);
});

it('no user can have the name under which such a client is written down', async () => {
  const payload = { name: 'older API: client', password: 'four quiet herons wade', role: 'admin' };
  const made = await harness.as('admin', { method: 'POST', url: '/api/v1/users', payload });
  expect(made.statusCode).toBe(400);
});
