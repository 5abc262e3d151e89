/** All settings as one file: made of what is configured, and brought back as one change. */
import type { PolicyStore, ScheduleStore } from '../archive/policyStore.ts';
import type { Fleet } from '../cameras/fleet.ts';
import type { Camera, Source } from '../domain/camera.ts';
import { NvrError } from '../domain/errors.ts';
import type { Clock } from '../domain/time.ts';
import type { Webhook } from '../domain/webhook.ts';
import type { SettingsPort } from '../http/settings.ts';
import type {
  CameraSettings,
  ImportInput,
  ImportPlan,
  SettingsFile,
  WebhookSettings,
} from '../http/wire/settings.ts';
import type { SourceInput } from '../http/wire/source.ts';
import { lock, type Passwords, unlock } from './lockedPasswords.ts';
import { cameraChange, draftOf } from './settingsCamera.ts';
import { sourceView } from './sources.ts';
import type { WebhookDoor } from './webhooksPort.ts';

export interface SettingsDoors {
  readonly fleet: Pick<Fleet, 'list' | 'putAll' | 'reschedule'>;
  readonly policies: Pick<PolicyStore, 'all' | 'set'>;
  readonly schedules: Pick<ScheduleStore, 'get' | 'set'>;
  readonly webhooks: Pick<WebhookDoor, 'stored' | 'prepare' | 'settle'>;
  readonly clock: Clock;
  /** Stores everything that the function stores, or, when it throws, nothing. */
  together<T>(work: () => T): T;
}

type Step = ImportPlan['steps'][number];

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
  // From here on nothing is waited for: what was compared is what is changed.
  const cameras = drafts.map((draft) => cameraChange(doors, draft));
  const changed = cameras.filter(({ step }) => step.action !== 'leave');
  const put = (stored: () => void): void => {
    stored();
    for (const { store } of [...changed, ...hooks]) store();
    if (dryRun) throw new Trial();
  };
  try {
    doors.fleet.putAll(
      changed.map(({ camera }) => camera),
      (work) => doors.together(() => put(work)),
    );
    for (const { camera } of changed) doors.fleet.reschedule(camera.id);
    doors.webhooks.settle();
  } catch (error) {
    if (!(error instanceof Trial)) throw error;
  }
  const steps = [...cameras, ...hooks].map(({ step }) => step);
  return { done: !dryRun, steps: [...steps, ...others(doors, settings)] };
}

/** What is not in the file, and is left as it is. */
function others({ fleet, webhooks }: SettingsDoors, settings: SettingsFile): Step[] {
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

/** The same work for each of a list of the file; what is wrong is named with its place there. */
async function each<T, R>(
  items: readonly T[],
  list: string,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const done: R[] = [];
  for (const [at, item] of items.entries()) {
    try {
      done.push(await work(item));
    } catch (error) {
      if (!(error instanceof NvrError) || error.field === undefined) throw error;
      throw new NvrError(error.kind, error.message, {
        field: `settings.${list}.${at}.${error.field}`,
        cause: error,
      });
    }
  }
  return done;
}

async function webhookChange({ webhooks }: SettingsDoors, hook: WebhookSettings) {
  const before = webhooks.stored().find(({ url }) => url === hrefOf(hook.url)) ?? null;
  const { fields, store } = await webhooks.prepare(hook, before);
  const action = before === null ? 'add' : fields.length > 0 ? 'change' : 'leave';
  const step: Step = { kind: 'webhook', name: hrefOf(hook.url), action, fields: [...fields] };
  return { step, store: action === 'leave' ? () => undefined : store };
}

function hrefOf(url: string): string {
  return URL.canParse(url) ? new URL(url).href : url;
}

function settingsOf(camera: Camera, { policies, schedules }: SettingsDoors): CameraSettings {
  const { source, sub, revision: _revision, createdMs: _created, updatedMs: _updated, ...rest } = camera;
  const retention = policies.all().get(camera.id);
  const schedule = schedules.get(camera.id);
  return {
    ...rest,
    source: withoutPassword(source),
    ...(sub && { sub: withoutPassword(sub) }),
    ...(retention && { retention }),
    ...(schedule && { schedule: { weekly: schedule.weekly, exceptions: schedule.exceptions } }),
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

function webhookSettings({ name, url, enabled, kinds, cameras }: Webhook): WebhookSettings {
  return { name, url, enabled, kinds: kinds && [...kinds], cameras: cameras && [...cameras] };
}
