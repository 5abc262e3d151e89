import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { monotonic } from '../../src/mp4/moof.ts';

const sample = (dts: number, duration: number, cto = 0) => ({ dts, duration, cto, size: 1, key: false });

describe('decode times', () => {
  it('of frames that were given the same one go forward, while presentation stays', () => {
    const given = [sample(0, 36_000, 6_120), sample(36_000, 0, 6_090), sample(36_000, 12_036, 90)];
    const made = monotonic(given, 0, 0);
    expect(made.map(({ dts }) => dts)).toEqual([0, 36_000, 36_001]);
    expect(made.map(({ dts, cto }) => dts + cto)).toEqual(given.map(({ dts, cto }) => dts + cto));
  });

  it('always go forward, also from one fragment to the next', () => {
    const durations = fc.array(fc.integer({ min: -9_000, max: 9_000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(fc.array(durations, { minLength: 1, maxLength: 6 }), (fragments) => {
        let floor = 0;
        let before = -1;
        let dts = 0;
        for (const each of fragments) {
          const samples = each.map((duration) => {
            const made = sample(dts, duration);
            dts += duration;
            return made;
          });
          for (const made of monotonic(samples, 0, floor)) {
            expect(made.dts).toBeGreaterThan(before);
            expect(made.duration).toBeGreaterThan(0);
            before = made.dts;
            floor = made.dts + made.duration;
          }
        }
      }),
    );
  });
});
