/** How a camera's pipeline is opened, watched and replaced. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NvrError } from '../../src/domain/errors.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { Deferred, FORMAT, GOP_MS, rtsp, World } from './world.ts';

let world: World;
const cam = cameraId('cam');

beforeEach(() => {
  world = new World();
  world.fleet.start();
});
afterEach(async () => {
  await world.fleet.close();
  vi.useRealTimers();
});

const source = () => world.status('cam').source;

describe('opening', () => {
  test('probes, then opens what was found', async () => {
    world.add('cam');
    await world.pass(0);
    expect(source()).toMatchObject({ state: 'connecting', cause: null });
    expect(world.probes.map((probe) => probe.source)).toEqual([rtsp('cam')]);
    expect(world.runs).toEqual([]);
    await world.answer();
    expect(world.run.request).toMatchObject({ source: rtsp('cam'), format: FORMAT });
    world.run.begin();
    expect(source().state).toBe('connecting');
    await world.run.play(500);
    expect(source().state).toBe('live');
  });

  test('leaves sound out where it is not wanted', async () => {
    const run = await world.live('cam', { audio: false });
    expect(run.request.format).toEqual({ ...FORMAT, audio: null });
  });

  test('tells why a probe failed, and probes again', async () => {
    world.add('cam');
    await world.pass(0);
    await world.answer({ ok: false, cause: 'unauthorised', message: 'Wrong password.' });
    expect(source()).toMatchObject({ state: 'backoff', cause: 'unauthorised', message: 'Wrong password.' });
    await world.pass(source().retryMs ?? 0);
    expect(world.probes).toHaveLength(2);
    expect(source()).toMatchObject({ state: 'connecting', cause: 'unauthorised' });
  });

  test('tells that this machine cannot open it, and tries again', async () => {
    world.slowOpenings = [];
    world.add('cam');
    await world.pass(0);
    await world.answer();
    world.slowOpenings[0]?.reject(new NvrError('unavailable', 'GStreamer lacks x.'));
    await world.pass(0);
    expect(source()).toMatchObject({ state: 'backoff', cause: 'internal', message: 'GStreamer lacks x.' });
    await world.pass(source().retryMs ?? 0);
    expect(world.probes).toHaveLength(2);
  });

  test('gives up on one that never delivers', async () => {
    await world.live('cam');
    await world.pass(12_000);
    expect(source()).toMatchObject({ state: 'backoff', cause: 'no-media' });
    expect(world.run.ends).toBe(1);
  });
});

describe('what the recorder prepares', () => {
  test('is no time of the camera’s', async () => {
    const preparing = new Deferred<void>();
    world.preparing = preparing;
    world.add('cam');
    await world.pass(60_000);
    expect(world.probes).toEqual([]);
    expect(source()).toMatchObject({ state: 'connecting', attempt: 0 });
    preparing.resolve();
    await world.pass(11_000);
    await world.answer();
    world.run.begin();
    await world.run.play(500);
    expect(source()).toMatchObject({ state: 'live', attempt: 0 });
  });

  test('is given up when it never comes to an end, or fails', async () => {
    const preparing = new Deferred<void>();
    world.preparing = preparing;
    world.add('cam');
    await world.pass(180_000);
    expect(source()).toMatchObject({ state: 'backoff', cause: 'timed-out' });
    preparing.reject(new NvrError('unavailable', 'It did not begin.'));
    await world.pass(source().retryMs ?? 0);
    expect(source()).toMatchObject({ state: 'backoff', cause: 'internal', message: 'It did not begin.' });
    expect(world.probes).toEqual([]);
  });
});

describe('what belongs to an earlier attempt', () => {
  test('the answer of a probe is dropped when the address has changed', async () => {
    world.add('cam');
    await world.pass(0);
    world.fleet.update(cam, { source: rtsp('other') }, null);
    await world.pass(0);
    expect(world.probes.map((probe) => probe.source)).toEqual([rtsp('cam'), rtsp('other')]);
    world.probes[0]?.answer.resolve({ ok: true, format: FORMAT });
    await world.pass(0);
    expect(world.runs).toEqual([]);
    await world.answer();
    expect(world.runs.map(({ request }) => request.source)).toEqual([rtsp('other')]);
  });

  test.each([
    ['changed', () => void world.fleet.update(cam, { source: rtsp('other') }, null)],
    ['disabled', () => void world.fleet.update(cam, { enabled: false }, null)],
    ['deleted', () => void world.fleet.remove(cam, null)],
  ])('a pipeline that opens after the camera was %s is ended at once', async (_, act) => {
    const openings: NonNullable<World['slowOpenings']> = [];
    world.slowOpenings = openings;
    world.add('cam');
    await world.pass(0);
    await world.answer();
    act();
    openings[0]?.resolve();
    await world.pass(0);
    expect(world.runs[0]?.ends).toBe(1);
    expect(world.told().filter((line) => /run|file/.test(line))).toEqual([]);
  });

  test('the failure of a run that is being replaced leaves the new one alone', async () => {
    const run = await world.live('cam');
    await run.play(GOP_MS);
    world.fleet.update(cam, { source: rtsp('other') }, null);
    run.fail('ended');
    await world.pass(0);
    await world.answer();
    expect(source()).toMatchObject({ state: 'connecting', cause: null });
    expect(world.run.request.source).toEqual(rtsp('other'));
    expect(world.run.ends).toBe(0);
  });

  test('the last fragments of a run are written before the first of the next', async () => {
    const run = await world.live('cam');
    await run.play(GOP_MS);
    await world.pass(1_000);
    run.lastFragments = 2;
    world.told();
    world.fleet.update(cam, { source: rtsp('other') }, null);
    await world.pass(0);
    await world.answer();
    world.run.begin();
    await world.run.play(500);
    expect(world.told()).toEqual([
      'cam: write #5 of 2000',
      'cam: write #6 of 2500',
      'cam: recording to 3000: new-run',
      'cam: gap from 3000: connecting',
      'cam: run 1 to 3000: connecting',
      'cam: close file',
      'cam: gap to 3000',
      'cam: run 2 from 3000',
      'cam: recording from 3000: continuous',
      'cam: open file of run 2',
      'cam: write #1 of 3000',
    ]);
  });
});

describe('a run that ends by itself', () => {
  test('is tried again soon, without another probe', async () => {
    const run = await world.live('cam');
    await run.play(GOP_MS);
    run.fail('ended', 'The camera ended the stream.');
    expect(source()).toMatchObject({ state: 'backoff', cause: 'ended' });
    expect(source().retryMs).toBeLessThanOrEqual(700);
    await world.pass(700);
    expect(world.runs).toHaveLength(2);
    expect(world.probes).toHaveLength(1);
  });

  test('after a change of format is followed at once, with a probe', async () => {
    const run = await world.live('cam');
    await run.play(GOP_MS);
    run.fail('format-changed');
    await world.pass(0);
    expect(source().state).toBe('connecting');
    expect(world.probes).toHaveLength(2);
  });

  test('a format that no longer fits is found out after a run that never began', async () => {
    const run = await world.live('cam');
    await run.play(GOP_MS);
    run.fail('unreachable');
    await world.pass(700);
    expect(world.runs).toHaveLength(2);
    await world.pass(13_000);
    expect(world.probes).toHaveLength(2);
  });
});

describe('silence', () => {
  test('of 3 s is told, and forgiven when media comes again', async () => {
    const run = await world.live('cam');
    await run.play(GOP_MS);
    await world.pass(2_000);
    expect(source().state).toBe('live');
    await world.pass(2_000);
    expect(source()).toMatchObject({ state: 'stalled', cause: 'stalled' });
    run.fragment(4_500);
    expect(source().state).toBe('live');
    expect(run.ends).toBe(0);
    expect(world.runs).toHaveLength(1);
  });

  test('of 6 s ends the run, and opens another with what the camera still sends', async () => {
    const run = await world.live('cam');
    await run.play(GOP_MS);
    await world.pass(7_000);
    expect(run.ends).toBe(1);
    await world.pass(1_000);
    await world.answer({ ok: true, format: { ...FORMAT, audio: null } });
    expect(world.runs).toHaveLength(2);
    expect(world.run.request.format.audio).toBeNull();
    expect(source()).toMatchObject({ state: 'connecting', cause: 'stalled' });
  });
});

test('a clock that jumps ahead begins a new run, and what follows the jump is of no known time', async () => {
  const run = await world.live('cam');
  await run.play(GOP_MS);
  world.told();
  run.jump(10_000);
  run.lastFragments = 3;
  await run.play(500);
  await world.pass(0);
  expect(run.ends).toBe(1);
  expect(world.told()).toEqual([
    'cam: recording to 2000: new-run',
    'cam: gap from 2000: format-changed',
    'cam: run 1 to 2000: format-changed',
    'cam: close file',
  ]);
  await world.answer();
  expect(world.runs).toHaveLength(2);
});

describe('a run that does not end when it is asked to', () => {
  test('is given up: it counts as recorded no longer, and the next is opened', async () => {
    const run = await world.live('cam');
    await run.play(GOP_MS);
    run.hangs = true;
    await world.pass(6_000);
    expect(source()).toMatchObject({ state: 'backoff', cause: 'stalled' });
    await world.pass(10_000);
    expect(world.status('cam').recording).toMatchObject({ state: 'waiting', cause: expect.any(String) });
    expect(world.told().slice(-4)).toEqual([
      'cam: recording to 2000: source-lost',
      'cam: gap from 2000: stalled',
      'cam: run 1 to 2000: stalled',
      'cam: close file',
    ]);
    await world.answer();
    expect(world.runs).toHaveLength(2);
    world.run.begin();
    await world.run.play(500);
    expect(world.status('cam').recording.state).toBe('recording');
  });

  test('adds nothing when it goes on after all', async () => {
    const run = await world.live('cam');
    await run.play(GOP_MS);
    run.hangs = true;
    await world.pass(16_000);
    world.told();
    run.fragment();
    run.fail('ended');
    await world.pass(0);
    expect(world.told()).toEqual([]);
    expect(world.status('cam').recording.state).toBe('waiting');
  });

  test('does not keep the recorder from ending', async () => {
    const run = await world.live('cam');
    await run.play(GOP_MS);
    run.hangs = true;
    const closed = world.fleet.close();
    await world.pass(10_000);
    await closed;
    expect(world.told().at(-1)).toBe('cam: close file');
  });
});
