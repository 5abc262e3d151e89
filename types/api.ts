/**
 * The wire types of the HTTP API: TypeBox schemas, the single source for validation, answers, OpenAPI and the
 * static types of server and dashboard. The dashboard imports the types alone (`import type`). Nothing that
 * depends on a server belongs here. Times are UTC epoch milliseconds; a name ending in `Ms` says so.
 */
import { type Static, type TProperties, type TSchema, Type } from 'typebox';

/** An object that refuses properties it does not name. */
function strict<Properties extends TProperties>(properties: Properties, description: string) {
  return Type.Object(properties, { additionalProperties: false, description });
}

function nullable<Schema extends TSchema>(schema: Schema) {
  return Type.Union([schema, Type.Null()]);
}

const Count = Type.Integer({ minimum: 0 });
/** A time in an answer; times in queries are bounded in `src/http/schemas.ts`. */
const Time = Type.Integer({ minimum: 0, description: 'UTC epoch milliseconds' });

// ── Cameras ─────────────────────────────────────────────────────────────────────────────────────────────────

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
const Mode = Type.Enum(['continuous', 'manual', 'off'], {
  description: 'Record round the clock, between start and stop, or never',
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

/** One of several objects, told apart by `kind`, so that an error names the field of the variant that was meant. */
function byKind<Variants extends TSchema[]>(...oneOf: Variants) {
  return Type.Unsafe<Static<Variants[number]>>({
    type: 'object',
    required: ['kind'],
    discriminator: { propertyName: 'kind' },
    oneOf,
  });
}

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

export const VideoFormat = strict(
  {
    codec: Type.Enum(['h264', 'h265']),
    width: Count,
    height: Count,
    fps: Type.Number({
      minimum: 0,
      description: 'Nominal frames per second; 0 when the stream does not say',
    }),
  },
  'Video of a stream',
);

export const AudioFormat = strict(
  {
    codec: Type.Enum(['aac', 'opus', 'mp3', 'ac3', 'pcma', 'pcmu', 'g722', 'g726', 'l16', 'other']),
    sampleRate: Count,
    channels: Count,
  },
  'Sound of a stream as it arrives',
);

/** What a source offers; answer of `POST /probe`. */
export const StreamFormat = strict(
  { video: VideoFormat, audio: nullable(AudioFormat) },
  'What a source offers',
);
export type StreamFormat = Static<typeof StreamFormat>;

export const SourceStatus = strict(
  {
    state: Type.Enum(['off', 'connecting', 'live', 'stalled', 'backoff']),
    sinceMs: Time,
    attempt: Type.Integer({ minimum: 0, description: 'Connection attempts since it was last live' }),
    cause: nullable(Type.String({ description: 'Why it is not live, as a code' })),
    message: nullable(Type.String({ description: 'Why it is not live, as a sentence' })),
    retryMs: nullable(Time),
  },
  'How the connection to the source is doing',
);

export const RecordingStatus = strict(
  {
    state: Type.Enum(['idle', 'waiting', 'recording']),
    wanted: Type.Boolean(),
    reason: nullable(Type.String({ description: 'Why recording is wanted' })),
    cause: nullable(Type.String({ description: 'Why wanted recording is not happening' })),
    sinceMs: Time,
  },
  'Whether it records, and why not when it should',
);

export const CameraStatus = strict(
  {
    source: SourceStatus,
    recording: RecordingStatus,
    format: nullable(StreamFormat),
    codecs: nullable(
      Type.String({ description: 'RFC 6381 list for MediaSource', examples: ['avc1.64001f'] }),
    ),
    runId: nullable(Type.String()),
    lastFragmentMs: nullable(Time),
    lastDurableMs: nullable(Time),
  },
  'Live state of a camera',
);
export type CameraStatus = Static<typeof CameraStatus>;

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

export const CameraList = strict({ cameras: Type.Array(CameraView) }, 'All cameras');
export type CameraList = Static<typeof CameraList>;

export const ProbeInput = strict({ source: SourceInput }, 'A source to look at without adding it');
export type ProbeInput = Static<typeof ProbeInput>;

// ── Archive ─────────────────────────────────────────────────────────────────────────────────────────────────

/** One file of the archive: about a minute of one run. */
export const SegmentView = strict(
  {
    id: Type.Integer({ minimum: 1 }),
    runId: Type.String(),
    startMs: Time,
    endMs: Time,
    bytes: Count,
    frames: Count,
  },
  'A segment file, to be had at /segments/{id}/file.mp4',
);
export type SegmentView = Static<typeof SegmentView>;

export const SegmentList = strict(
  {
    segments: Type.Array(SegmentView),
    next: nullable(Type.String({ description: 'Give as `cursor` to go on; null at the end' })),
  },
  'Segments in order of time',
);
export type SegmentList = Static<typeof SegmentList>;

export const RecordingView = strict(
  {
    startMs: Time,
    endMs: nullable(Time),
    reason: Type.String({ description: 'Why it began' }),
    endReason: nullable(Type.String({ description: 'Why it ended; null while it goes on' })),
  },
  'A contiguous interval that was recorded',
);
export type RecordingView = Static<typeof RecordingView>;

export const RecordingList = strict({ recordings: Type.Array(RecordingView) }, 'Recordings in order of time');
export type RecordingList = Static<typeof RecordingList>;

export const GapView = strict(
  {
    startMs: Time,
    endMs: nullable(Time),
    cause: Type.String({ description: 'Why nothing became durable' }),
  },
  'An interval in which recording was wanted and no media became durable',
);
export type GapView = Static<typeof GapView>;

export const GapList = strict({ gaps: Type.Array(GapView) }, 'Gaps in order of time');
export type GapList = Static<typeof GapList>;

/** A calendar day of the configured zone: 23, 24 or 25 hours. */
export const DayView = strict(
  {
    day: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', examples: ['2026-03-29'] }),
    startMs: Time,
    endMs: Time,
    recordedMs: Type.Number({ minimum: 0, description: 'Milliseconds of footage in it' }),
  },
  'A calendar day that has footage',
);
export type DayView = Static<typeof DayView>;

export const DayList = strict({ days: Type.Array(DayView) }, 'Days with footage, oldest first');
export type DayList = Static<typeof DayList>;

// ── System and session ──────────────────────────────────────────────────────────────────────────────────────

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
    reasons: Type.Array(
      Type.String({ description: 'A sentence for each thing that is not as it should be' }),
    ),
  },
  'Whether it does what it should',
);
export type Health = Static<typeof Health>;

