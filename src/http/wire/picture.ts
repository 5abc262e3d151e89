/** Pictures on the wire: what can be asked for. */
import { Type } from 'typebox';

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
