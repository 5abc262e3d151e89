/** What is read out of caps as GStreamer prints them. */
import { describe, expect, test } from 'vitest';
import { rtpAudioFormat, rtpVideoEncoding, videoFormat } from '../../src/media/capsText.ts';

const rtp = (fields: string) => `application/x-rtp, ${fields}, ssrc=(uint)1`;

describe('audio of RTP caps', () => {
  test.each([
    [
      'media=(string)audio, payload=(int)97, clock-rate=(int)16000, encoding-name=(string)MPEG4-GENERIC, encoding-params=(string)1',
      { codec: 'aac', encoding: 'MPEG4-GENERIC', sampleRate: 16_000, channels: 1 },
    ],
    [
      'media=(string)audio, payload=(int)97, clock-rate=(int)48000, encoding-name=(string)OPUS, encoding-params=(string)2',
      { codec: 'opus', encoding: 'OPUS', sampleRate: 48_000, channels: 2 },
    ],
    [
      'media=(string)audio, payload=(int)98, clock-rate=(int)8000, encoding-name=(string)G726-32',
      { codec: 'g726', encoding: 'G726-32', sampleRate: 8_000, channels: 1 },
    ],
    [
      'media=(string)audio, payload=(int)99, clock-rate=(int)8000, encoding-name=(string)SPEEX',
      { codec: 'other', encoding: 'SPEEX', sampleRate: 8_000, channels: 1 },
    ],
    // Without a name, as RFC 3551 §6 allows.
    [
      'media=(string)audio, payload=(int)8, clock-rate=(int)8000',
      { codec: 'pcma', encoding: 'PCMA', sampleRate: 8_000, channels: 1 },
    ],
    [
      'media=(string)audio, payload=(int)0, clock-rate=(int)8000',
      { codec: 'pcmu', encoding: 'PCMU', sampleRate: 8_000, channels: 1 },
    ],
  ])('%s', (fields, format) => {
    expect(rtpAudioFormat(rtp(fields))).toEqual(format);
  });

  test.each(['', rtp('media=(string)video, payload=(int)96'), 'audio/x-raw, rate=(int)8000'])(
    'none in "%s"',
    (caps) => {
      expect(rtpAudioFormat(caps)).toBeNull();
    },
  );
});

test.each([
  ['media=(string)video, payload=(int)26, clock-rate=(int)90000', 'JPEG'],
  ['media=(string)video, payload=(int)96, encoding-name=(string)H264', 'H264'],
  ['media=(string)video, payload=(int)96', ''],
  ['media=(string)application, payload=(int)107, encoding-name=(string)VND.ONVIF.METADATA', null],
])('video encoding of %s', (fields, encoding) => {
  expect(rtpVideoEncoding(rtp(fields))).toBe(encoding);
});

test.each([
  [
    'video/x-h264, width=(int)1920, height=(int)1080, framerate=(fraction)30000/1001',
    { codec: 'h264', width: 1920, height: 1080, fps: 29.97 },
  ],
  ['video/x-h265, width=(int)640, height=(int)360', { codec: 'h265', width: 640, height: 360, fps: 0 }],
  ['video/x-h264, stream-format=(string)avc', null],
  [
    'video/x-vp8, width=(int)640, height=(int)360',
    { codec: 'h264', width: 640, height: 360, fps: 0, encodedFrom: 'video/x-vp8' },
  ],
  ['audio/x-opus, width=(int)640, height=(int)360', null],
])('video format of %s', (caps, format) => {
  expect(videoFormat(caps)).toEqual(format);
});
