/**
 * Days and wall time of the recorder's zone, from what `Intl` knows. A day has 23, 24, 25 or 23.5 hours: nobody
 * multiplies by 24. Pure.
 */

/** A date of the ISO 8601 calendar, `YYYY-MM-DD`. */
export type Day = string;

export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** No offset changes within a quarter of an hour of UTC: changes happen at its quarters. */
const QUARTER_MS = 15 * MINUTE_MS;
const MOST_CACHED = 20_000;

const formats = new Map<string, Intl.DateTimeFormat>();
/** By zone, by the number of the quarter: the timeline asks hundreds of times a frame. */
const offsets = new Map<string, Map<number, number>>();

/** Milliseconds by which the zone's wall time is ahead of UTC at a moment. */
export function offsetAt(ms: number, zone: string): number {
  const quarter = Math.floor(ms / QUARTER_MS);
  const known = offsetsOf(zone);
  const found = known.get(quarter);
  if (found !== undefined) return found;
  if (known.size > MOST_CACHED) known.clear();
  const offset = asUtc(quarter * QUARTER_MS, zone) - quarter * QUARTER_MS;
  known.set(quarter, offset);
  return offset;
}

function offsetsOf(zone: string): Map<number, number> {
  const known = offsets.get(zone) ?? new Map<number, number>();
  offsets.set(zone, known);
  return known;
}

/** The day that a moment belongs to. */
export function dayOf(ms: number, zone: string): Day {
  return isoDay(ms + offsetAt(ms, zone));
}

/** The same as a number that counts on by one from day to day; far cheaper where only changes matter. */
export function dayNumberOf(ms: number, zone: string): number {
  return Math.floor((ms + offsetAt(ms, zone)) / DAY_MS);
}

/** Milliseconds of wall time since midnight: what a clock on the wall shows. */
export function wallTimeOf(ms: number, zone: string): number {
  const local = ms + offsetAt(ms, zone);
  return ((local % DAY_MS) + DAY_MS) % DAY_MS;
}

/** From the first moment of a day to the first moment of the next. */
export function dayBounds(day: Day, zone: string): Interval {
  return { startMs: firstMoment(day, zone), endMs: firstMoment(addDays(day, 1), zone) };
}

export function addDays(day: Day, count: number): Day {
  return isoDay(Date.parse(`${day}T00:00:00Z`) + count * DAY_MS);
}

/**
 * The moments at which clocks of the zone show a wall time on a day: one, two when the clock is set back over it, none
 * when it is set forward over it.
 * @param wallMs since midnight, as `wallTimeOf`
 */
export function momentsAt(day: Day, wallMs: number, zone: string): readonly number[] {
  const local = Date.parse(`${day}T00:00:00Z`) + wallMs;
  const candidates = [local - DAY_MS, local, local + DAY_MS].map((guess) => local - offsetAt(guess, zone));
  const real = candidates.filter((ms) => ms + offsetAt(ms, zone) === local);
  return [...new Set(real)].sort((a, b) => a - b);
}

/** The moment of a wall time on a day: the first of two and, of a time that is left out, the first after it. */
export function momentAt(day: Day, wallMs: number, zone: string): number {
  const [first] = momentsAt(day, wallMs, zone);
  if (first !== undefined) return first;
  const local = Date.parse(`${day}T00:00:00Z`) + wallMs;
  return local - Math.min(offsetAt(local - DAY_MS, zone), offsetAt(local + DAY_MS, zone));
}

/** Binary search, because a zone may have no midnight that day: then the day begins at one o'clock. */
function firstMoment(day: Day, zone: string): number {
  const utc = Date.parse(`${day}T00:00:00Z`) / MINUTE_MS;
  let before = utc - 16 * 60;
  let from = utc + 16 * 60;
  while (from - before > 1) {
    const middle = Math.floor((before + from) / 2);
    if (dayOf(middle * MINUTE_MS, zone) < day) before = middle;
    else from = middle;
  }
  return from * MINUTE_MS;
}

function isoDay(localMs: number): Day {
  return new Date(localMs).toISOString().slice(0, 10);
}

/** The zone's wall time at a moment, read as if it were UTC. */
function asUtc(ms: number, zone: string): number {
  const parts = formatOf(zone).formatToParts(ms);
  const read = (type: Intl.DateTimeFormatPartTypes) =>
    Number(parts.find((part) => part.type === type)?.value ?? 0);
  return Date.UTC(read('year'), read('month') - 1, read('day'), read('hour'), read('minute'), read('second'));
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, format);
  return format;
}
