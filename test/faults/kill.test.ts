/** `kill -9` at random moments while eight cameras are recorded. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ffprobe } from '../support/ffprobe.ts';
import { filesOf } from '../support/recorded.ts';
import { allRecording, between, check, type Fleet, lossesAt, SAME, startFleet, summary } from './fleet.ts';

const { FAULT_ROUNDS = '50' } = process.env;
const ROUNDS = Number(FAULT_ROUNDS);
/** Half a second, and the fragment in flight. */
const LOSS_LIMIT_MS = 500 + 250;

describe('the process is killed', () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet(8);
  });
  afterAll(async () => {
    await fleet?.recorder.discard();
    await fleet?.server.close();
  });

  test(`${ROUNDS} times: every file plays, little is lost, the index is what the files are`, async () => {
    const losses: number[] = [];
    const played = new Set<string>();
    for (let round = 1; round <= ROUNDS; round++) {
      await allRecording(fleet);
      await delay(between(300, 2500));
      const killedMs = Date.now();
      await fleet.recorder.kill();
      losses.push(...(await lossesAt(fleet, killedMs)));
      await fleet.recorder.start();
      expect(await check(fleet.recorder)).toEqual(SAME);
      for (const id of fleet.ids) {
        // The newest is being written.
        for (const file of filesOf(fleet.recorder, id).slice(0, -1)) {
          if (played.has(file)) continue;
          played.add(file);
          expect({ file, errors: (await ffprobe(file)).errors }).toEqual({ file, errors: '' });
        }
      }
    }
    await fleet.recorder.stop();
    expect(await check(fleet.recorder, '--scan')).toEqual(SAME);
    console.log(`${ROUNDS} kills: lost ${summary(losses)}; ${played.size} files played`);
    expect(Math.max(...losses)).toBeLessThanOrEqual(LOSS_LIMIT_MS);
  });
});
