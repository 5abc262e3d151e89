import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  nextChange,
  type Schedule,
  type ScheduleInput,
  type ScheduleOverride,
  type TimeRange,
  validateSchedule,
  wantedAt,
} from '../../src/domain/schedule.ts';
import { type EpochMs, epochMs } from '../../src/domain/time.ts';
import { addDays, day, dayBounds, dayOf, formatLocal, type Zone, zone } from '../../src/domain/zone.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const SEOUL = zone('Asia/Seoul');
const NEW_YORK = zone('America/New_York');
const ZONES = [
  ...['UTC', 'Asia/Seoul', 'America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Africa/Cairo'],
  ...['Asia/Beirut', 'Pacific/Apia', 'America/St_Johns', 'Africa/Casablanca', 'Asia/Tehran'],
].map((name) => zone(name));
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

const at = (iso: string): EpochMs => epochMs(Date.parse(iso));
const daily = (from: string, to: string): Schedule =>
  validateSchedule({ weekly: [{ days: EVERY_DAY, from, to }] });

/** The changes from one moment to another, as times of the zone. */
function changes(schedule: Schedule, fromMs: EpochMs, untilMs: EpochMs, inZone: Zone): string[] {
  const found: string[] = [];
  let change = nextChange(schedule, fromMs, inZone);
  while (change !== null && change <= untilMs) {
    const sign = wantedAt(schedule, change, inZone) ? '+' : '-';
    found.push(`${sign}${new Date(change).toISOString().slice(0, 16)}`);
    change = nextChange(schedule, change, inZone);
  }
  return found;
}

/** From the day before a date to the end of the day after it. */
function changesAround(schedule: Schedule, date: string, inZone: Zone): string[] {
  const { startMs } = dayBounds(addDays(day(date), -1), inZone);
  return changes(schedule, startMs, dayBounds(addDays(day(date), 2), inZone).startMs, inZone);
}

describe('a week', () => {
  const shop = validateSchedule({
    weekly: [
      { days: [1, 2, 3, 4, 5], from: '08:00', to: '18:30' },
      { days: [5, 6], from: '22:00', to: '02:00' },
    ],
  });

  it.each([
    ['a Wednesday before it opens', '2024-05-01T07:59:59.999+09:00', false],
    ['as it opens', '2024-05-01T08:00:00.000+09:00', true],
    ['in its last millisecond', '2024-05-01T18:29:59.999+09:00', true],
    ['as it closes', '2024-05-01T18:30:00.000+09:00', false],
    ['Friday night', '2024-05-03T23:00:00+09:00', true],
    ['after midnight, on a day that has no range of its own', '2024-05-05T01:59:59+09:00', true],
    ['as the night ends', '2024-05-05T02:00:00+09:00', false],
    ['Thursday night', '2024-05-02T23:00:00+09:00', false],
    ['Sunday', '2024-05-05T12:00:00+09:00', false],
  ])('%s (%s): %s', (_, moment, wanted) => {
    expect(wantedAt(shop, at(moment), SEOUL)).toBe(wanted);
  });

  it('changes where its ranges begin and end', () => {
    expect(changes(shop, at('2024-05-03T00:00:00+09:00'), at('2024-05-06T09:00:00+09:00'), SEOUL)).toEqual([
      '+2024-05-02T23:00',
      '-2024-05-03T09:30',
      '+2024-05-03T13:00',
      '-2024-05-03T17:00',
      '+2024-05-04T13:00',
      '-2024-05-04T17:00',
      '+2024-05-05T23:00',
    ]);
  });

  it('is the week of the zone, not of UTC', () => {
    const monday = validateSchedule({ weekly: [{ days: [1], from: '00:00', to: '24:00' }] });
    expect(wantedAt(monday, at('2024-05-05T15:00:00Z'), SEOUL)).toBe(true);
    expect(wantedAt(monday, at('2024-05-05T14:59:59Z'), SEOUL)).toBe(false);
    expect(wantedAt(monday, at('2024-05-07T03:59:59Z'), NEW_YORK)).toBe(true);
  });

  it('does not change where one range takes over from the next', () => {
    const always = daily('00:00', '24:00');
    expect(wantedAt(always, at('2024-05-01T00:00:00Z'), NEW_YORK)).toBe(true);
    expect(nextChange(always, at('2024-05-01T00:00:00Z'), NEW_YORK)).toBeNull();
  });

  it('without ranges is never, and never changes', () => {
    const never = validateSchedule({});
    expect(wantedAt(never, at('2024-05-01T00:00:00Z'), SEOUL)).toBe(false);
    expect(nextChange(never, at('2024-05-01T00:00:00Z'), SEOUL)).toBeNull();
  });
});

