/** Who is watching at this moment, and a way to end that. */
import { useSignal } from '@preact/signals';
import type { ViewerView } from '../../types/api.ts';
import { request } from '../core/api.ts';
import { now } from '../core/clock.ts';
import { cameraById } from '../core/fleet.ts';
import { durationText } from '../core/format.ts';
import { useResource } from '../core/resource.ts';
import { IconButton, Note } from '../ui/button.tsx';
import { Panel } from '../ui/panel.tsx';
import { problemText } from '../words/index.ts';
import { more } from '../words/more/index.ts';

const EVERY_MS = 5_000;
const TRANSPORTS = {
  ws: 'WebSocket',
  hls: 'HLS',
  'll-hls': 'LL-HLS',
  mjpeg: 'MJPEG',
  whep: 'WebRTC',
} as const;

export function Viewers() {
  const { viewers: say } = more.value;
  const resource = useResource<{ readonly viewers: readonly ViewerView[] }>('/viewers', EVERY_MS);
  const failure = useSignal<string | null>(null);
  const end = async (id: number) => {
    try {
      await request('DELETE', `/viewers/${id}`);
      await resource.reload();
    } catch (error) {
      failure.value = problemText(error);
    }
  };
  return (
    <Panel title={say.title} resource={resource}>
      {({ viewers }) => (
        <>
          {failure.value && <Note kind="bad">{failure.value}</Note>}
          {viewers.length === 0 && <p class="muted">{say.nobody}</p>}
          <ul class="rows">
            {viewers.map((viewer) => (
              <li key={viewer.id}>
                <span>
                  <strong>{cameraById.value.get(viewer.cameraId)?.name ?? viewer.cameraId}</strong>{' '}
                  <span class="muted">
                    {[viewer.user, TRANSPORTS[viewer.transport], viewer.stream].join(' · ')},{' '}
                    {say.since(durationText(now.value - viewer.sinceMs))}
                  </span>
                </span>
                <IconButton icon="close" label={say.end} onClick={() => void end(viewer.id)} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}
