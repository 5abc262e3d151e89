/** All settings as one file: made of what is configured, and brought back as one change. */
import { isDeepStrictEqual } from 'node:util';
import type { ActivityStore } from '../archive/activityStore.ts';
import type { PolicyStore, ScheduleStore } from '../archive/policyStore.ts';
import type { Fleet } from '../cameras/fleet.ts';
import { DEFAULT_RULE } from '../domain/activityTrigger.ts';
import type { Camera, Source } from '../domain/camera.ts';
import { NvrError } from '../domain/errors.ts';
import type { MqttSettings as Mqtt } from '../domain/mqtt.ts';
import type { Webhook } from '../domain/webhook.ts';
import type { SettingsPort } from '../http/settings.ts';
import type {
  CameraSettings,
  ImportInput,
  ImportPlan,
  MqttSettings,
  SettingsFile,
  WebhookSettings,
} from '../http/wire/settings.ts';
import type { SourceInput } from '../http/wire/source.ts';
import { lock, type Passwords, unlock } from './lockedPasswords.ts';
import type { MqttDoor } from './mqttPort.ts';
import { cameraChange, draftOf } from './settingsCamera.ts';
import { type Change, changeOf, type Step } from './settingsChange.ts';
import { expectAdmin, type UserDoors, userChanges, userSettings } from './settingsUsers.ts';
import { sourceView } from './sources.ts';
import type { WebhookDoor } from './webhooksPort.ts';

/** The cameras; of a fleet, or of an index that no recorder is using. */
export interface CameraDoor extends Pick<Fleet, 'putAll' | 'reschedule'> {
  list(): readonly { readonly camera: Camera }[];
}

export interface SettingsDoors extends UserDoors {
  readonly fleet: CameraDoor;
  readonly policies: Pick<PolicyStore, 'all' | 'set'>;
  readonly schedules: Pick<ScheduleStore, 'get' | 'set'>;
  readonly activity: Pick<ActivityStore, 'get' | 'set' | 'forget'>;
  readonly webhooks: Pick<WebhookDoor, 'stored' | 'prepare' | 'settle'>;
  readonly mqtt: Pick<MqttDoor, 'stored' | 'prepare' | 'settle'>;
  /** Stores everything that the function stores, or, when it throws, nothing. */
  together<T>(work: () => T): T;
}

/** Ends a transaction that was only a trial. */
class Trial extends Error {}

export function settingsPort(doors: SettingsDoors): SettingsPort {
  return {
    give: (passphrase) => give(doors, passphrase),
    take: (input, dryRun) => take(doors, input, dryRun),
  };
}

async function give(doors: SettingsDoors, passphrase: string | null): Promise<SettingsFile> {
  const cameras = doors.fleet.list().map(({ camera }) => camera);
  const passwords = new Map(cameras.map((camera) => [camera.id, passwordsOf(camera)]));
  return {
    version: 1,
    exportedMs: doors.clock.now(),
    cameras: cameras.map((camera) => settingsOf(camera, doors)),
    webhooks: doors.webhooks.stored().map(webhookSettings),
    mqtt: mqttSettings(doors.mqtt.stored()),
    users: doors.users.list().map(userSettings),
    ...(passphrase !== null && { passwords: await lock(passwords, passphrase) }),
  };
}

async function take(
  doors: SettingsDoors,
  { settings, passphrase }: ImportInput,
  dryRun: boolean,
): Promise<ImportPlan> {
  refuseTwice(settings.cameras, 'cameras', 'id');
  refuseTwice(settings.webhooks, 'webhooks', 'url');
  const passwords =
    settings.passwords === undefined || passphrase === undefined
      ? new Map<string, Passwords>()
      : await unlock(settings.passwords, passphrase);
  const drafts = await each(settings.cameras, 'cameras', (camera) =>
    draftOf(camera, passwords.get(camera.id)),
  );
  const hooks = await each(settings.webhooks, 'webhooks', (hook) => webhookChange(doors, hook));
  const mqtt = settings.mqtt === undefined ? [] : [await mqttChange(doors, settings.mqtt)];
  const users = await userChanges(doors, settings.users ?? []);
  // From here on nothing is waited for: what was compared is what is changed.
  const cameras = drafts.map((draft) => cameraChange(doors, draft));
  const changed = cameras.filter(({ step }) => step.action !== 'leave');
  const put = (stored: () => void): void => {
    stored();
    for (const { store } of [...changed, ...hooks, ...mqtt, ...users]) store();
    expectAdmin(doors);
    if (dryRun) throw new Trial();
  };
  try {
    doors.fleet.putAll(
      changed.map(({ camera }) => camera),
      (work) => doors.together(() => put(work)),
    );
    for (const { camera } of changed) doors.fleet.reschedule(camera.id);
    doors.webhooks.settle();
    if (mqtt.some(({ step }) => step.action === 'change')) doors.mqtt.settle();
  } catch (error) {
    // What is remembered beside the index was not stored in it.
    for (const { camera } of changed) doors.activity.forget(camera.id);
    if (!(error instanceof Trial)) throw error;
  }
  const steps = [...cameras, ...hooks, ...mqtt, ...users].map(({ step }) => step);
  return { done: !dryRun, steps: [...steps, ...others(doors, settings)] };
}

