/** `nightjar probe`: its words and its flags; that it finds what is there is tested on the real program. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type ProbeLook, probeCommand } from '../../src/cli/probe.ts';
import type { Source } from '../../src/domain/camera.ts';

let out = '';
const tty = process.stdout.isTTY;

beforeEach(() => {
  out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  process.stdout.isTTY = tty;
});

const asked: Source[] = [];
const look: ProbeLook = {
  async source(source) {
    asked.push(source);
    return {
      video: { codec: 'h265', width: 3840, height: 2160, fps: 29.97003 },
      audio: { codec: 'pcma', encoding: 'PCMA', sampleRate: 8_000, channels: 1 },
    };
  },
  async devices() {
    const modes = [
      { pixelFormat: 'NV16', width: 3840, height: 2160, fps: [60, 30] },
      { pixelFormat: 'MJPG', width: null, height: null, fps: [] },
    ];
    return {
      video: [
        { device: '/dev/v4l/by-id/usb-a', node: '/dev/video0', name: 'HDMI', modes, problem: null },
        { device: '/dev/video2', node: '/dev/video2', name: 'Webcam', modes: [], problem: 'It is busy.' },
      ],
      audio: [{ device: 'hw:CARD=HDMI,DEV=0', node: 'hw:4,0', name: 'HDMI', problem: null }],
    };
  },
  async encoders() {
    return [
      { name: 'vah264enc', says: 'VA-API', state: 'passed-over', reason: 'It is not installed.' },
      { name: 'x264enc', says: 'x264', state: 'chosen', reason: null },
    ];
  },
};

const run = async (terminal: boolean, ...argv: string[]) => {
  process.stdout.isTTY = terminal;
  return await probeCommand(look).run(argv);
};

it('says on a terminal what a source gives', async () => {
  expect(await run(true, '--uri', 'rtsp://10.0.0.4/1', '--transport', 'udp')).toBe(0);
  expect(asked.at(-1)).toEqual({ kind: 'rtsp', url: 'rtsp://10.0.0.4/1', transport: 'udp' });
  expect(out).toBe('picture  h265, 3840x2160, 29.97 frames a second\nsound    pcma, 8000 Hz, 1 ch\n');
});

it('gives one JSON object elsewhere', async () => {
  expect(await run(false, '--csi')).toBe(0);
  expect(asked.at(-1)).toEqual({ kind: 'v4l2', device: '0', onBoard: 'libcamerasrc' });
  expect(JSON.parse(out)).toMatchObject({ video: { codec: 'h265' }, audio: { channels: 1 } });
});

it('lists devices with what they give, or why they can’t be used', async () => {
  await run(true, '--devices');
  expect(out.split('\n')).toEqual([
    'DEVICE                NOW          NAME    GIVES',
    '/dev/v4l/by-id/usb-a  /dev/video0  HDMI    NV16 3840x2160 at 60, 30',
    '                                           MJPG any size',
    '/dev/video2           /dev/video2  Webcam  It is busy.',
    'hw:CARD=HDMI,DEV=0    hw:4,0       HDMI    sound',
    '',
  ]);
});

it('says so where there is no device', async () => {
  process.stdout.isTTY = true;
  await probeCommand({ ...look, devices: async () => ({ video: [], audio: [] }) }).run(['--devices']);
  expect(out).toBe('This machine has no capture device.\n');
});

it('lists encoders with why they were passed over', async () => {
  await run(true, '--encoders');
  expect(out).toContain('vah264enc  VA-API  passed-over  It is not installed.\n');
  await run(true, '--encoders', '--json');
  expect(JSON.parse(out.slice(out.indexOf('[')))).toHaveLength(2);
});

it.each([
  [[], 'uri'],
  [['--uri', 'rtsp://10.0.0.4/1', '--latency', 'soon'], 'latency'],
  [['--test', '--width', '2'], 'width'],
])('%j is refused', async (argv, field) => {
  await expect(run(true, ...argv)).rejects.toMatchObject({ kind: 'invalid', field });
});

it('refuses a flag of another command', async () => {
  await expect(run(true, '--test', '--output', 'x.mp4')).rejects.toThrow(/--help/);
});
