/** The days of a month in a zone. */
import { NvrError } from './errors.ts';
import type { Interval } from './time.ts';
import { addDays, type Day, day, dayBounds, type Zone } from './zone.ts';

const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/;

/** A calendar day and its bounds. */
export interface NamedDay extends Interval {
  readonly day: Day;
}

/**
 * The days of a month, `YYYY-MM`, in order; a day that the zone skipped is empty.
 * @throws NvrError `invalid` naming the field, unless the text is a month.
 */
export function daysOfMonth(month: string, inZone: Zone, field = 'month'): NamedDay[] {
  if (!MONTH.test(month)) throw new NvrError('invalid', 'A month is written YYYY-MM.', { field });
  const days: NamedDay[] = [];
  for (let date = day(`${month}-01`, field); date.startsWith(month); date = addDays(date, 1)) {
    days.push({ day: date, ...dayBounds(date, inZone) });
    // The calendar ends here.
    if (date === '9999-12-31') break;
  }
  return days;
}
