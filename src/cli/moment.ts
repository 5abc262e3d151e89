/** Moments as people type them on a command line. */
import { NvrError } from '../domain/errors.ts';
import { type EpochMs, epochMs } from '../domain/time.ts';
import { type Day, day, momentOf, type Zone } from '../domain/zone.ts';

const LOCAL = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?)?$/;
const WITH_OFFSET = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;

/**
 * Reads epoch milliseconds, RFC 3339 with an offset, or a date with or without a time in the zone.
 * @throws NvrError `invalid` naming the field
 */
export function moment(text: string, zone: Zone, field: string): EpochMs {
  if (/^\d{9,15}$/.test(text)) return epochMs(Number(text), field);
  const absolute = WITH_OFFSET.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(absolute)) return epochMs(absolute, field);
  const [, date, hours = '00', minutes = '00', seconds = '00', fraction = '0'] = LOCAL.exec(text) ?? [];
  const ms = Number(seconds) * 1000 + Number(fraction.padEnd(3, '0'));
  if (date === undefined || Number(hours) > 24 || Number(minutes) > 59 || Number(seconds) > 59) {
    throw new NvrError(
      'invalid',
      `--${field} takes a time such as 2026-03-29T02:30:00+01:00, "2026-03-29 02:30" in the zone ${zone}, or milliseconds since 1970.`,
      { field },
    );
  }
  const start = momentOf(calendarDay(date, field), Number(hours) * 60 + Number(minutes), zone, 'first');
  return epochMs(start + ms, field);
}

/** @throws NvrError `invalid` naming the option and what is no day. */
function calendarDay(text: string, field: string): Day {
  try {
    return day(text, field);
  } catch (error) {
    throw new NvrError('invalid', `--${field} names ${text}, which is no day of the calendar.`, {
      field,
      cause: error,
    });
  }
}
