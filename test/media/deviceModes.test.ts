/** What devices offer, read out of what GStreamer and the kernel say. */
import { describe, expect, it } from 'vitest';
import type { DeviceSource } from '../../src/domain/camera.ts';
import { failureOf } from '../../src/media/causes.ts';
import { alsaCaptures, deviceModes } from '../../src/media/deviceModes.ts';
import { deviceCaps } from '../../src/media/sources.ts';

const DEVICE: DeviceSource = { kind: 'v4l2', device: '/dev/video0', audioDevice: 'hw:4,0' };

describe('modes', () => {
  it('are one for each format and size', () => {
    const caps =
      'video/x-raw, format=(string)NV16, width=(int)3840, height=(int)2160, framerate=(fraction){ 60/1, 30/1 }, interlace-mode=(string)progressive; ' +
      'video/x-raw, format=(string){ YUY2, NV12 }, width=(int)640, height=(int)480, framerate=(fraction)25/1; ' +
      'image/jpeg, width=(int)1280, height=(int)720, framerate=(fraction)30000/1001; ' +
      'video/x-raw(memory:DMABuf), format=(string)NV12, width=(int)640, height=(int)480, framerate=(fraction)25/1; ' +
      'video/x-h264, width=(int)[ 16, 1920 ], height=(int)[ 16, 1080 ], framerate=(fraction)[ 0/1, 60/1 ]; ' +
      'video/x-bayer, format=(string)bggr, width=(int)640, height=(int)480';
    expect(deviceModes(caps)).toEqual([
      { pixelFormat: 'NV16', width: 3840, height: 2160, fps: [60, 30] },
      { pixelFormat: 'YUY2', width: 640, height: 480, fps: [25] },
      { pixelFormat: 'NV12', width: 640, height: 480, fps: [25] },
      { pixelFormat: 'MJPG', width: 1280, height: 720, fps: [29.97] },
      { pixelFormat: 'H264', width: null, height: null, fps: [] },
    ]);
    expect(deviceModes('EMPTY')).toEqual([]);
  });

  it.each([
    [{}, 'video/x-h264;video/x-h265;video/x-h265;image/jpeg;video/x-raw'],
    [
      { pixelFormat: 'NV16', width: 3840, height: 2160 },
      'video/x-raw,format=(string)NV16,width=(int)3840,height=(int)2160',
    ],
    [{ pixelFormat: 'MJPG', fps: 30 }, 'image/jpeg,framerate=(fraction)30/1'],
  ])('are asked for: %j', (wish, caps) => {
    expect(deviceCaps({ ...DEVICE, ...wish })).toBe(caps);
  });
});

it('finds the sound devices that capture', () => {
  const pcm =
    '00-00: ALC892 Analog : ALC892 Analog : playback 1 : capture 1\n00-03: HDMI 0 : HDMI 0 : playback 1\n04-00: hdmi-in : x : capture 1\n';
  expect(alsaCaptures(pcm)).toEqual([
    { card: 0, device: 0, name: 'ALC892 Analog' },
    { card: 4, device: 0, name: 'hdmi-in' },
  ]);
});

describe('a device that gives nothing', () => {
  const resource = { element: 'device', domain: 'gst-resource-error-quark', message: '', debug: '' };
  it.each([
    [
      'not-permitted',
      '/dev/video0: add the user to group video.',
      { ...resource, code: 7, debug: 'system error: Permission denied' },
    ],
    [
      'not-permitted',
      'hw:4,0: add the user to group audio.',
      { ...resource, code: 5, element: 'sound', debug: 'Permission denied' },
    ],
    ['busy', '/dev/video0 is used by another program.', { ...resource, code: 4 }],
    [
      'busy',
      '/dev/video0 is used by another program.',
      { ...resource, code: 5, debug: 'Device or resource busy' },
    ],
    ['not-found', '/dev/video0 is not there.', { ...resource, code: 3, debug: 'No such file or directory' }],
    [
      'not-found',
      '/dev/video0 is not there.',
      { ...resource, code: 9, debug: 'system error: No such device' },
    ],
    ['no-signal', '/dev/video0 has no signal.', { ...resource, code: 9, debug: 'Link has been severed' }],
    [
      'ended',
      '/dev/video0 gives nothing any more: it was unplugged, or it failed.',
      { ...resource, code: 9 },
    ],
    [
      'ended',
      'hw:4,0 gives nothing any more: it was unplugged, or it failed.',
      { ...resource, code: 9, element: 'sound' },
    ],
    [
      'no-media',
      'hw:4,0 gives no sound.',
      { ...resource, domain: 'gst-stream-error-quark', code: 1, element: 'sound' },
    ],
  ] as const)('%s: %s', (cause, message, error) => {
    const track = error.element === 'sound' ? { track: 'audio' } : {};
    expect(failureOf(error, DEVICE)).toEqual({ cause, message, ...track });
  });
});
