/** Cameras on the wire: what is sent to add, change and probe them, and how they are shown. */
import { type Static, Type } from 'typebox';
import { byKind, list, nullable, strict, Time } from './shapes.ts';
import { CameraStatus } from './status.ts';

export const CameraIdText = Type.String({
  pattern: '^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$',
  description: '1–64 lower-case letters, digits and hyphens; names the camera for ever',
  examples: ['front-door'],
});

const CameraName = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^(?=.*\\S)[^\\p{Cc}]*$',
  description: 'Shown to people; not blank',
  examples: ['Front door'],
});

const Address = Type.String({
  minLength: 1,
  maxLength: 2048,
  description: 'rtsp:// or rtsps:// address; a user and password inside it are taken out and kept as fields',
  examples: ['rtsp://192.168.1.20:554/stream1'],
});

const UserName = Type.String({ minLength: 1, maxLength: 256, pattern: '^[^\\p{Cc}]*$' });
const Password = Type.String({ minLength: 1, maxLength: 1024, pattern: '^[^\\p{Cc}]*$' });
const Transport = Type.Enum(['tcp', 'udp'], { description: 'RTP inside the RTSP connection, or over UDP' });
const Width = Type.Integer({ minimum: 16, maximum: 7680, multipleOf: 2 });
const Height = Type.Integer({ minimum: 16, maximum: 4320, multipleOf: 2 });
const Fps = Type.Integer({ minimum: 1, maximum: 120 });
const Mode = Type.Enum(['continuous', 'manual', 'scheduled', 'off'], {
  description: 'Record round the clock, between start and stop, by the schedule, or never',
});
const Enabled = Type.Boolean({ description: 'A disabled camera is neither connected nor recorded' });
const Audio = Type.Boolean({ description: 'Take sound, if the source has any' });

const RtspSourceInput = strict(
  {
    kind: Type.Literal('rtsp'),
    url: Address,
    username: Type.Optional(UserName),
    password: Type.Optional(Password),
    transport: Type.Optional(Transport),
  },
  'A camera that speaks RTSP',
);

const TestSourceInput = strict(
  {
    kind: Type.Literal('test'),
    width: Type.Optional(Width),
    height: Type.Optional(Height),
    fps: Type.Optional(Fps),
  },
  'The embedded test pattern with a burnt-in clock',
);

const RtspSourcePatch = strict(
  {
    kind: Type.Literal('rtsp'),
    url: Type.Optional(Address),
    username: Type.Optional(nullable(UserName)),
    password: Type.Optional(nullable(Password)),
    transport: Type.Optional(Transport),
  },
  'Changes of an RTSP source: what is absent stays, a null user or password is removed',
);

const RtspSourceView = strict(
  {
    kind: Type.Literal('rtsp'),
    url: Type.String({ description: 'Without credentials' }),
    username: Type.Optional(Type.String()),
    hasPassword: Type.Boolean({ description: 'Whether a password is stored; it is never given out' }),
    transport: Transport,
  },
  'An RTSP source',
);

const TestSourceView = strict(
  { kind: Type.Literal('test'), width: Width, height: Height, fps: Fps },
  'A test',
);

export const SourceInput = byKind(RtspSourceInput, TestSourceInput);
export type SourceInput = Static<typeof SourceInput>;

/** Body of `POST /cameras`. Without an id, one is made from the name. */
export const CameraInput = strict(
  {
    name: CameraName,
    id: Type.Optional(CameraIdText),
    enabled: Type.Optional(Enabled),
    source: SourceInput,
    audio: Type.Optional(Audio),
    mode: Type.Optional(Mode),
  },
  'A camera to add',
);
export type CameraInput = Static<typeof CameraInput>;

/** Body of `PATCH /cameras/:cameraId`: a merge; a source of another kind replaces the source. */
export const CameraPatch = Type.Object(
  {
    name: Type.Optional(CameraName),
    enabled: Type.Optional(Enabled),
    source: Type.Optional(byKind(RtspSourcePatch, TestSourceInput)),
    audio: Type.Optional(Audio),
    mode: Type.Optional(Mode),
  },
  { additionalProperties: false, minProperties: 1, description: 'Changes of a camera: what is absent stays' },
);
export type CameraPatch = Static<typeof CameraPatch>;

/** A camera as the API shows it: configuration without secrets, and its live state. */
export const CameraView = strict(
  {
    id: Type.String(),
    name: Type.String(),
    enabled: Enabled,
    source: byKind(RtspSourceView, TestSourceView),
    audio: Audio,
    mode: Mode,
    revision: Type.Integer({ minimum: 1, description: 'Also the ETag, for If-Match' }),
    createdMs: Time,
    updatedMs: Time,
    status: CameraStatus,
  },
  'A camera',
);
export type CameraView = Static<typeof CameraView>;

export const CameraList = strict({ cameras: list(CameraView) }, 'All cameras');
export type CameraList = Static<typeof CameraList>;

export const ProbeInput = strict({ source: SourceInput }, 'A source to look at without adding it');
export type ProbeInput = Static<typeof ProbeInput>;
