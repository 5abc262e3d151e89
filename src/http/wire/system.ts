/** The recorder itself, its users and their sessions, on the wire. */
import { type Static, Type } from 'typebox';
import { CameraIdText } from './camera.ts';
import { Count, list, nullable, strict, Time } from './shapes.ts';

export const SystemInfo = strict(
  {
    version: Type.String(),
    zone: Type.String({ description: 'IANA time zone of days', examples: ['Europe/Berlin'] }),
    nowMs: Time,
    startedMs: Time,
    cameras: strict(
      {
        total: Count,
        recording: Count,
        wanted: Type.Integer({ minimum: 0, description: 'How many should be recording now' }),
      },
      'Counts of cameras',
    ),
  },
  'About this recorder',
);
export type SystemInfo = Static<typeof SystemInfo>;

export const Health = strict(
  {
    status: Type.Enum(['ok', 'failing']),
    reasons: list(Type.String({ description: 'A sentence for each thing that is not as it should be' })),
  },
  'Whether it does what it should',
);
export type Health = Static<typeof Health>;

export const Role = Type.Enum(['viewer', 'operator', 'admin'], {
  description: 'Watches; also starts and stops recording; also changes the configuration',
});
export type Role = Static<typeof Role>;

export const Cameras = Type.Union(
  [
    Type.Literal('all', { description: 'All, those to come included' }),
    Type.Array(CameraIdText, { maxItems: 1_000, uniqueItems: true }),
  ],
  { description: 'The cameras that may be used; any other is as unknown', examples: ['all', ['front-door']] },
);

export const LoginInput = strict(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    password: Type.String({ minLength: 1, maxLength: 1024 }),
  },
  'Name and password of a user',
);
export type LoginInput = Static<typeof LoginInput>;

export const SessionView = strict(
  { name: Type.String(), role: Role, cameras: Cameras, expiresMs: nullable(Time) },
  'Who is asking; without expiry when authenticated by each request itself',
);
export type SessionView = Static<typeof SessionView>;
