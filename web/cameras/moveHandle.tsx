/** What a camera is taken by to be put elsewhere in the list: with a pointer, or with the arrow keys. */
import { useEffect, useRef } from 'preact/hooks';
import type { CameraView } from '../../types/api.ts';
import { Icon } from '../ui/icon.tsx';
import { words } from '../words/index.ts';
import { keepOrder, ordered, place } from './order.ts';

interface MoveHandleProps {
  readonly camera: CameraView;
  /** Does what may fail, and says so when it did. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>;
}

export function MoveHandle({ camera: { id, name }, run }: MoveHandleProps) {
  const handle = useRef<HTMLButtonElement>(null);
  const byKey = useRef(false);
  const { cameras: say } = words.value;
  const index = ordered.value.findIndex((camera) => camera.id === id);
  // An element that is put elsewhere in the document loses the focus.
  useEffect(() => {
    if (byKey.current) handle.current?.focus();
    byKey.current = false;
  }, [index]);
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    byKey.current = true;
    place(id, index + by);
    void run(keepOrder);
  };
  return (
    <button
      ref={handle}
      type="button"
      class="icon-button move-handle"
      title={say.move}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => drag(event, id, () => void run(keepOrder))}
    >
      <Icon name="grip" />
      <span class="visually-hidden">{say.moveTo(name, index + 1, ordered.value.length)}</span>
    </button>
  );
}

/** Until the pointer lets go. On the window, because a row that is put elsewhere loses a captured pointer. */
function drag({ pointerId }: PointerEvent, id: string, done: () => void): void {
  const controller = new AbortController();
  const { signal } = controller;
  const mine = (act: (event: PointerEvent) => void) => (event: PointerEvent) => {
    if (event.pointerId === pointerId) act(event);
  };
  const end = mine(() => {
    controller.abort();
    done();
  });
  window.addEventListener(
    'pointermove',
    mine((event) => follow(event, id)),
    { signal },
  );
  window.addEventListener('pointerup', end, { signal });
  window.addEventListener('pointercancel', end, { signal });
}

/** The camera takes the place of the row that the pointer is over. */
function follow(event: PointerEvent, id: string): void {
  const rows = [...document.querySelectorAll('tr[data-camera]')];
  const index = rows.findIndex((row) => {
    const { top, bottom } = row.getBoundingClientRect();
    return event.clientY >= top && event.clientY < bottom;
  });
  if (index >= 0 && rows[index]?.getAttribute('data-camera') !== id) place(id, index);
}
