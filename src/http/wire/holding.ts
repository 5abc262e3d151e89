/** Deleted cameras whose footage is still there, on the wire. */
import { type Static, Type } from 'typebox';
import { Count, list, nullable, strict, Time } from './shapes.ts';

export const HeldCamera = strict(
  {
    cameraId: Type.String({ examples: ['front-door'] }),
    name: nullable(Type.String({ description: 'Null for footage of a camera that nobody knows any more' })),
    restorable: Type.Boolean({ description: 'Whether the camera itself can be taken back' }),
    segments: Count,
    bytes: Count,
    protectedBytes: Type.Integer({ minimum: 0, description: 'Of these, what is protected and so stays' }),
    oldestMs: nullable(Time),
    newestMs: nullable(Time),
    deletedMs: nullable(Time),
    purgeMs: nullable(
      Type.Integer({
        minimum: 0,
        description:
          'When its footage goes, as UTC epoch milliseconds; in the past while it is going; null for never',
      }),
    ),
  },
  'A deleted camera and its footage',
);
export type HeldCamera = Static<typeof HeldCamera>;

export const HeldCameraList = strict({ cameras: list(HeldCamera) }, 'Deleted cameras that left footage');
