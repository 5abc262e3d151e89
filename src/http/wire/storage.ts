/** How long footage is kept, what is protected, and how much there is, on the wire. */
import { type Static, Type } from 'typebox';
import { DAMAGED_KEPT_DAYS } from '../../domain/retention.ts';
import { Count, list, nullable, strict, Time } from './shapes.ts';

const Age = Type.Integer({
  minimum: 60_000,
  maximum: 3_155_760_000_000,
  description: 'Milliseconds, from a minute to a century',
});
const Size = Type.Integer({
  minimum: 1_048_576,
  maximum: 1_000_000_000_000_000,
  description: 'Bytes, from 1 MiB to 1 PB',
});

/** Body and answer of `/cameras/:cameraId/retention`. */
export const RetentionPolicy = strict(
  {
    maxAgeMs: nullable(Age),
    maxBytes: nullable(Size),
    minAgeMs: nullable(Age),
    minBytes: nullable(Size),
    priority: Type.Integer({
      minimum: 1,
      maximum: 100,
      description: 'Where the disk can’t hold what is guaranteed, cameras of the lowest stop first',
    }),
  },
  'How long footage is kept: limits (max), and guarantees (min) that come before limits and space; null for none',
);
export type RetentionPolicy = Static<typeof RetentionPolicy>;

const Note = Type.String({ maxLength: 1_000, pattern: '^[^\\p{Cc}]*$', description: 'Why, for people' });

export const ProtectionInput = strict(
  { startMs: Time, endMs: Time, note: Type.Optional(Note) },
  'An interval of footage that must not be deleted',
);
export type ProtectionInput = Static<typeof ProtectionInput>;

export const ProtectionView = strict(
  {
    id: Type.Integer({ minimum: 1 }),
    startMs: Time,
    endMs: Time,
    note: Note,
    createdMs: Time,
    createdBy: Type.String({ description: 'Name of the user' }),
  },
  'A protected interval',
);
export type ProtectionView = Static<typeof ProtectionView>;

export const ProtectionList = strict({ protections: list(ProtectionView) }, 'What is protected of a camera');

const Kept = nullable(
  Type.Integer({
    minimum: 0,
    description:
      'How far back footage will reach at today’s rates, in ms; null when nothing is recorded or nothing ever goes',
  }),
);

const VolumeView = strict(
  {
    id: Type.Integer(),
    folder: Type.String(),
    state: Type.Enum(['ok', 'missing', 'read-only', 'slow', 'full', 'failing'], {
      description: 'Anything but ok: out of use; missing: not mounted, or another in its place',
    }),
    sinceMs: Time,
    trouble: nullable(Type.String({ description: 'Why it is out of use' })),
    writeDelayMs: Type.Integer({
      minimum: 0,
      description: 'The longest that writing took in the last minute',
    }),
    totalBytes: nullable(Count),
    freeBytes: nullable(Count),
    reserveBytes: nullable(Type.Integer({ minimum: 0, description: 'What is kept free' })),
    fillBytesPerSecond: nullable(
      Type.Integer({ minimum: 0, description: 'How fast free space shrinks, whoever writes' }),
    ),
    alarm: nullable(
      strict(
        {
          sinceMs: Time,
          needBytes: Count,
          left: Type.Enum(['guaranteed', 'protected'], {
            description:
              'All that is left; `protected` also where other programs, or files being written, take the space',
          }),
        },
        'Space is needed, and the rules leave nothing to delete',
      ),
    ),
    keptMs: Kept,
    fullInMs: nullable(
      Type.Integer({
        minimum: 0,
        description: 'When the reserve will be reached, in ms from now; null when limits prevent it',
      }),
    ),
    shortBytes: Type.Integer({ minimum: 0, description: 'How much of what is guaranteed will not fit' }),
    damagedFiles: Type.Integer({
      minimum: 0,
      description: `Files kept for ${DAMAGED_KEPT_DAYS} days because they are damaged; what is whole of them is footage as any other`,
    }),
    damagedBytes: Count,
  },
  'A media folder',
);

const CameraStorage = strict(
  {
    cameraId: Type.String(),
    segments: Count,
    bytes: Count,
    protectedBytes: Count,
    oldestMs: nullable(Time),
    newestMs: nullable(Time),
    bytesPerSecond: Type.Integer({ minimum: 0, description: 'Of the last day' }),
    keptMs: Kept,
    limit: nullable(Type.Enum(['age', 'bytes', 'space'], { description: 'What will make footage go' })),
    unmet: list(Type.Enum(['age', 'bytes'], { description: 'A limit that can’t be kept' })),
    stopped: Type.Boolean({ description: 'Not recorded for lack of space' }),
  },
  'The footage of a camera, which may no longer be registered',
);

export const StorageView = strict(
  {
    whenFull: Type.Enum(['drop-oldest', 'stop-lowest'], {
      description: 'What happens when all that is left is guaranteed',
    }),
    volumes: list(VolumeView),
    cameras: list(CameraStorage),
  },
  'How much there is, and how long it will last',
);
export type StorageView = Static<typeof StorageView>;
