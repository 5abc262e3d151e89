/** Good requests of the routes of users, sessions, tokens, the audit log and the first set-up. */
import { expect } from 'vitest';
import { GUEST, GUEST_SESSION, GUEST_TOKEN, NOW, USER_PASSWORD } from './harness.ts';
import type { GoodRequest } from './requests.ts';

const API = '/api/v1';
const JSON_TYPE = 'application/json; charset=utf-8';
const NEW_PASSWORD = 'four quiet herons wade';

const guest = {
  ...{ name: GUEST, role: 'viewer', cameras: ['back-yard'], enabled: true },
  ...{ createdMs: NOW, loginMs: null },
};
const session = {
  ...{ id: GUEST_SESSION, user: GUEST, createdMs: NOW, seenMs: NOW },
  ...{ expiresMs: NOW + 7 * 86_400_000, address: '192.0.2.9', agent: 'player', current: false },
};
const token = {
  ...{ id: GUEST_TOKEN, name: 'Home', user: GUEST, role: 'viewer', cameras: 'all' },
  ...{ createdMs: NOW, expiresMs: null, usedMs: null },
};

function json(method: GoodRequest['method'], route: string, url: string, answer: unknown): GoodRequest {
  return { method, route: API + route, url: API + url, calls: [], answer, type: JSON_TYPE };
}

function ended(method: GoodRequest['method'], route: string, url: string): GoodRequest {
  return { method, route: API + route, url: API + url, status: 204, calls: [], answer: '' };
}

export const ACCESS_REQUESTS: readonly GoodRequest[] = [
  json('GET', '/users', '/users', { users: expect.arrayContaining([guest]) }),
  {
    ...json('POST', '/users', '/users', { ...guest, name: 'carol', role: 'operator', cameras: 'all' }),
    payload: { name: 'carol', password: NEW_PASSWORD, role: 'operator' },
    status: 201,
  },
  json('GET', '/users/:name', '/users/lodger', guest),
  {
    ...json('PATCH', '/users/:name', '/users/lodger', { ...guest, cameras: ['front-door'] }),
    payload: { cameras: ['front-door'] },
  },
  ended('DELETE', '/users/:name', '/users/lodger'),
  json('GET', '/sessions', '/sessions', { sessions: expect.arrayContaining([session]) }),
  ended('DELETE', '/sessions', '/sessions'),
  { ...ended('DELETE', '/sessions/:sessionId', `/sessions/${GUEST_SESSION}`), others: 404 },
  json('GET', '/tokens', '/tokens', { tokens: [token] }),
  {
    ...json('POST', '/tokens', '/tokens', {
      ...{ ...token, id: expect.any(String), name: 'NVR wall', user: 'admin', expiresMs: NOW + 5 },
      token: expect.stringMatching(/^njt_[\w-]{43}$/),
    }),
    payload: { name: 'NVR wall', role: 'viewer', expiresMs: NOW + 5 },
    status: 201,
  },
  { ...ended('DELETE', '/tokens/:tokenId', `/tokens/${GUEST_TOKEN}`), others: 404 },
  json('GET', '/audit', '/audit?user=lodger&action=users&from=0&to=9&limit=7&cursor=4', {
    entries: [],
    next: null,
  }),
  {
    ...ended('POST', '/session/password', '/session/password'),
    payload: { current: USER_PASSWORD, password: NEW_PASSWORD },
  },
  json('GET', '/setup', '/setup', {
    ...{ open: true, user: 'admin', zone: 'Asia/Seoul' },
    changedBy: { zone: ['timeZone'], folders: ['mediaDir', 'moreMediaDirs'] },
    folders: [{ folder: '/media', freeBytes: 100, totalBytes: 1000 }],
  }),
  {
    ...json('POST', '/setup', '/setup', {
      ...{ name: 'admin', role: 'admin', cameras: 'all', expiresMs: NOW + 7 * 86_400_000 },
    }),
    payload: { code: USER_PASSWORD, password: NEW_PASSWORD },
  },
];
