/** How makers of cameras call their streams, for those who know no address. Documented by the makers themselves. */

export interface Template {
  readonly maker: string;
  /** Behind the host and port of the camera. */
  readonly path: string;
  /** When it is not 554, the port of RTSP. */
  readonly port?: number;
}

export const TEMPLATES: readonly Template[] = [
  { maker: 'Amcrest, Dahua', path: '/cam/realmonitor?channel=1&subtype=0' },
  { maker: 'Axis', path: '/axis-media/media.amp' },
  { maker: 'Bosch', path: '/?inst=1' },
  { maker: 'Foscam', path: '/videoMain', port: 88 },
  { maker: 'Hanwha, Samsung', path: '/profile2/media.smp' },
  { maker: 'Hikvision', path: '/Streaming/Channels/101' },
  { maker: 'Reolink', path: '/h264Preview_01_main' },
  { maker: 'TP-Link Tapo', path: '/stream1' },
  { maker: 'Uniview', path: '/media/video1' },
  { maker: 'Vivotek', path: '/live1s1.sdp' },
];

/** The address of a camera by its maker. @param host a name or an IP address */
export function addressOf({ path, port = 554 }: Template, host: string): string {
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
