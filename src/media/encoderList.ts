/**
 * The H.264 encoders that Nightjar knows, in the order in which they are tried: hardware first, then software. Launch
 * text and the values each takes, as data. Pure. Only x264enc and openh264enc have been run by the project itself.
 */
import type { Encode } from '../domain/camera.ts';
import type { EncoderName } from '../domain/encode.ts';
import type { Setting } from './plan.ts';

/** What an encoder is asked for. */
export interface EncoderWish {
  readonly kbitPerSecond: number;
  /** Frames between two keyframes. */
  readonly keyframes: number;
  readonly preset: Encode['preset'];
}

export interface EncoderKind {
  /** GStreamer's name of the element. */
  readonly name: EncoderName;
  readonly says: string;
  /** Without which GStreamer does not have the element; those of hardware are there only where the hardware is. */
  readonly needs: string;
  /** From raw pictures in system memory to H.264; the encoder itself is named `encoder`. */
  launch(wish: EncoderWish): string;
  /** Values; optional where versions of the element differ. */
  settings(wish: EncoderWish): readonly Setting[];
}

/** GstX264EncPreset: ultrafast, veryfast, medium. */
const X264_PRESET = { fast: 1, balanced: 3, small: 6 } as const;
/** GstOpenh264encComplexity. */
const OPENH264_COMPLEXITY = { fast: 0, balanced: 1, small: 2 } as const;

function set(property: string, value: number | boolean, optional = false): Setting {
  return { element: 'encoder', property, value, ...(optional && { optional }) };
}

/** An encoder that takes pictures from system memory and plain numbers. */
function plain(
  name: EncoderName,
  says: string,
  needs: string,
  settings: (wish: EncoderWish) => readonly Setting[],
  before = '',
): EncoderKind {
  return { name, says, needs, launch: () => `${before}${name} name=encoder`, settings };
}

const VA = 'a graphics unit whose VA-API driver encodes (intel-media-va-driver, mesa-va-drivers)';
const DRI = 'the right to use /dev/dri (group render)';

/** No B-frames: they would hold back pictures that are wanted live. */
export const ENCODERS: readonly EncoderKind[] = [
  plain(
    'nvh264enc',
    'NVIDIA NVENC',
    'an NVIDIA card with NVIDIA’s own driver, and the package gstreamer1.0-plugins-bad',
    ({ kbitPerSecond, keyframes }) => [
      set('bitrate', kbitPerSecond),
      set('gop-size', keyframes),
      set('zerolatency', true, true),
      set('bframes', 0, true),
    ],
  ),
  plain(
    'nvv4l2h264enc',
    'NVIDIA Jetson',
    'a Jetson with NVIDIA’s package nvidia-l4t-gstreamer',
    ({ kbitPerSecond, keyframes }) => [
      set('bitrate', kbitPerSecond * 1000),
      set('iframeinterval', keyframes, true),
      set('idrinterval', keyframes, true),
      set('insert-sps-pps', true, true),
    ],
    'nvvidconv ! video/x-raw(memory:NVMM),format=NV12 ! ',
  ),
  plain(
    'omxh264enc',
    'OpenMAX (older Jetson)',
    'an older Jetson with NVIDIA’s plug-ins for GStreamer',
    ({ kbitPerSecond, keyframes }) => [
      set('bitrate', kbitPerSecond * 1000, true),
      set('target-bitrate', kbitPerSecond * 1000, true),
      set('iframeinterval', keyframes, true),
    ],
  ),
  plain(
    'vah264enc',
    'VA-API',
    `${VA}, ${DRI}, and the package gstreamer1.0-plugins-bad`,
    ({ kbitPerSecond, keyframes }) => [
      set('bitrate', kbitPerSecond),
      set('key-int-max', keyframes),
      set('b-frames', 0, true),
    ],
  ),
  plain(
    'vaapih264enc',
    'VA-API (older)',
    `${VA}, ${DRI}, and the package gstreamer1.0-vaapi`,
    ({ kbitPerSecond, keyframes }) => [
      set('bitrate', kbitPerSecond),
      set('keyframe-period', keyframes),
      set('max-bframes', 0, true),
    ],
  ),
  plain(
    'qsvh264enc',
    'Intel Quick Sync',
    `a graphics unit of Intel with intel-media-va-driver and a runtime of oneVPL, ${DRI}, and the package gstreamer1.0-plugins-bad`,
    ({ kbitPerSecond, keyframes }) => [
      set('bitrate', kbitPerSecond),
      set('gop-size', keyframes, true),
      set('b-frames', 0, true),
    ],
  ),
  {
    name: 'v4l2h264enc',
    says: 'V4L2 M2M (Raspberry Pi)',
    needs:
      'an encoder that the kernel offers as a V4L2 device (Raspberry Pi), the right to use it (group video), and the package gstreamer1.0-plugins-good',
    // The controls are a structure, which no plain value is; the numbers are this program's own.
    launch: ({ kbitPerSecond, keyframes }) =>
      `v4l2h264enc name=encoder extra-controls="controls,video_bitrate=${Math.trunc(kbitPerSecond * 1000)},` +
      `h264_i_frame_period=${Math.trunc(keyframes)},repeat_sequence_header=1" ! video/x-h264,level=(string)4.1`,
    settings: () => [],
  },
  plain(
    'mpph264enc',
    'Rockchip MPP',
    'a Rockchip board with its plug-in gstreamer1.0-rockchip',
    ({ kbitPerSecond, keyframes }) => [set('bps', kbitPerSecond * 1000, true), set('gop', keyframes, true)],
  ),
  plain(
    'x264enc',
    'x264, software',
    'the package gstreamer1.0-plugins-ugly',
    ({ kbitPerSecond, keyframes, preset }) => [
      set('bitrate', kbitPerSecond),
      set('key-int-max', keyframes),
      set('speed-preset', X264_PRESET[preset]),
      // GstX264EncTune zerolatency.
      set('tune', 4),
      // Frames are cut into slices for threads, which costs quality where there is one core anyway.
      set('sliced-threads', true, true),
    ],
  ),
  plain(
    'openh264enc',
    'OpenH264, software',
    'the package gstreamer1.0-plugins-bad',
    ({ kbitPerSecond, keyframes, preset }) => [
      set('bitrate', kbitPerSecond * 1000),
      set('gop-size', keyframes),
      set('complexity', OPENH264_COMPLEXITY[preset]),
      // GstOpenh264encRateControl bitrate.
      set('rate-control', 1, true),
    ],
  ),
  plain(
    'avenc_h264_omx',
    'OpenMAX by libav',
    'a libav with OpenMAX, and the package gstreamer1.0-libav',
    ({ kbitPerSecond, keyframes }) => [
      set('bitrate', kbitPerSecond * 1000),
      set('gop-size', keyframes, true),
    ],
  ),
];