describe('days on which clocks are moved', () => {
  it.each([
    // 23 hours: 02:00–03:00 is not there on 10 March; UTC−5, then −4.
    ['02:30', '04:00', NEW_YORK, '2024-03-10', ['+2024-03-10T07:00', '-2024-03-10T08:00']],
    ['01:00', '02:30', NEW_YORK, '2024-03-10', ['+2024-03-10T06:00', '-2024-03-10T07:00']],
    ['02:00', '03:00', NEW_YORK, '2024-03-10', []],
    ['22:00', '02:30', NEW_YORK, '2024-03-10', ['-2024-03-10T07:00', '+2024-03-11T02:00']],
    // 25 hours: 01:00–02:00 is there twice on 3 November; UTC−4, then −5.
    ['01:15', '01:45', NEW_YORK, '2024-11-03', ['+2024-11-03T05:15', '-2024-11-03T06:45']],
    ['00:30', '01:30', NEW_YORK, '2024-11-03', ['+2024-11-03T04:30', '-2024-11-03T06:30']],
    ['01:30', '03:00', NEW_YORK, '2024-11-03', ['+2024-11-03T05:30', '-2024-11-03T08:00']],
    ['02:00', '03:00', NEW_YORK, '2024-11-03', ['+2024-11-03T07:00', '-2024-11-03T08:00']],
    // The day begins at 01:00.
    ['00:30', '02:00', zone('Africa/Cairo'), '2024-04-26', ['+2024-04-25T22:00', '-2024-04-25T23:00']],
    // Half an hour.
    [
      ...['02:15', '03:00'],
      zone('Australia/Lord_Howe'),
      '2024-10-06',
      ['+2024-10-05T15:30', '-2024-10-05T16:00'],
    ],
  ] as const)('%s–%s in %s around %s', (from, to, inZone, date, expected) => {
    const { startMs, endMs } = dayBounds(day(date), inZone);
    const inDay = changesAround(daily(from, to), date, inZone).filter((change) => {
      const ms = Date.parse(`${change.slice(1)}Z`);
      return ms >= startMs && ms < endMs;
    });
    expect(inDay).toEqual(expected);
  });

  it('lose no minute of a range over the whole day', () => {
    const days = validateSchedule({ weekly: [{ days: [7], from: '00:00', to: '24:00' }] });
    for (const [date, hours] of [
      ['2024-03-10', 23],
      ['2024-11-03', 25],
    ] as const) {
      const { startMs } = dayBounds(day(date), NEW_YORK);
      expect(wantedAt(days, startMs, NEW_YORK)).toBe(true);
      expect(nextChange(days, startMs, NEW_YORK)).toBe(startMs + hours * HOUR);
    }
  });

  it('hide a range for a week, and it is found the week after', () => {
    const sundays = validateSchedule({ weekly: [{ days: [7], from: '02:00', to: '03:00' }] });
    expect(nextChange(sundays, at('2024-03-03T12:00:00Z'), NEW_YORK)).toBe(at('2024-03-17T06:00:00Z'));
  });

  it('may skip a whole day', () => {
    const fridays = validateSchedule({ weekly: [{ days: [5], from: '08:00', to: '18:00' }] });
    const apia = zone('Pacific/Apia');
    expect(formatLocal(nextChange(fridays, at('2011-12-29T00:00:00Z'), apia) ?? epochMs(0), apia)).toBe(
      '2012-01-06 08:00:00',
    );
  });
});

describe('exceptions', () => {
  const schedule = validateSchedule({
    weekly: [{ days: EVERY_DAY, from: '20:00', to: '06:00' }],
    exceptions: [
      { date: '2024-12-25', ranges: [] },
      { date: '2024-12-31', ranges: [{ from: '10:00', to: '24:00' }] },
    ],
  });

  it('replace what begins on their date; the night before belongs to the day it began on', () => {
    expect(changesAround(schedule, '2024-12-25', zone('UTC'))).toEqual([
      '-2024-12-24T06:00',
      '+2024-12-24T20:00',
      '-2024-12-25T06:00',
      '+2024-12-26T20:00',
    ]);
    expect(changesAround(schedule, '2024-12-31', zone('UTC'))).toEqual([
      '-2024-12-30T06:00',
      '+2024-12-30T20:00',
      '-2024-12-31T06:00',
      '+2024-12-31T10:00',
      '-2025-01-01T00:00',
      '+2025-01-01T20:00',
    ]);
  });

  it('are found however far away, also one after another', () => {
    const always = daily('00:00', '24:00');
    const far = { ...always, exceptions: [{ date: day('2031-07-01'), ranges: [] }] };
    expect(nextChange(far, at('2024-01-01T00:00:00Z'), SEOUL)).toBe(at('2031-07-01T00:00:00+09:00'));
    expect(nextChange(far, at('2031-07-01T00:00:00+09:00'), SEOUL)).toBe(at('2031-07-02T00:00:00+09:00'));
    expect(nextChange(far, at('2031-07-02T00:00:00+09:00'), SEOUL)).toBeNull();
    const closed = Array.from({ length: 60 }, (_, i) => ({
      date: addDays(day('2024-03-01'), i),
      ranges: [],
    }));
    const holidays = { ...always, exceptions: closed };
    expect(nextChange(holidays, at('2024-03-01T00:00:00+09:00'), SEOUL)).toBe(
      at('2024-04-30T00:00:00+09:00'),
    );
  });
});

