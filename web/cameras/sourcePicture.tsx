/** What a source that was tested shows: one picture, so that nobody adds the wrong camera. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { requestBlob } from '../core/api.ts';
import { problemText, words } from '../words/index.ts';
import type { SourceBody } from './sourceDraft.ts';

type Picture =
  | { readonly kind: 'loading' }
  | { readonly kind: 'shown'; readonly url: string }
  | { readonly kind: 'none'; readonly text: string };

export function SourcePicture({ source }: { readonly source: SourceBody }) {
  const { cameras: say } = words.value;
  const picture = useSignal<Picture>({ kind: 'loading' });
  useEffect(() => {
    const left = new AbortController();
    picture.value = { kind: 'loading' };
    requestBlob('/probe/picture', { source }, left.signal).then(
      (blob) => {
        if (!left.signal.aborted) picture.value = { kind: 'shown', url: URL.createObjectURL(blob) };
      },
      (error: unknown) => {
        if (!left.signal.aborted) picture.value = { kind: 'none', text: problemText(error) };
      },
    );
    return () => {
      left.abort();
      const last = picture.peek();
      if (last.kind === 'shown') URL.revokeObjectURL(last.url);
    };
  }, [source]);
  const { value } = picture;
  return (
    <div class="source-picture" data-state={value.kind}>
      {value.kind === 'loading' && (
        <span role="status">
          <span class="spinner" /> <span class="visually-hidden">{words.value.common.loading}</span>
        </span>
      )}
      {value.kind === 'shown' && <img src={value.url} alt={say.testPicture} onLoad={bringIntoSight} />}
      {value.kind === 'none' && <span class="muted">{value.text}</span>}
    </div>
  );
}

/** It may lie below what the dialog shows. */
function bringIntoSight({ currentTarget }: { readonly currentTarget: HTMLElement }): void {
  currentTarget.scrollIntoView({ block: 'nearest' });
}
