/** The list of capture devices, made of what a machine's `/sys`, `/dev` and `/proc` say. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import type { DeviceOffer } from '../../src/media/captureHost.ts';
import { DeviceLister } from '../../src/media/devices.ts';

const root = mkdtempSync(join(tmpdir(), 'nightjar-devices-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, text = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
}

const OFFERS: Readonly<Record<string, DeviceOffer | null>> = {
  '/dev/video0': {
    caps: 'video/x-raw, format=(string)NV16, width=(int)3840, height=(int)2160, framerate=(fraction)30/1',
    problem: null,
  },
  // That of the camera's metadata.
  '/dev/video1': { caps: '', problem: null },
  '/dev/video2': null,
  '/dev/video10': { caps: '', problem: '/dev/video10 is used by another program.' },
};

test('names that last come first, and what is wrong with a device is told', async () => {
  for (const [number, name] of [
    [0, 'HDMI capture\n'],
    [1, 'HDMI capture\n'],
    [2, 'Hangs\n'],
    [10, 'Busy\n'],
    [11, 'Away\n'],
  ]) {
    put(`sys/class/video4linux/video${number}/name`, String(name));
    if (number !== 11) put(`dev/video${number}`);
  }
  link('dev/v4l/by-id/usb-Maker_HDMI-video-index0', '../../video0');
  link('dev/v4l/by-path/pci-0000:00:14.0-usb-0:1:1.0-video-index0', '../../video0');
  link('dev/v4l/by-path/platform-hangs-video-index0', '../../video2');
  put(
    'proc/asound/pcm',
    '04-00: HDMI-in : HDMI-in : playback 1 : capture 1\n00-00: Speaker : x : playback 1\n',
  );
  put('proc/asound/card4/id', 'rockchiphdmiin\n');
  put('dev/snd/pcmC4D0c');

  const offer = vi.fn(async (device: string) => OFFERS[device] ?? null);
  const lister = new DeviceLister(offer, root);
  const [list, again] = await Promise.all([lister.list(), lister.list()]);
  expect(again).toBe(list);
  expect(offer.mock.calls.flat()).toEqual(['/dev/video0', '/dev/video1', '/dev/video2', '/dev/video10']);
  expect(list.video).toMatchObject([
    {
      device: '/dev/v4l/by-id/usb-Maker_HDMI-video-index0',
      node: '/dev/video0',
      name: 'HDMI capture',
      modes: [{ pixelFormat: 'NV16', width: 3840, height: 2160, fps: [30] }],
      problem: null,
    },
    {
      device: '/dev/v4l/by-path/platform-hangs-video-index0',
      node: '/dev/video2',
      problem: '/dev/video2 does not answer.',
    },
    { device: '/dev/video10', node: '/dev/video10', problem: '/dev/video10 is used by another program.' },
    { device: '/dev/video11', node: '/dev/video11', problem: '/dev/video11 is not there.' },
  ]);
  expect(list.audio).toEqual([
    { device: 'hw:CARD=rockchiphdmiin,DEV=0', node: 'hw:4,0', name: 'HDMI-in', problem: null },
  ]);
});
