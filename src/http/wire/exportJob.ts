/** Exports that are made in the background, on the wire. */
import { type Static, Type } from 'typebox';
import { Count, list, nullable, strict, Time } from './shapes.ts';

const Moment = Type.Integer({
  minimum: 0,
  maximum: 253_402_300_799_999,
  description: 'UTC epoch milliseconds',
  examples: [1_774_738_800_000],
});

const what = {
  cameras: list(Type.String({ maxLength: 64, examples: ['front-door'] })),
  format: Type.Enum(['mp4', 'fmp4', 'ts'], {
    description: 'Ordinary MP4, to the frame; or fragmented MP4, or MPEG transport stream, of whole GOPs',
  }),
};

/** Body of `POST /exports`. */
export const ExportOrder = strict(
  {
    cameras: Type.Unsafe<readonly string[]>(
      Type.Array(Type.String({ maxLength: 64 }), {
        minItems: 1,
        maxItems: 64,
        examples: [['front-door', 'yard']],
      }),
    ),
    fromMs: Moment,
    toMs: Moment,
    format: Type.Optional(what.format),
    zip: Type.Optional(
      Type.Boolean({
        description:
          'A ZIP archive of a file per camera with a signed manifest; needed for several cameras, and where the range ' +
          'is several files',
      }),
    ),
    burnTime: Type.Optional(
      Type.Boolean({
        description:
          'Draw the wall time into the pictures, which are encoded anew; to the frame in every format, 24 hours at most',
      }),
    ),
  },
  'What is to be exported',
);
export type ExportOrder = Static<typeof ExportOrder>;

export const ExportJobView = strict(
  {
    id: Type.Integer({ minimum: 1 }),
    state: Type.Enum(['queued', 'running', 'done', 'failed']),
    ...what,
    fromMs: Time,
    toMs: Time,
    zip: Type.Boolean(),
    burnTime: Type.Boolean(),
    createdMs: Time,
    createdBy: Type.String({ description: 'Name of the user' }),
    progress: Type.Number({ minimum: 0, maximum: 1 }),
    expiresMs: nullable(
      Type.Integer({ minimum: 0, description: 'When it is removed; null before it is finished' }),
    ),
    name: nullable(Type.String({ description: 'Of the file, once it is made' })),
    bytes: nullable(Count),
    sha256: nullable(Type.String({ description: 'Of the file, in hex' })),
    error: nullable(Type.String({ description: 'Why it failed' })),
  },
  'An export that is made in the background; its file is at /exports/{exportId}/file',
);
export type ExportJobView = Static<typeof ExportJobView>;

export const ExportJobList = strict(
  {
    exports: list(ExportJobView),
    key: Type.String({
      description: 'Fingerprint of the key that signs manifests, as `nightjar verify` tells it',
      examples: ['0123-4567-89ab-cdef-0123-4567-89ab-cdef'],
    }),
  },
  'Newest first',
);
