/** All settings as one file, and what importing one does, on the wire. */
import { type Static, Type } from 'typebox';
import { UserInput } from './access.ts';
import { ActivityInput } from './activity.ts';
import { CameraIdText, CameraInput } from './camera.ts';
import { MqttInput } from './mqtt.ts';
import { ScheduleInput } from './schedule.ts';
import { list, strict, Time } from './shapes.ts';
import { RetentionPolicy } from './storage.ts';
import { WebhookInput } from './webhook.ts';

const Passphrase = Type.String({
  minLength: 12,
  maxLength: 256,
  description: 'What the passwords of cameras are locked with',
  examples: ['correct horse battery'],
});

const CameraSettings = strict(
  {
    ...CameraInput.properties,
    id: CameraIdText,
    retention: Type.Optional(RetentionPolicy),
    schedule: Type.Optional(
      strict(
        { weekly: ScheduleInput.properties.weekly, exceptions: ScheduleInput.properties.exceptions },
        'When it records in mode scheduled',
      ),
    ),
    activity: Type.Optional(ActivityInput),
  },
  'A camera, how long its footage is kept, when it records, when activity is an event; absent rules stay',
);
export type CameraSettings = Static<typeof CameraSettings>;

const { secret: _secret, ...webhook } = WebhookInput.properties;
const WebhookSettings = strict(webhook, 'A webhook, known by its address; its secret stays, or is made anew');
export type WebhookSettings = Static<typeof WebhookSettings>;

const { password: _brokers, ...broker } = MqttInput.properties;
const MqttSettings = strict(broker, 'The MQTT broker; its password stays as long as its address and user do');
export type MqttSettings = Static<typeof MqttSettings>;

const { password: _users, ...user } = UserInput.properties;
const UserSettings = strict(
  user,
  'A user; who is new is disabled until an admin gives a password, whoever is there keeps theirs',
);
export type UserSettings = Static<typeof UserSettings>;

const LockedPasswords = strict(
  {
    salt: Type.String({ pattern: '^[\\w-]{22}$', description: 'Of scrypt (N 2^15, r 8, p 1), base64url' }),
    sealed: Type.String({
      maxLength: 500_000,
      description: 'v1. and base64url of IV, tag and AES-256-GCM text',
    }),
  },
  'Passwords of cameras, locked with a passphrase',
);

export const SettingsFile = strict(
  {
    version: Type.Literal(1, { description: 'Of the form of this file' }),
    exportedMs: Time,
    cameras: Type.Unsafe<readonly CameraSettings[]>(Type.Array(CameraSettings, { maxItems: 500 })),
    webhooks: Type.Unsafe<readonly WebhookSettings[]>(Type.Array(WebhookSettings, { maxItems: 50 })),
    mqtt: Type.Optional(MqttSettings),
    users: Type.Optional(Type.Unsafe<readonly UserSettings[]>(Type.Array(UserSettings, { maxItems: 500 }))),
    passwords: Type.Optional(LockedPasswords),
  },
  'All cameras with their rules, webhooks, the MQTT broker and users; without secrets that are not locked',
);
export type SettingsFile = Static<typeof SettingsFile>;

export const ExportInput = strict({ passphrase: Passphrase }, 'With the passwords of cameras, locked');

export const ImportInput = strict(
  { settings: SettingsFile, passphrase: Type.Optional(Passphrase) },
  'A file of settings, and the passphrase when its passwords are wanted',
);
export type ImportInput = Static<typeof ImportInput>;

export const ImportQuery = Type.Object(
  {
    dryRun: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1, description: '1 says what would be done, and does nothing' }),
    ),
  },
  { additionalProperties: false },
);

export const ImportPlan = strict(
  {
    done: Type.Boolean({ description: 'Whether it was done, or only tried' }),
    steps: list(
      strict(
        {
          kind: Type.Enum(['camera', 'webhook', 'mqtt', 'user']),
          name: Type.String({ description: 'Id of the camera, address of the webhook, name of the user' }),
          action: Type.Enum(['add', 'change', 'leave'], {
            description: 'What is the same, or is not in the file, is left',
          }),
          fields: list(Type.String({ description: 'What changes' })),
        },
        'What becomes of one of them',
      ),
    ),
  },
  'What importing does',
);
export type ImportPlan = Static<typeof ImportPlan>;
