/** Pictures on the wire: what can be asked for. */
import { type Static, Type } from 'typebox';
import { CameraIdText } from './camera.ts';

const Moment = Type.Integer({
  minimum: 0,
  maximum: 253_402_300_799_999,
  description: 'UTC epoch milliseconds',
  examples: [1_774_738_800_000],
});
const Width = Type.Integer({
  minimum: 16,
  maximum: 3_840,
  description: 'In pixels, at most that of the video, which it is when absent; the height keeps the shape',
  examples: [640],
});

export const SnapshotQuery = Type.Object(
  { t: Type.Optional(Moment), width: Type.Optional(Width) },
  { additionalProperties: false },
);

export const LivePicturesQuery = Type.Object(
  {
    width: Type.Optional({ ...Width, default: 640 }),
    fps: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 15, default: 5, description: 'Pictures a second, at most' }),
    ),
  },
  { additionalProperties: false },
);

const Step = Type.Enum([10_000, 60_000, 600_000], {
  type: 'integer',
  description: 'Milliseconds for which a tile stands',
});
const range = { from: Moment, to: Moment };

export const PreviewsQuery = Type.Object(
  { ...range, step: Type.Optional(Step) },
  { additionalProperties: false },
);

export const SheetParams = Type.Object(
  {
    cameraId: CameraIdText,
    from: Moment,
    step: Step,
    tag: Type.String({ pattern: '^[0-9a-f]{16}$', description: 'Changes with what the sheet shows' }),
  },
  { additionalProperties: false },
);

export const ContactSheetQuery = Type.Object(
  {
    ...range,
    width: Type.Optional(Type.Integer({ minimum: 320, maximum: 3_840, default: 1_280, examples: [1_280] })),
  },
  { additionalProperties: false },
);

const Count = Type.Integer({ minimum: 0 });

/** A sheet of thumbnails. */
export const PreviewSheet = Type.Object(
  {
    url: Type.String({
      description: 'Address of the JPEG, which never changes',
      examples: ['/api/v1/cameras/…'],
    }),
    fromMs: Moment,
    toMs: Moment,
    stepMs: Step,
    columns: Count,
    rows: Count,
    tileWidth: Count,
    tileHeight: Count,
    empty: Type.Array(Count, { description: 'Numbers of the tiles, from 0, for which nothing is recorded' }),
  },
  { additionalProperties: false, description: 'Tiles row by row, each of `stepMs` from `fromMs` on' },
);
export const PreviewSheets = Type.Object(
  { sheets: Type.Array(PreviewSheet) },
  { additionalProperties: false, description: 'Sheets of thumbnails, in the order of time' },
);
export type PreviewSheetsView = Static<typeof PreviewSheets>;
