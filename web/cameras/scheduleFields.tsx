/** When a camera records: ranges of the week, and days that are different. */
import { weekdayTexts } from '../core/format.ts';
import { IconButton } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';
import { more } from '../words/more/index.ts';
import { type ExceptionDraft, NEW_RANGE, type ScheduleDraft, type WeeklyDraft } from './scheduleDraft.ts';

interface ScheduleFieldsProps {
  readonly draft: ScheduleDraft;
  readonly change: (draft: ScheduleDraft) => void;
}

export function ScheduleFields({ draft, change }: ScheduleFieldsProps) {
  const { schedule: say } = more.value;
  const weekly = (index: number, next: WeeklyDraft | null) =>
    change({ ...draft, weekly: replaced(draft.weekly, index, next) });
  const exceptions = (index: number, next: ExceptionDraft | null) =>
    change({ ...draft, exceptions: replaced(draft.exceptions, index, next) });
  return (
    <div class="schedule">
      {draft.weekly.length === 0 && <p class="muted">{say.always}</p>}
      {draft.weekly.map((range, index) => (
        <WeeklyRow key={index} range={range} change={(next) => weekly(index, next)} />
      ))}
      <button type="button" class="button small" onClick={() => weekly(draft.weekly.length, NEW_RANGE)}>
        <Icon name="plus" />
        {say.addRange}
      </button>
      <h4>{say.exceptions}</h4>
      {draft.exceptions.map((exception, index) => (
        <ExceptionRow key={index} exception={exception} change={(next) => exceptions(index, next)} />
      ))}
      <button
        type="button"
        class="button small"
        onClick={() => exceptions(draft.exceptions.length, { date: '', range: null })}
      >
        <Icon name="plus" />
        {say.addException}
      </button>
    </div>
  );
}

/** Null takes it out; behind the last it is added. */
function replaced<T>(list: readonly T[], index: number, next: T | null): readonly T[] {
  return [...list.slice(0, index), ...(next === null ? [] : [next]), ...list.slice(index + 1)];
}

interface WeeklyRowProps {
  readonly range: WeeklyDraft;
  readonly change: (range: WeeklyDraft | null) => void;
}

function WeeklyRow({ range, change }: WeeklyRowProps) {
  const { schedule: say } = more.value;
  const toggle = (day: number) => {
    const has = range.days.includes(day);
    const days = has ? range.days.filter((each) => each !== day) : [...range.days, day].sort((a, b) => a - b);
    change({ ...range, days });
  };
  return (
    <fieldset class="schedule-row">
      <legend class="visually-hidden">{say.range}</legend>
      <span class="weekdays">
        {weekdayTexts.value.map(({ short, long }, index) => (
          <button
            key={long}
            type="button"
            class="weekday"
            aria-pressed={range.days.includes(index + 1)}
            aria-label={long}
            onClick={() => toggle(index + 1)}
          >
            {short}
          </button>
        ))}
      </span>
      <Times from={range.from} to={range.to} change={(times) => change({ ...range, ...times })} />
      <IconButton icon="trash" label={say.removeRange} onClick={() => change(null)} />
    </fieldset>
  );
}

interface TimesProps {
  readonly from: string;
  readonly to: string;
  readonly change: (times: { readonly from: string; readonly to: string }) => void;
}

/** 24:00, which a browser's field for times does not know, is shown as midnight. */
function Times({ from, to, change }: TimesProps) {
  const { schedule: say } = more.value;
  return (
    <span class="times">
      <input
        type="time"
        required
        aria-label={say.from}
        value={from}
        onInput={({ currentTarget }) => change({ from: currentTarget.value, to })}
      />
      –
      <input
        type="time"
        required
        aria-label={say.to}
        value={to === '24:00' ? '00:00' : to}
        onInput={({ currentTarget }) =>
          change({ from, to: currentTarget.value === '00:00' ? '24:00' : currentTarget.value })
        }
      />
      {to < from && <span class="muted">{say.nextDay}</span>}
    </span>
  );
}

interface ExceptionRowProps {
  readonly exception: ExceptionDraft;
  readonly change: (exception: ExceptionDraft | null) => void;
}

function ExceptionRow({ exception: { date, range }, change }: ExceptionRowProps) {
  const { schedule: say } = more.value;
  return (
    <fieldset class="schedule-row">
      <legend class="visually-hidden">{say.exception}</legend>
      <input
        type="date"
        required
        aria-label={say.date}
        value={date}
        onInput={({ currentTarget }) => change({ date: currentTarget.value, range })}
      />
      <select
        aria-label={say.thatDay}
        value={range ? 'range' : 'none'}
        onChange={({ currentTarget }) =>
          change({ date, range: currentTarget.value === 'range' ? { from: '00:00', to: '24:00' } : null })
        }
      >
        <option value="none">{say.nothing}</option>
        <option value="range">{say.onlyFrom}</option>
      </select>
      {range && <Times from={range.from} to={range.to} change={(times) => change({ date, range: times })} />}
      <IconButton icon="trash" label={say.removeException} onClick={() => change(null)} />
    </fieldset>
  );
}
