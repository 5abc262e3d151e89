/** "9/9 recording": the answer to the first question, on every screen, and behind it who is not and why. */
import { computed } from '@preact/signals';
import type { CameraView } from '../../types/api.ts';
import { now } from '../core/clock.ts';
import { cameras, lostSince } from '../core/fleet.ts';
import { durationText } from '../core/format.ts';
import { failureOf, type Tally, tallyOf } from '../core/recordingState.ts';
import { link } from '../core/router.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { causeText, words } from '../words/index.ts';

type Mood = 'good' | 'bad' | 'waiting' | 'none' | 'unknown';

export const MOOD_ICONS: Readonly<Record<Mood, IconName>> = {
  good: 'check',
  bad: 'alert',
  waiting: 'clock',
  none: 'info',
  unknown: 'offline',
};

const tally = computed(() => (cameras.value ? tallyOf(cameras.value, now.value) : null));

/** A new object only when what is shown changes: the clock ticks every second, the live region must not. */
const shown = computed(() => {
  const { mood, text } = describe(lostSince.value === null ? tally.value : null);
  return `${mood}|${text}`;
});

export function RecordingPill() {
  const [mood = 'unknown', text = ''] = shown.value.split('|');
  return (
    <div class="pill-place">
      <button type="button" class={`pill ${mood}`} popovertarget="recording-state">
        <Icon name={isMood(mood) ? MOOD_ICONS[mood] : 'info'} />
        <span>{text}</span>
      </button>
      <span class="visually-hidden" role="status">
        {text}
      </span>
      <div id="recording-state" class="popover" popover="auto">
        <Details />
      </div>
    </div>
  );
}

function Details() {
  const state = tally.value;
  const { pill } = words.value;
  if (!state) return <p>{pill.unknown}</p>;
  return (
    <>
      <h2>{pill.title}</h2>
      <p>{verdictOf(state)}</p>
      {state.failing.length > 0 && (
        <ul class="plain-list">
          {state.failing.map((camera) => (
            <Failing key={camera.id} camera={camera} />
          ))}
        </ul>
      )}
    </>
  );
}

function Failing({ camera }: { readonly camera: CameraView }) {
  const { pill } = words.value;
  const { lastDurableMs, source } = camera.status;
  const kept = lastDurableMs === null ? pill.never : pill.lastKept(durationText(now.value - lastDurableMs));
  return (
    <li>
      <a href={link('live', { cam: camera.id })}>{camera.name}</a>
      <span class="muted">
        {causeText(failureOf(camera), source.message)} {kept}
      </span>
    </li>
  );
}

/** Whether everything records, in one sentence. */
export function verdictOf({ failing, wanted, recording }: Tally): string {
  const { pill } = words.value;
  if (failing.length > 0) return pill.failing(failing.length);
  if (wanted === 0) return pill.noneLong;
  return recording < wanted ? pill.startingLong(wanted - recording) : pill.fine;
}

/** What an icon and a colour tell of it. */
export function moodOf({ failing, wanted, recording }: Tally): Exclude<Mood, 'unknown'> {
  if (wanted === 0) return 'none';
  if (failing.length > 0) return 'bad';
  return recording < wanted ? 'waiting' : 'good';
}

function describe(state: Tally | null): { readonly mood: Mood; readonly text: string } {
  const { pill } = words.value;
  if (!state) return { mood: 'unknown', text: pill.unknown };
  const { recording, wanted } = state;
  const mood = moodOf(state);
  if (mood === 'none') return { mood, text: pill.none };
  return { mood, text: mood === 'waiting' ? pill.starting(recording, wanted) : pill.all(recording, wanted) };
}

function isMood(text: string): text is Mood {
  return text in MOOD_ICONS;
}
