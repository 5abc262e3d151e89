/** What can be done with the marked part: a clip of it, a protection, a bookmark at the moment on show. */
import { type Signal, useSignal } from '@preact/signals';
import { durationText, secondsText } from '../core/format.ts';
import { may } from '../core/session.ts';
import { IconButton, Note } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Icon } from '../ui/icon.tsx';
import { problemText, words } from '../words/index.ts';
import { cameraId, clearMarks, mark, markedRange, marks, playhead } from './model.ts';
import { bookmark, protect } from './notes.ts';

type Open = 'none' | 'protect' | 'bookmark';

export function RangeBar({ onClip }: { readonly onClip: () => void }) {
  const { play } = words.value;
  const open = useSignal<Open>('none');
  const { inMs, outMs } = marks.value;
  const marked = inMs !== null || outMs !== null;
  return (
    <fieldset class="range-bar">
      <legend class="visually-hidden">{play.range}</legend>
      <MarkButton which="inMs" sign="[" label={play.markIn} keys="I" />
      <MarkButton which="outMs" sign="]" label={play.markOut} keys="O" />
      {marked && <Marked />}
      <button type="button" class="button small primary" aria-keyshortcuts="E" onClick={onClip}>
        <Icon name="exports" />
        {play.clip}
      </button>
      {may('operator') && (
        <>
          {marked && <Opener open={open} which="protect" />}
          <Opener open={open} which="bookmark" />
        </>
      )}
      {open.value === 'protect' && <ProtectDialog onClose={() => close(open)} />}
      {open.value === 'bookmark' && <BookmarkDialog onClose={() => close(open)} />}
    </fieldset>
  );
}

function close(open: Signal<Open>): void {
  open.value = 'none';
}

function Opener({ open, which }: { readonly open: Signal<Open>; readonly which: 'protect' | 'bookmark' }) {
  const { play } = words.value;
  return (
    <IconButton
      icon={which === 'protect' ? 'lock' : 'bookmark'}
      label={which === 'protect' ? play.protect : play.bookmark}
      onClick={() => {
        open.value = which;
      }}
    />
  );
}

interface MarkButtonProps {
  readonly which: 'inMs' | 'outMs';
  readonly sign: string;
  readonly label: string;
  readonly keys: string;
}

function MarkButton({ which, sign, label, keys }: MarkButtonProps) {
  return (
    <button
      type="button"
      class="button small mark-button"
      aria-pressed={marks.value[which] !== null}
      aria-keyshortcuts={keys}
      title={`${label} (${keys})`}
      onClick={() => mark(which)}
    >
      <span aria-hidden="true">{sign}</span>
      <span class="visually-hidden">{label}</span>
    </button>
  );
}

/** From when to when, and how long: read as it is marked. */
function Marked() {
  const { play } = words.value;
  const { inMs, outMs } = marks.value;
  const length = inMs !== null && outMs !== null ? durationText(outMs - inMs) : null;
  return (
    <span class="range-text">
      <span role="status">
        {inMs === null ? '…' : secondsText(inMs)} – {outMs === null ? '…' : secondsText(outMs)}
        {length && <span class="muted"> {length}</span>}
      </span>
      <IconButton icon="close" label={play.clearMarks} onClick={clearMarks} />
    </span>
  );
}

function ProtectDialog({ onClose }: { readonly onClose: () => void }) {
  const { play } = words.value;
  const range = markedRange();
  return (
    <NoteDialog
      title={play.protect}
      text={play.protectText(secondsText(range.startMs), secondsText(range.endMs))}
      onClose={onClose}
      onSubmit={(note) => protect(cameraId.peek() ?? '', range, note)}
    />
  );
}

function BookmarkDialog({ onClose }: { readonly onClose: () => void }) {
  const { play } = words.value;
  const at = playhead.peek();
  return (
    <NoteDialog
      title={play.bookmark}
      text={play.bookmarkText(secondsText(at))}
      onClose={onClose}
      onSubmit={(note) => bookmark(cameraId.peek() ?? '', at, note)}
    />
  );
}

interface NoteDialogProps {
  readonly title: string;
  readonly text: string;
  readonly onClose: () => void;
  readonly onSubmit: (note: string) => Promise<void>;
}

function NoteDialog({ title, text, onClose, onSubmit }: NoteDialogProps) {
  const { play, common } = words.value;
  const note = useSignal('');
  const failure = useSignal<string | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    try {
      await onSubmit(note.value.trim());
      onClose();
    } catch (error) {
      failure.value = problemText(error);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <p>{text}</p>
        <label class="field">
          <span>{play.note}</span>
          <input
            required
            maxLength={500}
            value={note.value}
            onInput={({ currentTarget }) => {
              note.value = currentTarget.value;
            }}
          />
        </label>
        {failure.value && <Note kind="bad">{failure.value}</Note>}
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            {common.cancel}
          </button>
          <button type="submit" class="button primary">
            {common.save}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
