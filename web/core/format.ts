/** Times and amounts in the recorder's zone and the user's language. */
import { computed } from '@preact/signals';
import type { Interval } from '../time/zone.ts';
import { words } from '../words/index.ts';
import { zone } from './clock.ts';
import { language } from './preferences.ts';

/** The user's own kind of the language that was chosen: British and American dates differ. */
const locale = computed(
  () => navigator.languages.find((each) => each.split('-')[0] === language.value) ?? language.value,
);

const formats = computed(() => {
  const make = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale.value, { timeZone: zone.value, hourCycle: 'h23', ...options });
  return {
    time: make({ hour: '2-digit', minute: '2-digit' }),
    seconds: make({ hour: '2-digit', minute: '2-digit', second: '2-digit' }),
    date: make({ weekday: 'short', day: 'numeric', month: 'short' }),
    day: make({ day: 'numeric' }),
    longDate: make({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }),
    month: make({ month: 'long', year: 'numeric' }),
    offset: make({ timeZoneName: 'shortOffset' }),
  };
});

/** `02:11` */
export function timeText(ms: number): string {
  return formats.value.time.format(ms);
}

/** `02:11:36` */
export function secondsText(ms: number): string {
  return formats.value.seconds.format(ms);
}

/** `Wed, 19 Nov` */
export function dateText(ms: number): string {
  return formats.value.date.format(ms);
}

/** `19` */
export function dayText(ms: number): string {
  return formats.value.day.format(ms);
}

/** `Wednesday, 19 November 2026` */
export function longDateText(ms: number): string {
  return formats.value.longDate.format(ms);
}

/** `November 2026` */
export function monthText(ms: number): string {
  return formats.value.month.format(ms);
}

/** Names of the days of the week, from Monday on. */
export const weekdayTexts = computed(() => {
  const name = (weekday: 'narrow' | 'short' | 'long', index: number) =>
    new Intl.DateTimeFormat(locale.value, { timeZone: 'UTC', weekday }).format(Date.UTC(2024, 0, 1 + index));
  return Array.from({ length: 7 }, (_, index) => ({
    short: name('short', index),
    long: name('long', index),
  }));
});

/** `GMT+9`, wherever a zone is told: with this an hour that comes twice is told apart, and everybody reads it. */
export function offsetText(ms: number): string {
  return formats.value.offset.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** How long, in one or two units: `45 s`, `14 min`, `3 h 5 min`, `6 d 4 h`. */
/** How long a gap is; of several that are told as one, how much is missing within which time. */
export function gapText({ startMs, endMs, missingMs }: GapLength): string {
  const missing = durationText(missingMs);
  const whole = durationText(endMs - startMs);
  return missing === whole ? whole : words.value.units.within(missing, whole);
}

interface GapLength extends Interval {
  readonly missingMs: number;
}

export function durationText(ms: number): string {
  const { units } = words.value;
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const [minutes, hours, days] = [
    Math.floor(seconds / 60),
    Math.floor(seconds / 3_600),
    Math.floor(seconds / 86_400),
  ];
  if (minutes < 1) return units.seconds(seconds);
  if (hours < 1) return units.minutes(minutes);
  if (days < 1) return join(units.hours(hours), minutes % 60, units.minutes);
  return join(units.days(days), hours % 24, units.hours);
}

function join(first: string, rest: number, unit: (n: number) => string): string {
  return rest > 0 ? `${first} ${unit(rest)}` : first;
}

/** `1.4 GB`: decimal, as disks are sold. */
export function bytesText(bytes: number): string {
  const step = Math.min(BYTE_UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  const amount = bytes / 1_000 ** step;
  const digits = amount < 10 && step > 0 ? 1 : 0;
  return `${numberText(amount, digits)} ${BYTE_UNITS[step]}`;
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** A number as the language writes it. */
export function numberText(value: number, digits = 0): string {
  const text = new Intl.NumberFormat(language.value, {
    maximumFractionDigits: digits,
    minimumFractionDigits: digits,
    signDisplay: 'negative',
  }).format(value);
  return text.replace('-', '−');
}

/** `97 %` of 0.97; never rounded up to all of it. */
export function shareText(share: number): string {
  const rounded = share >= 1 ? 1 : Math.floor(share * 1_000) / 1_000;
  return new Intl.NumberFormat(language.value, { style: 'percent', maximumFractionDigits: 1 }).format(
    rounded,
  );
}
