/** Who watches live, on the wire. */
import { type Static, Type } from 'typebox';
import { CameraIdText } from './camera.ts';
import { Count, list, strict, Time } from './shapes.ts';

export const ViewerView = strict(
  {
    id: Type.Integer({ minimum: 1, examples: [12] }),
    cameraId: CameraIdText,
    stream: Type.Enum(['main', 'sub']),
    transport: Type.Enum(['ws', 'hls', 'll-hls', 'mjpeg', 'whep'], {
      description: 'WebSocket, HLS, HLS part by part, a row of JPEGs, or WebRTC',
    }),
    user: Type.String({ description: 'Name of the user', examples: ['admin'] }),
    sinceMs: Time,
    lagMs: Type.Number({
      minimum: 0,
      description: 'How far behind the newest media, in milliseconds, as far as the recorder can tell',
    }),
    skipped: Type.Integer({
      minimum: 0,
      description: 'Fragments, or pictures, left out because it could not keep up',
    }),
  },
  'Somebody who watches a camera live',
);
export type ViewerView = Static<typeof ViewerView>;

export const ViewerList = strict(
  { total: Count, viewers: list(ViewerView) },
  'Who watches live, in the order they began',
);
