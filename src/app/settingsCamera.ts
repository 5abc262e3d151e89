/** A camera of a file of settings: checked, compared with the one there is, and what storing it means. */
import { isDeepStrictEqual } from 'node:util';
import { type ActivityRule, checkRule } from '../domain/activityTrigger.ts';
import type { Camera, CameraDraft, Source } from '../domain/camera.ts';
import { cameraId } from '../domain/ids.ts';
import { type RetentionPolicy, validatePolicy } from '../domain/retention.ts';
import { type Schedule, validateSchedule } from '../domain/schedule.ts';
import type { CameraSettings } from '../http/wire/settings.ts';
import { newCamera } from './cameraPort.ts';
import type { Passwords } from './lockedPasswords.ts';
import { type Change, changeOf } from './settingsChange.ts';
import type { SettingsDoors } from './settingsPort.ts';
import { expectConnectable } from './sourceGuard.ts';

/** What a file says of a camera; null leaves a rule as it is. */
export interface CheckedCamera {
  readonly camera: CameraDraft;
  readonly policy: RetentionPolicy | null;
  readonly schedule: Schedule | null;
  readonly activity: ActivityRule | null;
}

/** Stores the rules, after the camera. */
export interface CameraChange extends Change {
  readonly camera: CameraDraft;
}

type Rules = Pick<SettingsDoors, 'fleet' | 'policies' | 'schedules' | 'activity'>;

const FIELDS = [
  ...(['name', 'enabled', 'source', 'sub', 'encode', 'onDemand', 'segmentSeconds'] as const),
  ...(['group', 'tags', 'position', 'audio', 'mode'] as const),
];

/** @throws NvrError `invalid`, or `forbidden` for an address that nobody may make the recorder connect to */
export async function draftOf(
  { retention, schedule, activity, ...input }: CameraSettings,
  passwords: Passwords | undefined,
): Promise<CheckedCamera> {
  const { source, sub, ...draft } = newCamera(input);
  await expectConnectable(source, 'source');
  if (sub) await expectConnectable(sub, 'sub');
  return {
    camera: {
      ...draft,
      id: cameraId(input.id, 'id'),
      source: withPassword(source, passwords?.main),
      ...(sub && { sub: withPassword(sub, passwords?.sub) }),
    },
    policy: retention === undefined ? null : validatePolicy(retention, 'retention'),
    schedule: schedule === undefined ? null : validateSchedule(schedule, 'schedule'),
    activity: activity === undefined ? null : checkRule(activity),
  };
}

/** What becomes of it. A password that the file does not say stays, as long as the address and the user do. */
export function cameraChange(rules: Rules, checked: CheckedCamera): CameraChange {
  const { camera: said, policy, schedule, activity } = checked;
  const { id } = said;
  const before = rules.fleet.list().find(({ camera }) => camera.id === id)?.camera ?? null;
  const camera = before === null ? said : keepingPasswords(said, before);
  const kept = rules.schedules.get(id);
  const rest = schedule && { ...schedule, override: kept?.override ?? null };
  const newPolicy = policy !== null && !isDeepStrictEqual(policy, rules.policies.all().get(id));
  const newSchedule = rest !== null && !isDeepStrictEqual(rest, kept);
  const newActivity = activity !== null && !isDeepStrictEqual(activity, rules.activity.get(id));
  const fields = [
    ...(before === null ? [] : changedFields(before, camera)),
    ...(newPolicy ? ['retention'] : []),
    ...(newSchedule ? ['schedule'] : []),
    ...(newActivity ? ['activity'] : []),
  ];
  const store = (): void => {
    if (newPolicy) rules.policies.set(id, policy);
    if (newSchedule) rules.schedules.set(id, rest);
    if (newActivity) rules.activity.set(id, activity);
  };
  return { ...changeOf('camera', id, before === null ? null : fields, store), camera };
}

function changedFields(before: Camera, after: CameraDraft): string[] {
  return FIELDS.filter((field) => !isDeepStrictEqual(plain(before[field]), plain(after[field])));
}

/** What is absent, null, empty and false by default is the same. */
function plain(value: unknown): unknown {
  if (value === undefined || value === false || (Array.isArray(value) && value.length === 0)) return null;
  return JSON.parse(JSON.stringify(value));
}

function keepingPasswords(said: CameraDraft, before: Camera): CameraDraft {
  const source = keepingPassword(said.source, before.source);
  return said.sub ? { ...said, source, sub: keepingPassword(said.sub, before.sub) } : { ...said, source };
}

function keepingPassword(said: Source, before: Source | null | undefined): Source {
  if (!before || 'password' in said || !('password' in before) || !('url' in said)) return said;
  const user = (source: Source) => ('username' in source ? source.username : undefined);
  const same = said.kind === before.kind && said.url === before.url && user(said) === user(before);
  return same ? withPassword(said, before.password) : said;
}

function withPassword(source: Source, password: string | undefined): Source {
  return password === undefined || !('url' in source) || source.kind === 'udp'
    ? source
    : { ...source, password };
}
