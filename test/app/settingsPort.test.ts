/** All settings as one file, over a fleet and a real index: given, taken back elsewhere, and refused. */
import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { mqttPort } from '../../src/app/mqttPort.ts';
import { settingsPort } from '../../src/app/settingsPort.ts';
import { Webhooks } from '../../src/app/webhooks.ts';
import { webhooksPort } from '../../src/app/webhooksPort.ts';
import { ActivityStore } from '../../src/archive/activityStore.ts';
import { CameraStore } from '../../src/archive/cameraStore.ts';
import { Database } from '../../src/archive/database.ts';
import { migrate } from '../../src/archive/migrations.ts';
import { PolicyStore, ScheduleStore } from '../../src/archive/policyStore.ts';
import { SettingStore } from '../../src/archive/settingStore.ts';
import { SessionStore, UserStore } from '../../src/archive/userStore.ts';
import { Vault } from '../../src/archive/vault.ts';
import { WebhookStore } from '../../src/archive/webhookStore.ts';
import type { CameraStore as StoreDoor, Surroundings } from '../../src/cameras/doors.ts';
import { Fleet } from '../../src/cameras/fleet.ts';
import type { User } from '../../src/domain/accounts.ts';
import { DEFAULT_RULE } from '../../src/domain/activityTrigger.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { DEFAULT_POLICY } from '../../src/domain/retention.ts';
import { verifyPassword } from '../../src/http/auth/passwords.ts';
import type { SettingsFile, UserSettings } from '../../src/http/wire/settings.ts';
import { World } from '../cameras/world.ts';

const PASSPHRASE = 'correct horse battery';
const CAM = cameraId('cam');
const SOURCE = { kind: 'rtsp', url: 'rtsp://192.0.2.1/a', username: 'u', transport: 'tcp' } as const;
const WEEKLY = [{ days: [1, 2], from: '22:00', to: '06:00' }] as const;
const HOOK = { url: 'https://192.0.2.7/hook', name: 'Home' };
const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
  vi.useRealTimers();
});

/** A recorder without media. */
function recorder() {
  const found: { around?: Surroundings } = {};
  const world = new World((around) => {
    found.around = around;
    return around;
  });
  const around = found.around ?? expect.unreachable();
  const database = Database.open(':memory:');
  migrate(database);
  const cameras = new CameraStore(database, new Vault(randomBytes(32)));
  const store: StoreDoor = {
    list: () => cameras.list(),
    insert: (draft, at) => cameras.insert(draft, at),
    update: (draft, expected, at) => cameras.update(draft, expected, at),
    remove: (id, expected, at) => cameras.remove(id, expected, at),
    restore: (id, at) => cameras.restore(id, at),
    started: () => false,
    setStarted: () => undefined,
  };
  const fleet = new Fleet(store, around);
  open.push(async () => {
    await fleet.close();
    await world.fleet.close();
  });
  const [policies, schedules] = [new PolicyStore(database), new ScheduleStore(database)];
  const { clock } = around;
  const hooks = new WebhookStore(database);
  const doors = { store: hooks, clock };
  const sender = { send: () => expect.unreachable(), log: { warn: () => undefined, error: () => undefined } };
  const webhooks = webhooksPort({
    ...doors,
    webhooks: new Webhooks({ ...doors, ...sender, open: (it) => it, nameOf: () => null, random: () => 0.5 }),
    rules: { webhooksToLoopback: false },
    seal: (secret) => secret,
  });
  const settings = new SettingStore(database);
  const used: unknown[] = [];
  const link = { use: (said: unknown) => void used.push(said), state: 'off', error: null } as const;
  const secrets = { seal: (secret: string) => secret, open: (sealed: string) => sealed };
  const rules = { webhooksToLoopback: false };
  const mqtt = mqttPort({ settings, link, rules, ...secrets });
  const activity = new ActivityStore(database);
  const [users, sessions] = [new UserStore(database), new SessionStore(database)];
  const endSessions = (name: string) => sessions.removeOf(name, null);
  const together = <T>(work: () => T): T => database.transaction(work);
  const port = settingsPort({
    ...{ fleet, policies, schedules, webhooks, clock, together },
    ...{ activity, mqtt, users, endSessions },
  });
  return {
    fleet,
    policies,
    schedules,
    webhooks,
    hooks,
    port,
    cameras,
    activity,
    mqtt,
    settings,
    used,
    users,
    sessions,
  };
}

