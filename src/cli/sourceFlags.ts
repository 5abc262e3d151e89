/** The flags that name a source on the command line, as `record` and `probe` take them. */
import { resolve } from 'node:path';
import { parseAddress, SCHEMES_OF } from '../domain/address.ts';
import type { DeviceSource, Source } from '../domain/camera.ts';
import { NvrError } from '../domain/errors.ts';
import { parseSrtAddress } from '../domain/srtAddress.ts';
import type { Given } from './given.ts';

export const SOURCE_TEXTS = [
  ...(['uri', 'device', 'usb', 'csi', 'audio-device', 'pixel-format'] as const),
  ...(['transport', 'latency', 'width', 'height', 'fps'] as const),
] as const;
export const SOURCE_SWITCHES = ['test'] as const;
/** `--csi` is the first camera on the board. */
export const SOURCE_ALONE = { csi: '0' } as const;

export const SOURCE_HELP = `Source, one of:
  --uri ADDRESS       rtsp, rtsps, rtmp, http(s), srt or udp; credentials in it are taken out; a file by its path
  --device PATH       capture device, e.g. /dev/video0; --usb N is /dev/videoN
  --csi [N]           on-board camera, where GStreamer has nvarguscamerasrc or libcamerasrc
  --test              the test pattern
`;

export type SourceFlags = Given<(typeof SOURCE_TEXTS)[number], (typeof SOURCE_SWITCHES)[number]>;

/** @throws NvrError `invalid` naming the flag that is missing or wrong */
export function sourceOf(flags: SourceFlags): Source {
  const [uri, device, usb, csi] = (['uri', 'device', 'usb', 'csi'] as const).map((name) => flags.text(name));
  const test = flags.has('test');
  const given = [uri, device, usb, csi].filter((each) => each !== undefined).length + Number(test);
  if (given !== 1) {
    throw new NvrError('invalid', 'One of --uri, --device, --usb, --csi and --test is needed.', {
      field: 'uri',
    });
  }
  if (uri !== undefined) return remoteOf(uri, flags);
  if (test) {
    const { width = 1280, height = 720, fps = 25 } = limitsOf(flags);
    return { kind: 'test', width, height, fps };
  }
  if (csi !== undefined) return { ...deviceOf(csi, flags), onBoard: 'libcamerasrc' };
  if (usb !== undefined && !/^\d{1,3}$/.test(usb)) throw flags.wrong('usb', 'a number from 0');
  return deviceOf(device ?? `/dev/video${usb}`, flags);
}

/** Size in pixels and pictures a second, each only where it was given. @throws as `sourceOf` */
export function limitsOf(flags: SourceFlags): { width?: number; height?: number; fps?: number } {
  const [width, height] = (['width', 'height'] as const).map((name) => flags.number(name, 16, 8_192));
  const fps = flags.number('fps', 1, 240);
  return {
    ...(width !== undefined && { width: Math.round(width) }),
    ...(height !== undefined && { height: Math.round(height) }),
    ...(fps !== undefined && { fps }),
  };
}

function remoteOf(uri: string, flags: SourceFlags): Source {
  const scheme = /^([a-z]+):\/\//i.exec(uri)?.[1]?.toLowerCase();
  const remote = (schemes: (typeof SCHEMES_OF)[keyof typeof SCHEMES_OF]) => {
    const { url, username, password } = parseAddress(uri, 'uri', schemes);
    return { url, ...(username !== undefined && { username }), ...(password !== undefined && { password }) };
  };
  switch (scheme) {
    case 'rtsp':
    case 'rtsps': {
      const latencyMs = flags.number('latency', 0, 60_000);
      const transport = flags.text('transport') ?? 'tcp';
      if (transport !== 'tcp' && transport !== 'udp') throw flags.wrong('transport', 'tcp or udp');
      return {
        ...{ kind: 'rtsp', ...remote(SCHEMES_OF.rtsp), transport },
        ...(latencyMs !== undefined && { latencyMs }),
      };
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
      throw flags.wrong('uri', 'an address with rtsp, rtmp, http, srt or udp, or the path of a file');
  }
}

function deviceOf(device: string, flags: SourceFlags): DeviceSource {
  const [pixelFormat, audioDevice] = [flags.text('pixel-format'), flags.text('audio-device')];
  return {
    ...{ kind: 'v4l2', device, ...limitsOf(flags) },
    ...(pixelFormat !== undefined && { pixelFormat }),
    ...(audioDevice !== undefined && { audioDevice }),
  };
}
