import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, it, vi } from 'vitest';
import { type EpochMs, epochMs } from '../../src/domain/time.ts';
import {
  addDays,
  day,
  dayBounds,
  dayOf,
  formatIso,
  formatLocal,
  momentOf,
  zone,
} from '../../src/domain/zone.ts';

const HOUR = 3_600_000;
const ZONES = [
  'UTC',
  'Asia/Seoul',
  'America/New_York',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'Asia/Beirut',
  'Pacific/Apia',
  'America/St_Johns',
  'Africa/Monrovia',
].map((name) => zone(name));

const at = (iso: string): EpochMs => epochMs(Date.parse(iso));
const anyZone = fc.constantFrom(...ZONES);
const anyMs = fc.integer({ min: 86_400_000, max: Date.UTC(2100, 0, 1) }).map((ms) => epochMs(ms));

describe('zone', () => {
  it.each([
    ['Asia/Seoul', 'Asia/Seoul'],
    ['america/new_york', 'America/New_York'],
    ['utc', 'UTC'],
    ['Etc/GMT+9', 'Etc/GMT+9'],
  ])('takes %s', (text, expected) => {
    expect(zone(text)).toBe(expected);
  });

  it.each([
    '',
    'Mars/Olympus',
    '+09:00',
    'Z',
    'Asia/Seoul ',
    '../etc/passwd',
    '2024-01-01T00:00Z[UTC]',
    '서울',
  ])('refuses %j and names the field', (text) => {
    expect(() => zone(text, 'server.timeZone')).toThrow(
      expect.objectContaining({ name: 'NvrError', kind: 'invalid', field: 'server.timeZone' }),
    );
  });
});

describe('day', () => {
  it.each(['2024-02-29', '1970-01-01', '9999-12-31'])('takes %s', (text) => {
    expect(day(text)).toBe(text);
  });

  it.each([
    '2023-02-29',
    '2024-13-01',
    '2024-1-1',
    '20240101',
    '2024-01-01T00:00',
    '',
    '+002024-01-01',
    '٢٠٢٤-01-01',
  ])('refuses %j and names the field', (text) => {
    expect(() => day(text, 'from')).toThrow(
      expect.objectContaining({ name: 'NvrError', kind: 'invalid', field: 'from' }),
    );
  });

  it.each([
    ['2024-02-28', 1, '2024-02-29'],
    ['2024-03-01', -1, '2024-02-29'],
    ['2024-12-31', 1, '2025-01-01'],
    ['2024-01-31', 0, '2024-01-31'],
  ])('adds to %s %d days: %s', (from, count, expected) => {
    expect(addDays(day(from), count)).toBe(expected);
  });

  it('refuses to leave the calendar', () => {
    expect(() => addDays(day('9999-12-31'), 1)).toThrow(expect.objectContaining({ kind: 'invalid' }));
  });
});

