/** Sources on the wire: how a camera's media is reached, as it is sent, changed and shown. */
import {
  type Static,
  type TNull,
  type TOptional,
  type TProperties,
  type TSchema,
  type TUnion,
  Type,
} from 'typebox';
import { byKind, nullable, strict } from './shapes.ts';

const UserName = Type.String({ minLength: 1, maxLength: 256, pattern: '^[^\\p{Cc}]*$' });
const Password = Type.String({ minLength: 1, maxLength: 1024, pattern: '^[^\\p{Cc}]*$' });
export const Width = Type.Integer({ minimum: 16, maximum: 7680, multipleOf: 2 });
export const Height = Type.Integer({ minimum: 16, maximum: 4320, multipleOf: 2 });
export const Fps = Type.Integer({ minimum: 1, maximum: 120 });
const Transport = Type.Enum(['tcp', 'udp'], { description: 'RTP inside the RTSP connection, or over UDP' });

type Optional<Properties> = { [Key in keyof Properties]: TOptional<Properties[Key] & TSchema> };
type Removable<Properties> = {
  [Key in keyof Properties]: TOptional<TUnion<[Properties[Key] & TSchema, TNull]>>;
};

/**
 * The three shapes of one kind of source: to be added, to be changed (what is absent stays, null removes what was
 * chosen), and as it is shown (never with the password).
 */
function kind<
  const Name extends string,
  Needed extends TProperties,
  Chosen extends TProperties,
  Shown extends TProperties,
>(name: Name, says: string, needs: Needed, may: Chosen, shown: Shown) {
  const literal = { kind: Type.Literal(name) };
  return {
    input: strict({ ...literal, ...needs, ...optional(may) }, says),
    patch: strict({ ...literal, ...optional(needs), ...removable(may) }, `${says}: what is absent stays`),
    view: strict({ ...literal, ...needs, ...shown }, says),
  };
}

function optional<Properties extends TProperties>(properties: Properties): Optional<Properties> {
  const made = Object.entries(properties).map(([key, schema]) => [key, Type.Optional(schema)]);
  return Object.fromEntries(made) as Optional<Properties>;
}

function removable<Properties extends TProperties>(properties: Properties): Removable<Properties> {
  const made = Object.entries(properties).map(([key, schema]) => [key, Type.Optional(nullable(schema))]);
  return Object.fromEntries(made) as Removable<Properties>;
}

const login = { username: UserName, password: Password };
const HasPassword = Type.Boolean({ description: 'Whether a password is stored; it is never given out' });
const shownLogin = { username: Type.Optional(Type.String()), hasPassword: HasPassword };

/** Where a source is; credentials inside it are taken out and kept as fields. */
function address(scheme: string, example: string) {
  return Type.String({
    minLength: 1,
    maxLength: 2048,
    description: `${scheme} address; a user and password inside it are taken out and kept as fields`,
    examples: [example],
  });
}

const RTSP = kind(
  'rtsp',
  'A camera that speaks RTSP',
  { url: address('rtsp:// or rtsps://', 'rtsp://192.168.1.20:554/stream1') },
  { ...login, transport: Transport },
  { ...shownLogin, transport: Transport },
);
const RTMP = kind(
  'rtmp',
  'A stream that an RTMP server gives out',
  { url: address('rtmp:// or rtmps://', 'rtmp://192.168.1.30/live/door') },
  login,
  shownLogin,
);
const HLS = kind(
  'hls',
  'An HLS playlist; one that ends is played again',
  { url: address('HTTP or HTTPS', 'http://192.168.1.30/live/door.m3u8') },
  login,
  shownLogin,
);
const HTTP = kind(
  'http',
  'MP4 or MPEG-TS behind HTTP, a file or without end, or JPEG pictures as multipart/x-mixed-replace',
  { url: address('HTTP or HTTPS', 'http://192.168.1.31/video.mjpg') },
  login,
  shownLogin,
);
const UDP = kind(
  'udp',
  'MPEG-TS in UDP datagrams',
  {
    url: Type.String({
      minLength: 1,
      maxLength: 2048,
      description: 'udp:// with the interface or multicast group, and the port, that are listened on',
      examples: ['udp://239.1.1.7:5000'],
    }),
  },
  {},
  {},
);
const Role = Type.Enum(['caller', 'listener'], {
  description: 'Whether this machine connects, or whoever sends',
});
const StreamId = Type.String({ minLength: 1, maxLength: 512, pattern: '^[^\\p{Cc}]*$' });
const Passphrase = Type.String({
  minLength: 10,
  maxLength: 79,
  pattern: '^[^\\p{Cc}]*$',
  description: 'The passphrase',
});
const LatencyMs = Type.Integer({
  minimum: 20,
  maximum: 8000,
  description: 'How long lost packets are waited for',
});
const SRT = kind(
  'srt',
  'MPEG-TS over SRT',
  {
    url: Type.String({
      minLength: 1,
      maxLength: 2048,
      description: 'srt:// with host and port; of a listener the interface it listens on',
      examples: ['srt://192.168.1.32:9000'],
    }),
  },
  { role: Role, streamId: StreamId, password: Passphrase, latencyMs: LatencyMs },
  { role: Role, streamId: Type.Optional(StreamId), hasPassword: HasPassword, latencyMs: LatencyMs },
);
const FILE = kind(
  'file',
  'A file of the recorder’s folder for such files, played in a loop at its own pace',
  {
    path: Type.String({
      minLength: 1,
      maxLength: 1024,
      pattern: '^[^\\p{Cc}]*$',
      description: 'Relative to the folder of the setting fileSourceDir',
      examples: ['demo/street.mp4'],
    }),
  },
  {},
  {},
);
const device = {
  pixelFormat: Type.String({
    maxLength: 16,
    pattern: '^[A-Za-z0-9_-]+$',
    description: 'A raw format by GStreamer’s name, or MJPG, H264, H265; chosen by the device when absent',
    examples: ['NV16', 'MJPG'],
  }),
  width: Width,
  height: Height,
  fps: Fps,
  audioDevice: Type.String({
    maxLength: 128,
    pattern: '^[\\w:,.=-]+$',
    description: 'ALSA name of the device for sound; no sound when absent',
    examples: ['hw:4,0'],
  }),
};
const V4L2 = kind(
  'v4l2',
  'A capture device of this machine',
  {
    device: Type.String({
      maxLength: 256,
      pattern: '^/dev/[\\w/.:+,@-]*$',
      description: 'As GET /devices lists it',
      examples: ['/dev/video0'],
    }),
  },
  device,
  optional(device),
);
const picture = { width: Width, height: Height, fps: Fps };
const TEST = kind('test', 'The embedded test pattern with a burnt-in clock', {}, picture, picture);

export const SourceInput = byKind(
  RTSP.input,
  RTMP.input,
  HLS.input,
  HTTP.input,
  UDP.input,
  SRT.input,
  FILE.input,
  V4L2.input,
  TEST.input,
);
export type SourceInput = Static<typeof SourceInput>;

export const SourcePatch = byKind(
  RTSP.patch,
  RTMP.patch,
  HLS.patch,
  HTTP.patch,
  UDP.patch,
  SRT.patch,
  FILE.patch,
  V4L2.patch,
  TEST.patch,
);
export type SourcePatch = Static<typeof SourcePatch>;

export const SourceView = byKind(
  RTSP.view,
  RTMP.view,
  HLS.view,
  HTTP.view,
  UDP.view,
  SRT.view,
  FILE.view,
  V4L2.view,
  TEST.view,
);
export type SourceView = Static<typeof SourceView>;
