/**
 * When a camera records: a week of ranges, other ranges on single dates, and a manual override with its end. Ranges are
 * times as the clocks of a zone show them, so their length changes where clocks are moved: a time that is skipped is
 * the moment it is skipped, and one that is shown twice counts both times. Pure.
 */
import { NvrError } from './errors.ts';
import { type EpochMs, epochMs, type Interval } from './time.ts';
import { addDays, type Day, day, dayBounds, dayOf, momentOf, type Zone } from './zone.ts';

/** Of ISO 8601: 1 is Monday, 7 is Sunday. */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** From a time of a day, `HH:MM`, to another, at most `24:00`; over midnight when it is the earlier one. */
export interface TimeRange {
  readonly from: string;
  readonly to: string;
}

/** A range belongs to the days it begins on, also the part of it that lies after midnight. */
export interface WeeklyRange extends TimeRange {
  readonly days: readonly Weekday[];
}

/** What holds for the ranges that begin on a date, in place of the week's; none on a holiday. */
export interface ScheduleException {
  readonly date: Day;
  readonly ranges: readonly TimeRange[];
}

/** What somebody wants until a time, whatever the ranges say. */
export interface ScheduleOverride {
  readonly record: boolean;
  readonly untilMs: EpochMs;
}

export interface Schedule {
  readonly weekly: readonly WeeklyRange[];
  readonly exceptions: readonly ScheduleException[];
  readonly override: ScheduleOverride | null;
}

/** A schedule as it is given, before anything of it is known to be right. */
export interface ScheduleInput {
  readonly weekly?: readonly (TimeRange & { readonly days: readonly number[] })[];
  readonly exceptions?: readonly { readonly date: string; readonly ranges: readonly TimeRange[] }[];
  readonly override?: { readonly record: boolean; readonly untilMs: number } | null;
}

