/** What is live now, as the API speaks of it, over the hub. */

import { type CameraId, cameraOf } from '../domain/ids.ts';
import { livePlaylist, liveUris, type RenditionReport } from '../domain/livePlaylist.ts';
import type { LivePort } from '../http/ports.ts';
import type { HlsViewers } from '../live/hlsViewers.ts';
import type { LiveHub } from '../live/hub.ts';

/** Relative to the playlist. */
const URIS = liveUris('');

/** Where the playlist of the other stream stands, so that a player can change over without asking (RFC 8216bis §4.4.5.4). */
function reportsBeside(hub: LiveHub, stream: CameraId): readonly RenditionReport[] {
  const sibling = hub.sibling(stream);
  if (sibling === null) return [];
  const uri = stream === cameraOf(stream) ? 'playlist.m3u8?stream=sub' : 'playlist.m3u8';
  return [{ uri, window: sibling.window }];
}

export function livePort(hub: LiveHub, viewers: HlsViewers): LivePort {
  return {
    async playlist(camera, { reload, skip }, client) {
      const stream = hub.get(camera);
      viewers.seen(camera, client, reload === null ? {} : { transport: 'll-hls' });
      const window = await stream.windowFor(reload);
      return livePlaylist(window, URIS, { skip, reports: reportsBeside(hub, camera) });
    },
    init: (camera, run) => hub.holding(camera, run).init(run).bytes,
    async part(camera, run, sequence, client) {
      const stream = hub.holding(camera, run);
      viewers.seen(camera, client, { transport: 'll-hls' });
      const chunks = await stream.part(run, sequence);
      viewers.seen(camera, client, { lagMs: stream.behindMs(run, sequence) });
      return chunks;
    },
    fragments(camera, run, first, last, client) {
      const stream = hub.holding(camera, run);
      const chunks = stream.fragments(run, first, last);
      viewers.seen(camera, client, { lagMs: stream.behindMs(run, last) });
      return chunks;
    },
  };
}
