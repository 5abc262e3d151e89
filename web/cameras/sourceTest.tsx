/** Tries an address before it is saved: what the camera sends, or why it does not. */
import { useSignal } from '@preact/signals';
import type { CameraView, StreamFormat } from '../../types/api.ts';
import { request } from '../core/api.ts';
import { canDecode } from '../media/video.ts';
import { Note } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { problemText, words } from '../words/index.ts';
import { formatText } from './formatText.ts';
import { type SourceBody, type SourceDraft, sourceBody } from './sourceDraft.ts';
import { SourcePicture } from './sourcePicture.tsx';

type Outcome =
  | { readonly kind: 'testing' }
  | { readonly kind: 'found'; readonly format: StreamFormat; readonly source: SourceBody }
  | { readonly kind: 'failed'; readonly text: string };

/** Main profile, level 4: what this browser has to decode to show such a camera. */
const H265 = 'hvc1.1.6.L120.B0';

interface SourceTestProps {
  readonly draft: SourceDraft;
  readonly camera: CameraView | null;
}

export function SourceTest({ draft, camera }: SourceTestProps) {
  const { cameras: say } = words.value;
  const outcome = useSignal<Outcome | null>(null);
  if (draft.kind === 'test') return null;
  const test = async () => {
    outcome.value = { kind: 'testing' };
    try {
      const source = sourceBody(draft);
      const format = await request<StreamFormat>('POST', '/probe', { body: { source } });
      outcome.value = { kind: 'found', format, source };
    } catch (error) {
      outcome.value = { kind: 'failed', text: problemText(error) };
    }
  };
  const source = camera?.source;
  const stored = source && 'hasPassword' in source && source.hasPassword && draft.password === '';
  const testing = outcome.value?.kind === 'testing';
  return (
    <div class="source-test">
      <button type="button" class="button" disabled={testing} onClick={() => void test()}>
        <Icon name="test" />
        {testing ? say.testing : say.test}
      </button>
      {stored && <span class="field-hint">{say.testNeedsPassword}</span>}
      <TestOutcome outcome={outcome.value} />
    </div>
  );
}

function TestOutcome({ outcome }: { readonly outcome: Outcome | null }) {
  const { cameras: say } = words.value;
  switch (outcome?.kind) {
    case undefined:
    case 'testing':
      return null;
    case 'failed':
      return <Note kind="bad">{outcome.text}</Note>;
    case 'found':
      return (
        <>
          <Note kind="good">{say.testFound(formatText(outcome.format))}</Note>
          <SourcePicture source={outcome.source} />
          {outcome.format.video.codec === 'h265' && !canDecode(H265) && <Note kind="info">{say.h265}</Note>}
        </>
      );
  }
}
