/**
 * The timeline over many days of nine cameras: what it costs to zoom and pan it, in what is asked of the canvas and of
 * the layout, which is the same on any machine, and in time of the processor. The rate is printed beside that of the same
 * page when nothing moves, and with `BARS` set it is tested as well. `ARCHIVE_DAYS` says how many days; a year takes
 * minutes to make up.
 */
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { fillIndex } from '../bench/madeUp.ts';
import { buildDashboard, loggedIn, openBrowser, openPage } from '../support/dashboard.ts';
import { type Recorder, startRecorder } from '../support/recorder.ts';

const CAMERAS = ['door', 'yard', 'gate', 'park', 'dock', 'hall', 'road', 'stop', 'shed'];
const { ARCHIVE_DAYS = '8', BARS } = process.env;
const DAYS = Number(ARCHIVE_DAYS);
const DAY_MS = 86_400_000;
/** A drawing has to leave room for everything else in the 16.7 ms of a frame. */
const MOST_DRAW_MS = 6;
const FEWEST_FPS = 55;
/** What else runs on a machine can only lower a rate: the best of so many counts. */
const ROUNDS = BARS === undefined ? 1 : 3;
const FRAMES = 240;
const LANES_MARK = 'lanes drawn';
/** Lines, labels and one bitmap for all footage. */
const MOST_CALLS = 150;
/** Drawing the bitmap anew takes a rectangle for each run of footage, of gaps and of events. */
const MANY_CALLS = 2_000;

/** What was asked of the browser within one animation frame. */
interface Frame {
  readonly calls: number;
  readonly draws: number;
  /** How often the footage was drawn anew. */
  readonly anew: number;
}

/** An event of Chromium's trace; times are in microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur?: number;
  /** What the thread itself was busy, whatever else the machine did. */
  readonly tdur?: number;
}

interface Seen {
  frames: Frame[];
  /** Texts that were measured, and boxes that were asked for: both make the browser stop and work. */
  measured: number;
}

declare global {
  interface Window {
    /** What `countFrames` counts. */
    seen?: Seen;
  }
}

let recorder: Recorder;
let browser: Browser;

beforeAll(async () => {
  await buildDashboard();
  recorder = await startRecorder({ settings: { TIME_ZONE: 'America/New_York' } });
  for (const id of CAMERAS) {
    await recorder.add({ id, name: id, source: { kind: 'test' }, enabled: false });
  }
  await recorder.change('door', { enabled: true });
  await recorder.recording('door');
  await recorder.until('door', 'is durable', ({ status }) => status.lastDurableMs !== null);
  await recorder.stop();
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  fillIndex(path.join(recorder.stateDir, 'nightjar.db'), {
    ids: CAMERAS,
    fromMs: today - DAYS * DAY_MS,
    days: DAYS,
    minutes: 1,
  });
  await recorder.start();
  browser = await openBrowser();
}, 1_200_000);

afterAll(async () => {
  await browser?.close();
  await recorder?.discard();
});

test.each([
  // Stretched by half, the bitmap is drawn anew; panned over its margin likewise.
  ['zooming', 0, 1, FRAMES / 5],
  ['panning', 1, 0, FRAMES / 10],
])('a day of nine cameras costs little to draw while %s', async (what, across, down, mostAnew) => {
  const page = await timelineOf(Date.now() - 3 * DAY_MS);
  // Without the trace, which takes time of its own.
  const { idle, moving } = await rates(page, across, down);
  await browser.startTracing(page, { categories: ['devtools.timeline', 'blink.user_timing'] });
  const { frames, measured: stops } = await measured(page, across, down);
  const costs = costsIn(JSON.parse((await browser.stopTracing()).toString()).traceEvents);
  const drawn = frames.filter(({ draws }) => draws > 0);
  const [middle, late, worst] = [0.5, 0.95, 1].map((share) => quantile(costs, share)) as [
    number,
    number,
    number,
  ];
  process.stdout.write(
    `${what}: ${moving.toFixed(1)} fps (${idle.toFixed(1)} when nothing moves), a draw takes ${middle.toFixed(1)} ms of the processor, 95 % of them up to ` +
      `${late.toFixed(1)} ms, the worst ${worst.toFixed(1)} ms; ${drawn.filter(({ anew }) => anew > 0).length} of ` +
      `${drawn.length} draw the footage anew, with up to ${Math.max(...drawn.map(({ calls }) => calls))} calls\n`,
  );
  expect(drawn.length).toBeGreaterThan(FRAMES / 2);
  expect(Math.max(...frames.map(({ draws }) => draws))).toBe(1);
  expect(drawn.filter(({ anew }) => anew > 0).length).toBeLessThanOrEqual(mostAnew);
  for (const { calls, anew } of drawn) expect(calls).toBeLessThanOrEqual(anew > 0 ? MANY_CALLS : MOST_CALLS);
  expect(stops).toBeLessThanOrEqual(FRAMES / 20);
  expect(costs.length).toBeGreaterThan(FRAMES / 2);
  expect(middle).toBeLessThanOrEqual(MOST_DRAW_MS);
  if (BARS === undefined) return;
  expect(late).toBeLessThanOrEqual(MOST_DRAW_MS);
  expect(moving).toBeGreaterThanOrEqual(FEWEST_FPS);
});

