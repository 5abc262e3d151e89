/**
 * Days of a configured IANA time zone, and wall time as people of that zone write it. A day has 23, 24, 25 or 23.5
 * hours; nobody multiplies by 24. The only user of Temporal.
 */
import { Temporal } from 'temporal-polyfill';
import { NvrError } from './errors.ts';
import { DAY_MS, type EpochMs, epochMs, type Interval } from './time.ts';

declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Name of an IANA time zone as the tz database spells it: `Asia/Seoul`, `UTC`. */
export type Zone = Brand<string, 'Zone'>;
/** A date of the ISO 8601 calendar, `YYYY-MM-DD`, in whatever zone it is asked for. */
export type Day = Brand<string, 'Day'>;

/** A stretch of time in which a zone keeps one offset. */
interface OffsetSpan {
  readonly startMs: number;
  readonly endMs: number;
  readonly offsetMs: number;
  /** `+09:00`, as Temporal writes it. */
  readonly text: string;
}

// Offsets such as "+09:00" and whole ISO strings are zones for Temporal but not for a user's configuration.
const ZONE_NAME = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const LAST_MS = 253_402_300_799_999;

// Both only remember what pure functions gave: a zone's rules do not change while the process lives.
const spans = new Map<Zone, OffsetSpan>();
const bounds = new Map<string, Interval>();
const MAX_BOUNDS = 4096;

/**
 * A zone by its name, in any case; gives the tz database's spelling.
 * @throws NvrError `invalid`, naming the field, when the name is not a known IANA zone.
 */
export function zone(text: string, field = 'timeZone'): Zone {
  try {
    if (ZONE_NAME.test(text)) return zoned(0, text).timeZoneId as Zone;
  } catch {
    // Temporal throws a RangeError for a name it does not know; the sentence below says it better.
  }
  throw new NvrError('invalid', 'A time zone is a name of the IANA database, such as Asia/Seoul.', { field });
}

/** @throws NvrError `invalid` unless the text is a real calendar date, `YYYY-MM-DD`. */
export function day(text: string, field = 'day'): Day {
  try {
    if (DAY.test(text)) return Temporal.PlainDate.from(text, { overflow: 'reject' }).toString() as Day;
  } catch {
    // A RangeError: no such date.
  }
  throw new NvrError('invalid', 'A day is a calendar date written YYYY-MM-DD.', { field });
}

/**
 * The day whose `dayBounds` hold a moment. It is the local date, except where clocks go back over midnight
 * (St. John's until 2011): the minutes of the old date that are lived twice belong, the second time, to the new day.
 * @throws NvrError `invalid` for the hours after the year 9999 in a zone ahead of UTC.
 */
export function dayOf(ms: EpochMs, inZone: Zone): Day {
  const date = local(ms, inZone).slice(0, 10) as Day;
  return ms >= dayBounds(date, inZone).endMs ? addDays(date, 1) : date;
}

/**
 * From the first moment of a day to the first moment of the next, so that consecutive days touch. A day the zone
 * skipped (Pacific/Apia, 2011-12-30) is empty: its start is its end. Cut to the range of `EpochMs`.
 */
export function dayBounds(date: Day, inZone: Zone): Interval {
  const key = `${date} ${inZone}`;
  const known = bounds.get(key);
  if (known) return known;
  const plain = Temporal.PlainDate.from(date);
  const computed = {
    startMs: firstMoment(plain, inZone),
    endMs: firstMoment(plain.add({ days: 1 }), inZone),
  };
  if (bounds.size >= MAX_BOUNDS) bounds.clear();
  bounds.set(key, computed);
  return computed;
}

/**
 * The calendar day `count` days later, or earlier when negative.
 * @throws NvrError `invalid` outside the years 0–9999.
 */
export function addDays(date: Day, count: number): Day {
  const text = new Date(Date.parse(`${date}T00:00:00Z`) + count * DAY_MS).toISOString().slice(0, 10);
  // A year of more digits is written with a sign.
  return DAY.test(text) ? (text as Day) : day(text);
}

/**
 * When the clocks of a zone show a time of a date, given as minutes after 00:00; 1440 and more are the next date's. A
 * time that clocks skip is the moment they skip it; of one that they show twice, `which` chooses. Cut to the range of
 * `EpochMs`.
 */
export function momentOf(date: Day, minutes: number, inZone: Zone, which: 'first' | 'last'): EpochMs {
  const shownMs = Date.parse(`${date}T00:00:00Z`) + minutes * 60_000;
  const { startMs, endMs, offsetMs } = spanAt(clipped(shownMs), inZone);
  const ms = shownMs - offsetMs;
  // No zone ever moved its clocks by more than a day: further than that from such a move, a time is shown once.
  if (ms - DAY_MS >= startMs && ms + DAY_MS < endMs) return clipped(ms);
  const plain = Temporal.PlainDate.from(date).toPlainDateTime().add({ minutes });
  const [first, last] = (['earlier', 'later'] as const).map((disambiguation) =>
    plain.toZonedDateTime(inZone, { disambiguation }),
  );
  const shown = last?.toPlainDateTime().equals(plain) === true;
  const moment = shown ? { first, last }[which] : first?.getTimeZoneTransition('next');
  return clipped(moment?.epochMilliseconds ?? ms);
}

/** Wall time for people: `2026-10-25 02:30:00`. */
export function formatLocal(ms: EpochMs, inZone: Zone): string {
  return local(ms, inZone).slice(0, 19).replace('T', ' ');
}

/** Wall time with its offset, to the millisecond (RFC 3339): `2026-10-25T02:30:00.000+01:00`. */
export function formatIso(ms: EpochMs, inZone: Zone): string {
  return local(ms, inZone).slice(0, 23) + spanAt(ms, inZone).text;
}

function zoned(ms: number, name: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(name);
}

function firstMoment(date: Temporal.PlainDate, inZone: Zone): EpochMs {
  return clipped(date.toZonedDateTime(inZone).epochMilliseconds);
}

function clipped(ms: number): EpochMs {
  return epochMs(Math.min(Math.max(ms, 0), LAST_MS));
}

/** Local time as if it were UTC, `YYYY-MM-DDTHH:MM:SS.mmmZ`. */
function local(ms: EpochMs, inZone: Zone): string {
  return new Date(Math.min(ms + spanAt(ms, inZone).offsetMs, LAST_MS)).toISOString();
}

/** Asking Temporal costs 45 µs a time; neighbouring moments share their offset, so the last answer is kept. */
function spanAt(ms: EpochMs, inZone: Zone): OffsetSpan {
  const known = spans.get(inZone);
  if (known && ms >= known.startMs && ms < known.endMs) return known;
  const moment = zoned(ms, inZone);
  // `previous` looks strictly before, so that a transition at this very moment needs the moment after it.
  const previous = moment.add({ milliseconds: 1 }).getTimeZoneTransition('previous');
  const span = {
    startMs: previous?.epochMilliseconds ?? Number.NEGATIVE_INFINITY,
    endMs: moment.getTimeZoneTransition('next')?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
    offsetMs: moment.offsetNanoseconds / 1e6,
    text: moment.offset,
  };
  spans.set(inZone, span);
  return span;
}