async function filled() {
  const made = recorder();
  const source = { ...SOURCE, password: 'hidden' };
  const common = { enabled: false, audio: true, mode: 'scheduled' } as const;
  made.fleet.create({ ...common, id: CAM, name: 'Door', source, group: 'Yard', tags: ['gate'], position: 0 });
  made.fleet.create({ ...common, id: cameraId('plain'), name: 'Plain', source: { kind: 'test', ...SIZE } });
  made.policies.set(CAM, { ...DEFAULT_POLICY, priority: 70 });
  const override = { record: true, untilMs: World.at(60_000) };
  made.schedules.set(CAM, { weekly: WEEKLY, exceptions: [], override });
  await made.webhooks.create({ ...HOOK, secret: 'a secret of sixteen' });
  return made;
}
const SIZE = { width: 640, height: 360, fps: 25 };

/** What a file becomes on its way. */
const sent = (file: SettingsFile): SettingsFile => JSON.parse(JSON.stringify(file));

describe('a file of settings', () => {
  it('has no secret in it, but for locked ones', async () => {
    const { port } = await filled();
    const plain = await port.give(null);
    expect(plain).not.toHaveProperty('passwords');
    expect(plain.cameras[0]).toMatchObject({ id: 'cam', source: SOURCE, retention: { priority: 70 } });
    expect(plain.cameras[0]?.schedule).toEqual({ weekly: WEEKLY, exceptions: [] });
    const locked = await port.give(PASSPHRASE);
    for (const file of [plain, locked]) expect(JSON.stringify(file)).not.toMatch(/hidden|a secret/);
    expect(locked.passwords?.sealed).toMatch(/^v1\./);
  });

  it('makes another recorder the same', async () => {
    const settings = sent(await (await filled()).port.give(PASSPHRASE));
    vi.useRealTimers();
    const other = recorder();
    const input = { settings, passphrase: PASSPHRASE };
    const actions = (plan: { steps: readonly { action: string }[] }) =>
      plan.steps.map(({ action }) => action);
    const trial = await other.port.take(input, true);
    expect([trial.done, actions(trial)]).toEqual([false, ['add', 'add', 'add', 'leave']]);
    expect([other.fleet.list(), other.cameras.list(), other.hooks.list()]).toEqual([[], [], []]);
    const done = await other.port.take(input, false);
    expect(done).toEqual({ ...trial, done: true });
    expect(other.fleet.list().map(({ camera }) => camera)).toEqual(other.cameras.list());
    expect(other.cameras.get(CAM)).toMatchObject({
      group: 'Yard',
      source: { ...SOURCE, password: 'hidden' },
    });
    const again = sent(await other.port.give(null));
    const { passwords: _, ...unlocked } = settings;
    expect(again).toEqual({ ...unlocked, exportedMs: again.exportedMs });
    expect(other.hooks.list()[0]).toMatchObject(HOOK);
    expect(actions(await other.port.take(input, false))).toEqual(['leave', 'leave', 'leave', 'leave']);
    expect(other.cameras.get(CAM).revision).toBe(1);
  });

  it('adds a webhook once, also when two are taken at the same time', async () => {
    const settings = sent(await (await filled()).port.give(null));
    vi.useRealTimers();
    const other = recorder();
    await Promise.all([1, 2].map(() => other.port.take({ settings }, false)));
    expect(other.hooks.list()).toHaveLength(1);
  });

  it('changes what differs, keeps passwords and overrides, and leaves the rest', async () => {
    const { port, cameras, schedules, policies } = await filled();
    const { cameras: list, ...file } = sent(await port.give(null));
    const [first] = list;
    if (first === undefined) return expect.unreachable();
    const { group: _, ...changed } = { ...first, name: 'Gate', schedule: { weekly: [], exceptions: [] } };
    const { retention: __, ...said } = changed;
    const plan = await port.take({ settings: { ...file, webhooks: [], cameras: [said] } }, false);
    expect(plan.steps).toEqual([
      { kind: 'camera', name: 'cam', action: 'change', fields: ['name', 'group', 'schedule'] },
      { kind: 'mqtt', name: 'mqtt', action: 'leave', fields: [] },
      { kind: 'camera', name: 'plain', action: 'leave', fields: [] },
      { kind: 'webhook', name: HOOK.url, action: 'leave', fields: [] },
    ]);
    expect(cameras.get(CAM)).toMatchObject({ name: 'Gate', revision: 2, source: { password: 'hidden' } });
    expect(cameras.get(CAM)).not.toHaveProperty('group');
    expect(schedules.get(CAM)).toMatchObject({ weekly: [], override: { record: true } });
    expect(policies.get(CAM).priority).toBe(70);
  });

  it('gives a password to no other address', async () => {
    const { port, cameras } = await filled();
    const file = sent(await port.give(null));
    const [first] = file.cameras;
    if (first === undefined) return expect.unreachable();
    const moved = { ...first, source: { ...SOURCE, url: 'rtsp://192.0.2.99/a' } };
    await port.take({ settings: { ...file, cameras: [moved] } }, false);
    expect(cameras.get(CAM).source).not.toHaveProperty('password');
  });
});

