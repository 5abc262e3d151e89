/** What this machine can capture and encode, on the wire. */
import { type Static, Type } from 'typebox';
import { ENCODER_NAMES } from '../../domain/encode.ts';
import { list, nullable, strict } from './shapes.ts';

const Problem = nullable(
  Type.String({
    description: 'Why it can’t be used, with the remedy',
    examples: ['/dev/video0: add the user to group video.'],
  }),
);

const Mode = strict(
  {
    pixelFormat: Type.String({ examples: ['NV16'] }),
    width: nullable(Type.Integer({ description: 'Null where any goes' })),
    height: nullable(Type.Integer()),
    fps: list(Type.Number({ description: 'Frames per second' })),
  },
  'One format of a capture device',
);

const VideoDevice = strict(
  {
    device: Type.String({
      description: 'The name that it keeps when others come and go, where it has one; what a camera is given',
      examples: ['/dev/v4l/by-id/usb-Elgato_Cam_Link_4K-video-index0'],
    }),
    node: Type.String({ description: 'What it is called now', examples: ['/dev/video0'] }),
    name: Type.String({ examples: ['HDMI capture'] }),
    modes: list(Mode),
    problem: Problem,
  },
  'A device that gives pictures',
);

const AudioDevice = strict(
  {
    device: Type.String({
      description: 'ALSA’s name by that of the card, which it keeps; what a camera is given',
      examples: ['hw:CARD=HDMI,DEV=0'],
    }),
    node: Type.String({ description: 'What it is called now', examples: ['hw:4,0'] }),
    name: Type.String(),
    problem: Problem,
  },
  'A device that gives sound',
);

export const DeviceList = strict({ video: list(VideoDevice), audio: list(AudioDevice) }, 'Capture devices');
export type DeviceList = Static<typeof DeviceList>;

const EncoderView = strict(
  {
    name: Type.Enum([...ENCODER_NAMES], { description: 'GStreamer’s name of the element' }),
    says: Type.String({ examples: ['VA-API'] }),
    state: Type.Enum(['chosen', 'works', 'passed-over', 'not-tried']),
    reason: nullable(Type.String({ description: 'Why it was passed over' })),
  },
  'An encoder',
);

export const EncoderList = strict(
  { encoders: list(EncoderView) },
  'The encoders that are known, in the order in which they are tried; a trial run decides',
);
export type EncoderList = Static<typeof EncoderList>;