const TIME = /^(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;
const WEEKDAYS: readonly Weekday[] = [1, 2, 3, 4, 5, 6, 7];
const MINUTES_PER_DAY = 1_440;
const MINUTES_PER_WEEK = 7 * MINUTES_PER_DAY;
const MAX_RANGES = 100;
const MAX_EXCEPTIONS = 500;
/** Nobody plans further, and the calendar ends somewhere. */
const END_OF_PLANS = 2200;
/** A range, overnight and with an hour shown twice, may reach into the second day after the one it begins on. */
const REACH_DAYS = 2;
/**
 * Without exceptions a week repeats itself, but for ranges that clocks skip as they are moved, which they never are at
 * the same time of the week three weeks in a row.
 */
const REPEATING_DAYS = 22;

/**
 * Whether the camera should be recording at a moment.
 * @throws NvrError `invalid` for the hours after the year 9999 in a zone ahead of UTC; so does `nextChange`.
 */
export function wantedAt(schedule: Schedule, ms: EpochMs, zone: Zone): boolean {
  const { override } = schedule;
  if (override !== null && ms < override.untilMs) return override.record;
  return holds(around(schedule, dayOf(ms, zone), zone), ms);
}

/** The first moment after `ms` at which `wantedAt` is another than at `ms`; null when it stays as it is for ever. */
export function nextChange(schedule: Schedule, ms: EpochMs, zone: Zone): EpochMs | null {
  const { override } = schedule;
  const wanted = wantedAt(schedule, ms, zone);
  const overridden = override !== null && ms < override.untilMs;
  const fromMs = overridden ? override.untilMs : ms;
  if (overridden && wantedAt(schedule, fromMs, zone) !== wanted) return fromMs;
  for (const date of daysOfChange(schedule, dayOf(fromMs, zone))) {
    const { startMs, endMs } = dayBounds(date, zone);
    const ranges = around(schedule, date, zone);
    const change = ranges
      .flatMap((range) => [range.startMs, range.endMs])
      .filter((edge) => edge > fromMs && edge >= startMs && edge < endMs)
      .sort((a, b) => a - b)
      .find((edge) => holds(ranges, edge) !== wanted);
    if (change !== undefined) return change;
  }
  return null;
}

/**
 * A schedule from what was given; what is missing is empty.
 * @param field what to call it: an error names the part, as in `schedule.weekly[2].from`; `weekly[2].from` when it is
 *   empty
 * @throws NvrError `invalid`: bad times, days or dates, ranges that are empty, overlap or are given twice.
 */
export function validateSchedule(input: ScheduleInput, field = 'schedule'): Schedule {
  const { weekly = [], exceptions = [], override = null } = input;
  const part = (key: string): string => (field === '' ? key : `${field}.${key}`);
  limit(weekly, MAX_RANGES, part('weekly'));
  limit(exceptions, MAX_EXCEPTIONS, part('exceptions'));
  const week = weekly.map((range, i) => weeklyRange(range, `${part('weekly')}[${i}]`));
  refuseOverlaps(week, part('weekly'), MINUTES_PER_WEEK);
  const dates = exceptions.map((each, i) => exception(each, `${part('exceptions')}[${i}]`));
  const twice = repeated(dates.map(({ date }) => date));
  if (twice >= 0) throw invalid('Each date has one exception.', `${part('exceptions')}[${twice}].date`);
  return { weekly: week, exceptions: dates, override: validateOverride(override, part('override')) };
}

/** The ranges that can hold a moment of a day. */
function around(schedule: Schedule, date: Day, zone: Zone): readonly Interval[] {
  return Array.from({ length: REACH_DAYS + 1 }, (_, back) => addDays(date, -back)).flatMap((begin) =>
    rangesOf(schedule, begin).map(({ from, to }) => {
      const end = minutesOf(to) + (isOvernight({ from, to }) ? MINUTES_PER_DAY : 0);
      return {
        startMs: momentOf(begin, minutesOf(from), zone, 'first'),
        endMs: momentOf(begin, end, zone, 'last'),
      };
    }),
  );
}

function rangesOf({ weekly, exceptions }: Schedule, date: Day): readonly TimeRange[] {
  const special = exceptions.find((each) => each.date === date);
  if (special !== undefined) return special.ranges;
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
  return weekly.filter(({ days }) => days.some((each) => each === weekday));
}

function holds(ranges: readonly Interval[], ms: EpochMs): boolean {
  return ranges.some(({ startMs, endMs }) => startMs <= ms && ms < endMs);
}

/** The days on which something can change, in order: what follows `first`, and what follows each exception. */
function* daysOfChange({ exceptions }: Schedule, first: Day): Generator<Day> {
  const special = exceptions.map(({ date }) => date).filter((date) => date > first);
  let next = first;
  for (const date of [first, ...special.sort()]) {
    if (next < date) next = date;
    for (const last = addDays(date, REPEATING_DAYS); next <= last; next = addDays(next, 1)) yield next;
  }
}

function weeklyRange(
  { days, from, to }: TimeRange & { readonly days: readonly number[] },
  field: string,
): WeeklyRange {
  if (days.length === 0) throw invalid('A range needs at least one day.', `${field}.days`);
  const known = days.map((each, i) => {
    const weekday = WEEKDAYS.find((known) => known === each);
    if (weekday !== undefined) return weekday;
    throw invalid('A day is a number from 1, Monday, to 7, Sunday.', `${field}.days[${i}]`);
  });
  const twice = repeated(known);
  if (twice >= 0) throw invalid('Each day is given once.', `${field}.days[${twice}]`);
  return { days: known, ...timeRange({ from, to }, field) };
}

function exception(
  { date, ranges }: { readonly date: string; readonly ranges: readonly TimeRange[] },
  field: string,
): ScheduleException {
  limit(ranges, MAX_RANGES, `${field}.ranges`);
  const times = ranges.map((range, i) => timeRange(range, `${field}.ranges[${i}]`));
  // On a line instead of round the week: what follows the date is not the exception's.
  refuseOverlaps(
    times.map((range) => ({ ...range, days: [1] })),
    `${field}.ranges`,
    2 * MINUTES_PER_DAY,
  );
  const known = day(date, `${field}.date`);
  if (Number(known.slice(0, 4)) < END_OF_PLANS) return { date: known, ranges: times };
  throw invalid(`An exception lies before the year ${END_OF_PLANS}.`, `${field}.date`);
}

/** An override from what was given. @throws NvrError `invalid` naming its end when that is no sensible time. */
export function validateOverride(
  input: ScheduleInput['override'],
  field = 'override',
): ScheduleOverride | null {
  if (input == null) return null;
  const untilField = field === '' ? 'untilMs' : `${field}.untilMs`;
  const untilMs = epochMs(input.untilMs, untilField);
  if (untilMs < Date.UTC(END_OF_PLANS, 0)) return { record: input.record, untilMs };
  throw invalid(`An override ends before the year ${END_OF_PLANS}.`, untilField);
}

function timeRange({ from, to }: TimeRange, field: string): TimeRange {
  if (!TIME.test(from) || from === '24:00') {
    throw invalid('A range begins at a time written HH:MM, 00:00 to 23:59.', `${field}.from`);
  }
  if (!TIME.test(to)) throw invalid('A range ends at a time written HH:MM, up to 24:00.', `${field}.to`);
  if (from === to) {
    throw invalid('A range that ends when it begins is empty; a whole day is 00:00 to 24:00.', `${field}.to`);
  }
  return { from, to };
}

/** Names the later of two ranges that overlap on a circle of minutes. */
function refuseOverlaps(ranges: readonly WeeklyRange[], field: string, circle: number): void {
  const taken = new Uint8Array(circle);
  for (const [i, range] of ranges.entries()) {
    for (const weekday of range.days) {
      const midnight = (weekday - 1) * MINUTES_PER_DAY;
      const end = midnight + minutesOf(range.to) + (isOvernight(range) ? MINUTES_PER_DAY : 0);
      for (let minute = midnight + minutesOf(range.from); minute < end; minute++) {
        if (taken[minute % circle] === 1) {
          throw invalid('Ranges must not overlap, also not over midnight.', `${field}[${i}].from`);
        }
        taken[minute % circle] = 1;
      }
    }
  }
}

function isOvernight({ from, to }: TimeRange): boolean {
  return minutesOf(to) < minutesOf(from);
}

/** Minutes after 00:00. */
function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

/** The place of the first value that was there before, or -1. */
function repeated(values: readonly unknown[]): number {
  return values.findIndex((value, i) => values.indexOf(value) < i);
}

function limit(list: readonly unknown[], most: number, field: string): void {
  if (list.length > most) throw invalid(`${most} are the most.`, field);
}

function invalid(message: string, field: string): NvrError {
  return new NvrError('invalid', message, { field });
}
