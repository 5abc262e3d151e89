/**
 * The head of each track, as launch text: from a pad of the source to parsed, storable media, or to raw pictures where
 * they are to be encoded. Pure.
 */
import type { DeviceSource, Source } from '../domain/camera.ts';
import type { AudioFormat, VideoFormat } from '../domain/media.ts';
import { type Arrangement, arrangementOf, DEVICE_CAPS } from './sources.ts';

const TO_AAC = 'audioconvert ! audioresample ! avenc_aac ! aacparse';
/** Threads that each take a slice: those that each take a frame would hold back as many frames. */
const DECODERS: Readonly<Record<string, string>> = {
  'video/x-h264': 'h264parse ! avdec_h264 thread-type=slice',
  'video/x-h265': 'h265parse ! avdec_h265 thread-type=slice',
  'image/jpeg': 'jpegdec',
  'video/x-raw': 'identity silent=true',
};
/** GStreamer's media types are made of these characters; anything else never gets into launch text. */
const MEDIA_TYPE = /^(?:video|audio|image|application)\/[\w.+-]+$/;

/** Storable video, or raw pictures when `video.encodedFrom` says what they are decoded from. */
export function videoHead(source: Source, video: VideoFormat, multipart: boolean): string {
  const arrangement = arrangementOf(source, multipart);
  const type = video.encodedFrom;
  const parsed = type === undefined ? `${video.codec}parse` : (DECODERS[type] ?? 'decodebin');
  switch (arrangement) {
    case 'rtp':
      return `${streamOf('video')} ! ${rtpHead(video)}`;
    case 'container':
    case 'multipart':
      return `${padOf(safe(type ?? `video/x-${video.codec}`))} ! ${parsed}`;
    case 'device':
      return `${deviceElement(source)} ! capsfilter name=${DEVICE_CAPS} ! ${parsed}`;
    case 'test':
      return testHead(type === undefined);
  }
}

/** Sound that MP4 carries (ISO 14496-12); what it does not becomes AAC. */
export function audioHead(source: Source, audio: AudioFormat): string {
  if (arrangementOf(source, false) === 'rtp') return rtpAudio(audio.encoding);
  if (source.kind === 'v4l2') return `alsasrc name=sound provide-clock=false ! queue ! ${TO_AAC}`;
  return `${padOf(safe(audio.encoding))} ! ${parsedAudio(audio)}`;
}

/** Looks at what a source offers without recording it: `look`'s sink has the caps of the picture. */
export function lookHeads(source: Source, arrangement: Arrangement): string {
  switch (arrangement) {
    case 'rtp':
      return (
        `${streamOf('video')} ! parsebin ! fakesink name=video sync=false async=false ` +
        `${streamOf('audio')} ! fakesink name=audio sync=false async=false`
      );
    case 'container':
      return 'source. ! fakesink name=video sync=false async=false';
    case 'multipart':
      return 'source. ! jpegparse ! fakesink name=video sync=false async=false';
    case 'device':
      return `${deviceElement(source)} ! capsfilter name=${DEVICE_CAPS} ! fakesink name=video sync=false async=false ${soundLook(source)}`;
    case 'test':
      return '';
  }
}

/** Looks at what a sound device offers. */
export const SOUND_LOOK =
  'alsasrc name=sound provide-clock=false ! fakesink name=audio sync=false async=false';

/** A capture device of V4L2, or a camera on the board, which other elements know. */
function deviceElement(source: Source): string {
  const { onBoard }: Partial<DeviceSource> = source.kind === 'v4l2' ? source : {};
  if (onBoard === 'nvarguscamerasrc') return 'nvarguscamerasrc name=device ! nvvidconv';
  return `${onBoard ?? 'v4l2src'} name=device`;
}

function soundLook(source: Source): string {
  const device: Partial<DeviceSource> = source.kind === 'v4l2' ? source : {};
  return device.audioDevice === undefined ? '' : SOUND_LOOK;
}

function rtpHead({ codec, encodedFrom }: VideoFormat): string {
  if (encodedFrom === undefined) return `rtp${codec}depay ! ${codec}parse`;
  const decoder = DECODERS[encodedFrom];
  if (encodedFrom === 'image/jpeg') return 'rtpjpegdepay ! jpegdec';
  return decoder === undefined ? 'decodebin' : `rtp${encodedFrom.replace('video/x-', '')}depay ! ${decoder}`;
}

function testHead(encoded: boolean): string {
  const raw =
    'videotestsrc name=pattern is-live=true pattern=ball ! capsfilter name=raw ! ' +
    'clockoverlay name=stamp halignment=left valignment=top';
  return encoded
    ? `${raw} ! x264enc name=pattern-encoder tune=zerolatency speed-preset=ultrafast ! h264parse`
    : raw;
}

function rtpAudio(encoding: string): string {
  const chain: Readonly<Record<string, string>> = {
    'MPEG4-GENERIC': 'rtpmp4gdepay ! aacparse',
    'MP4A-LATM': 'rtpmp4adepay ! aacparse',
    OPUS: 'rtpopusdepay ! opusparse',
    MPA: 'rtpmpadepay ! mpegaudioparse',
    AC3: 'rtpac3depay ! ac3parse',
    PCMA: `rtppcmadepay ! alawdec ! ${TO_AAC}`,
    PCMU: `rtppcmudepay ! mulawdec ! ${TO_AAC}`,
    G722: `rtpg722depay ! avdec_g722 ! ${TO_AAC}`,
    L16: `rtpL16depay ! ${TO_AAC}`,
  };
  return `${streamOf('audio')} ! ${chain[encoding] ?? `decodebin ! ${TO_AAC}`}`;
}

function parsedAudio({ codec }: AudioFormat): string {
  const chain: Partial<Record<AudioFormat['codec'], string>> = {
    aac: 'aacparse',
    opus: 'opusparse',
    mp3: 'mpegaudioparse',
    ac3: 'ac3parse',
    pcma: `alawdec ! ${TO_AAC}`,
    pcmu: `mulawdec ! ${TO_AAC}`,
    l16: TO_AAC,
  };
  return chain[codec] ?? `decodebin ! ${TO_AAC}`;
}

/**
 * The pad of the source that has such caps, whenever it comes. The filter is an element that is there from the beginning:
 * for caps between two elements GStreamer's parser makes one when a pad comes, and where picture and sound come at the
 * same instant, in threads of their own, two of them undo each other's link and that track never arrives.
 */
function padOf(caps: string): string {
  return `source. ! capsfilter caps="${caps}"`;
}

/**
 * The same of an RTSP camera, whose pads come in threads of their own. A link with `:` is tried for each pad that comes;
 * one with `!` until it is made, and two threads that make it at the same instant both take it away, which GLib warns of.
 */
function streamOf(media: 'video' | 'audio'): string {
  return `source. : capsfilter caps="application/x-rtp,media=${media}"`;
}

function safe(mediaType: string): string {
  return MEDIA_TYPE.test(mediaType) ? mediaType : 'ANY';
}
