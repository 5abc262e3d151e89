/** Add or change a camera: address, test, save. */
import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { CameraView } from '../../types/api.ts';
import { ApiError, request } from '../core/api.ts';
import { remember } from '../core/fleet.ts';
import { Note } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { problemText, words } from '../words/index.ts';
import { type Draft, draftOf, inputOf, patchOf } from './draft.ts';
import { CameraFields, MoreFields } from './fields.tsx';
import {
  type Keeping,
  type KnownKeeping,
  keepingOf,
  loadKeeping,
  NEW_KEEPING,
  saveKeeping,
} from './keeping.ts';

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
  // As it was when this was opened: what others change meanwhile is theirs, and the recorder refuses to overwrite it.
  const before = useRef(camera);
  const draft = useSignal(draftOf(camera));
  const keeping = useSignal<Keeping>(camera ? { schedule: null, retention: null } : NEW_KEEPING);
  const known = useKnownKeeping(camera?.id ?? null, keeping);
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
      before.current = await send(draft.peek(), before.current);
      await saveKeeping(before.current.id, keeping.peek(), known.peek(), draft.peek().mode === 'scheduled');
      onClose();
    } catch (error) {
      const field = error instanceof ApiError ? (error.problem?.field ?? null) : null;
      failure.value = { text: problemText(error), field };
      saving.value = false;
    }
  };
  const fields = { draft: draft.value, camera: before.current, wrong: failure.value?.field ?? null, change };
  return (
    <Dialog title={camera ? say.editTitle(camera.name) : say.add} onClose={onClose} wide>
      <form class="form" onSubmit={(event) => void save(event)}>
        <CameraFields {...fields} />
        <MoreFields
          {...fields}
          keeping={keeping.value}
          changeKeeping={(part) => {
            keeping.value = { ...keeping.peek(), ...part };
          }}
        />
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

/** What the recorder knows of a camera that is being changed; the drafts begin with it. */
function useKnownKeeping(camera: string | null, keeping: Signal<Keeping>): Signal<KnownKeeping | null> {
  const known = useSignal<KnownKeeping | null>(null);
  useEffect(() => {
    if (camera === null) return;
    loadKeeping(camera).then(
      (found) => {
        known.value = found;
        keeping.value = keepingOf(found);
      },
      // Without it, it can't be changed: its fields are not shown.
      () => undefined,
    );
  }, []);
  return known;
}

/** @returns the camera as it is now, from which another attempt starts */
async function send(draft: Draft, before: CameraView | null): Promise<CameraView> {
  const body = before ? patchOf(draft, before) : inputOf(draft);
  if (before && body === null) return before;
  const now = before
    ? await request<CameraView>('PATCH', `/cameras/${before.id}`, { body, ifMatch: before.revision })
    : await request<CameraView>('POST', '/cameras', { body });
  remember(now);
  return now;
}
