/** The memory of a wall of nine cameras that is watched for long. `WALL_MINUTES` says how long; half a minute by default. */
import { setTimeout as delay } from 'node:timers/promises';
import type { CDPSession } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { loggedIn, openPage } from '../support/dashboard.ts';
import { playing, type Scene, type SceneCamera, startScene } from './dashboardScene.ts';

const { WALL_MINUTES = '0.5' } = process.env;
const MINUTES = Number(WALL_MINUTES);
const SAMPLES = 10;
const MEGABYTE = 1e6;
/** What may come and go between two looks. */
const SLACK_BYTES = 3 * MEGABYTE;

const CAMERAS = Array.from(
  { length: 9 },
  (_, index): SceneCamera => [`cam-${index}`, `Camera ${index}`, 'sub'],
);

let scene: Scene;

beforeAll(async () => {
  scene = await startScene(CAMERAS, 2_000);
});

afterAll(() => scene?.close());

test(
  'stays the same',
  async () => {
    const context = await loggedIn(scene.browser, scene.recorder);
    onTestFinished(() => context.close());
    const { page, faults } = await openPage(context);
    await page.goto('/live');
    await playing(page, CAMERAS.length, 60_000);
    const session = await context.newCDPSession(page);
    const samples: number[] = [];
    for (let sample = 0; sample <= SAMPLES; sample++) {
      await delay((MINUTES * 60_000) / SAMPLES);
      samples.push(await heapBytes(session));
    }
    process.stdout.write(
      `heap over ${MINUTES} min: ${samples.map((bytes) => (bytes / MEGABYTE).toFixed(1)).join(' ')} MB\n`,
    );
    const half = Math.floor(samples.length / 2);
    expect(median(samples.slice(half))).toBeLessThan(median(samples.slice(0, half)) + SLACK_BYTES);
    await playing(page, CAMERAS.length);
    expect(faults).toEqual([]);
  },
  (MINUTES + 5) * 60_000,
);

/** What is still used after all that nobody needs has gone. */
async function heapBytes(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