/** What is not in the file, and is left as it is. */
function others({ fleet, webhooks, users }: SettingsDoors, settings: SettingsFile): Step[] {
  const said = settings.users ?? [];
  const left = (kind: Step['kind'], names: readonly string[], known: ReadonlySet<string>): Step[] =>
    names.filter((name) => !known.has(name)).map((name) => ({ kind, name, action: 'leave', fields: [] }));
  return [
    ...left(
      'camera',
      fleet.list().map(({ camera }) => camera.id),
      new Set(settings.cameras.map(({ id }) => id)),
    ),
    ...left(
      'webhook',
      webhooks.stored().map(({ url }) => url),
      new Set(settings.webhooks.map(({ url }) => hrefOf(url))),
    ),
    ...left(
      'user',
      users.list().map(({ name }) => name),
      new Set(said.flatMap(({ name }) => users.find(name)?.name ?? [])),
    ),
  ];
}

/** @throws NvrError `invalid` naming the second one */
function refuseTwice<Key extends string>(
  items: readonly Readonly<Record<Key, string>>[],
  list: string,
  key: Key,
): void {
  const seen = new Set<string>();
  for (const [at, item] of items.entries()) {
    if (!seen.has(item[key])) seen.add(item[key]);
    else
      throw new NvrError('invalid', `${item[key]} is there twice.`, {
        field: `settings.${list}.${at}.${key}`,
      });
  }
}

/** The same work for each of a list of the file. */
async function each<T, R>(
  items: readonly T[],
  list: string,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const done: R[] = [];
  for (const [at, item] of items.entries()) {
    done.push(await inField(`settings.${list}.${at}`, () => work(item)));
  }
  return done;
}

/** What is wrong is named with its place in the file. */
async function inField<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof NvrError) || error.field === undefined) throw error;
    const field = `${place}.${error.field}`;
    throw new NvrError(error.kind, error.message, { field, cause: error });
  }
}

async function webhookChange({ webhooks }: SettingsDoors, hook: WebhookSettings): Promise<Change> {
  const before = webhooks.stored().find(({ url }) => url === hrefOf(hook.url)) ?? null;
  const { fields, store } = await webhooks.prepare(hook, before);
  return changeOf('webhook', hrefOf(hook.url), before === null ? null : fields, store);
}

async function mqttChange({ mqtt }: SettingsDoors, said: MqttSettings): Promise<Change> {
  const { fields, store } = await inField('settings.mqtt', () => mqtt.prepare(said));
  return changeOf('mqtt', said.url ?? 'mqtt', fields, store);
}

function hrefOf(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url;
}

function settingsOf(camera: Camera, { policies, schedules, activity }: SettingsDoors): CameraSettings {
  const { source, sub, revision: _revision, createdMs: _created, updatedMs: _updated, ...rest } = camera;
  const retention = policies.all().get(camera.id);
  const schedule = schedules.get(camera.id);
  const rule = activity.get(camera.id);
  return {
    ...rest,
    source: withoutPassword(source),
    ...(sub && { sub: withoutPassword(sub) }),
    ...(retention && { retention }),
    ...(schedule && { schedule: { weekly: schedule.weekly, exceptions: schedule.exceptions } }),
    ...(!isDeepStrictEqual(rule, DEFAULT_RULE) && { activity: { ...rule, weekly: [...rule.weekly] } }),
  };
}

function withoutPassword(source: Source): SourceInput {
  const view = sourceView(source);
  if (!('hasPassword' in view)) return view;
  const { hasPassword: _has, ...rest } = view;
  return rest;
}

function passwordsOf({ source, sub }: Camera): Passwords {
  return {
    ...('password' in source && source.password !== undefined && { main: source.password }),
    ...(sub && 'password' in sub && sub.password !== undefined && { sub: sub.password }),
  };
}

function mqttSettings({ kinds, cameras, ...rest }: Mqtt): MqttSettings {
  return { ...rest, kinds: kinds && [...kinds], cameras: cameras && [...cameras] };
}

function webhookSettings({ name, url, enabled, kinds, cameras }: Webhook): WebhookSettings {
  return { name, url, enabled, kinds: kinds && [...kinds], cameras: cameras && [...cameras] };
}
