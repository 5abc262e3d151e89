/** What is live now, as the API speaks of it, over the hub. */

import { type LiveUris, livePlaylist } from '../domain/livePlaylist.ts';
import type { LivePort } from '../http/ports.ts';
import type { HlsViewers } from '../live/hlsViewers.ts';
import type { LiveHub } from '../live/hub.ts';

/** References are relative to the playlist, so that it plays behind any prefix. */
const URIS: LiveUris = {
  init: (run) => `${run}/init.mp4`,
  part: (run, sequence) => `${run}/parts/${sequence}.m4s`,
  media: ({ fragments }) => {
    const [first] = fragments;
    const last = fragments.at(-1) ?? first;
    return `${first.runId}/${first.sequence}-${last.sequence}.m4s`;
  },
};

export function livePort(hub: LiveHub, viewers: HlsViewers): LivePort {
  return {
    async playlist(camera, { reload, skip }, client) {
      const stream = hub.get(camera);
      viewers.seen(camera, client, reload === null ? {} : { transport: 'll-hls' });
      return livePlaylist(await stream.windowFor(reload), URIS, { skip });
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