/** Frames a second while the timeline moves, and while nothing does: the most that this machine shows. */
async function rates(
  page: Page,
  across: number,
  down: number,
): Promise<{ readonly idle: number; readonly moving: number }> {
  let [idle, moving] = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    idle = Math.max(idle, (await measured(page, 0, 0)).fps);
    moving = Math.max(moving, (await measured(page, across, down)).fps);
  }
  return { idle, moving };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
}

/** Milliseconds of the page's thread for each frame in which the lanes were drawn. */
function costsIn(events: readonly TraceEvent[]): readonly number[] {
  const marks = events.filter(({ name }) => name === LANES_MARK).map(({ ts }) => ts);
  return events
    .filter(({ name, ph }) => name === 'FireAnimationFrame' && ph === 'X')
    .filter(({ ts, dur = 0 }) => marks.some((mark) => mark >= ts && mark <= ts + dur))
    .map(({ tdur = Number.NaN }) => tdur / 1_000);
}

async function timelineOf(ms: number): Promise<Page> {
  const context = await loggedIn(browser, recorder);
  onTestFinished(() => context.close());
  const { page } = await openPage(context);
  await page.addInitScript(countFrames, LANES_MARK);
  await page.goto(`/play?cam=door&t=${ms}`);
  await page.locator('.gap-button').first().waitFor({ timeout: 30_000 });
  // What is beside the day is fetched as well.
  await page.waitForLoadState('networkidle');
  return page;
}

/** Counts what is done in animation frames, which is where the timeline is drawn. @param mark left in the trace */
function countFrames(mark: string): void {
  const now = { calls: 0, draws: 0, anew: 0 };
  const seen: Seen = { frames: [], measured: 0 };
  window.seen = seen;
  const pen = CanvasRenderingContext2D.prototype;
  const wrap = (target: object, name: string, count: (self: unknown) => void) => {
    const original: unknown = Reflect.get(target, name);
    if (typeof original !== 'function') throw new Error(`There is no ${name}.`);
    Reflect.set(target, name, function (this: unknown, ...args: unknown[]) {
      count(this);
      return Reflect.apply(original, this, args);
    });
  };
  // Movement is drawn as an image, once for all lanes.
  wrap(pen, 'putImageData', () => {
    now.anew += 1;
  });
  for (const name of ['fillRect', 'fillText', 'fill', 'stroke', 'drawImage']) {
    wrap(pen, name, () => {
      now.calls += 1;
    });
  }
  // The lanes are cleared once whenever they are drawn; the ruler has a class of its own.
  wrap(pen, 'clearRect', (self) => {
    // The bitmap of the footage is in no page.
    if (!(self instanceof CanvasRenderingContext2D) || !self.canvas.isConnected || self.canvas.className)
      return;
    now.draws += 1;
    performance.mark(mark);
  });
  const measure = () => {
    seen.measured += 1;
  };
  wrap(pen, 'measureText', measure);
  wrap(Element.prototype, 'getBoundingClientRect', measure);
  const request = window.requestAnimationFrame.bind(window);
  let frame = -1;
  window.requestAnimationFrame = (callback) =>
    request((time) => {
      // All callbacks of a frame are called with the same time.
      if (time !== frame) Object.assign(now, { calls: 0, draws: 0, anew: 0 });
      const known = time === frame;
      frame = time;
      callback(time);
      if (known) seen.frames.pop();
      seen.frames.push({ ...now });
    });
}

/** Turns the wheel over the lanes once a frame, to and fro; nothing moves where it goes neither across nor down. */
async function measured(page: Page, across: number, down: number): Promise<Seen & { readonly fps: number }> {
  return await page.evaluate(
    async ({ x, y, count }) => {
      const lanes = document.querySelector('.timeline-lanes canvas');
      const { seen } = window;
      if (!lanes || !seen) throw new Error('There is no timeline.');
      const box = lanes.getBoundingClientRect();
      Object.assign(seen, { frames: [], measured: 0 });
      const began = performance.now();
      await new Promise<void>((resolve) => {
        let turned = 0;
        const turn = () => {
          if (turned === count) return resolve();
          // To and fro, so that it stays about the same day.
          const sign = turned % (count / 2) < count / 4 ? 1 : -1;
          turned += 1;
          const wheel = new WheelEvent('wheel', {
            deltaX: x * sign * 24,
            deltaY: y * sign * 24,
            clientX: box.left + box.width * 0.4,
            clientY: box.top + 10,
            cancelable: true,
            bubbles: true,
          });
          if (x !== 0 || y !== 0) lanes.dispatchEvent(wheel);
          setTimeout(() => requestAnimationFrame(turn), 0);
        };
        requestAnimationFrame(turn);
      });
      return { fps: (count * 1_000) / (performance.now() - began), ...seen };
    },
    { x: across, y: down, count: FRAMES },
  );
}