describe('a file that is wrong somewhere changes nothing', () => {
  const camera = { id: 'new', name: 'New', source: { kind: 'test' } } as const;
  const forbidden = {
    ...camera,
    id: 'other',
    source: { kind: 'rtsp', url: 'rtsp://169.254.169.254/' },
  } as const;
  const held = { ...camera, id: 'bulk' };
  const schedule = { weekly: [{ days: [9], from: '1', to: '2' }] };
  const locked = { salt: 'A'.repeat(22), sealed: 'v1.AAAA' };
  it.each([
    ['an id twice', { cameras: [camera, camera] }, 'settings.cameras.1.id'],
    ['a reserved id', { cameras: [camera, held] }, 'settings.cameras.1.id'],
    ['a forbidden address', { cameras: [camera, forbidden] }, 'settings.cameras.1.source.url'],
    ['a schedule', { cameras: [{ ...camera, schedule }] }, 'settings.cameras.0.schedule'],
    [
      'a webhook',
      { cameras: [camera], webhooks: [{ url: 'http://u:p@192.0.2.1/' }] },
      'settings.webhooks.0.url',
    ],
    ['a passphrase', { cameras: [camera], passwords: locked }, 'passphrase'],
  ])('%s', async (_, wrong, field) => {
    const { port, cameras, hooks } = recorder();
    const settings = { version: 1, exportedMs: 0, webhooks: [], ...wrong } as const;
    const refusal = { field: expect.stringContaining(field) };
    await expect(port.take({ settings, passphrase: PASSPHRASE }, false)).rejects.toMatchObject(refusal);
    expect([cameras.list(), hooks.list()]).toEqual([[], []]);
  });

  it('also when it shows only while it is stored', async () => {
    const { port, cameras, fleet, hooks } = recorder();
    const webhooks = Array.from({ length: 51 }, (_, n) => ({ url: `https://192.0.2.7/${n}` }));
    const settings = { version: 1, exportedMs: 0, cameras: [camera], webhooks } as const;
    await expect(port.take({ settings }, false)).rejects.toMatchObject({ kind: 'exhausted' });
    expect([cameras.list(), hooks.list(), fleet.list()]).toEqual([[], [], []]);
  });
});

