/** When activity becomes an event: thresholds, hysteresis, times of the day. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ActivityRule,
  checkRule,
  DEFAULT_RULE,
  matters,
  nextSecond,
  QUIET,
  stopped,
  type TriggerEffect,
  type TriggerState,
} from '../../src/domain/activityTrigger.ts';
import { NvrError } from '../../src/domain/errors.ts';
import { zone } from '../../src/domain/zone.ts';

const RULE: ActivityRule = {
  ...{ ...DEFAULT_RULE, enabled: true, beginAt: 100, endBelow: 40 },
  ...{ leastSeconds: 2, quietSeconds: 3 },
};

/** What becomes of these activities, second after second from 100 on; null is unknown. */
function effects(levels: readonly (number | null)[], rule = RULE, counts = true): TriggerEffect[] {
  let state: TriggerState = QUIET;
  const found: TriggerEffect[] = [];
  for (const [index, activity] of levels.entries()) {
    const [next, effect] = nextSecond(state, { second: 100 + index, activity }, rule, counts);
    state = next;
    if (effect !== null) found.push(effect);
  }
  const [, last] = stopped(state);
  return last === null ? found : [...found, last];
}

const begin = (since: number): TriggerEffect => ({ type: 'begin', since });
const end = (since: number, until: number, peak: number): TriggerEffect => ({
  type: 'end',
  since,
  until,
  peak,
});

describe('an event of activity', () => {
  it.each<[string, (number | null)[], TriggerEffect[]]>([
    ['nothing moves', [0, 10, 99, 0], []],
    ['too short', [0, 150, 0, 150, 0], []],
    ['what is unknown is weak', [150, null, 150, null], []],
    ['long enough', [0, 150, 120, 0, 0, 0, 0], [begin(101), end(101, 103, 150)]],
    ['weaker for a moment', [150, 150, 0, 0, 50, 0, 0, 0], [begin(100), end(100, 105, 150)]],
    ['between the thresholds it lasts', [100, 100, 60, 60, 60, 60], [begin(100), end(100, 106, 100)]],
    ['still going on at the end', [200, 210], [begin(100), end(100, 102, 210)]],
    [
      'two of them',
      [100, 100, 0, 0, 0, 100, 101, 0, 0, 0],
      [begin(100), end(100, 102, 100), begin(105), end(105, 107, 101)],
    ],
  ])('%s', (_, levels, expected) => {
    expect(effects(levels)).toEqual(expected);
  });

  it('is none where it does not count, and ends where that begins', () => {
    expect(effects([200, 200, 200], RULE, false)).toEqual([]);
    const [active] = nextSecond(
      { name: 'rising', since: 100, peak: 200 },
      { second: 101, activity: 200 },
      RULE,
      true,
    );
    expect(nextSecond(active, { second: 102, activity: 200 }, RULE, false)).toEqual([
      QUIET,
      end(100, 102, 200),
    ]);
  });

  it('is told again after an hour', () => {
    const told = effects(new Array<number>(4_000).fill(200));
    expect(told.map(({ type }) => type)).toEqual(['begin', 'end', 'begin', 'end']);
  });

  it('begins and ends in turns, in order, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(250)), { maxLength: 300 }), (levels) => {
        let before = 0;
        for (const [index, effect] of effects(levels).entries()) {
          expect(effect.type).toBe(index % 2 === 0 ? 'begin' : 'end');
          expect(effect.since).toBeGreaterThanOrEqual(before);
          before = effect.type === 'end' ? effect.until : effect.since;
        }
      }),
    );
  });
});

describe('the times at which activity matters', () => {
  const at = (text: string) => Date.parse(text) / 1000;
  const nights: ActivityRule = {
    ...RULE,
    weekly: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '22:00', to: '06:00' }],
  };

  it.each([
    ['always without ranges', RULE, '2026-03-28T12:00:00Z', true],
    ['never when it is switched off', { ...RULE, enabled: false }, '2026-03-28T12:00:00Z', false],
    ['not before the range', nights, '2026-03-28T20:59:59Z', false],
    ['in the range', nights, '2026-03-28T21:00:00Z', true],
    ['also after midnight, when the clocks went forward', nights, '2026-03-29T03:59:59Z', true],
    ['not after it', nights, '2026-03-29T04:00:00Z', false],
  ])('%s', (_, rule, text, expected) => {
    expect(matters(rule, at(text), zone('Europe/Berlin'))).toBe(expected);
  });
});

describe('a rule', () => {
  it('is taken as it is when it is right', () => {
    const input = { ...RULE, weekly: [{ days: [1], from: '08:00', to: '17:00' }] };
    expect(checkRule(input)).toEqual(input);
  });

  it.each([
    ['beginAt', { beginAt: 0 }],
    ['beginAt', { beginAt: 251 }],
    ['endBelow', { endBelow: 2.5 }],
    ['endBelow', { beginAt: 50, endBelow: 51 }],
    ['leastSeconds', { leastSeconds: 61 }],
    ['quietSeconds', { quietSeconds: 0 }],
    ['weekly[0].from', { weekly: [{ days: [1], from: '8', to: '17:00' }] }],
  ])('names %s when that is wrong', (field, wrong) => {
    const check = () => checkRule({ ...RULE, ...wrong });
    expect(check).toThrow(NvrError);
    expect(check).toThrow(expect.objectContaining({ kind: 'invalid', field }));
  });
});
