/** A field for a time of the day on show: the way without dragging. A time that comes twice is asked for twice. */
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { zone } from '../core/clock.ts';
import { offsetText, timeText } from '../core/format.ts';
import { momentAt, momentsAt } from '../time/zone.ts';
import { words } from '../words/index.ts';
import { day, seek, writeAddress } from './model.ts';

export function GoToTime() {
  const { play } = words.value;
  const text = useSignal('');
  const choices = useSignal<readonly number[]>([]);
  const field = useRef<HTMLInputElement>(null);
  /** The field gives the keys back to the page. */
  const leaveFor = (ms: number) => {
    text.value = '';
    choices.value = [];
    field.current?.blur();
    seek(ms);
    writeAddress();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    const wallMs = wallMsOf(text.peek());
    if (wallMs === null) return;
    const moments = momentsAt(day.peek(), wallMs, zone.peek());
    if (moments.length > 1) choices.value = moments;
    else leaveFor(moments[0] ?? momentAt(day.peek(), wallMs, zone.peek()));
  };
  return (
    <form class="go-to" onSubmit={submit}>
      <label>
        <span class="visually-hidden">{play.goTo}</span>
        <input
          ref={field}
          inputMode="numeric"
          maxLength={8}
          placeholder={play.goToHint}
          title={play.goTo}
          value={text.value}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value;
            choices.value = [];
          }}
        />
      </label>
      <button type="submit" class="button small" disabled={wallMsOf(text.value) === null}>
        {play.go}
      </button>
      {choices.value.length > 1 && (
        <fieldset class="go-to-choices">
          <legend>{play.twice(timeText(choices.value[0] ?? 0))}</legend>
          {choices.value.map((ms, index) => (
            <button key={ms} type="button" class="button small" onClick={() => leaveFor(ms)}>
              {index === 0 ? play.first : play.second} ({offsetText(ms)})
            </button>
          ))}
        </fieldset>
      )}
    </form>
  );
}

/** Milliseconds since midnight of `2:15`, `02:15:03` or, as is quickest to type, `0215`; null of anything else. */
function wallMsOf(text: string): number | null {
  const match = /^([01]?\d|2[0-3]):?([0-5]\d)(?::?([0-5]\d))?$/.exec(text.trim());
  if (!match) return null;
  const [hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000;
}
