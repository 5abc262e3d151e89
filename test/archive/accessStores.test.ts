/** Users, sessions, tokens and the audit log in a real index. */
import { beforeEach, describe, expect, it } from 'vitest';
import { type AccessStores, accessStores } from '../../src/archive/accessStores.ts';
import { Database } from '../../src/archive/database.ts';
import { migrate } from '../../src/archive/migrations.ts';
import type { AuditLine, Token, User } from '../../src/domain/accounts.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { DAY_MS, epochMs } from '../../src/domain/time.ts';

const NOW = epochMs(1_774_738_800_000);
const ANN: User = {
  ...{ name: 'Ann', role: 'viewer', cameras: [cameraId('front-door')], enabled: true },
  ...{ passwordHash: '$argon2id$', createdMs: NOW, loginMs: null },
};
const TOKEN: Token = {
  ...{ id: 'a', tokenHash: 'a'.repeat(64), name: 'Home', userName: 'Ann', role: 'viewer', cameras: 'all' },
  ...{ createdMs: NOW, expiresMs: null, usedMs: null },
};
const LINE: AuditLine = {
  ...{ atMs: NOW, user: 'Ann', means: 'session', address: '192.0.2.1', action: 'PATCH /cameras/:cameraId' },
  ...{ target: '/cameras/a', fields: ['name', 'source.url'], status: 200, requestId: 'r' },
};
const ALL = { user: null, action: null, fromMs: 0, toMs: Number.MAX_SAFE_INTEGER, beforeId: null, limit: 10 };

let stores: AccessStores;
beforeEach(() => {
  const database = Database.open(':memory:');
  migrate(database);
  stores = accessStores(database);
});

const session = (mark: string, seenMs = NOW) => ({
  ...{ tokenHash: mark.repeat(64), userName: 'ann', createdMs: NOW, seenMs },
  ...{ address: '192.0.2.1', agent: 'player' },
});

describe('users', () => {
  it('are kept as they are, under a name of any case', () => {
    stores.users.insert(ANN);
    expect(stores.users.find('ANN')).toEqual(ANN);
    expect(stores.users.list()).toEqual([ANN]);
    stores.users.noteLogin('ann', epochMs(NOW + 1));
    const changed: User = {
      ...ANN,
      role: 'admin',
      cameras: 'all',
      enabled: false,
      passwordHash: '$new',
    };
    stores.users.update(changed);
    // The login is not undone by a change that was begun before it.
    expect(stores.users.find('ann')).toEqual({ ...changed, loginMs: NOW + 1 });
  });

  it('take sessions and tokens with them', () => {
    stores.users.insert(ANN);
    stores.sessions.insert(session('a'));
    stores.tokens.insert(TOKEN);
    stores.users.remove('ann');
    expect([stores.sessions.list(), stores.tokens.list(), stores.users.isEmpty()]).toEqual([[], [], true]);
  });

  it('that are not there can’t be changed or removed', () => {
    const missing = expect.objectContaining({ kind: 'not-found' });
    expect(() => stores.users.update(ANN)).toThrow(missing);
    expect(() => stores.users.remove('ann')).toThrow(missing);
    expect(() => stores.tokens.remove('a')).toThrow(missing);
  });
});

it('sessions of a user end, but for the one that is kept', () => {
  stores.users.insert(ANN);
  for (const mark of ['a', 'b', 'c']) stores.sessions.insert(session(mark));
  stores.sessions.removeOf('ANN', 'b'.repeat(64));
  expect(stores.sessions.list()).toEqual([session('b')]);
  stores.sessions.removeOf('ann', null);
  expect(stores.sessions.list()).toEqual([]);
});

it('tokens are found by their hash, and remember their last use', () => {
  stores.users.insert(ANN);
  stores.tokens.insert(TOKEN);
  stores.tokens.touch('a', epochMs(NOW + 5));
  expect(stores.tokens.find(TOKEN.tokenHash)).toEqual({ ...TOKEN, usedMs: NOW + 5 });
  expect(stores.tokens.find('b'.repeat(64))).toBeUndefined();
});

describe('the audit log', () => {
  it('gives the newest first, by user, action and time, and goes on after a line', () => {
    for (const [user, action] of [
      ['Ann', 'POST /session'],
      ['bob', 'PATCH /cameras/:cameraId'],
      ['ann', 'PATCH /cameras/:cameraId'],
    ] as const) {
      stores.audit.add({ ...LINE, user, action });
    }
    const ids = (filter: object) => stores.audit.list({ ...ALL, ...filter }).map(({ id }) => id);
    expect(stores.audit.list(ALL)[0]).toEqual({ ...LINE, id: 3, user: 'ann' });
    expect(ids({})).toEqual([3, 2, 1]);
    expect(ids({ user: 'ANN' })).toEqual([3, 1]);
    expect(ids({ action: '/cameras' })).toEqual([3, 2]);
    expect(ids({ beforeId: 3, limit: 1 })).toEqual([2]);
    expect(ids({ fromMs: NOW + 1 })).toEqual([]);
    expect(ids({ toMs: NOW })).toEqual([]);
  });

  it('forgets what is too old, and outlives its users', () => {
    stores.audit.add({ ...LINE, atMs: epochMs(NOW - 401 * DAY_MS) });
    for (let lines = 0; lines < 502; lines++) stores.audit.add(LINE);
    expect(stores.audit.list({ ...ALL, toMs: NOW })).toEqual([]);
    expect(stores.audit.list({ ...ALL, limit: 1_000 })).toHaveLength(502);
  });
});
