/** The flags of the command `record`, and what they ask for. */
import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseAddress, SCHEMES_OF } from '../domain/address.ts';
import type { DeviceSource, Encode, Source } from '../domain/camera.ts';
import { ENCODER_NAMES } from '../domain/encode.ts';
import { messageOf, NvrError } from '../domain/errors.ts';
import type { RecordRequest } from '../domain/recordOnce.ts';
import { parseSrtAddress } from '../domain/srtAddress.ts';
import { wrong } from './usage.ts';

const TEXTS = [
  ...[
    'uri',
    'device',
    'usb',
    'output',
    'duration',
    'audio-device',
    'transport',
    'latency',
    'width',
    'height',
  ],
  ...['fps', 'pixel-format', 'text', 'clock', 'bitrate', 'encoder', 'csi'],
] as const;
const SWITCHES = ['help', 'test', 'no-audio', 'force'] as const;
export type RecordFlags = Partial<
  { [K in (typeof TEXTS)[number]]: string } & { [K in (typeof SWITCHES)[number]]: boolean }
>;

/** `--clock` and `--csi` may stand without a value. @throws NvrError `invalid` for a flag that is not known. */
export function readRecordFlags(argv: readonly string[]): RecordFlags {
  const args = argv.flatMap((arg, i) => {
    const next = argv[i + 1];
    const alone = next === undefined || next.startsWith('--');
    if (arg === '--clock' && alone) return [arg, '%Y-%m-%d %H:%M:%S'];
    return arg === '--csi' && alone ? [arg, '0'] : [arg];
  });
  const options = Object.fromEntries([
    ...TEXTS.map((name) => [name, { type: 'string' }] as const),
    ...SWITCHES.map((name) => [name, { type: 'boolean' }] as const),
  ]);
  try {
    return parseArgs({ args, options }).values as RecordFlags;
  } catch (cause) {
    throw new NvrError('invalid', `${messageOf(cause)} See nightjar record --help.`, { cause });
  }
}

/** What the flags ask for. @throws NvrError `invalid` naming the flag, `conflict` when the output exists. */
export function requestOf(flags: RecordFlags): RecordRequest {
  const source = sourceOf(flags);
  const { encoder, duration } = flags;
  const known = ENCODER_NAMES.find((name) => name === encoder) ?? null;
  if (encoder !== undefined && known === null)
    throw wrong('record', 'encoder', `one of ${ENCODER_NAMES.join(', ')}`);
  return {
    source,
    encode: encodeOf(flags, source),
    encoder: known,
    audio: flags['no-audio'] !== true,
    durationMs: duration === undefined ? null : numberOf(flags, 'duration', 0.1, 864_000) * 1000,
    output: outputOf(flags),
  };
}

function outputOf({ output, force }: RecordFlags): RecordRequest['output'] {
  const container = extname(output ?? '').slice(1);
  if (output === undefined || (container !== 'mp4' && container !== 'ts' && container !== 'mkv')) {
    throw wrong('record', 'output', 'a file that ends in .mp4, .ts or .mkv');
  }
  const path = resolve(output);
  if (force !== true && existsSync(path)) {
    throw new NvrError('conflict', `${output} exists; --force replaces it.`, { field: 'output' });
  }
  return { path, container };
}

function sourceOf(flags: RecordFlags): Source {
  const { uri, device, usb, csi, test } = flags;
  const given = [uri, device, usb, csi, test].filter((each) => each !== undefined);
  if (given.length !== 1) {
    throw new NvrError('invalid', 'One of --uri, --device, --usb, --csi and --test is needed.', {
      field: 'uri',
    });
  }
  if (uri !== undefined) return remoteOf(uri, flags);
  if (test === true) {
    return {
      kind: 'test',
      width: sizeOf(flags, 'width') ?? 1280,
      height: sizeOf(flags, 'height') ?? 720,
      fps: rateOf(flags) ?? 25,
    };
  }
  if (csi !== undefined) return { ...deviceOf(csi, flags), onBoard: 'libcamerasrc' };
  return deviceOf(device ?? `/dev/video${wholeOf(usb ?? '', 'usb')}`, flags);
}

