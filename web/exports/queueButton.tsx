/** Has the recorder make the files itself: for what is long, of several cameras, or to be fetched later. */
import { useSignal } from '@preact/signals';
import { ApiError, request } from '../core/api.ts';
import { durationText } from '../core/format.ts';
import { go, link } from '../core/router.ts';
import type { Interval } from '../time/zone.ts';
import { Note } from '../ui/button.tsx';
import { Check } from '../ui/field.tsx';
import { Icon } from '../ui/icon.tsx';
import { problemText, words } from '../words/index.ts';

interface QueueButtonProps extends Interval {
  readonly cameras: readonly string[];
  /** How many files the first camera's footage is. */
  readonly files: number;
}

/** The recorder encodes no more than a day anew. */
const LONGEST_BURNT_MS = 86_400_000;

export function QueueButton({ cameras, files, startMs, endMs }: QueueButtonProps) {
  const { clip } = words.value;
  const failure = useSignal<string | null>(null);
  const wanted = useSignal(false);
  const tooLong = endMs - startMs > LONGEST_BURNT_MS;
  const burnTime = wanted.value && !tooLong;
  const order = async () => {
    const body = {
      cameras,
      fromMs: startMs,
      toMs: endMs,
      format: 'mp4',
      // Several files are one only in an archive.
      zip: cameras.length > 1 || files > 1,
      burnTime,
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
      {!tooLong && (
        <Check
          label={clip.burnTime}
          checked={burnTime}
          onChange={(on) => {
            wanted.value = on;
          }}
        />
      )}
      {burnTime && <p class="muted">{clip.burnTimeText(durationText((endMs - startMs) * cameras.length))}</p>}
      <button type="button" class="button" onClick={() => void order()}>
        <Icon name="exports" />
        {clip.queue}
      </button>
      {failure.value && <Note kind="bad">{failure.value}</Note>}
    </div>
  );
}
