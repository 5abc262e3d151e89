/**
 * The recorder gets no processor: it is stopped and goes on, or hardly gets to run for a while. Cameras and disk are well
 * all the time. What the queues hold is not lost, and what is lost is told.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GapView } from '../../src/http/wire/archive.ts';
import { stampsOf } from '../support/recorded.ts';
import { checkStamps, type Stamp } from '../support/rtsp/stamps.ts';
import { allRecording, check, type Fleet, SAME, startFleet } from './fleet.ts';

const CAMERAS = 9;
/** A gap is told by the recorder's clock, which ties media to the moment it came. */
const CLOCK_SLACK_MS = 2_000;

let fleet: Fleet;

beforeEach(async () => {
  fleet = await startFleet(CAMERAS);
  await allRecording(fleet);
  await delay(2_000);
});
afterEach(async () => {
  await fleet?.recorder.discard();
  await fleet?.server.close();
});

async function stopFor(ms: number): Promise<void> {
  const { pid } = fleet.recorder;
  process.kill(pid, 'SIGSTOP');
  await delay(ms);
  process.kill(pid, 'SIGCONT');
}

/** What is missing between two frames that follow one another, by when these were sent. */
function holesIn(stamps: readonly Stamp[]) {
  const holes: { fromMs: number; toMs: number }[] = [];
  for (const [index, { frame, sentMs }] of stamps.entries()) {
    const before = stamps[index - 1];
    if (before !== undefined && frame > before.frame + 1) holes.push({ fromMs: before.sentMs, toMs: sentMs });
  }
  return holes;
}

/** Stops the recorder once it has recorded for a moment; gives its gaps after `sinceMs`, and what its files hold. */
async function recorded(sinceMs: number) {
  const { recorder, ids } = fleet;
  await allRecording(fleet);
  await delay(6_000);
  const gaps = new Map<string, readonly GapView[]>();
  for (const id of ids) {
    const later = (await recorder.gaps(id)).filter(({ endMs }) => (endMs ?? sinceMs) >= sinceMs);
    gaps.set(id, later);
  }
  await recorder.stop();
  expect(await check(recorder)).toEqual(SAME);
  return await Promise.all(
    ids.map(async (id) => ({ id, gaps: gaps.get(id) ?? [], stamps: await stampsOf(recorder, id) })),
  );
}

describe('the recorder is stopped', () => {
  test.each([3_000, 5_500, 8_000])(
    'for %d ms and goes on: no frame is missing, and no gap is told',
    async (ms) => {
      const sinceMs = Date.now();
      await stopFor(ms);
      for (const { id, gaps, stamps } of await recorded(sinceMs)) {
        expect(checkStamps(stamps), id).toMatchObject({ lost: 0, doubled: 0, backward: 0 });
        expect(gaps, id).toEqual([]);
      }
    },
  );

  test.each([
    { turns: 20, stoppedMs: 2_700, runsMs: 300 },
    { turns: 4, stoppedMs: 14_000, runsMs: 150 },
  ])(
    'again and again: what is missing is told, with its cause stopped for $stoppedMs ms, running for $runsMs',
    async ({ turns, stoppedMs, runsMs }) => {
      const sinceMs = Date.now();
      for (let turn = 0; turn < turns; turn++) {
        await stopFor(stoppedMs);
        await delay(runsMs);
      }
      for (const { id, gaps, stamps } of await recorded(sinceMs)) {
        expect(checkStamps(stamps), id).toMatchObject({ doubled: 0, backward: 0 });
        // The disk was well: it is not to blame.
        expect(
          gaps.filter(({ cause }) => cause === 'storage' || cause === 'starting'),
          id,
        ).toEqual([]);
        for (const { fromMs, toMs } of holesIn(stamps)) {
          const told = gaps.filter(
            ({ startMs, endMs }) =>
              startMs < toMs + CLOCK_SLACK_MS && (endMs ?? toMs) > fromMs - CLOCK_SLACK_MS,
          );
          const toldMs = told.reduce((sum, { startMs, endMs }) => sum + (endMs ?? toMs) - startMs, 0);
          expect(toldMs, `${id}: ${toMs - fromMs} ms are missing`).toBeGreaterThan(
            toMs - fromMs - CLOCK_SLACK_MS,
          );
        }
      }
    },
  );
});