describe('the rest of a file', () => {
  const ANN: User = {
    ...{ name: 'Ann', role: 'operator', cameras: [CAM], enabled: true },
    ...{ passwordHash: '$argon2id$of-ann', createdMs: World.at(0), loginMs: null },
  };
  const ROOT: User = { ...ANN, name: 'admin', role: 'admin', cameras: 'all', passwordHash: '$of-admin' };
  const RULE = { ...DEFAULT_RULE, beginAt: 60 };
  const BROKER = { enabled: false, url: 'mqtt://192.0.2.9:1883', username: 'nvr' } as const;
  const file = (users: readonly UserSettings[]) =>
    ({ version: 1, exportedMs: 0, cameras: [], webhooks: [], users }) as const;

  async function more() {
    const made = await filled();
    vi.useRealTimers();
    made.users.insert(ROOT);
    made.users.insert(ANN);
    made.activity.set(CAM, RULE);
    await made.mqtt.set({ ...BROKER, password: 'of-the-broker' });
    return made;
  }

  it('has roles, grants, the broker and rules of activity, and nothing to log in with', async () => {
    const { port } = await more();
    const given = sent(await port.give(null));
    expect(given.users).toEqual([
      { name: 'admin', role: 'admin', cameras: 'all', enabled: true },
      { name: 'Ann', role: 'operator', cameras: ['cam'], enabled: true },
    ]);
    expect(given.mqtt).toMatchObject(BROKER);
    expect(given.cameras.map(({ activity }) => activity)).toEqual([RULE, undefined]);
    expect(JSON.stringify(given)).not.toMatch(/argon2id|of-admin|of-the-broker/);
  });

  it('makes new users, who can’t log in before an admin gives a password', async () => {
    const settings = sent(await (await more()).port.give(null));
    const other = recorder();
    vi.useRealTimers();
    other.users.insert({ ...ROOT, name: 'root' });
    const plan = await other.port.take({ settings }, false);
    expect(plan.steps.map(({ kind, action }) => `${action} ${kind}`)).toEqual([
      ...['add camera', 'add camera', 'add webhook', 'change mqtt', 'add user', 'add user'],
      'leave user',
    ]);
    expect(other.users.find('ann')).toMatchObject({ role: 'operator', cameras: ['cam'], enabled: false });
    expect(await verifyPassword(other.users.find('ann')?.passwordHash, '')).toBe(false);
    expect(other.activity.get(CAM)).toEqual(RULE);
    expect(other.mqtt.stored()).toMatchObject(BROKER);
    expect(other.used).toHaveLength(1);
  });

  it('keeps passwords, ends the sessions of who is disabled, and changes nothing in a trial', async () => {
    const { port, users, sessions, mqtt, activity, used } = await more();
    const tokenHash = 'a'.repeat(64);
    sessions.insert({
      tokenHash,
      userName: 'Ann',
      createdMs: ANN.createdMs,
      seenMs: ANN.createdMs,
      ...PLACE,
    });
    const given = sent(await port.give(null));
    const [door, ...rest] = given.cameras;
    if (door === undefined) return expect.unreachable();
    const settings: SettingsFile = {
      ...given,
      cameras: [{ ...door, activity: { ...RULE, beginAt: 90 } }, ...rest],
      users: [{ name: 'ANN', role: 'viewer', enabled: false }],
    };
    const trial = await port.take({ settings }, true);
    expect(trial.steps).toContainEqual({
      ...{ kind: 'user', name: 'Ann', action: 'change', fields: ['role', 'cameras', 'enabled'] },
    });
    expect([users.find('Ann'), activity.get(CAM), sessions.list()]).toMatchObject([
      ANN,
      RULE,
      [{ tokenHash }],
    ]);
    await port.take({ settings }, false);
    const { passwordHash } = ANN;
    expect(users.find('Ann')).toMatchObject({ role: 'viewer', cameras: 'all', enabled: false, passwordHash });
    expect(sessions.list()).toEqual([]);
    expect(activity.get(CAM).beginAt).toBe(90);
    expect(await mqtt.get()).toMatchObject({ hasPassword: true });
    expect(used).toHaveLength(1);
  });

  it('gives the password of the broker to no other one', async () => {
    const { port, mqtt } = await more();
    const given = sent(await port.give(null));
    const moved = { ...given, mqtt: { ...BROKER, url: 'mqtt://192.0.2.10:1883' } };
    await port.take({ settings: moved }, false);
    expect(await mqtt.get()).toMatchObject({ url: 'mqtt://192.0.2.10:1883', hasPassword: false });
  });

  it.each<readonly [string, readonly UserSettings[], string]>([
    ['the only admin disabled', [{ name: 'admin', role: 'admin', enabled: false }], 'settings.users'],
    ['the only admin demoted', [{ name: 'Admin', role: 'viewer' }], 'settings.users'],
    [
      'an admin of some cameras',
      [{ name: 'b', role: 'admin', cameras: ['cam'] }],
      'settings.users.0.cameras',
    ],
    [
      'a user twice',
      [
        { name: 'b', role: 'viewer' },
        { name: 'B', role: 'viewer' },
      ],
      'name',
    ],
  ])('with %s is refused', async (_, users, field) => {
    const { port, users: store } = await more();
    const before = store.list();
    await expect(port.take({ settings: file(users) }, false)).rejects.toMatchObject({ field });
    expect(store.list()).toEqual(before);
  });

  it('with a broker at a forbidden address is refused', async () => {
    const { port } = await more();
    const mqtt = { enabled: true, url: 'mqtt://169.254.169.254' };
    const refused = { kind: 'forbidden', field: 'settings.mqtt.url' };
    await expect(port.take({ settings: { ...file([]), mqtt } }, false)).rejects.toMatchObject(refused);
  });
});
const PLACE = { address: '192.0.2.1', agent: 'x' };
