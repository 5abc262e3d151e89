/**
 * Eight hours of a camera that comes and goes, by a fast clock: the books tell all of the time, nothing is told twice,
 * and what the recorder keeps (timers, fragments, files that are open) is at the end what it was at the start.
 */
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { cameraId } from '../../src/domain/ids.ts';
import { FORMAT, FRAGMENT_MS, GOP_MS, type ScriptedRun, World } from './world.ts';

const HOUR_MS = 3_600_000;
const LENGTH_MS = 8 * HOUR_MS;
const CAM = cameraId('cam');

/** How a camera spends its time: so long it sends, so long it is off or stands still. */
const phases = fc.array(
  fc.record({
    seconds: fc.integer({ min: 1, max: 1_500 }),
    trouble: fc.constantFrom('off', 'off', 'still'),
    troubleSeconds: fc.integer({ min: 1, max: 90 }),
  }),
  { minLength: 60, maxLength: 60 },
);
type Phases = typeof phases extends fc.Arbitrary<infer T> ? T : never;

afterEach(() => {
  vi.useRealTimers();
});

/** A camera that answers, sends, breaks off and stands still as it is told to. */
class Visitor {
  readonly #world: World;
  readonly #gone = new Set<ScriptedRun>();
  #playing: ScriptedRun | null = null;
  #answered = 0;
  #stoodMs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  async pass(ms: number, state: 'on' | 'off' | 'still'): Promise<void> {
    for (let passed = 0; passed < ms; passed += GOP_MS) {
      await this.#world.pass(GOP_MS);
      await this.#answer(state !== 'off');
      this.#stoodMs = state === 'still' ? this.#stoodMs + GOP_MS : this.#stoodMs;
      const run = this.#world.runs.at(-1);
      if (run === undefined || this.#gone.has(run) || run.ends > 0) continue;
      if (state === 'off') {
        this.#gone.add(run);
        run.fail('unreachable');
      } else if (state === 'on') this.#send(run);
    }
  }

  #send(run: ScriptedRun): void {
    if (this.#playing !== run) run.begin();
    else {
      // The frame before it stood still lasted until now.
      if (this.#stoodMs > 0) run.fragment(this.#stoodMs);
      for (let sent = 0; sent < GOP_MS; sent += FRAGMENT_MS) run.fragment();
    }
    this.#stoodMs = 0;
    this.#playing = run;
  }

  async #answer(on: boolean): Promise<void> {
    for (const { answer } of this.#world.probes.slice(this.#answered)) {
      this.#answered++;
      answer.resolve(
        on ? { ok: true, format: FORMAT } : { ok: false, cause: 'unreachable', message: 'No route.' },
      );
      await this.#world.pass(0);
    }
  }
}

/** The intervals that the books tell of, in the order in which they were written down; the last is open. */
function told(story: readonly string[]) {
  const spans: { readonly kind: string; readonly fromMs: number; toMs: number | null }[] = [];
  for (const line of story) {
    const [, kind = '', end, ms] = /^cam: (recording|gap) (from|to) (\d+)/.exec(line) ?? [];
    if (end === 'from') spans.push({ kind, fromMs: Number(ms), toMs: null });
    const last = spans.findLast((span) => span.kind === kind && span.toMs === null);
    if (end === 'to' && last !== undefined) last.toMs = Number(ms);
  }
  return spans.filter(({ fromMs, toMs }) => toMs !== fromMs);
}

async function live(all: Phases): Promise<void> {
  const world = new World();
  world.fleet.start();
  world.add('cam');
  const visitor = new Visitor(world);
  await visitor.pass(60_000, 'on');
  const before = { timers: vi.getTimerCount(), writers: world.writers.length };
  for (const { seconds, trouble, troubleSeconds } of all) {
    await visitor.pass(troubleSeconds * 1000, trouble);
    await visitor.pass(seconds * 1000, 'on');
    if (performance.now() > LENGTH_MS) break;
  }
  await visitor.pass(120_000, 'on');
  expect(world.status('cam')).toMatchObject({ source: { state: 'live' }, recording: { state: 'recording' } });
  expect(vi.getTimerCount()).toBe(before.timers);
  expect(world.story.filter((line) => line.includes('close file')).length).toBe(world.writers.length - 1);
  const spans = told(world.story);
  const joints = spans.slice(1).map(({ fromMs }, index) => fromMs - (spans[index]?.toMs ?? Number.NaN));
  expect(new Set(joints)).toEqual(new Set([0]));
  expect(spans[0]?.fromMs).toBe(0);
  expect(spans.at(-1)).toMatchObject({ kind: 'recording', toMs: null });
  const { entries } = world.ring(CAM);
  expect(entries.length).toBeLessThan(60);
  await world.fleet.close();
}

test.each([1, 2])(
  'eight hours: recordings and gaps fill all of the time, and nothing is left over (%i)',
  async (seed) => {
    const [all = []] = fc.sample(phases, { seed, numRuns: 1 });
    await live(all);
  },
);
