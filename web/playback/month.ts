/** Months as calendars show them: whole weeks from Monday on. Pure. */
import { addDays, type Day } from '../time/zone.ts';

/** Six weeks always, so that nothing below a calendar moves when the month changes. */
const WEEKS = 6;

export function firstOfMonth(day: Day): Day {
  return `${day.slice(0, 7)}-01`;
}

/** The first of the month `count` months later. */
export function nextMonth(first: Day, count: number): Day {
  const months = Number(first.slice(0, 4)) * 12 + Number(first.slice(5, 7)) - 1 + count;
  const year = String(Math.floor(months / 12)).padStart(4, '0');
  return `${year}-${String((months % 12) + 1).padStart(2, '0')}-01`;
}

/** The weeks that hold a month. @param first the first of the month */
export function weeksOf(first: Day): readonly (readonly Day[])[] {
  const weekday = (new Date(`${first}T00:00:00Z`).getUTCDay() + 6) % 7;
  const start = addDays(first, -weekday);
  return Array.from({ length: WEEKS }, (_, week) =>
    Array.from({ length: 7 }, (_each, index) => addDays(start, week * 7 + index)),
  );
}
