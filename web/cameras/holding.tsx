/** Deleted cameras whose footage is still there: take one back, look at its footage, or let that go at once. */
import { useSignal } from '@preact/signals';
import type { CameraView, HeldCamera } from '../../types/api.ts';
import { request } from '../core/api.ts';
import { remember } from '../core/fleet.ts';
import { bytesText, dateText } from '../core/format.ts';
import { useResource } from '../core/resource.ts';
import { useAction } from '../ui/action.ts';
import { Note } from '../ui/button.tsx';
import { FormDialog } from '../ui/formDialog.tsx';
import { Panel } from '../ui/panel.tsx';
import { more } from '../words/more/index.ts';

export function Holding() {
  const { holding: say } = more.value;
  const resource = useResource<{ readonly cameras: readonly HeldCamera[] }>('/holding');
  const purging = useSignal<HeldCamera | null>(null);
  const action = useAction();
  const state = resource.state.value;
  if (state.kind !== 'known' || state.value.cameras.length === 0) return null;
  const restore = async (id: string) => {
    await action.run(async () => remember(await request<CameraView>('POST', `/holding/${id}/restore`)));
    await resource.reload();
  };
  return (
    <Panel title={say.title} text={say.text} resource={resource}>
      {({ cameras }) => (
        <>
          {action.failure.value && <Note kind="bad">{action.failure.value}</Note>}
          <ul class="rows">
            {cameras.map((camera) => (
              <HeldRow
                key={camera.cameraId}
                camera={camera}
                onRestore={() => void restore(camera.cameraId)}
                onPurge={() => {
                  purging.value = camera;
                }}
              />
            ))}
          </ul>
          {purging.value && (
            <PurgeDialog
              camera={purging.value}
              onClose={() => {
                purging.value = null;
                void resource.reload();
              }}
            />
          )}
        </>
      )}
    </Panel>
  );
}

interface HeldRowProps {
  readonly camera: HeldCamera;
  readonly onRestore: () => void;
  readonly onPurge: () => void;
}

function HeldRow({ camera, onRestore, onPurge }: HeldRowProps) {
  const { holding: say } = more.value;
  const { bytes, oldestMs, newestMs, purgeMs } = camera;
  const span =
    oldestMs === null || newestMs === null ? null : `${dateText(oldestMs)} – ${dateText(newestMs)}`;
  const goes = purgeMs === null ? null : say.goes(dateText(purgeMs));
  return (
    <li>
      <span>
        <strong>{nameOf(camera)}</strong>
        <span class="cell-sub">{[bytesText(bytes), span, goes].filter(Boolean).join(' · ')}</span>
      </span>
      <span class="row-actions">
        {camera.restorable && (
          <button type="button" class="button small" onClick={onRestore}>
            {say.restore}
          </button>
        )}
        <button type="button" class="button small" onClick={onPurge}>
          {say.purge}
        </button>
      </span>
    </li>
  );
}

function PurgeDialog({ camera, onClose }: { readonly camera: HeldCamera; readonly onClose: () => void }) {
  const { holding: say } = more.value;
  return (
    <FormDialog
      title={say.purgeTitle(nameOf(camera))}
      submit={say.purge}
      danger
      onClose={onClose}
      onSubmit={() => request('DELETE', `/holding/${camera.cameraId}`)}
    >
      <p>{say.purgeText(bytesText(camera.bytes - camera.protectedBytes))}</p>
    </FormDialog>
  );
}

function nameOf({ name, cameraId }: HeldCamera): string {
  return name ?? `${more.value.holding.unknown} ${cameraId}`;
}
