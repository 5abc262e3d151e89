/** Add or change a camera: address, test, save. */
import { useSignal } from '@preact/signals';
import type { CameraView } from '../../types/api.ts';
import { ApiError, request } from '../core/api.ts';
import { remember } from '../core/fleet.ts';
import { Note } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { problemText, words } from '../words/index.ts';
import { type Draft, draftOf, inputOf, patchOf } from './draft.ts';
import { CameraFields } from './fields.tsx';
import { SourceTest } from './sourceTest.tsx';

interface CameraDialogProps {
  /** Null adds one. */
  readonly camera: CameraView | null;
  readonly onClose: () => void;
}

interface Failure {
  readonly text: string;
  /** The field that is wrong, as the API names it. */
  readonly field: string | null;
}

export function CameraDialog({ camera, onClose }: CameraDialogProps) {
  const { cameras: say, common } = words.value;
  const draft = useSignal(draftOf(camera));
  const failure = useSignal<Failure | null>(null);
  const saving = useSignal(false);
  const change = (part: Partial<Draft>) => {
    draft.value = { ...draft.peek(), ...part };
    failure.value = null;
  };
  const save = async (event: Event) => {
    event.preventDefault();
    saving.value = true;
    try {
      await send(draft.peek(), camera);
      onClose();
    } catch (error) {
      const field = error instanceof ApiError ? (error.problem?.field ?? null) : null;
      failure.value = { text: problemText(error), field };
      saving.value = false;
    }
  };
  return (
    <Dialog title={camera ? say.editTitle(camera.name) : say.add} onClose={onClose}>
      <form class="form" onSubmit={(event) => void save(event)}>
        <CameraFields
          draft={draft.value}
          camera={camera}
          wrong={failure.value?.field ?? null}
          change={change}
        />
        <SourceTest draft={draft.value} camera={camera} />
        {failure.value && <Note kind="bad">{failure.value.text}</Note>}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            {common.cancel}
          </button>
          <button type="submit" class="button primary" disabled={saving.value}>
            {saving.value ? common.saving : camera ? common.save : say.addSubmit}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

async function send(draft: Draft, camera: CameraView | null): Promise<void> {
  if (!camera) {
    remember(await request<CameraView>('POST', '/cameras', { body: inputOf(draft) }));
    return;
  }
  const body = patchOf(draft, camera);
  if (body === null) return;
  remember(await request<CameraView>('PATCH', `/cameras/${camera.id}`, { body, ifMatch: camera.revision }));
}
