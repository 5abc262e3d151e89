/** Several pictures at one moment: the clock they go by, through gaps, waits and drifts. */
import { describe, expect, test } from 'vitest';
import { nameIn } from '../../web/exports/clip.ts';
import { correctionOf, nextMoment, type Screen } from '../../web/playback/masterClock.ts';
import { placeIn } from '../../web/playback/previews.ts';

interface Footage {
  readonly from: number;
  readonly to: number;
}

/** A picture of which this footage is there, and which shows this moment. */
function screen(footage: readonly Footage[], moment: number | null, settled = moment !== null): Screen {
  return {
    covers: (ms) => footage.some(({ from, to }) => ms >= from && ms < to),
    nextAfter: (ms) => footage.find(({ from }) => from > ms)?.from ?? null,
    moment: () => moment,
    settled: () => settled,
  };
}

const whole = [{ from: 0, to: 100_000 }];
const early = [{ from: 0, to: 10_000 }];
const late = [{ from: 60_000, to: 100_000 }];
const unknown: Screen = { ...screen([], null), covers: () => null };

describe('the clock of playback', () => {
  test.each([
    ['follows the first picture', 5_000, 'skip', [screen(whole, 5_060)], 5_060],
    ['does not run back with it', 5_000, 'skip', [screen(whole, 4_980)], 5_000],
    [
      'waits for a picture that is not there',
      5_000,
      'skip',
      [screen(whole, 5_050), screen(whole, null)],
      5_000,
    ],
    ['waits where nothing is known yet', 5_000, 'skip', [screen(whole, 5_050), unknown], 5_000],
    [
      'goes on by another while the first has a gap',
      20_000,
      'skip',
      [screen(early, null), screen(whole, 20_050)],
      20_050,
    ],
    ['leaps over a gap of all', 20_000, 'skip', [screen(early, null), screen(late, null)], 60_000],
    ['runs through a gap', 20_000, 'through', [screen(early, null)], 20_050],
    ['stands where nothing follows', 20_000, 'skip', [screen(early, null)], 20_000],
    ['leaps with the only picture', 9_990, 'skip', [screen([...early, ...late], 60_000)], 60_000],
    [
      'does not leap with the first when another goes on',
      9_990,
      'skip',
      [screen([...early, ...late], 60_000), screen(whole, 9_990)],
      10_040,
    ],
  ] as const)('%s', (_what, at, mode, screens, expected) => {
    expect(nextMoment(at, 50, mode, screens, true)).toBe(expected);
  });

  test('goes on without a picture that does not come', () => {
    expect(nextMoment(5_000, 50, 'skip', [screen(whole, null), unknown], false)).toBe(5_050);
    expect(nextMoment(5_000, 50, 'skip', [screen(whole, null), screen(whole, 5_060)], false)).toBe(5_060);
  });
});

describe('a picture that drifts', () => {
  test.each([
    ['on time, it plays', 10_010, { kind: 'run', rate: 2 }],
    ['without a picture, it plays', null, { kind: 'run', rate: 2 }],
    ['far ahead, it waits', 13_000, { kind: 'wait' }],
    ['far behind, it jumps', 7_000, { kind: 'jump' }],
    ['a little ahead, it slows down', 10_150, { kind: 'run', rate: 1.7 }],
    ['a little behind, it hurries', 9_850, { kind: 'run', rate: 2.3 }],
  ])('%s', (_what, moment, correction) => {
    expect(correctionOf(moment, 10_000, 2)).toEqual(correction);
  });

  test('is within a frame of the clock after three seconds', () => {
    let [clock, moment] = [10_000, 9_400];
    for (let tick = 0; tick < 60; tick++) {
      const correction = correctionOf(moment, clock, 1);
      moment += correction.kind === 'run' ? 50 * correction.rate : 0;
      clock += 50;
    }
    expect(Math.abs(moment - clock)).toBeLessThan(80);
  });
});

test('a preview is found in its sheet', () => {
  const sheet = {
    url: '/sheet.jpg',
    fromMs: 1_000_000,
    toMs: 1_600_000,
    stepMs: 10_000,
    columns: 10,
    rows: 6,
    tileWidth: 160,
    tileHeight: 90,
  };
  expect(placeIn(sheet, 1_000_000)).toMatchObject({ x: 0, y: 0 });
  expect(placeIn(sheet, 1_239_999)).toMatchObject({ x: 480, y: 180, sheetWidth: 1_600, sheetHeight: 540 });
  expect(placeIn(sheet, 1_599_999)).toMatchObject({ x: 1_440, y: 450 });
});

test.each([
  [`attachment; filename="x.mp4"; filename*=UTF-8''%ED%98%84%EA%B4%80%20a.mp4`, '현관 a.mp4'],
  ['attachment; filename="door 1.mp4"', 'door 1.mp4'],
  ['inline', null],
])('the name in "%s" is %s', (disposition, name) => {
  expect(nameIn(disposition)).toBe(name);
});
