/** What of a camera's media is kept, and what is written down of it. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { cameraId } from '../../src/domain/ids.ts';
import { GOP_MS, World } from './world.ts';

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

const recording = () => world.status('cam').recording;
/** The lines of the story without those of single fragments. */
const books = () => world.told().filter((line) => !line.includes('write'));
const written = () => world.told().flatMap((line) => /write #(\d+)/.exec(line)?.slice(1).map(Number) ?? []);

test('records from the first key fragment on, and says what was missed until then', async () => {
  world.add('cam');
  await world.pass(300);
  await world.answer();
  await world.pass(200);
  world.run.begin();
  await world.run.play(1_000);
  expect(world.told()).toEqual([
    'cam: gap from 0: starting',
    'cam: gap for connecting',
    'cam: gap to 500',
    'cam: run 1 from 500',
    'cam: recording from 500: continuous',
    'cam: open file of run 1',
    'cam: write #1 of 500',
    'cam: write #2 of 1000',
  ]);
  expect(recording()).toMatchObject({ state: 'recording', wanted: true, reason: 'continuous', cause: null });
});

test('a camera that goes and comes back leaves a gap with its cause', async () => {
  const run = await world.live('cam');
  await run.play(GOP_MS);
  books();
  await world.pass(100);
  run.fail('unreachable', 'No route.');
  expect(recording()).toMatchObject({ state: 'waiting', cause: 'unreachable' });
  await world.pass(900);
  world.run.begin();
  await world.run.play(500);
  expect(books()).toEqual([
    'cam: recording to 2000: source-lost',
    'cam: gap from 2000: unreachable',
    'cam: run 1 to 2000: unreachable',
    'cam: close file',
    'cam: gap to 3000',
    'cam: run 2 from 3000',
    'cam: recording from 3000: continuous',
    'cam: open file of run 2',
  ]);
});

test('a picture that stood still for 3 s or more is a gap, in a file that goes on', async () => {
  const run = await world.live('cam');
  await run.play(1_500);
  books();
  // The fourth fragment holds frames of 500 ms, and the last of them lasts until the camera sends again.
  await world.pass(4_500);
  run.fragment(4_500);
  expect(books()).toEqual([]);
  await run.play(500);
  expect(books()).toEqual([
    'cam: recording to 1501: source-lost',
    'cam: gap from 1501: stalled',
    'cam: gap to 6000',
    'cam: recording from 6000: continuous',
  ]);
  expect(run.ends).toBe(0);
});

test('a pause that is caught up is none', async () => {
  const run = await world.live('cam');
  await run.play(GOP_MS);
  books();
  await world.pass(4_000);
  expect(world.status('cam').source.state).toBe('stalled');
  for (let fragments = 0; fragments < 8; fragments += 1) run.fragment();
  await run.play(GOP_MS);
  expect(books()).toEqual([]);
  expect(recording().state).toBe('recording');
});

describe('by hand', () => {
  test('starts with what the ring holds since the newest keyframe', async () => {
    const run = await world.live('cam', { mode: 'manual' });
    await run.play(5_000);
    expect(world.told()).toEqual([]);
    world.fleet.startRecording(cam);
    expect(world.told()).toEqual([
      'cam: gap from 5000: starting',
      'cam: gap to 5000',
      'cam: run 1 from 4500',
      'cam: recording from 4000: manual',
      'cam: open file of run 1',
      'cam: write #9 of 4000',
      'cam: write #10 of 4500',
    ]);
    await run.play(500);
    expect(written()).toEqual([11]);
    world.fleet.stopRecording(cam);
    await world.pass(0);
    expect(world.told()).toEqual(['cam: recording to 5500: stopped', 'cam: close file']);
    await run.play(1_000);
    expect(world.told()).toEqual([]);
  });

  test('keeps nothing twice when it is stopped and started within a group of pictures', async () => {
    const run = await world.live('cam', { mode: 'manual' });
    await run.play(1_000);
    world.fleet.startRecording(cam);
    await run.play(500);
    world.fleet.stopRecording(cam);
    world.fleet.startRecording(cam);
    await run.play(1_500);
    expect(written()).toEqual([1, 2, 3, 5, 6]);
    expect(recording().state).toBe('recording');
  });

  test('starts when the camera is back, if it was away', async () => {
    const run = await world.live('cam', { mode: 'manual' });
    await run.play(GOP_MS);
    run.fail('unreachable');
    world.fleet.startRecording(cam);
    expect(recording()).toMatchObject({ state: 'waiting', cause: 'unreachable' });
    await world.pass(1_000);
    world.run.begin();
    await world.run.play(500);
    expect(books()).toEqual([
      'cam: gap from 2000: unreachable',
      'cam: gap to 3000',
      'cam: run 2 from 3000',
      'cam: recording from 3000: manual',
      'cam: open file of run 2',
    ]);
  });

  test('ends with the mode, and another mode begins at once', async () => {
    const run = await world.live('cam', { mode: 'manual' });
    await run.play(GOP_MS);
    world.fleet.startRecording(cam);
    await run.play(GOP_MS);
    books();
    world.fleet.update(cam, { mode: 'off' }, null);
    await run.play(1_000);
    world.fleet.update(cam, { mode: 'continuous' }, null);
    await run.play(500);
    expect(books()).toEqual([
      'cam: recording to 4000: mode-changed',
      'cam: close file',
      'cam: gap from 5000: starting',
      'cam: gap to 5000',
      'cam: recording from 4000: continuous',
      'cam: open file of run 1',
    ]);
    expect(run.ends).toBe(0);
  });
});

describe('a disk that fails', () => {
  const problem = { cause: 'storage', message: 'No space.', fromMs: World.at(3_000) } as const;

  test('is a gap, and the file is left to try again', async () => {
    const run = await world.live('cam');
    await run.play(4_000);
    books();
    const { writer } = world;
    writer.tell({ ...problem, toMs: World.at(3_500), over: false });
    expect(recording()).toMatchObject({ state: 'waiting', cause: 'storage' });
    writer.tell({ ...problem, toMs: World.at(4_000), over: false });
    await run.play(GOP_MS);
    expect(books()).toEqual(['cam: recording to 3000: storage-failed', 'cam: gap from 3000: storage']);
    writer.tell({ ...problem, toMs: World.at(5_500), over: true });
    expect(recording().state).toBe('recording');
    await run.play(500);
    // The disk is the gap's cause, also now that it works again.
    expect(world.told()).toEqual([
      'cam: gap to 5500',
      'cam: recording from 5500: continuous',
      'cam: write #13 of 6000',
    ]);
    expect(world.writers).toHaveLength(1);
  });

  test('goes on failing into the next run, whose file finds out for itself', async () => {
    const run = await world.live('cam');
    await run.play(4_000);
    books();
    world.writer.tell({ ...problem, toMs: World.at(4_000), over: false });
    run.fail('ended');
    expect(recording()).toMatchObject({ state: 'waiting', cause: 'ended' });
    await world.pass(1_000);
    world.run.begin();
    await world.run.play(500);
    expect(recording().state).toBe('recording');
    expect(world.writers).toHaveLength(2);
    // What the old file still says is over for this camera.
    world.writers[0]?.tell({ ...problem, toMs: World.at(4_500), over: false });
    expect(recording().state).toBe('recording');
  });

  test('while nothing is to be recorded, is no gap', async () => {
    const run = await world.live('cam', { mode: 'manual' });
    await run.play(GOP_MS);
    world.fleet.startRecording(cam);
    await run.play(GOP_MS);
    world.writer.tell({ ...problem, toMs: World.at(4_000), over: false });
    books();
    world.fleet.stopRecording(cam);
    await world.pass(0);
    expect(books()).toEqual(['cam: gap to 4000', 'cam: close file']);
    expect(recording()).toMatchObject({ state: 'idle', cause: null });
  });
});

describe('an index that refuses to be written', () => {
  const problem = { cause: 'storage', message: 'No space.', fromMs: World.at(3_000) } as const;

  test('is told afterwards what it did not take, before what follows', async () => {
    const run = await world.live('cam');
    await run.play(4_000);
    books();
    world.indexFull = true;
    world.writer.tell({ ...problem, toMs: World.at(3_500), over: false });
    world.indexFull = false;
    world.writer.tell({ ...problem, toMs: World.at(3_500), over: true });
    expect(books()).toEqual([
      'cam: recording to 3000: storage-failed',
      'cam: gap from 3000: storage',
      'cam: gap to 3500',
      'cam: recording from 3500: continuous',
    ]);
  });

  test('is asked again, although nothing more happens', async () => {
    const run = await world.live('cam');
    await run.play(4_000);
    books();
    world.indexFull = true;
    world.writer.tell({ ...problem, toMs: World.at(3_500), over: false });
    await world.pass(5_000);
    world.indexFull = false;
    await world.pass(2_000);
    expect(books().slice(0, 2)).toEqual([
      'cam: recording to 3000: storage-failed',
      'cam: gap from 3000: storage',
    ]);
  });
});

test('an index that refuses to be written costs its own camera a gap, and nothing once it can be written again', async () => {
  const run = await world.live('cam');
  world.indexFull = true;
  await run.play(3 * GOP_MS);
  expect(recording()).toMatchObject({ state: 'waiting', cause: 'storage' });
  world.indexFull = false;
  await world.pass(2_000);
  world.told();
  await run.play(2 * GOP_MS);
  expect(recording()).toMatchObject({ state: 'recording' });
  expect(books()).toEqual(
    expect.arrayContaining([expect.stringMatching(/^cam: recording from \d+: continuous$/)]),
  );
});