describe('dayBounds', () => {
  it.each([
    ['UTC', '2024-03-31', '2024-03-31T00:00:00Z', 24],
    ['Asia/Seoul', '2024-03-31', '2024-03-30T15:00:00Z', 24],
    ['America/New_York', '2024-03-10', '2024-03-10T05:00:00Z', 23],
    ['America/New_York', '2024-11-03', '2024-11-03T04:00:00Z', 25],
    ['Australia/Lord_Howe', '2024-10-06', '2024-10-05T13:30:00Z', 23.5],
    ['Australia/Lord_Howe', '2024-04-07', '2024-04-06T13:00:00Z', 24.5],
    ['Africa/Cairo', '2024-04-26', '2024-04-25T22:00:00Z', 23], // begins at 01:00
    ['Africa/Cairo', '2024-10-31', '2024-10-30T21:00:00Z', 25], // its last hour is lived twice
    ['Asia/Beirut', '2024-03-31', '2024-03-30T22:00:00Z', 23],
    ['Pacific/Apia', '2011-12-29', '2011-12-29T10:00:00Z', 24],
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00Z', 0], // never was
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00Z', 24],
    ['America/St_Johns', '2010-11-07', '2010-11-07T02:30:00Z', 25],
  ])('%s %s begins at %s and has %d hours', (name, date, start, hours) => {
    const { startMs, endMs } = dayBounds(day(date), zone(name));
    expect(new Date(startMs).toISOString()).toBe(start.replace('Z', '.000Z'));
    expect((endMs - startMs) / HOUR).toBe(hours);
  });

  it('cuts days to the times there are', () => {
    expect(dayBounds(day('1970-01-01'), zone('Asia/Seoul'))).toEqual({ startMs: 0, endMs: 15 * HOUR });
    expect(dayBounds(day('1969-12-30'), zone('UTC'))).toEqual({ startMs: 0, endMs: 0 });
    expect(dayBounds(day('9999-12-31'), zone('UTC')).endMs).toBe(253_402_300_799_999);
  });

  it('lets consecutive days touch, and never runs backwards', () => {
    fc.assert(
      fc.property(anyZone, fc.integer({ min: 0, max: 40_000 }), (inZone, offset) => {
        const date = addDays(day('1970-01-02'), offset);
        const bounds = dayBounds(date, inZone);
        expect(dayBounds(addDays(date, 1), inZone).startMs).toBe(bounds.endMs);
        expect(bounds.endMs).toBeGreaterThanOrEqual(bounds.startMs);
      }),
    );
  });
});

describe('dayOf', () => {
  it.each([
    ['Asia/Seoul', '2024-03-30T14:59:59.999Z', '2024-03-30'],
    ['Asia/Seoul', '2024-03-30T15:00:00.000Z', '2024-03-31'],
    ['Pacific/Apia', '2011-12-30T09:59:59.999Z', '2011-12-29'],
    ['Pacific/Apia', '2011-12-30T10:00:00.000Z', '2011-12-31'],
    ['America/St_Johns', '2010-11-07T02:29:59.999Z', '2010-11-06'],
    // The clock shows 23:30 of the 6th again, one minute into the 7th.
    ['America/St_Johns', '2010-11-07T03:00:00.000Z', '2010-11-07'],
  ])('%s %s is in %s', (name, moment, expected) => {
    expect(dayOf(at(moment), zone(name))).toBe(expected);
  });

  it('is the day whose bounds hold the moment', () => {
    fc.assert(
      fc.property(anyZone, anyMs, (inZone, ms) => {
        const { startMs, endMs } = dayBounds(dayOf(ms, inZone), inZone);
        expect(startMs).toBeLessThanOrEqual(ms);
        expect(ms).toBeLessThan(endMs);
      }),
    );
  });

  it('refuses the hours that lie in the year 10000', () => {
    const last = epochMs(253_402_300_799_998);
    expect(() => dayOf(last, zone('Asia/Seoul'))).toThrow(expect.objectContaining({ kind: 'invalid' }));
    expect(dayOf(last, zone('America/New_York'))).toBe('9999-12-31');
  });
});

