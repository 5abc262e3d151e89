/** The settings of MQTT on the wire. */
import { type Static, Type } from 'typebox';
import { CameraIdText } from './camera.ts';
import { EventKindText } from './event.ts';
import { list, nullable, strict } from './shapes.ts';

const Url = nullable(
  Type.String({
    minLength: 8,
    maxLength: 2048,
    pattern: '^mqtts?://[^\\s/@?#]+/?$',
    description: 'mqtt:// or, encrypted, mqtts://, without user and password',
    examples: ['mqtt://192.168.1.5:1883'],
  }),
);
const Prefix = Type.String({
  pattern: '^[A-Za-z0-9_-]{1,32}(?:/[A-Za-z0-9_-]{1,32}){0,3}$',
  description: 'Topics begin with it: `<prefix>/<camera>/state`, `/recording`, `/recording/set`, `/events`',
  examples: ['nightjar'],
});
const User = nullable(Type.String({ minLength: 1, maxLength: 256 }));
const Kinds = nullable(Type.Array(EventKindText, { maxItems: 32, uniqueItems: true }));
const Cameras = nullable(Type.Array(CameraIdText, { maxItems: 256, uniqueItems: true }));

/** Body of `PUT /mqtt`: what is absent gets its default, but for the password, which stays. */
export const MqttInput = strict(
  {
    enabled: Type.Boolean(),
    url: Type.Optional(Url),
    username: Type.Optional(User),
    password: Type.Optional(
      nullable(Type.String({ minLength: 1, maxLength: 1024, description: 'Absent stays, null is none' })),
    ),
    prefix: Type.Optional(Prefix),
    discovery: Type.Optional(Type.Boolean({ description: 'Announce cameras to Home Assistant' })),
    verify: Type.Optional(
      Type.Boolean({ description: 'Whether the certificate of the broker has to be good' }),
    ),
    kinds: Type.Optional(Kinds),
    cameras: Type.Optional(Cameras),
  },
  'How and what is published to a broker',
);
export type MqttInput = Static<typeof MqttInput>;

export const MqttView = strict(
  {
    enabled: Type.Boolean(),
    url: nullable(Type.String()),
    username: nullable(Type.String()),
    hasPassword: Type.Boolean({ description: 'Whether a password is stored; it is never given out' }),
    prefix: Type.String(),
    discovery: Type.Boolean(),
    verify: Type.Boolean(),
    kinds: nullable(list(EventKindText)),
    cameras: nullable(list(Type.String())),
    state: Type.Enum(['off', 'connecting', 'online', 'offline']),
    error: nullable(Type.String({ description: 'Why it is not online, as a sentence' })),
  },
  'How and what is published to a broker, and whether that goes well',
);
export type MqttView = Static<typeof MqttView>;
