/** Days and wall time in the browser agree with those of the recorder, in every kind of zone. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { epochMs } from '../../src/domain/time.ts';
import * as recorder from '../../src/domain/zone.ts';
import { addDays, dayBounds, dayOf, momentAt, momentsAt, offsetAt, wallTimeOf } from '../../web/time/zone.ts';

const HOUR = 3_600_000;
const ZONES = [
  'America/New_York',
  'Australia/Lord_Howe',
  'Africa/Cairo',
  'Asia/Seoul',
  'Asia/Kolkata',
  'UTC',
];
const FROM = Date.UTC(2024, 0, 1);
const TO = Date.UTC(2028, 0, 1);

const anyZone = fc.constantFrom(...ZONES);
const anyMoment = fc.integer({ min: FROM, max: TO });

test('a moment belongs to the same day as for the recorder', () => {
  fc.assert(
    fc.property(anyZone, anyMoment, (zone, ms) => {
      expect(dayOf(ms, zone)).toBe(recorder.dayOf(epochMs(ms), recorder.zone(zone)));
    }),
  );
});

test('a day has the same bounds as for the recorder', () => {
  fc.assert(
    fc.property(anyZone, fc.integer({ min: 0, max: 1_400 }), (zone, count) => {
      const day = addDays('2024-01-01', count);
      expect(dayBounds(day, zone)).toEqual(recorder.dayBounds(recorder.day(day), recorder.zone(zone)));
    }),
    { numRuns: 200 },
  );
});

describe('days on which clocks are moved', () => {
  test.each([
    ['America/New_York', '2026-03-08', 23],
    ['America/New_York', '2026-11-01', 25],
    ['Australia/Lord_Howe', '2026-10-04', 23.5],
    ['Australia/Lord_Howe', '2026-04-05', 24.5],
    ['Africa/Cairo', '2026-04-24', 23],
    ['Asia/Seoul', '2026-03-08', 24],
  ])('%s %s has %d hours', (zone, day, hours) => {
    const { startMs, endMs } = dayBounds(day, zone);
    expect((endMs - startMs) / HOUR).toBe(hours);
  });

  test('a wall time that comes twice has two moments, an hour apart', () => {
    const moments = momentsAt('2026-11-01', 1.5 * HOUR, 'America/New_York');
    expect(moments).toHaveLength(2);
    expect((moments[1] ?? 0) - (moments[0] ?? 0)).toBe(HOUR);
    expect(moments.map((ms) => offsetAt(ms, 'America/New_York') / HOUR)).toEqual([-4, -5]);
  });

  test('a wall time that is left out has no moment, and goes on to the one after the jump', () => {
    expect(momentsAt('2026-03-08', 2.5 * HOUR, 'America/New_York')).toEqual([]);
    const taken = momentAt('2026-03-08', 2.5 * HOUR, 'America/New_York');
    expect(wallTimeOf(taken, 'America/New_York')).toBe(3.5 * HOUR);
  });
});

test('the wall time of a moment leads back to it', () => {
  fc.assert(
    fc.property(anyZone, anyMoment, (zone, ms) => {
      expect(momentsAt(dayOf(ms, zone), wallTimeOf(ms, zone), zone)).toContain(ms);
    }),
  );
});
