/** How much moves, told from sizes of frames alone. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActivityMeter, MOST_ACTIVITY, type SecondActivity } from '../../src/domain/activity.ts';

const FPS = 25;

/** A second of frames of a camera without B-frames; a key frame a second, at its beginning. */
function second(at: number, size: (index: number) => number) {
  const bytes = Array.from({ length: FPS }, (_, index) => (index === 0 ? 90_000 : size(index)));
  return {
    ...{ startMs: at * 1000, endMs: (at + 1) * 1000, key: true },
    ...{ bytes, delays: bytes.map(() => 0), duration: 90_000 },
  };
}

/** Sizes that vary by a tenth, the same for every run of the test. */
const noise = (index: number) => 1 + 0.1 * Math.sin(index * 12.9898);

/** What the meter says of seconds with frames of these sizes. */
function measured(sizes: readonly number[], meter = new ActivityMeter()): (number | null)[] {
  const told: SecondActivity[] = [];
  for (const [at, size] of [...sizes, 0].entries()) {
    told.push(...meter.add(second(at, (index) => Math.round(size * noise(at * FPS + index)))));
  }
  return told.map(({ activity }) => activity);
}

const still = (seconds: number, size = 2_000) => new Array<number>(seconds).fill(size);

describe('the activity of a camera', () => {
  it('is unknown until it is known what is usual, and then nothing in a still picture', () => {
    const told = measured(still(60));
    expect(told.slice(0, 10)).toEqual(new Array(10).fill(null));
    expect(Math.max(...told.slice(10).map((activity) => activity ?? 999))).toBeLessThan(25);
  });

  it.each([
    ['twice the bytes', 2, 100],
    ['five times the bytes', 5, 200],
    ['fifty times the bytes', 50, MOST_ACTIVITY],
  ])('rises with %s', (_, times, least) => {
    const told = measured([...still(60), ...still(3, 2_000 * times), ...still(10)]);
    expect(Math.max(...told.slice(60, 63).map(Number))).toBeGreaterThanOrEqual(least);
    expect(told.at(-1)).toBeLessThan(25);
  });

  it('does not see less than usual', () => {
    const told = measured([...still(60), ...still(5, 500)]);
    expect(told.slice(61)).toEqual([0, 0, 0, 0]);
  });

  it('takes what lasts for minutes as usual: night, rain, another bit rate', () => {
    const told = measured([...still(120), ...still(400, 8_000), 32_000]);
    expect(Number(told[121])).toBeGreaterThan(150);
    expect(Number(told[500])).toBeLessThan(50);
    expect(Number(told.at(-1))).toBeGreaterThan(50);
  });

  it('does not depend on how often key frames come, or how large they are', () => {
    const meter = new ActivityMeter();
    const told: SecondActivity[] = [];
    for (let at = 0; at < 80; at++) {
      const run = second(at, (index) => 2_000 * noise(at * FPS + index));
      const key = at % 3 === 0;
      const bytes = key
        ? [at % 2 === 0 ? 300_000 : 30_000, ...run.bytes.slice(1)]
        : run.bytes.fill(2_000, 0, 1);
      told.push(...meter.add({ ...run, key, bytes }));
    }
    expect(Math.max(...told.slice(10).map(({ activity }) => Number(activity)))).toBeLessThan(25);
  });

  it('tells frames apart by how long they are held back', () => {
    const meter = new ActivityMeter();
    const told: SecondActivity[] = [];
    for (let at = 0; at < 80; at++) {
      // The share of large P-frames is another one each second.
      const spacing = 3 + (at % 3);
      const run = second(at, (index) => (index % spacing === 0 ? 20_000 : 500) * noise(at * FPS + index));
      const delays = run.bytes.map((_, index) => (index % spacing === 0 ? 10_800 : 0));
      told.push(...meter.add({ ...run, delays }));
    }
    expect(Math.max(...told.slice(10).map(({ activity }) => Number(activity)))).toBeLessThan(40);
  });

  it('forgets what was usual with another encoder', () => {
    const meter = new ActivityMeter();
    measured(still(30), meter);
    meter.reset();
    expect(measured(still(5, 50_000), meter)).toEqual([null, null, null, null, null]);
  });

  it('is within its bounds for any sizes, and told once for each second with frames', () => {
    const runs = fc.array(fc.array(fc.nat(500_000), { maxLength: 8 }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(runs, (list) => {
        const meter = new ActivityMeter();
        const told = list.flatMap((bytes, at) =>
          meter.add({
            ...{ startMs: at * 1000, endMs: at * 1000 + 1000, key: at % 4 === 0 },
            ...{ bytes, delays: bytes.map((size) => size % 7), duration: 90_000 },
          }),
        );
        const seconds = told.map((each) => each.second);
        expect(new Set(seconds).size).toBe(seconds.length);
        for (const { activity } of told) {
          if (activity === null) continue;
          expect(Number.isInteger(activity) && activity >= 0 && activity <= MOST_ACTIVITY).toBe(true);
        }
      }),
    );
  });
});
