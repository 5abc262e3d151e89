/** A native modal dialog: it keeps the focus inside, closes with Escape, and gives the focus back. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { words } from '../words/index.ts';
import { IconButton } from './button.tsx';

export interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly wide?: boolean;
  /** It tells something first: the focus goes to the button that closes it, and a key does nothing by chance. */
  readonly tells?: boolean;
  readonly children: ComponentChildren;
}

const FOCUSABLE = 'input, select, button, a';

export function Dialog({ title, onClose, wide, tells = false, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const opener = document.activeElement;
    element.current?.showModal();
    // What is to be filled in, not the button that closes it, which stands first.
    const first = element.current?.querySelector<HTMLElement>(`.dialog-body :is(${FOCUSABLE})`);
    if (!tells) first?.focus();
    return () => {
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return (
    <dialog ref={element} class={wide ? 'dialog wide' : 'dialog'} aria-labelledby={heading} onClose={onClose}>
      <header>
        <h2 id={heading}>{title}</h2>
        <IconButton icon="close" label={words.value.common.close} onClick={onClose} />
      </header>
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}
