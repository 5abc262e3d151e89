/** Cameras on the wire: what is sent to add, change and probe them, and how they are shown. */
import { type Static, Type } from 'typebox';
import { list, nullable, strict, Time } from './shapes.ts';
import { Fps, Height, SourceInput, SourcePatch, SourceView, Width } from './source.ts';
import { CameraStatus } from './status.ts';

export { SourceInput } from './source.ts';

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

const Mode = Type.Enum(['continuous', 'manual', 'scheduled', 'off'], {
  description: 'Record round the clock, between start and stop, by the schedule, or never',
});
const Enabled = Type.Boolean({ description: 'A disabled camera is neither connected nor recorded' });
const Audio = Type.Boolean({ description: 'Take sound, if the source has any' });

const Overlay = strict(
  {
    clock: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        pattern: '^[^\\p{Cc}]*$',
        description: 'As strftime has it, in the time zone of the machine',
        examples: ['%Y-%m-%d %H:%M:%S'],
      }),
    ),
    text: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        pattern: '^[^\\p{Cc}%]*$',
        description: 'Before the clock, or alone',
      }),
    ),
    position: Type.Enum(['top-left', 'top-right', 'bottom-left', 'bottom-right']),
    fontSize: Type.Integer({ minimum: 6, maximum: 200, description: 'Points' }),
  },
  'Text that is drawn into the picture',
);

/** That the picture is encoded anew as H.264, and how. */
export const EncodeView = strict(
  {
    width: Type.Optional(Width),
    height: Type.Optional(Height),
    fps: Type.Optional(Fps),
    kbitPerSecond: Type.Optional(Type.Integer({ minimum: 64, maximum: 200_000 })),
    keyframeSeconds: Type.Integer({ minimum: 1, maximum: 10, description: 'Between two keyframes' }),
    preset: Type.Enum(['fast', 'balanced', 'small'], {
      description: 'What the work of the encoder is spent on',
    }),
    overlay: Type.Optional(Overlay),
  },
  'The picture is encoded anew as H.264: limits of size and frame rate, bitrate, and what is drawn into it',
);

const EncodeInput = Type.Object(
  {
    ...EncodeView.properties,
    keyframeSeconds: Type.Optional(EncodeView.properties.keyframeSeconds),
    preset: Type.Optional(EncodeView.properties.preset),
    overlay: Type.Optional(
      Type.Object(
        {
          ...Overlay.properties,
          position: Type.Optional(Overlay.properties.position),
          fontSize: Type.Optional(Overlay.properties.fontSize),
        },
        { additionalProperties: false, minProperties: 1 },
      ),
    ),
  },
  {
    additionalProperties: false,
    description: 'How the picture is to be encoded anew; defaults for what is absent',
  },
);
export type EncodeInput = Static<typeof EncodeInput>;

const OnDemand = Type.Boolean({ description: 'Connect only while it is watched or recorded' });
const SegmentSeconds = Type.Integer({
  minimum: 5,
  maximum: 3600,
  description: 'Length of a segment file, instead of the recorder’s setting',
});

const Group = Type.String({
  minLength: 1,
  maxLength: 60,
  pattern: '^(?!\\s)[^\\p{Cc}]+(?<!\\s)$',
  description: 'What it is shown together with: a building, a floor',
  examples: ['Ground floor'],
});
const Tags = Type.Unsafe<readonly string[]>(
  Type.Array(
    Type.String({
      minLength: 1,
      maxLength: 30,
      pattern: '^(?!\\s)[^\\p{Cc},]+(?<!\\s)$',
      examples: ['outdoor'],
    }),
    { maxItems: 20, uniqueItems: true, description: 'Words to find it by', examples: [['outdoor', 'gate']] },
  ),
);
const ListPosition = Type.Integer({
  minimum: 0,
  maximum: 1_000_000,
  description: 'Where it stands in lists; those without come last, equals by name',
  examples: [1],
});

