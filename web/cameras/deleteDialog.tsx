/** Deleting a camera: what goes, and what becomes of its footage. */
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { CameraView } from '../../types/api.ts';
import { request } from '../core/api.ts';
import { forget } from '../core/fleet.ts';
import { Note } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { problemText, words } from '../words/index.ts';

interface DeleteDialogProps {
  readonly camera: CameraView;
  readonly onClose: () => void;
}

export function DeleteDialog({ camera, onClose }: DeleteDialogProps) {
  const { cameras: say, common } = words.value;
  const failure = useSignal<string | null>(null);
  const footageToo = useSignal(false);
  const working = useSignal(false);
  const removed = useRef(false);
  const remove = async () => {
    working.value = true;
    try {
      if (!removed.current) await request('DELETE', `/cameras/${camera.id}`);
      removed.current = true;
      if (footageToo.peek()) await request('DELETE', `/holding/${camera.id}`);
      forget(camera.id);
      onClose();
    } catch (error) {
      failure.value = problemText(error);
      working.value = false;
    }
  };
  return (
    <Dialog title={say.deleteTitle(camera.name)} onClose={onClose}>
      <p>{say.deleteText}</p>
      <fieldset class="choices">
        <legend>{say.deleteAsk}</legend>
        {[false, true].map((too) => (
          <label key={String(too)} class="check">
            <input
              type="radio"
              name="footage"
              checked={footageToo.value === too}
              onChange={() => {
                footageToo.value = too;
              }}
            />
            <span>{too ? say.deleteFootageToo : say.deleteFootage}</span>
          </label>
        ))}
      </fieldset>
      {failure.value && <Note kind="bad">{failure.value}</Note>}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          {common.cancel}
        </button>
        <button type="button" class="button danger" disabled={working.value} onClick={() => void remove()}>
          {say.deleteSubmit}
        </button>
      </div>
    </Dialog>
  );
}
