/**
 * How each kind of source begins a pipeline, as data: launch text of constants, and the values to set. Pure. What
 * comes out is one chain of the picture and one of the sound, both named by a delayed link (`source.`).
 */
import type {
  DeviceSource,
  HlsSource,
  HttpSource,
  RtmpSource,
  RtspSource,
  Source,
  SrtSource,
  TestSource,
  UdpSource,
} from '../domain/camera.ts';
import type { PropertyValue } from './pipeline.ts';
import type { Setting } from './plan.ts';

/** GstRTSPLowerTrans: UDP and TCP. */
const LOWER_TRANSPORT = { udp: 0x1, tcp: 0x4 } as const;
/**
 * GstRTSPSrcBufferMode none: times are the camera's RTP times alone. The other modes hand on buffers without a
 * time after a pause that the camera catches up from, which kills the muxer.
 */
const BUFFER_MODE_NONE = 0;
/** Time that UDP packets get to arrive in order; TCP keeps the order by itself. */
const UDP_REORDER_MS = 200;
const TCP_TIMEOUT_US = 8_000_000n;
const UDP_TIMEOUT_US = 5_000_000n;
const TIMEOUT_S = 8;
/** The kernel's buffer of a UDP socket: a group of pictures in one burst. */
const UDP_BUFFER_BYTES = 4 * 1024 * 1024;

/** The element behind a capture device: asks it for a format, and has that which was agreed upon. */
export const DEVICE_CAPS = 'wanted';

/** How the media of a source is arranged, as far as launch text depends on it. */
export type Arrangement =
  /** RTP streams, one pad each. */
  | 'rtp'
  /** A container, taken apart by `parsebin`. */
  | 'container'
  /** JPEG pictures one after the other (RFC 2046 §5.1). */
  | 'multipart'
  | 'device'
  | 'test';

export function arrangementOf(source: Source, multipart: boolean): Arrangement {
  switch (source.kind) {
    case 'rtsp':
      return 'rtp';
    case 'http':
      return multipart ? 'multipart' : 'container';
    case 'rtmp':
    case 'hls':
    case 'udp':
    case 'srt':
    case 'file':
      return 'container';
    case 'v4l2':
      return 'device';
    case 'test':
      return 'test';
  }
}

/** Whether media can arrive faster than it plays, and has to be held back to its own pace. */
export function arrivesAhead(source: Source, multipart: boolean): boolean {
  return source.kind === 'file' || source.kind === 'hls' || (source.kind === 'http' && !multipart);
}

/** Whether times would be bent to those at which datagrams arrived, unless a pipe is put between. */
export function needsRelay(source: Source): boolean {
  return source.kind === 'udp' || source.kind === 'srt';
}

/** The element that fetches the bytes, `fetch`; empty where the source is its own. */
function fetcher(kind: Source['kind']): string {
  const elements: Partial<Record<Source['kind'], string>> = {
    rtmp: 'rtmp2src',
    // A redirect could lead to where nobody may go.
    hls: 'souphttpsrc automatic-redirect=false',
    http: 'souphttpsrc automatic-redirect=false',
    udp: 'udpsrc',
    srt: 'srtsrc',
    file: 'filesrc',
  };
  const element = elements[kind];
  return element === undefined ? '' : `${element} name=fetch`;
}

/** Everything up to the element named `source`, whose pads carry the tracks. @param relayed through a pipe */
export function sourceLaunch(source: Source, multipart: boolean, relayed = false): string {
  switch (arrangementOf(source, multipart)) {
    case 'rtp':
      return 'rtspsrc name=source';
    case 'container':
      return relayed
        ? `${fetcher(source.kind)} ! fdsink name=relay-in sync=false async=false fdsrc name=relay-out ! parsebin name=source`
        : `${fetcher(source.kind)} ! parsebin name=source`;
    case 'multipart':
      return `${fetcher(source.kind)} ! multipartdemux name=source single-stream=true`;
    case 'device':
    case 'test':
      return '';
  }
}

/** Fetches just enough to tell what a `http` source is; `type` has caps then. */
export function typeLaunch(source: HttpSource): string {
  return `${fetcher(source.kind)} ! typefind name=type ! fakesink sync=false async=false`;
}

/** @param sound whether a device's sound is taken */
export function sourceSettings(source: Source, multipart: boolean, sound: boolean): Setting[] {
  switch (source.kind) {
    case 'rtsp':
      return rtspSettings(source);
    case 'rtmp':
      return rtmpSettings(source);
    case 'hls':
    case 'http':
      return httpSettings(source, multipart);
    case 'udp':
      return udpSettings(source);
    case 'srt':
      return srtSettings(source);
    case 'file':
      return of('fetch', { location: source.path });
    case 'v4l2':
      return deviceSettings(source, sound);
    case 'test':
      return testSettings(source);
  }
}

