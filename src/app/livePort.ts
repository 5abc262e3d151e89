/** What is live now, as the API speaks of it, over the hub. */

import type { LivePort } from '../http/ports.ts';
import type { LiveHub } from '../live/hub.ts';

export function livePort(hub: LiveHub): LivePort {
  return {
    // References are relative to the playlist, so that it plays behind any prefix.
    playlist: (camera) =>
      hub.get(camera).playlist({
        init: (run) => `${run}/init.mp4`,
        media: ({ fragments }) => {
          const [first] = fragments;
          const last = fragments.at(-1) ?? first;
          return `${first.runId}/${first.sequence}-${last.sequence}.m4s`;
        },
      }),
    init: (camera, run) => hub.get(camera).init(run).bytes,
    fragments: (camera, run, first, last) => hub.get(camera).fragments(run, first, last),
  };
}