describe('momentOf', () => {
  it.each([
    ['Asia/Seoul', '2024-05-01', 90, '2024-04-30T16:30:00Z', '2024-04-30T16:30:00Z'],
    ['Asia/Seoul', '2024-05-01', 1_440, '2024-05-01T15:00:00Z', '2024-05-01T15:00:00Z'],
    // Skipped: 02:00 becomes 03:00.
    ['America/New_York', '2024-03-10', 150, '2024-03-10T07:00:00Z', '2024-03-10T07:00:00Z'],
    ['America/New_York', '2024-03-10', 180, '2024-03-10T07:00:00Z', '2024-03-10T07:00:00Z'],
    // Shown twice.
    ['America/New_York', '2024-11-03', 60, '2024-11-03T05:00:00Z', '2024-11-03T06:00:00Z'],
    ['America/New_York', '2024-11-03', 119, '2024-11-03T05:59:00Z', '2024-11-03T06:59:00Z'],
    ['America/New_York', '2024-11-03', 120, '2024-11-03T07:00:00Z', '2024-11-03T07:00:00Z'],
    ['Australia/Lord_Howe', '2024-10-06', 135, '2024-10-05T15:30:00Z', '2024-10-05T15:30:00Z'],
    ['Africa/Cairo', '2024-04-26', 0, '2024-04-25T22:00:00Z', '2024-04-25T22:00:00Z'],
    ['Africa/Cairo', '2024-10-31', 1_410, '2024-10-31T20:30:00Z', '2024-10-31T21:30:00Z'],
    ['Pacific/Apia', '2011-12-30', 720, '2011-12-30T10:00:00Z', '2011-12-30T10:00:00Z'],
    ['America/St_Johns', '2010-11-06', 1_440, '2010-11-07T02:30:00Z', '2010-11-07T03:30:00Z'],
  ])('%s %s, %d minutes after midnight', (name, date, minutes, first, last) => {
    expect(momentOf(day(date), minutes, zone(name), 'first')).toBe(Date.parse(first));
    expect(momentOf(day(date), minutes, zone(name), 'last')).toBe(Date.parse(last));
  });

  it('is the moment at which the clocks show that time, where they show it', () => {
    fc.assert(
      fc.property(anyZone, anyMs, (inZone, ms) => {
        const [date = '', time = ''] = formatLocal(ms, inZone).split(' ');
        const minutes = Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
        const moments = (['first', 'last'] as const).map((which) =>
          momentOf(day(date), minutes, inZone, which),
        );
        for (const moment of moments) {
          expect(formatLocal(moment, inZone)).toBe(`${date} ${time.slice(0, 5)}:00`);
        }
        expect(moments.some((moment) => moment <= ms && ms < moment + 60_000)).toBe(true);
      }),
    );
  });
});

describe('wall time', () => {
  it.each([
    ['UTC', '2024-01-02T03:04:05.006Z', '2024-01-02 03:04:05', '2024-01-02T03:04:05.006+00:00'],
    ['Asia/Seoul', '2024-01-02T03:04:05.006Z', '2024-01-02 12:04:05', '2024-01-02T12:04:05.006+09:00'],
    ['America/New_York', '2024-11-03T05:30:00.000Z', '2024-11-03 01:30:00', '2024-11-03T01:30:00.000-04:00'],
    ['America/New_York', '2024-11-03T06:30:00.000Z', '2024-11-03 01:30:00', '2024-11-03T01:30:00.000-05:00'],
    [
      'Australia/Lord_Howe',
      '2024-10-05T15:29:59.999Z',
      '2024-10-06 01:59:59',
      '2024-10-06T01:59:59.999+10:30',
    ],
    [
      'Australia/Lord_Howe',
      '2024-10-05T15:30:00.000Z',
      '2024-10-06 02:30:00',
      '2024-10-06T02:30:00.000+11:00',
    ],
  ])('%s %s', (name, moment, text, iso) => {
    expect(formatLocal(at(moment), zone(name))).toBe(text);
    expect(formatIso(at(moment), zone(name))).toBe(iso);
  });

  it('reads back as the same moment, whatever was asked before', () => {
    fc.assert(
      fc.property(anyZone, fc.array(anyMs, { minLength: 2, maxLength: 5 }), (inZone, moments) => {
        // Before 1972 Monrovia had an offset with seconds, which Date.parse cannot read.
        for (const ms of moments.filter((moment) => moment > Date.UTC(1972, 1, 1))) {
          expect(Date.parse(formatIso(ms, inZone))).toBe(ms);
        }
      }),
    );
  });

  it('formats neighbouring moments without asking Temporal each time', () => {
    const asked = vi.spyOn(Temporal.Instant, 'fromEpochMilliseconds');
    const inZone = zone('America/Chicago');
    const texts = Array.from({ length: 10_000 }, (_, i) =>
      formatIso(epochMs(1_700_000_000_000 + i * 6_000), inZone),
    );
    expect(new Set(texts).size).toBe(10_000);
    // Once for the name of the zone, once for its offset.
    expect(asked).toHaveBeenCalledTimes(2);
    asked.mockRestore();
  });
});
