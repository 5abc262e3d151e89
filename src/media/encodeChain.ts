/** From raw pictures to H.264, as data: limits of size and frame rate, what is drawn into the picture, the encoder. Pure. */
import type { Encode, Overlay } from '../domain/camera.ts';
import { bitrateOf, keyframeDistance } from '../domain/encode.ts';
import type { VideoFormat } from '../domain/media.ts';
import type { EncoderKind, EncoderWish } from './encoderList.ts';
import type { Setting } from './plan.ts';

/** Raw pictures that may wait for the encoder: what is older is let go, so that a slow encoder never delays for ever. */
const BACKLOG_MS = 500;
/** GstQueueLeaky downstream: the oldest goes. */
const LEAKY_DOWNSTREAM = 2;
/** What every browser can decode: 4:2:0. */
const PIXELS = 'video/x-raw,format=(string){ I420, NV12 },pixel-aspect-ratio=(fraction)1/1';
/** GstBaseTextOverlayVAlign, HAlign. */
const VERTICAL = { bottom: 1, top: 2 } as const;
const HORIZONTAL = { left: 0, right: 2 } as const;

export interface EncodeChain {
  readonly launch: string;
  readonly settings: readonly Setting[];
}

/** @param video what is to come out; its size and frame rate are limits that were worked out already */
export function encodeChain(video: VideoFormat, encode: Encode, encoder: EncoderKind): EncodeChain {
  const wish: EncoderWish = {
    kbitPerSecond: bitrateOf(video, encode),
    keyframes: keyframeDistance(video, encode),
    preset: encode.preset,
  };
  const { overlay, fps } = encode;
  const steps = [
    'queue name=encode-queue',
    ...(fps === undefined ? [] : ['videorate name=rate']),
    'videoconvert ! videoscale ! capsfilter name=limits',
    ...(overlay === undefined
      ? []
      : [`${overlay.clock === undefined ? 'textoverlay' : 'clockoverlay'} name=overlay`]),
    encoder.launch(wish),
    'h264parse',
  ];
  return {
    launch: steps.join(' ! '),
    settings: [
      { element: 'encode-queue', property: 'leaky', value: LEAKY_DOWNSTREAM },
      { element: 'encode-queue', property: 'max-size-buffers', value: 0 },
      { element: 'encode-queue', property: 'max-size-bytes', value: 0 },
      { element: 'encode-queue', property: 'max-size-time', value: BigInt(BACKLOG_MS) * 1_000_000n },
      ...(fps === undefined ? [] : [{ element: 'rate', property: 'max-rate', value: fps }]),
      {
        element: 'limits',
        property: 'caps',
        caps: `${PIXELS},width=(int)${video.width},height=(int)${video.height}`,
      },
      ...(overlay === undefined ? [] : overlaySettings(overlay)),
      ...encoder.settings(wish),
    ],
  };
}

function overlaySettings({ clock, text, position, fontSize }: Overlay): Setting[] {
  const [vertical, horizontal] = position.split('-') as ['top' | 'bottom', 'left' | 'right'];
  const values: [string, string | number | boolean | undefined][] = [
    ['time-format', clock],
    ['text', text === undefined ? undefined : escaped(text)],
    ['valignment', VERTICAL[vertical]],
    ['halignment', HORIZONTAL[horizontal]],
    ['font-desc', `Sans ${fontSize}`],
    // Else the size would mean another one in each size of picture.
    ['auto-resize', false],
    ['shaded-background', true],
  ];
  return values.flatMap(([property, value]) =>
    value === undefined ? [] : [{ element: 'overlay', property, value }],
  );
}

/** The overlay reads Pango markup. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
