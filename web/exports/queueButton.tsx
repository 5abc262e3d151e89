/** Has the recorder make the files itself: for what is long, of several cameras, or to be fetched later. */
import { useSignal } from '@preact/signals';
import { ApiError, request } from '../core/api.ts';
import { go, link } from '../core/router.ts';
import type { Interval } from '../time/zone.ts';
import { Note } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { problemText, words } from '../words/index.ts';

interface QueueButtonProps extends Interval {
  readonly cameras: readonly string[];
  /** How many files the first camera's footage is. */
  readonly files: number;
}

export function QueueButton({ cameras, files, startMs, endMs }: QueueButtonProps) {
  const { clip } = words.value;
  const failure = useSignal<string | null>(null);
  const order = async () => {
    const body = {
      cameras,
      fromMs: startMs,
      toMs: endMs,
      format: 'mp4',
      // Several files are one only in an archive.
      zip: cameras.length > 1 || files > 1,
    };
    try {
      await request('POST', '/exports', { body });
      go(link('exports'));
    } catch (error) {
      const absent = error instanceof ApiError && error.status === 404 && !error.problem?.field;
      failure.value = absent ? clip.noQueue : problemText(error);
    }
  };
  return (
    <div class="clip-queue">
      <p class="muted">{cameras.length > 1 ? clip.queueSeveral(cameras.length) : clip.queueText}</p>
      <button type="button" class="button" onClick={() => void order()}>
        <Icon name="exports" />
        {clip.queue}
      </button>
      {failure.value && <Note kind="bad">{failure.value}</Note>}
    </div>
  );
}