/** What may be left out when a camera is added, and when it is changed. */
const chosen = {
  enabled: Type.Optional(Enabled),
  encode: Type.Optional(nullable(EncodeInput)),
  onDemand: Type.Optional(OnDemand),
  segmentSeconds: Type.Optional(nullable(SegmentSeconds)),
  group: Type.Optional(nullable(Group)),
  tags: Type.Optional(Tags),
  position: Type.Optional(nullable(ListPosition)),
  audio: Type.Optional(Audio),
  mode: Type.Optional(Mode),
};

/** Body of `POST /cameras`. Without an id, one is made from the name. */
export const CameraInput = strict(
  {
    name: CameraName,
    id: Type.Optional(CameraIdText),
    source: SourceInput,
    sub: Type.Optional(nullable(SourceInput)),
    ...chosen,
  },
  'A camera to add',
);
export type CameraInput = Static<typeof CameraInput>;

/** Body of `PATCH /cameras/:cameraId`: a merge; a source of another kind replaces the source. */
export const CameraPatch = Type.Object(
  {
    name: Type.Optional(CameraName),
    source: Type.Optional(SourcePatch),
    sub: Type.Optional(nullable(SourcePatch)),
    ...chosen,
  },
  { additionalProperties: false, minProperties: 1, description: 'Changes of a camera: what is absent stays' },
);
export type CameraPatch = Static<typeof CameraPatch>;

/** A camera as the API shows it: configuration without secrets, and its live state. */
export const CameraView = strict(
  {
    id: Type.String({ examples: ['front-door'] }),
    name: Type.String({ examples: ['Front door'] }),
    enabled: Enabled,
    source: SourceView,
    sub: Type.Optional(SourceView),
    encode: Type.Optional(EncodeView),
    onDemand: Type.Optional(OnDemand),
    segmentSeconds: Type.Optional(SegmentSeconds),
    group: Type.Optional(Group),
    tags: Type.Optional(Tags),
    position: Type.Optional(ListPosition),
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

/** Body of `POST /cameras/:cameraId/clone`. */
export const CloneInput = strict(
  { name: Type.Optional(CameraName) },
  'The name of the copy; that of the camera with “(copy)” when absent',
);
export type CloneInput = Static<typeof CloneInput>;

/** Body of `POST /cameras/bulk`. */
export const BulkInput = strict(
  {
    cameras: Type.Array(CameraIdText, {
      minItems: 1,
      maxItems: 500,
      uniqueItems: true,
      description: 'Which cameras',
      examples: [['front-door', 'yard']],
    }),
    patch: Type.Object(
      {
        enabled: Type.Optional(Enabled),
        mode: Type.Optional(Mode),
        group: Type.Optional(nullable(Group)),
        tags: Type.Optional(Tags),
        audio: Type.Optional(Audio),
      },
      {
        additionalProperties: false,
        minProperties: 1,
        description: 'What is absent stays',
        examples: [{ mode: 'off' }],
      },
    ),
  },
  'One change of several cameras',
);
export type BulkInput = Static<typeof BulkInput>;

const BulkResult = strict(
  {
    cameraId: Type.String({ examples: ['front-door'] }),
    status: Type.Integer({
      minimum: 200,
      maximum: 599,
      description: '200, or the status with which a change of this camera alone would have been refused',
    }),
    revision: nullable(
      Type.Integer({ minimum: 1, description: 'The new one; null when it was not changed' }),
    ),
    detail: nullable(Type.String({ description: 'Why it was not changed' })),
  },
  'What became of one camera',
);
export const BulkResults = strict(
  { results: list(BulkResult) },
  'One result for each camera, as they were named',
);
export type BulkResults = Static<typeof BulkResults>;

export const ProbeInput = strict({ source: SourceInput }, 'A source to look at without adding it');
export type ProbeInput = Static<typeof ProbeInput>;
