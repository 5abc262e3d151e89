/** Users, their sessions and tokens, who did what, and the first set-up, on the wire. */
import { type Static, Type } from 'typebox';
import { MEANS } from '../../domain/access.ts';
import { Count, list, nullable, strict, Time } from './shapes.ts';
import { Cameras, Role } from './system.ts';

const UserName = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: '^[^\\s\\p{Cc}:/](?:[^\\p{Cc}:/]*[^\\s\\p{Cc}:/])?$',
  description: 'Without colons and slashes; one name whatever the case of its ASCII letters',
  examples: ['ann'],
});
const NewPassword = Type.String({
  minLength: 8,
  maxLength: 1024,
  description: 'At least 8 characters, and none that everybody guesses first',
  examples: ['four quiet herons wade'],
});
const Enabled = Type.Boolean({ description: 'A disabled user can’t log in; whatever they had open ends' });

/** Body of `POST /users`. */
export const UserInput = strict(
  {
    name: UserName,
    password: NewPassword,
    role: Role,
    cameras: Type.Optional(Cameras),
    enabled: Type.Optional(Enabled),
  },
  'A user to add; of all cameras unless said otherwise',
);
export type UserInput = Static<typeof UserInput>;

/** Body of `PATCH /users/:name`. */
export const UserPatch = Type.Object(
  {
    password: Type.Optional(NewPassword),
    role: Type.Optional(Role),
    cameras: Type.Optional(Cameras),
    enabled: Type.Optional(Enabled),
  },
  { additionalProperties: false, minProperties: 1, description: 'Changes of a user: what is absent stays' },
);
export type UserPatch = Static<typeof UserPatch>;

export const UserView = strict(
  {
    name: Type.String({ examples: ['ann'] }),
    role: Role,
    cameras: Cameras,
    enabled: Enabled,
    createdMs: Time,
    loginMs: nullable(Time),
  },
  'A user, and their last login',
);
export type UserView = Static<typeof UserView>;
export const UserList = strict({ users: list(UserView) }, 'All users, by name');
export const UserParams = strict(
  { name: Type.String({ minLength: 1, maxLength: 64, examples: ['ann'] }) },
  'Which user',
);

/** Body of `POST /session/password`. */
export const PasswordInput = strict(
  { current: Type.String({ minLength: 1, maxLength: 1024 }), password: NewPassword },
  'The password there is, and the one there is to be',
);

export const SessionEntry = strict(
  {
    id: Type.String({ examples: ['9f86d081884c7d65'] }),
    user: Type.String(),
    createdMs: Time,
    seenMs: Time,
    expiresMs: Time,
    address: Type.String({ description: 'Where the login came from' }),
    agent: Type.String({ description: 'The program, as it calls itself' }),
    current: Type.Boolean({ description: 'Whether this is the session of this request' }),
  },
  'Somebody who is logged in',
);
export type SessionEntry = Static<typeof SessionEntry>;
export const SessionList = strict({ sessions: list(SessionEntry) }, 'Sessions, the last used first');
export const SessionParams = strict(
  { sessionId: Type.String({ pattern: '^[0-9a-f]{16}$', examples: ['9f86d081884c7d65'] }) },
  'Which session',
);

/** Body of `POST /tokens`. */
export const TokenInput = strict(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 100,
      pattern: '^(?=.*\\S)[^\\p{Cc}]*$',
      description: 'What it is for',
      examples: ['Home Assistant'],
    }),
    role: Role,
    cameras: Type.Optional(Cameras),
    expiresMs: Type.Optional(nullable(Time)),
  },
  'A token to make; it never may more than its user',
);
export type TokenInput = Static<typeof TokenInput>;

const tokenFields = {
  id: Type.String({ examples: ['3b241101-e2bb-4255-8caf-4136c566a962'] }),
  name: Type.String({ examples: ['Home Assistant'] }),
  user: Type.String(),
  role: Role,
  cameras: Cameras,
  createdMs: Time,
  expiresMs: nullable(Time),
  usedMs: nullable(Time),
};
export const TokenView = strict(tokenFields, 'A token, without its secret');
export type TokenView = Static<typeof TokenView>;
export const TokenMade = strict(
  {
    ...tokenFields,
    token: Type.String({ description: 'For `Authorization: Bearer`; shown only this once' }),
  },
  'A token that was just made',
);
export const TokenList = strict({ tokens: list(TokenView) }, 'Tokens, the newest first');
export const TokenParams = strict(
  {
    tokenId: Type.String({
      pattern: '^[0-9a-f-]{36}$',
      examples: ['3b241101-e2bb-4255-8caf-4136c566a962'],
    }),
  },
  'Which token',
);

export const AuditEntry = strict(
  {
    id: Type.Integer({ minimum: 1 }),
    atMs: Time,
    user: Type.String({ description: 'Empty when nobody was logged in' }),
    means: Type.Enum([...MEANS, ''], {
      description: 'How they said who they are; `listed` is a client of the older API',
    }),
    address: Type.String({ description: 'Where the request came from' }),
    action: Type.String({ description: 'Method and route', examples: ['PATCH /cameras/:cameraId'] }),
    target: Type.String({ description: 'The path', examples: ['/cameras/front-door'] }),
    fields: list(Type.String({ description: 'What the body set; never to what', examples: ['source.url'] })),
    status: Type.Integer({ description: 'HTTP status of the answer' }),
    requestId: Type.String({ description: 'To be found in the log' }),
  },
  'What somebody did, or was refused',
);
export type AuditEntry = Static<typeof AuditEntry>;
export const AuditList = strict(
  {
    entries: list(AuditEntry),
    next: nullable(Type.String({ description: 'Give as `cursor` to go on; null at the end' })),
  },
  'Who did what, the newest first',
);
export const AuditQuery = Type.Object(
  {
    user: Type.Optional(Type.String({ maxLength: 64 })),
    action: Type.Optional(
      Type.String({ maxLength: 100, description: 'A part of the action', examples: ['/cameras'] }),
    ),
    from: Type.Optional(Type.Integer({ minimum: 0, maximum: 253_402_300_799_999 })),
    to: Type.Optional(Type.Integer({ minimum: 0, maximum: 253_402_300_799_999 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })),
    cursor: Type.Optional(
      Type.String({ pattern: '^\\d{1,15}$', description: '`next` of the answer before' }),
    ),
  },
  { additionalProperties: false },
);

const SettingName = Type.String({ examples: ['timeZone'] });

export const SetupView = strict(
  {
    open: Type.Boolean({ description: 'Whether nobody has chosen the password of the first user yet' }),
    user: Type.String({ description: 'Name of the first user', examples: ['admin'] }),
    zone: Type.String({ description: 'IANA time zone of days', examples: ['Europe/Berlin'] }),
    changedBy: strict(
      { zone: list(SettingName), folders: list(SettingName) },
      'Which settings of the configuration say so (file, environment or flag); not changed through the API',
    ),
    folders: list(
      strict(
        { folder: Type.String(), freeBytes: nullable(Count), totalBytes: nullable(Count) },
        'Where footage goes',
      ),
    ),
  },
  'The first set-up: what there is to know of it. Folders are named only while it is open',
);
export type SetupView = Static<typeof SetupView>;

/** Body of `POST /setup`. */
export const SetupInput = strict(
  {
    code: Type.String({ minLength: 1, maxLength: 1024, description: 'As printed when the recorder started' }),
    password: NewPassword,
  },
  'The first set-up',
);