export const Role = Type.Enum(['viewer', 'operator', 'admin'], {
  description: 'Watches; also starts and stops recording; also changes the configuration',
});
export type Role = Static<typeof Role>;

export const LoginInput = strict(
  {
    name: Type.String({ minLength: 1, maxLength: 64 }),
    password: Type.String({ minLength: 1, maxLength: 1024 }),
  },
  'Name and password of a user',
);
export type LoginInput = Static<typeof LoginInput>;

export const SessionView = strict(
  { name: Type.String(), role: Role, expiresMs: nullable(Time) },
  'Who is asking; without expiry when authenticated by each request itself',
);
export type SessionView = Static<typeof SessionView>;

/** RFC 9457 problem details, with the field that is wrong. */
export const Problem = strict(
  {
    type: Type.String({
      description: 'URI reference that names the kind of problem',
      examples: ['about:blank'],
    }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'A sentence for the user' }),
    field: Type.Optional(
      Type.String({ description: 'The first field that is wrong', examples: ['source.url'] }),
    ),
    errors: Type.Optional(
      Type.Array(strict({ field: Type.String(), message: Type.String() }, 'One thing that is wrong')),
    ),
    requestId: Type.String({ description: 'To be found in the log' }),
  },
  'Why a request was not done (RFC 9457)',
);
export type Problem = Static<typeof Problem>;
