/** How makers of cameras call their streams, for those who know no address. Documented by the makers themselves. */

export interface Template {
  readonly maker: string;
  /** Behind the host and port of the camera. */
  readonly path: string;
  /** Likewise, of its smaller stream. */
  readonly sub: string;
  /** When it is not 554, the port of RTSP. */
  readonly port?: number;
}

export const TEMPLATES: readonly Template[] = [
  {
    maker: 'Amcrest, Dahua',
    path: '/cam/realmonitor?channel=1&subtype=0',
    sub: '/cam/realmonitor?channel=1&subtype=1',
  },
  { maker: 'Axis', path: '/axis-media/media.amp', sub: '/axis-media/media.amp?resolution=640x360' },
  { maker: 'Bosch', path: '/?inst=1', sub: '/?inst=2' },
  { maker: 'Foscam', path: '/videoMain', sub: '/videoSub', port: 88 },
  { maker: 'Hanwha, Samsung', path: '/profile2/media.smp', sub: '/profile3/media.smp' },
  { maker: 'Hikvision', path: '/Streaming/Channels/101', sub: '/Streaming/Channels/102' },
  { maker: 'Reolink', path: '/h264Preview_01_main', sub: '/h264Preview_01_sub' },
  { maker: 'TP-Link Tapo', path: '/stream1', sub: '/stream2' },
  { maker: 'Uniview', path: '/media/video1', sub: '/media/video2' },
  { maker: 'Vivotek', path: '/live1s1.sdp', sub: '/live1s2.sdp' },
];

/** The address of a camera's main stream by its maker. @param host a name or an IP address */
export function addressOf({ path, port = 554 }: Template, host: string): string {
  return address(host, port, path);
}

/** Likewise of its smaller stream. */
export function subAddressOf({ sub, port = 554 }: Template, host: string): string {
  return address(host, port, sub);
}

function address(host: string, port: number, path: string): string {
  const bare = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return `rtsp://${bare}:${port}${path}`;
}

/** What of an address is the host; null when there is none yet. */
export function hostOf(url: string): string | null {
  const match = /^[a-z]+:\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/?#]+)/i.exec(url.trim());
  if (match) return match[1] ?? null;
  const bare = url.trim();
  return /^[\w.-]+$/.test(bare) && bare !== '' ? bare : null;
}
