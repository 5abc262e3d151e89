/** A dialog that is a form: its fields, what went wrong, and the two buttons at its end. */
import type { ComponentChildren } from 'preact';
import { words } from '../words/index.ts';
import { useAction } from './action.ts';
import { Note } from './button.tsx';
import { Dialog } from './dialog.tsx';

interface FormDialogProps {
  readonly title: string;
  readonly submit: string;
  readonly danger?: boolean;
  readonly onClose: () => void;
  /** Closes when it is done. @throws ApiError */
  readonly onSubmit: () => Promise<unknown>;
  readonly children: ComponentChildren;
}

export function FormDialog({ title, submit, danger, onClose, onSubmit, children }: FormDialogProps) {
  const { common } = words.value;
  const action = useAction();
  const send = async (event: Event) => {
    event.preventDefault();
    if (await action.run(onSubmit)) onClose();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="form" onSubmit={(event) => void send(event)}>
        {children}
        {action.failure.value && <Note kind="bad">{action.failure.value}</Note>}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            {common.cancel}
          </button>
          <button
            type="submit"
            class={danger ? 'button danger' : 'button primary'}
            disabled={action.busy.value}
          >
            {submit}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
