/** A part of a screen with a heading, that shows what it has asked for, or why it has nothing to show. */
import type { ComponentChildren } from 'preact';
import type { Resource } from '../core/resource.ts';
import { problemText, words } from '../words/index.ts';
import { Note } from './button.tsx';

interface PanelProps<T> {
  readonly title: string;
  readonly text?: string;
  readonly resource: Resource<T>;
  readonly children: (value: T) => ComponentChildren;
}

/** Absent when the recorder, or this user, has no such thing. */
export function Panel<T>({ title, text, resource, children }: PanelProps<T>) {
  const state = resource.state.value;
  if (state.kind === 'absent') return null;
  return (
    <section class="panel">
      <h2>{title}</h2>
      {text && <p class="muted">{text}</p>}
      {state.kind === 'loading' && <p role="status">{words.value.common.loading}</p>}
      {state.kind === 'failed' && (
        <>
          <Note kind="bad">{problemText(state.error)}</Note>
          <button type="button" class="button" onClick={() => void resource.reload()}>
            {words.value.common.retry}
          </button>
        </>
      )}
      {state.kind === 'known' && children(state.value)}
    </section>
  );
}
