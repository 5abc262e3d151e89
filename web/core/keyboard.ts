/** Keys of the page: who is on screen says what they do; inputs keep theirs, and all can be switched off. */
import { signal } from '@preact/signals';
import { shortcuts } from './preferences.ts';

/** Keys as `KeyboardEvent.key` names them (letters in lower case), `Shift+` in front where it matters. */
export type KeyMap = Readonly<Record<string, () => void>>;

/** Whether the list of keys is open. */
export const listOpen = signal(false);

const maps: KeyMap[] = [];

/** Makes keys work until the function given back is called. What came last goes first. */
export function useKeys(map: KeyMap): () => void {
  maps.unshift(map);
  return () => {
    const index = maps.indexOf(map);
    if (index >= 0) maps.splice(index, 1);
  };
}

/** Called once. */
export function startKeyboard(): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (shortcuts.peek() === 'off' || isTyping(event.target) || document.querySelector('dialog[open]'))
      return;
    const name = nameOf(event);
    // A button that has the focus keeps the keys that press it.
    if ((name === ' ' || name === 'Enter') && isPressable(event.target)) return;
    const action = name === '?' ? openList : maps.find((map) => name in map)?.[name];
    if (!action) return;
    event.preventDefault();
    action();
  });
  document.addEventListener('change', ({ target }) => {
    if (isChoice(target) && !target.matches(':focus-visible')) target.blur();
  });
}

/** Of several, or yes and no. Chosen with the pointer, it gives the keys back to the page. */
function isChoice(target: EventTarget | null): target is HTMLElement {
  return (
    target instanceof HTMLElement &&
    target.matches('select, [type="radio"], [type="checkbox"]') &&
    !target.closest('dialog')
  );
}

function openList(): void {
  listOpen.value = true;
}

function nameOf({ key, shiftKey }: KeyboardEvent): string {
  const name = key.length === 1 ? key.toLowerCase() : key;
  return shiftKey && key.length > 1 ? `Shift+${name}` : name;
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null;
}

function isPressable(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest('button, a, summary, [role="button"], [role="gridcell"]') !== null
  );
}
