/** A schedule as it is being typed in. Pure. */
import type { ScheduleInput, ScheduleView } from '../../types/api.ts';

/** A range that begins on some days of the week. */
export interface WeeklyDraft {
  /** 1 is Monday. */
  readonly days: readonly number[];
  /** HH:MM */
  readonly from: string;
  readonly to: string;
}

/** What replaces the ranges of a date. */
export interface ExceptionDraft {
  readonly date: string;
  /** Null: nothing is recorded that day. */
  readonly range: { readonly from: string; readonly to: string } | null;
}

export interface ScheduleDraft {
  readonly weekly: readonly WeeklyDraft[];
  readonly exceptions: readonly ExceptionDraft[];
}

export const WORKDAYS: readonly number[] = [1, 2, 3, 4, 5];
export const NEW_RANGE: WeeklyDraft = { days: WORKDAYS, from: '18:00', to: '08:00' };

export function scheduleDraftOf({ weekly, exceptions }: ScheduleView): ScheduleDraft {
  return {
    weekly,
    // A date with several ranges becomes several lines.
    exceptions: exceptions.flatMap(({ date, ranges }): readonly ExceptionDraft[] =>
      ranges.length === 0 ? [{ date, range: null }] : ranges.map((range) => ({ date, range })),
    ),
  };
}

/** What is sent; an override that holds stays. */
export function scheduleBody(draft: ScheduleDraft, before: ScheduleView | null): ScheduleInput {
  const dates = [...new Set(draft.exceptions.map(({ date }) => date))].filter((date) => date !== '');
  return {
    weekly: draft.weekly,
    exceptions: dates.map((date) => ({
      date,
      ranges: draft.exceptions.flatMap((each) => (each.date === date && each.range ? [each.range] : [])),
    })),
    override: before?.override ?? null,
  };
}
