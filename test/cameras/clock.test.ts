/** The wall clock is set while cameras are recorded and missed: what is written down of it. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { GOP_MS, World } from './world.ts';

const HOUR_MS = 3_600_000;
let world: World;

beforeEach(() => {
  world = new World();
  world.fleet.start();
});
afterEach(async () => {
  await world.fleet.close();
  vi.useRealTimers();
});

const books = () => world.told().filter((line) => !line.includes('write'));
/** The steady clock goes on as before. */
const setClock = (byMs: number) => vi.setSystemTime(Date.now() + byMs);

describe('a camera that is recorded', () => {
  it('goes on in the same file writer, and the hour that was leapt over is neither footage nor gap', async () => {
    const run = await world.live('cam');
    await run.play(1_500);
    books();
    setClock(HOUR_MS);
    await run.play(GOP_MS);
    expect(books()).toEqual([
      `cam: recording to ${GOP_MS}: new-run`,
      `cam: recording from ${GOP_MS + HOUR_MS}: continuous`,
    ]);
    expect(world.status('cam').recording).toMatchObject({ state: 'recording' });
    expect(run.ends).toBe(0);
  });

  it('goes on when the clock is set back, and tells the repeated hour a second time', async () => {
    const run = await world.live('cam');
    await run.play(1_500);
    books();
    setClock(-HOUR_MS);
    await run.play(GOP_MS);
    expect(books()).toEqual([
      `cam: recording to ${GOP_MS}: new-run`,
      `cam: recording from ${GOP_MS - HOUR_MS}: continuous`,
    ]);
  });

  it('is not disturbed by what a time service puts right little by little', async () => {
    const run = await world.live('cam');
    await run.play(1_000);
    books();
    for (let second = 0; second < 10; second++) {
      setClock(50);
      await run.play(1_000);
    }
    expect(books()).toEqual([]);
  });
});

describe('a camera that is missed', () => {
  it.each([HOUR_MS, -HOUR_MS])(
    'has a gap as long as the outage when the clock is set by %d ms',
    async (stepMs) => {
      const run = await world.live('cam');
      await run.play(GOP_MS);
      books();
      run.fail('unreachable', 'No route.');
      await world.pass(500);
      setClock(stepMs);
      await world.pass(500);
      const told = books();
      const gaps = told.filter((line) => line.includes('gap'));
      expect(gaps.slice(0, 3)).toEqual([
        `cam: gap from ${GOP_MS}: unreachable`,
        expect.stringMatching(/^cam: gap to \d+$/),
        expect.stringMatching(/^cam: gap from -?\d+: unreachable$/),
      ]);
      const [untilMs = 0, againMs = 0] = gaps.slice(1, 3).map((line) => Number(/-?\d+/.exec(line)?.[0]));
      expect(againMs - untilMs).toBe(stepMs);
      expect(untilMs).toBeGreaterThanOrEqual(GOP_MS + 500);
      expect(untilMs).toBeLessThanOrEqual(GOP_MS + 1_000);
    },
  );
});