describe('an override', () => {
  const day9to5 = daily('09:00', '17:00');
  const until = (record: boolean, iso: string): Schedule => ({
    ...day9to5,
    override: { record, untilMs: at(iso) },
  });
  const now = at('2024-05-01T12:00:00Z');

  it.each([
    ['off ends within a range', until(false, '2024-05-01T13:00:00Z'), false, '2024-05-01T13:00:00Z'],
    ['off ends outside', until(false, '2024-05-01T18:00:00Z'), false, '2024-05-02T09:00:00Z'],
    ['off ends as a range begins', until(false, '2024-05-02T09:00:00Z'), false, '2024-05-02T09:00:00Z'],
    ['on ends within a range', until(true, '2024-05-01T13:00:00Z'), true, '2024-05-01T17:00:00Z'],
    ['on ends outside', until(true, '2024-05-01T18:00:00Z'), true, '2024-05-01T18:00:00Z'],
    ['on ends as a range begins', until(true, '2024-05-02T09:00:00Z'), true, '2024-05-02T17:00:00Z'],
    ['is over', until(false, '2024-05-01T12:00:00Z'), true, '2024-05-01T17:00:00Z'],
  ])('that says %s', (_, schedule, wanted, change) => {
    expect(wantedAt(schedule, now, zone('UTC'))).toBe(wanted);
    expect(nextChange(schedule, now, zone('UTC'))).toBe(at(change));
  });
});

const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 5, 15, 30, 45, 59))
  .map(([hours, minutes]) => `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`);
const range = fc
  .record({ from: time, to: fc.oneof(time, fc.constant('24:00')) })
  .filter(({ from, to }) => from !== to);
const exceptionDates = fc.uniqueArray(fc.integer({ min: -3, max: 40 }), { maxLength: 4 });

/** A valid schedule with exceptions near a day: ranges that overlap are left out. */
function scheduleOf(
  ranges: readonly { readonly days: readonly number[]; readonly range: TimeRange }[],
  exceptions: NonNullable<ScheduleInput['exceptions']>,
  override: ScheduleOverride | null,
): Schedule {
  let schedule = validateSchedule({ exceptions, override });
  for (const {
    days,
    range: { from, to },
  } of ranges) {
    const weekly = schedule.weekly.concat(validateSchedule({ weekly: [{ days, from, to }] }).weekly);
    try {
      schedule = validateSchedule({ ...schedule, weekly });
    } catch {
      // Overlaps one that is there.
    }
  }
  return schedule;
}

/** A schedule, a zone, and a moment within a few weeks of a move of the zone's clocks, if it has any. */
const situation = fc
  .record({
    inZone: fc.constantFrom(...ZONES),
    ms: fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2040, 0, 1) }).map((ms) => epochMs(ms)),
    ranges: fc.array(
      fc.record({ days: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), range }),
      { maxLength: 5 },
    ),
    dates: exceptionDates,
    special: fc.array(range, { maxLength: 1 }),
    override: fc.option(
      fc.record({ record: fc.boolean(), afterMs: fc.integer({ min: -HOUR, max: 3 * DAY }) }),
    ),
  })
  .map(({ inZone, ms, ranges, dates, special, override }) => ({
    inZone,
    ms,
    schedule: scheduleOf(
      ranges,
      dates.map((days) => ({ date: addDays(dayOf(ms, inZone), days), ranges: special })),
      override === null ? null : { record: override.record, untilMs: epochMs(ms + override.afterMs) },
    ),
  }));

/**
 * Whether a range that begins on a date holds a moment, from what clocks show, minute by minute: from the first moment
 * they show its beginning or later, to the last they show less than its end.
 */
