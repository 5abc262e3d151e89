/** What comes out where a picture is encoded anew: its size, frame rate and bitrate. Pure. */
import type { Encode } from './camera.ts';
import type { StreamFormat, VideoFormat } from './media.ts';

/** GStreamer's names of the encoders that are known, in the order in which they are tried. */
export const ENCODER_NAMES = [
  'nvh264enc',
  'nvv4l2h264enc',
  'omxh264enc',
  'vah264enc',
  'vaapih264enc',
  'qsvh264enc',
  'v4l2h264enc',
  'mpph264enc',
  'x264enc',
  'openh264enc',
  'avenc_h264_omx',
] as const;
export type EncoderName = (typeof ENCODER_NAMES)[number];

/** Where nothing was configured, but what arrives is in no codec that can be recorded. */
export const PLAIN_ENCODE: Encode = { keyframeSeconds: 2, preset: 'fast' };

/** Bits for each pixel of each frame: about 4 Mbit/s at 1080p25. */
const BITS_PER_PIXEL = 0.08;
const LEAST_KBIT = 256;
/** Assumed of a stream that does not say. */
const USUAL_FPS = 25;

/** The format that is recorded of a source that offers `format`. */
export function encodedFormat(format: StreamFormat, encode: Encode | null): StreamFormat {
  const { video } = format;
  if (encode === null && video.encodedFrom === undefined) return format;
  const size = within(video, encode ?? PLAIN_ENCODE);
  const fps = encode?.fps === undefined || video.fps === 0 ? video.fps : Math.min(video.fps, encode.fps);
  return {
    ...format,
    video: { codec: 'h264', ...size, fps, encodedFrom: video.encodedFrom ?? `video/x-${video.codec}` },
  };
}

/** Kilobits per second of a picture that is encoded anew. */
export function bitrateOf({ width, height, fps }: VideoFormat, { kbitPerSecond }: Encode): number {
  const usual = (width * height * (fps || USUAL_FPS) * BITS_PER_PIXEL) / 1000;
  return kbitPerSecond ?? Math.max(LEAST_KBIT, Math.round(usual));
}

/** Frames between two keyframes. */
export function keyframeDistance({ fps }: VideoFormat, { keyframeSeconds }: Encode): number {
  return Math.max(1, Math.round((fps || USUAL_FPS) * keyframeSeconds));
}

/** The shape is kept; sizes are even, because H.264 in 4:2:0 has no odd ones. */
function within({ width, height }: VideoFormat, limits: Encode): { width: number; height: number } {
  const scale = Math.min(1, (limits.width ?? width) / width, (limits.height ?? height) / height);
  const even = (size: number) => Math.max(16, 2 * Math.round((size * scale) / 2));
  return { width: even(width), height: even(height) };
}
