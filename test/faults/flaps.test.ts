/** A thousand times a camera goes and comes back: what the recorder needs of the machine stays the same. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CameraList } from '../../src/http/wire/camera.ts';
import { type Snapshot, snapshot } from '../bench/processes.ts';
import { eventually } from '../support/recorder.ts';
import { allRecording, type Fleet, startFleet } from './fleet.ts';

const CAMERAS = 10;
const { FLAP_ROUNDS = '100' } = process.env;
const ROUNDS = Number(FLAP_ROUNDS);
/** What the first rounds need is still growing: code is compiled, buffers find their size. */
const WARM = Math.ceil(ROUNDS / 2);
const MEGABYTE = 2 ** 20;
/**
 * Garbage is collected when there is some, not when half of the machine is full of it. JavaScript needs some 45 MB of
 * this after 1,000 flaps; what leaks there ends the recorder.
 */
const ENVIRONMENT = { NODE_OPTIONS: '--max-old-space-size=80' };

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet(CAMERAS, {}, ENVIRONMENT);
});
afterAll(async () => {
  await fleet?.recorder.discard();
  await fleet?.server.close();
});

/** How much a number grows from one round to the next, by least squares. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const [covariance, variance] = values.reduce(
    ([a, b], value, index) => [a + (index - middle) * (value - mean), b + (index - middle) ** 2],
    [0, 0],
  );
  return covariance / variance;
}

test(`${ROUNDS * CAMERAS} flaps: descriptors, threads and memory stay flat`, async () => {
  const { server, recorder } = fleet;
  const listed = async () => (await recorder.get<CameraList>('/cameras')).cameras;
  await allRecording(fleet);
  const seen: Snapshot[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = new Map((await listed()).map(({ id, status }) => [id, status.runId]));
    await server.fault({ kind: 'reset' });
    await eventually('every camera has lost its run', async () =>
      (await listed()).every(({ id, status }) => status.runId !== before.get(id)),
    );
    for (const { id, status } of await listed()) {
      // A change makes it try at once, however long it would have waited by now.
      if (status.source.state === 'backoff') await recorder.change(id, { audio: round % 2 === 0 });
    }
    await allRecording(fleet);
    await delay(300);
    seen.push(snapshot([recorder.pid]));
  }
  const late = seen.slice(WARM);
  const [first, last] = [late[0], late.at(-1)];
  const slopes = {
    descriptors: slope(late.map(({ descriptors }) => descriptors)),
    threads: slope(late.map(({ threads }) => threads)),
    megabytes: slope(late.map(({ anonymousBytes }) => anonymousBytes / MEGABYTE)),
  };
  const told = [first, last].map((at) => [
    at?.descriptors,
    at?.threads,
    Math.round((at?.anonymousBytes ?? 0) / MEGABYTE),
  ]);
  console.log(
    `${ROUNDS * CAMERAS} flaps: [descriptors, threads, MB] in the middle and at the end ${JSON.stringify(told)}, growth per round ${JSON.stringify(slopes)}`,
  );
  expect(slopes.descriptors).toBeLessThan(0.2);
  expect(slopes.threads).toBeLessThan(0.2);
  // A round is a flap of every camera: 20 kB of each, which is as little as can be told from what comes and goes.
  expect(slopes.megabytes).toBeLessThan(0.2);
});