function shownWithin(
  { from, to }: TimeRange,
  date: ReturnType<typeof day>,
  ms: EpochMs,
  inZone: Zone,
): boolean {
  const begin = `${date} ${from}:00`;
  const last = to === '24:00' || to < from ? addDays(date, 1) : date;
  const end = `${last} ${to === '24:00' ? '00:00' : to}:00`;
  const shown = (moment: number) => formatLocal(epochMs(moment), inZone);
  const near = Array.from({ length: 2 * 24 * 60 }, (_, i) => ms - DAY + i * MINUTE).map(
    (m) => m - (m % MINUTE),
  );
  const begun = ms - (ms % MINUTE);
  return near.some((m) => m <= begun && shown(m) >= begin) && near.some((m) => m >= begun && shown(m) < end);
}

describe('properties', () => {
  it('nextChange is where wantedAt flips, and it does not flip before', () => {
    fc.assert(
      fc.property(situation, fc.infiniteStream(fc.maxSafeNat()), (given, dice) => {
        const { schedule, inZone, ms } = given;
        const wanted = wantedAt(schedule, ms, inZone);
        const change = nextChange(schedule, ms, inZone);
        const until = change ?? ms + 60 * DAY;
        for (const part of dice.take(40)) {
          const between = epochMs(ms + (part % (until - ms)));
          expect(wantedAt(schedule, between, inZone)).toBe(wanted);
        }
        expect(wantedAt(schedule, epochMs(until - 1), inZone)).toBe(wanted);
        if (change !== null) {
          expect(change).toBeGreaterThan(ms);
          expect(wantedAt(schedule, change, inZone)).toBe(!wanted);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('the changes of a spring are the flips of every quarter of an hour', () => {
    for (const inZone of [NEW_YORK, zone('Africa/Casablanca'), zone('Australia/Lord_Howe')]) {
      const schedule = validateSchedule({
        weekly: [
          { days: [1, 3, 7], from: '00:00', to: '02:30' },
          { days: [6, 7], from: '22:45', to: '00:00' },
          { days: [4, 5], from: '12:00', to: '11:00' },
        ],
        exceptions: [{ date: '2024-03-10', ranges: [{ from: '01:30', to: '03:15' }] }],
      });
      const [from, until] = [at('2024-02-20T00:00:00Z'), at('2024-04-20T00:00:00Z')];
      const flips: string[] = [];
      let before = wantedAt(schedule, from, inZone);
      for (let ms = from + 15 * MINUTE; ms <= until; ms += 15 * MINUTE) {
        const wanted = wantedAt(schedule, epochMs(ms), inZone);
        if (wanted !== before) flips.push(`${wanted ? '+' : '-'}${new Date(ms).toISOString().slice(0, 16)}`);
        before = wanted;
      }
      expect(changes(schedule, from, until, inZone)).toEqual(flips);
    }
  });

  it('a range holds from the first time clocks show its beginning to the last they show less than its end', () => {
    const moves = [
      [NEW_YORK, '2024-03-10T07:00:00Z'],
      [NEW_YORK, '2024-11-03T06:00:00Z'],
      [zone('Africa/Cairo'), '2024-04-25T22:00:00Z'],
      [zone('Africa/Cairo'), '2024-10-31T21:00:00Z'],
      [zone('Australia/Lord_Howe'), '2024-04-06T15:00:00Z'],
      [zone('America/St_Johns'), '2010-11-07T02:31:00Z'],
    ] as const;
    fc.assert(
      fc.property(
        fc.constantFrom(...moves),
        range,
        fc.integer({ min: -300, max: 300 }),
        ([inZone, move], { from, to }, minutes) => {
          const ms = epochMs(Date.parse(move) + minutes * MINUTE + 1);
          const begins = [-2, -1, 0, 1].map((days) => addDays(dayOf(ms, inZone), days));
          const expected = begins.some((date) => shownWithin({ from, to }, date, ms, inZone));
          expect(wantedAt(daily(from, to), ms, inZone)).toBe(expected);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('validateSchedule', () => {
  const week = (...weekly: { days: number[]; from: string; to: string }[]): ScheduleInput => ({ weekly });
  const on = (date: string, ...ranges: TimeRange[]) => ({ date, ranges });

  it.each<[string, ScheduleInput, string]>([
    ['no day', week({ days: [], from: '08:00', to: '09:00' }), 'schedule.weekly[0].days'],
    ['day 0', week({ days: [1, 0], from: '08:00', to: '09:00' }), 'schedule.weekly[0].days[1]'],
    ['day 8', week({ days: [8], from: '08:00', to: '09:00' }), 'schedule.weekly[0].days[0]'],
    ['half a day', week({ days: [1.5], from: '08:00', to: '09:00' }), 'schedule.weekly[0].days[0]'],
    ['a day twice', week({ days: [2, 3, 2], from: '08:00', to: '09:00' }), 'schedule.weekly[0].days[2]'],
    ['8:00', week({ days: [1], from: '8:00', to: '09:00' }), 'schedule.weekly[0].from'],
    ['25:00', week({ days: [1], from: '25:00', to: '09:00' }), 'schedule.weekly[0].from'],
    ['from 24:00', week({ days: [1], from: '24:00', to: '09:00' }), 'schedule.weekly[0].from'],
    ['08:60', week({ days: [1], from: '08:00', to: '08:60' }), 'schedule.weekly[0].to'],
    ['24:01', week({ days: [1], from: '08:00', to: '24:01' }), 'schedule.weekly[0].to'],
    ['nothing', week({ days: [1], from: '08:00', to: '' }), 'schedule.weekly[0].to'],
    ['an empty range', week({ days: [1], from: '08:00', to: '08:00' }), 'schedule.weekly[0].to'],
    [
      'an overlap',
      week(
        { days: [1], from: '08:00', to: '12:00' },
        { days: [2], from: '08:00', to: '12:00' },
        { days: [5, 1], from: '11:59', to: '13:00' },
      ),
      'schedule.weekly[2].from',
    ],
    [
      'the same twice',
      week({ days: [1], from: '08:00', to: '12:00' }, { days: [1], from: '08:00', to: '12:00' }),
      'schedule.weekly[1].from',
    ],
    [
      'an overlap over midnight',
      week({ days: [1], from: '22:00', to: '06:00' }, { days: [2], from: '05:00', to: '07:00' }),
      'schedule.weekly[1].from',
    ],
    [
      'an overlap over the end of the week',
      week({ days: [7], from: '22:00', to: '06:00' }, { days: [1], from: '05:00', to: '07:00' }),
      'schedule.weekly[1].from',
    ],
    ['no date', { exceptions: [on('2024-02-30')] }, 'schedule.exceptions[0].date'],
    ['a date in another age', { exceptions: [on('9999-12-31')] }, 'schedule.exceptions[0].date'],
    ['a date twice', { exceptions: [on('2024-02-01'), on('2024-02-01')] }, 'schedule.exceptions[1].date'],
    [
      'a bad time on a date',
      { exceptions: [on('2024-02-01', { from: '09:00', to: '9' })] },
      'schedule.exceptions[0].ranges[0].to',
    ],
    [
      'an overlap on a date',
      { exceptions: [on('2024-02-01', { from: '09:00', to: '10:00' }, { from: '08:00', to: '09:30' })] },
      'schedule.exceptions[0].ranges[1].from',
    ],
    [
      'an override without end',
      { override: { record: true, untilMs: Number.NaN } },
      'schedule.override.untilMs',
    ],
    [
      'an override for ever',
      { override: { record: true, untilMs: 253_402_300_799_999 } },
      'schedule.override.untilMs',
    ],
    [
      'too many ranges',
      week(...Array.from({ length: 101 }, () => ({ days: [1], from: '00:00', to: '00:01' }))),
      'schedule.weekly',
    ],
  ])('refuses %s', (_, input, field) => {
    expect(() => validateSchedule(input)).toThrow(
      expect.objectContaining({ name: 'NvrError', kind: 'invalid', field }),
    );
  });

  it('takes ranges that touch, nights, and whole days', () => {
    const input = {
      weekly: [
        { days: [1], from: '22:00', to: '06:00' },
        { days: [2], from: '06:00', to: '24:00' },
        { days: [3], from: '00:00', to: '24:00' },
        { days: [7], from: '23:00', to: '00:00' },
      ],
      exceptions: [{ date: '2024-02-29', ranges: [{ from: '22:00', to: '21:00' }] }],
      override: { record: false, untilMs: 1_700_000_000_000 },
    };
    expect(validateSchedule(input)).toEqual(input);
    expect(validateSchedule({})).toEqual({ weekly: [], exceptions: [], override: null });
  });

  it('names the field it was told', () => {
    expect(() => validateSchedule(week({ days: [9], from: '08:00', to: '09:00' }), '')).toThrow(
      expect.objectContaining({ field: 'weekly[0].days[0]' }),
    );
    expect(() =>
      validateSchedule(week({ days: [9], from: '08:00', to: '09:00' }), 'camera.schedule'),
    ).toThrow(expect.objectContaining({ field: 'camera.schedule.weekly[0].days[0]' }));
  });
});