/** Caps that a device is asked for; any when nothing was chosen. */
export function deviceCaps({ pixelFormat, width, height, fps }: DeviceSource): string {
  const type = DEVICE_TYPES[pixelFormat ?? ''] ?? 'video/x-raw';
  const limits = [
    ...(width === undefined ? [] : [`width=(int)${width}`]),
    ...(height === undefined ? [] : [`height=(int)${height}`]),
    ...(fps === undefined ? [] : [`framerate=(fraction)${fps}/1`]),
  ];
  if (pixelFormat === undefined) {
    return [...Object.values(DEVICE_TYPES), 'video/x-raw']
      .map((each) => [each, ...limits].join(','))
      .join(';');
  }
  const format = type === 'video/x-raw' ? [`format=(string)${pixelFormat}`] : [];
  return [type, ...format, ...limits].join(',');
}

/** Compressed formats of capture devices: V4L2's name → GStreamer's media type. */
const DEVICE_TYPES: Readonly<Record<string, string>> = {
  H264: 'video/x-h264',
  H265: 'video/x-h265',
  HEVC: 'video/x-h265',
  MJPG: 'image/jpeg',
};

function of(element: string, values: Readonly<Record<string, PropertyValue | undefined>>): Setting[] {
  return Object.entries(values).flatMap(([property, value]) =>
    value === undefined ? [] : [{ element, property, value }],
  );
}

function rtspSettings(source: RtspSource): Setting[] {
  return of('source', {
    location: source.url,
    protocols: LOWER_TRANSPORT[source.transport],
    'buffer-mode': BUFFER_MODE_NONE,
    latency: source.latencyMs ?? (source.transport === 'udp' ? UDP_REORDER_MS : 0),
    'tcp-timeout': TCP_TIMEOUT_US,
    timeout: UDP_TIMEOUT_US,
    'user-id': source.username,
    'user-pw': source.password,
  });
}

function rtmpSettings({ url, username, password }: RtmpSource): Setting[] {
  return of('fetch', { location: url, username, password, timeout: TIMEOUT_S, 'idle-timeout': TIMEOUT_S });
}

function httpSettings({ url, username, password }: HttpSource | HlsSource, multipart: boolean): Setting[] {
  return of('fetch', {
    location: url,
    'user-id': username,
    'user-pw': password,
    timeout: TIMEOUT_S,
    retries: 0,
    // Pictures one after the other carry no times: the moment they arrive is all there is.
    'is-live': multipart,
    'do-timestamp': multipart,
    // GStreamer's own program name would be an invitation.
    'user-agent': 'Nightjar',
  });
}

function udpSettings({ url }: UdpSource): Setting[] {
  const { hostname, port } = new URL(url.replace(/^udp/, 'http'));
  return of('fetch', {
    address: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port),
    'buffer-size': UDP_BUFFER_BYTES,
  });
}

function srtSettings({ url, role, streamId, password, latencyMs }: SrtSource): Setting[] {
  const unread = { element: 'fetch', unread: true } as const;
  return [
    // Who connects has to be part of the address: as a property it comes too late for a listener.
    { ...unread, property: 'uri', value: `${url}?mode=${role}` },
    ...of('fetch', { latency: latencyMs, streamid: streamId }),
    ...(password === undefined ? [] : [{ ...unread, property: 'passphrase', value: password }]),
    // The state machine connects anew, and says so.
    { element: 'fetch', property: 'auto-reconnect', value: false, optional: true },
    ...of('fetch', { 'keep-listening': false }),
  ];
}

function deviceSettings(source: DeviceSource, sound: boolean): Setting[] {
  return [
    ...deviceName(source),
    { element: DEVICE_CAPS, property: 'caps', caps: deviceCaps(source) },
    ...(sound ? soundSettings(source) : []),
  ];
}

/** Of the sound device that a source names, if it names one. */
export function soundSettings({ audioDevice }: DeviceSource): Setting[] {
  return of('sound', { device: audioDevice });
}

function deviceName({ device, onBoard }: DeviceSource): Setting[] {
  if (onBoard === 'nvarguscamerasrc') return of('device', { 'sensor-id': Number(device) });
  // The only camera there is, unless a name of libcamera's own was given.
  if (onBoard === 'libcamerasrc') return device === '0' ? [] : of('device', { 'camera-name': device });
  return of('device', { device });
}

function testSettings(source: TestSource): Setting[] {
  const { width, height, fps } = source;
  return [
    {
      element: 'raw',
      property: 'caps',
      caps: `video/x-raw,format=I420,width=${width},height=${height},framerate=${fps}/1`,
    },
    ...of('pattern', { 'background-color': 0xff12343b, 'foreground-color': 0xfff2b134 }),
    ...of('stamp', { 'font-desc': 'Sans 24', 'time-format': '%Y-%m-%d %H:%M:%S' }),
  ];
}