function remoteOf(uri: string, flags: RecordFlags): Source {
  const scheme = /^([a-z]+):\/\//i.exec(uri)?.[1]?.toLowerCase();
  const remote = (schemes: (typeof SCHEMES_OF)[keyof typeof SCHEMES_OF]) => {
    const { url, username, password } = parseAddress(uri, 'uri', schemes);
    return { url, ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
  };
  switch (scheme) {
    case 'rtsp':
    case 'rtsps': {
      const latency = flags.latency === undefined ? {} : { latencyMs: numberOf(flags, 'latency', 0, 60_000) };
      const { transport = 'tcp' } = flags;
      if (transport !== 'tcp' && transport !== 'udp') throw wrong('record', 'transport', 'tcp or udp');
      return { kind: 'rtsp', ...remote(SCHEMES_OF.rtsp), transport, ...latency };
    }
    case 'rtmp':
    case 'rtmps':
      return { kind: 'rtmp', ...remote(SCHEMES_OF.rtmp) };
    case 'http':
    case 'https':
      return { kind: /\.m3u8(?:[?#]|$)/i.test(uri) ? 'hls' : 'http', ...remote(SCHEMES_OF.http) };
    case 'udp':
      return { kind: 'udp', url: parseAddress(uri, 'uri', SCHEMES_OF.udp).url };
    case 'srt':
      return { kind: 'srt', role: 'caller', latencyMs: 125, ...parseSrtAddress(uri, 'uri') };
    case undefined:
      return { kind: 'file', path: resolve(uri) };
    default:
      throw wrong('record', 'uri', 'an address with rtsp, rtmp, http, srt or udp, or the path of a file');
  }
}

function deviceOf(device: string, flags: RecordFlags): DeviceSource {
  const [width, height, fps] = [sizeOf(flags, 'width'), sizeOf(flags, 'height'), rateOf(flags)];
  const { 'pixel-format': pixelFormat, 'audio-device': audioDevice } = flags;
  return {
    kind: 'v4l2',
    device,
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    ...(fps !== undefined && { fps }),
    ...(pixelFormat !== undefined && { pixelFormat }),
    ...(audioDevice !== undefined && { audioDevice }),
  };
}

/** Limits of a device are what it is asked for, and need no encoding of their own. */
function encodeOf(flags: RecordFlags, { kind }: Source): Encode | null {
  const { text, clock, bitrate } = flags;
  const own = kind === 'v4l2' || kind === 'test';
  const [width, height, fps] = own ? [] : [sizeOf(flags, 'width'), sizeOf(flags, 'height'), rateOf(flags)];
  const asked = [width, height, fps, text, clock, bitrate, flags.encoder].some((each) => each !== undefined);
  if (!asked) return null;
  return {
    ...{ keyframeSeconds: 2, preset: 'fast' as const },
    ...(width !== undefined && { width }),
    ...(height !== undefined && { height }),
    ...(fps !== undefined && { fps }),
    ...(bitrate !== undefined && { kbitPerSecond: numberOf(flags, 'bitrate', 64, 200_000) }),
    ...((text !== undefined || clock !== undefined) && {
      overlay: {
        ...{ position: 'top-left' as const, fontSize: 18 },
        ...(text !== undefined && { text }),
        ...(clock !== undefined && { clock }),
      },
    }),
  };
}

function sizeOf(flags: RecordFlags, name: 'width' | 'height'): number | undefined {
  return flags[name] === undefined ? undefined : Math.round(numberOf(flags, name, 16, 8_192));
}

function rateOf(flags: RecordFlags): number | undefined {
  return flags.fps === undefined ? undefined : numberOf(flags, 'fps', 1, 240);
}

function numberOf(flags: RecordFlags, name: (typeof TEXTS)[number], least: number, most: number): number {
  const text = flags[name] ?? '';
  const number = Number(text);
  if (text.trim() !== '' && number >= least && number <= most) return number;
  throw wrong('record', name, `a number from ${least} to ${most}`);
}

function wholeOf(text: string, field: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw wrong('record', field, 'a number from 0');
}
