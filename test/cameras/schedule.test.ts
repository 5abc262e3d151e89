/** Cameras that record by a schedule, and cameras for which there is no space. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cameraId } from '../../src/domain/ids.ts';
import { type ScheduleInput, validateSchedule } from '../../src/domain/schedule.ts';
import { World } from './world.ts';

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
const books = () => world.told().filter((line) => /recording|gap/.test(line));
const setSchedule = (input: ScheduleInput) => world.schedules.set(cam, validateSchedule(input));
/** From 40 s after the world began to 100 s after it. */
const MINUTE = { weekly: [{ days: [2], from: '22:14', to: '22:15' }] };

describe('a camera in mode scheduled', () => {
  it('records in its ranges, from the keyframe before until all has arrived, and misses nothing outside them', async () => {
    setSchedule(MINUTE);
    const run = await world.live('cam', { mode: 'scheduled' });
    await run.play(30_000);
    expect(recording()).toMatchObject({ state: 'idle', wanted: false });
    await run.play(80_000);
    expect(books()).toEqual([
      'cam: gap from 40000: starting',
      'cam: gap to 40000',
      'cam: recording from 38000: schedule',
      'cam: recording to 101500: schedule',
    ]);
    expect(recording()).toMatchObject({ state: 'idle', wanted: false });
  });

  it('records round the clock until it has a schedule', async () => {
    const run = await world.live('cam', { mode: 'scheduled' });
    await run.play(2_000);
    expect(recording()).toMatchObject({ state: 'recording', reason: 'schedule' });
    setSchedule(MINUTE);
    world.fleet.reschedule(cam);
    expect(recording()).toMatchObject({ state: 'idle', wanted: false });
  });

  it('follows an override to its end', async () => {
    const untilMs = World.at(10_000);
    setSchedule({ override: { record: true, untilMs } });
    const run = await world.live('cam', { mode: 'scheduled' });
    await run.play(9_000);
    expect(recording()).toMatchObject({ state: 'recording', reason: 'schedule' });
    await run.play(3_500);
    expect(recording()).toMatchObject({ state: 'idle' });
    expect(books().at(-1)).toBe('cam: recording to 11500: schedule');
  });

  it('misses what it should have recorded, with the cause', async () => {
    setSchedule(MINUTE);
    world.add('cam', { mode: 'scheduled' });
    await world.pass(45_000);
    expect(recording()).toMatchObject({ state: 'waiting', wanted: true, reason: 'schedule' });
    await world.pass(60_000);
    const told = books();
    expect(told[0]).toMatch(/^cam: gap from 40000: /);
    expect(told.at(-1)).toBe('cam: gap to 102000');
  });

  it('looks again when the wall clock was set back', async () => {
    setSchedule(MINUTE);
    const run = await world.live('cam', { mode: 'scheduled' });
    await run.play(50_000);
    expect(recording().wanted).toBe(true);
    vi.setSystemTime(World.at(5_000));
    await run.play(4_000);
    expect(recording().wanted).toBe(false);
  });

  it('is not started or stopped by hand', () => {
    setSchedule(MINUTE);
    world.add('cam', { mode: 'scheduled' });
    for (const act of [() => world.fleet.startRecording(cam), () => world.fleet.stopRecording(cam)]) {
      expect(act).toThrow(
        expect.objectContaining({ kind: 'conflict', message: expect.stringMatching(/schedule/) }),
      );
    }
  });

  it('goes by its mode alone when that is another', async () => {
    setSchedule({ weekly: [] });
    const run = await world.live('cam');
    await run.play(5_000);
    expect(recording()).toMatchObject({ state: 'recording', reason: 'continuous' });
    world.fleet.update(cam, { mode: 'scheduled' }, null);
    expect(recording()).toMatchObject({ state: 'idle', wanted: false });
  });
});

describe('a camera without space', () => {
  it('leaves a gap with its cause, and records again when there is space', async () => {
    const run = await world.live('cam');
    await run.play(4_000);
    world.fleet.crowdOut([cam]);
    expect(recording()).toMatchObject({ state: 'waiting', cause: 'space' });
    await run.play(4_000);
    expect(recording()).toMatchObject({ state: 'waiting', cause: 'space' });
    world.fleet.crowdOut([]);
    expect(recording()).toMatchObject({ state: 'recording' });
    expect(books().slice(-4)).toEqual([
      'cam: recording to 4000: storage-failed',
      'cam: gap from 4000: space',
      expect.stringMatching(/^cam: gap to \d+$/),
      expect.stringMatching(/^cam: recording from \d+: continuous$/),
    ]);
  });

  it('is one that was just added, too; the others go on', async () => {
    const run = await world.live('other');
    world.fleet.crowdOut([cam]);
    world.add('cam');
    expect(recording()).toMatchObject({ state: 'waiting', cause: 'space' });
    await run.play(2_000);
    expect(world.status('other').recording.state).toBe('recording');
  });
});
