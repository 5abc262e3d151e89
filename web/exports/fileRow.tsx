/** One file of a clip: save it, see how far it is, and its name and hash when it is there. */
import { bytesText, durationText, secondsText, shareText } from '../core/format.ts';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { words } from '../words/index.ts';
import { LARGEST_HASHED, type Saving, type SavingState } from './saving.ts';

interface FileRowProps {
  readonly saving: Saving;
  readonly startMs: number;
  readonly endMs: number;
  readonly recordedMs: number;
}

export function FileRow({ saving, startMs, endMs, recordedMs }: FileRowProps) {
  const state = saving.state.value;
  return (
    <li class="clip-file" data-state={state.kind}>
      <div class="clip-head">
        <span>
          <strong>
            {secondsText(startMs)} – {secondsText(endMs)}
          </strong>
          <span class="muted">
            {' '}
            {durationText(recordedMs)}
            {state.head && `, ${bytesText(state.head.bytes)}`}
          </span>
        </span>
        <Action saving={saving} state={state} />
      </div>
      {state.head && <code class="clip-name">{state.head.name}</code>}
      <Outcome state={state} />
    </li>
  );
}

function Action({ saving, state }: { readonly saving: Saving; readonly state: SavingState }) {
  const { clip } = words.value;
  if (state.kind === 'fetching') return null;
  if (state.head && state.head.bytes > LARGEST_HASHED) {
    return (
      <a class="button small" href={saving.url} download>
        <Icon name="download" />
        {clip.saveLarge}
      </a>
    );
  }
  return (
    <button type="button" class="button small" onClick={() => void saving.start()}>
      <Icon name="download" />
      {state.kind === 'saved' ? clip.saveAgain : clip.save}
    </button>
  );
}

function Outcome({ state }: { readonly state: SavingState }) {
  const { clip } = words.value;
  switch (state.kind) {
    case 'idle':
      return null;
    case 'fetching':
      return (
        <div class="clip-progress">
          <progress aria-label={clip.progress} max={Math.max(1, state.head.bytes)} value={state.bytes} />
          <span>{shareText(state.bytes / Math.max(1, state.head.bytes))}</span>
        </div>
      );
    case 'saved':
      return <Hash sha256={state.sha256} />;
    case 'failed':
      return (
        <p class="field-error" role="alert">
          {state.text}
        </p>
      );
  }
}

/** The digest, to be compared with what somebody else computes of the file. */
export function Hash({ sha256 }: { readonly sha256: string }) {
  const { clip } = words.value;
  return (
    <div class="clip-hash">
      <span class="muted">SHA-256</span>
      <code>{sha256}</code>
      <IconButton
        icon="copy"
        label={clip.copyHash}
        onClick={() => void navigator.clipboard?.writeText(sha256).catch(() => undefined)}
      />
    </div>
  );
}
