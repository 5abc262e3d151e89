/** A device whose sound goes away and comes back, while its picture is recorded all the same. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { CameraEvents } from '../../src/app/cameraEvents.ts';
import type { DeviceSource } from '../../src/domain/camera.ts';
import { FORMAT, GOP_MS, type ScriptedRun, World } from './world.ts';

const source: DeviceSource = { kind: 'v4l2', device: '/dev/video0', audioDevice: 'hw:1,0' };
const AWAY = { cause: 'not-found', message: 'hw:1,0 is not there.', track: 'audio' } as const;
const BUSY = { cause: 'busy', message: 'hw:1,0 is used by another program.', track: 'audio' } as const;
const PICTURE = { ...FORMAT, audio: null };

let world: World;
let told: string[];
beforeEach(() => {
  told = [];
  const events = new CameraEvents(({ kind, text }) => void (kind === 'sound' && told.push(text)));
  world = new World((around) => events.overhear(around));
  world.fleet.start();
});
afterEach(async () => {
  await world.fleet.close();
  vi.useRealTimers();
});

/** Answers the newest probe and delivers the first picture of the run that follows. */
async function begins(silent: typeof AWAY | typeof BUSY | null): Promise<ScriptedRun> {
  await world.pass(0);
  await world.answer(silent === null ? { ok: true, format: FORMAT } : { ok: true, format: PICTURE, silent });
  const { run } = world;
  run.begin();
  await run.play(500);
  return run;
}

/** A camera of the device that is recorded with its sound. */
async function heard(): Promise<ScriptedRun> {
  world.add('cam', { source });
  return await begins(null);
}

const status = () => world.status('cam');

describe('sound that is lost', () => {
  test('leaves the picture, at once and without a failed attempt', async () => {
    const run = await heard();
    run.fail('ended', 'hw:1,0 gives nothing any more.', 'audio');
    expect(status().source).toMatchObject({ state: 'connecting', attempt: 0, cause: 'format-changed' });
    world.silent = AWAY;
    const picture = await begins(AWAY);
    expect(picture.request.format).toEqual(PICTURE);
    expect(status()).toMatchObject({
      source: { state: 'live', cause: null },
      recording: { state: 'recording' },
      silent: { cause: 'not-found', message: 'hw:1,0 is not there.' },
    });
    // What is shown over the API has these fields and no others.
    expect(status().silent).toEqual({ cause: 'not-found', message: 'hw:1,0 is not there.' });
    expect(told).toEqual(['The picture is recorded without its sound. hw:1,0 is not there.']);
  });

  test('is recorded again, in a new run, once it is back', async () => {
    world.silent = AWAY;
    world.add('cam', { source });
    const picture = await begins(AWAY);
    await picture.play(20_000);
    expect(picture.ends).toBe(0);
    world.silent = null;
    await picture.play(5_000);
    expect(picture.ends).toBe(1);
    const again = await begins(null);
    expect(again.request.format).toEqual(FORMAT);
    expect(status()).toMatchObject({ source: { state: 'live' }, silent: null });
    expect(told).toEqual([expect.stringContaining('without its sound'), 'The sound is recorded again.']);
  });

  test('that comes and goes interrupts the picture less and less often', async () => {
    let run = await heard();
    const began = performance.now();
    const lossesAt: number[] = [];
    while (performance.now() - began < 1_800_000) {
      lossesAt.push(performance.now());
      run.fail('ended', 'Gone.', 'audio');
      run = await begins(AWAY);
      while (run.ends === 0) await run.play(1_000);
      run = await begins(null);
    }
    const between = lossesAt.slice(1).map((at, index) => at - (lossesAt[index] ?? 0));
    expect(between[0]).toBeLessThan(10_000);
    expect(between.length).toBeLessThan(8);
    expect(between.at(-1)).toBeGreaterThan(590_000);
    expect(status().source.attempt).toBe(0);
  });

  test('for another reason than before is told', async () => {
    world.silent = BUSY;
    world.add('cam', { source });
    const picture = await begins(AWAY);
    await picture.play(6_000);
    expect(status().silent).toMatchObject({ cause: 'busy' });
    expect(told).toHaveLength(2);
  });
});

test('is no news of a camera that takes no sound, or of another device', async () => {
  world.silent = AWAY;
  world.add('cam', { source, audio: false });
  const run = await begins(AWAY);
  await run.play(10_000);
  expect(status().silent).toBeNull();
  world.fleet.update(run.request.cameraId, { audio: true }, null);
  await begins(AWAY);
  expect(status().silent).toMatchObject({ cause: 'not-found' });
  world.fleet.update(run.request.cameraId, { source: { kind: 'v4l2', device: '/dev/video0' } }, null);
  await begins(null);
  expect(status().silent).toBeNull();
  expect(told).toHaveLength(1);
});

test('is looked for also after the picture was interrupted, and no more once the camera is off', async () => {
  world.silent = AWAY;
  world.add('cam', { source });
  const run = await begins(AWAY);
  run.fail('ended');
  await world.pass(status().source.retryMs ?? 0);
  const next = world.run;
  expect(next).not.toBe(run);
  next.begin();
  await next.play(GOP_MS);
  world.silent = null;
  await next.play(4_000);
  expect(next.ends).toBe(1);
  await begins(AWAY);
  const probes = world.probes.length;
  world.fleet.update(run.request.cameraId, { enabled: false }, null);
  await world.pass(1_000_000);
  expect(world.probes).toHaveLength(probes);
});
