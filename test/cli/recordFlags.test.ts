import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readRecordFlags, requestOf } from '../../src/cli/recordFlags.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightjar-record-'));
afterAll(() => rmSync(folder, { recursive: true }));

const OUTPUT = ['--output', join(folder, 'x.mp4')];
const read = (...argv: string[]) => requestOf(readRecordFlags([...argv, ...OUTPUT]));

describe('a source', () => {
  it.each([
    [
      ['--uri', 'rtsp://a:b%40@10.0.0.4/1'],
      { kind: 'rtsp', url: 'rtsp://10.0.0.4/1', username: 'a', password: 'b@', transport: 'tcp' },
    ],
    [
      ['--uri', 'rtsp://10.0.0.4/1', '--transport', 'udp', '--latency', '300'],
      { kind: 'rtsp', transport: 'udp', latencyMs: 300 },
    ],
    [['--uri', 'rtmp://10.0.0.4/live/1'], { kind: 'rtmp' }],
    [['--uri', 'http://10.0.0.4/a.m3u8?x'], { kind: 'hls' }],
    [['--uri', 'https://10.0.0.4/video.mjpg'], { kind: 'http' }],
    [['--uri', 'udp://239.0.0.1:5000'], { kind: 'udp', url: 'udp://239.0.0.1:5000' }],
    [['--uri', 'srt://10.0.0.4:9000'], { kind: 'srt', role: 'caller' }],
    [['--uri', '/footage/a.mp4'], { kind: 'file', path: '/footage/a.mp4' }],
    [
      ['--device', '/dev/video4', '--pixel-format', 'NV16', '--width', '3840', '--height', '2160'],
      { kind: 'v4l2', device: '/dev/video4', pixelFormat: 'NV16', width: 3840, height: 2160 },
    ],
    [
      ['--usb', '2', '--audio-device', 'hw:4,0'],
      { kind: 'v4l2', device: '/dev/video2', audioDevice: 'hw:4,0' },
    ],
    [['--csi'], { kind: 'v4l2', device: '0', onBoard: expect.any(String) }],
    [['--test', '--fps', '10'], { kind: 'test', width: 1280, fps: 10 }],
  ])('%j', (argv, source) => {
    expect(read(...argv).source).toMatchObject(source);
  });

  it.each([
    [[], 'uri'],
    [['--test', '--usb', '0'], 'uri'],
    [['--uri', 'gopher://x'], 'uri'],
    [['--usb', 'x'], 'usb'],
    [['--uri', 'rtsp://10.0.0.4/1', '--transport', 'pigeon'], 'transport'],
  ])('%j is refused', (argv, field) => {
    expect(() => read(...argv)).toThrow(expect.objectContaining({ kind: 'invalid', field }));
  });
});

describe('encoding', () => {
  it('is not asked for by itself', () => {
    expect(read('--uri', 'rtsp://10.0.0.4/1')).toMatchObject({
      encode: null,
      encoder: null,
      audio: true,
      durationMs: null,
    });
  });

  it('takes limits, a bitrate, an encoder and what is drawn', () => {
    const argv = [
      '--width',
      '640',
      '--bitrate',
      '900',
      '--encoder',
      'x264enc',
      '--text',
      'Gate',
      '--clock',
      '--duration',
      '2.5',
    ];
    expect(read('--uri', 'rtsp://10.0.0.4/1', ...argv)).toMatchObject({
      encoder: 'x264enc',
      durationMs: 2500,
      encode: { width: 640, kbitPerSecond: 900, overlay: { text: 'Gate', clock: '%Y-%m-%d %H:%M:%S' } },
    });
  });

  it('leaves to a device what it is asked for', () => {
    expect(read('--usb', '0', '--width', '640').encode).toBeNull();
  });

  it.each([
    ['width', '15'],
    ['fps', 'x'],
    ['duration', '-1'],
    ['bitrate', ''],
    ['encoder', 'betamax'],
  ])('--%s %s is refused', (name, value) => {
    expect(() => read('--uri', 'rtsp://10.0.0.4/1', `--${name}=${value}`)).toThrow(
      expect.objectContaining({ kind: 'invalid', field: name }),
    );
  });
});

describe('the output', () => {
  it.each(['mp4', 'ts', 'mkv'])('may be .%s', (container) => {
    const flags = readRecordFlags(['--test', '--output', join(folder, `y.${container}`)]);
    expect(requestOf(flags).output).toEqual({ path: join(folder, `y.${container}`), container });
  });

  it('that exists is refused, unless it is to be replaced', () => {
    const file = join(folder, 'there.mp4');
    writeFileSync(file, 'x');
    const argv = ['--test', '--output', file];
    expect(() => requestOf(readRecordFlags(argv))).toThrow(expect.objectContaining({ kind: 'conflict' }));
    expect(requestOf(readRecordFlags([...argv, '--force'])).output.path).toBe(file);
  });

  it('of another kind is refused, and so is a flag that is not known', () => {
    expect(() => requestOf(readRecordFlags(['--test', '--output', 'x.avi']))).toThrow(
      expect.objectContaining({ field: 'output' }),
    );
    expect(() => readRecordFlags(['--colour', 'red'])).toThrow(expect.objectContaining({ kind: 'invalid' }));
  });
});
