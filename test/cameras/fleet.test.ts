/** All cameras together: what may be done with them, and that nothing of it is felt by others. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CameraPatch } from '../../src/cameras/fleet.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { GOP_MS, rtsp, World } from './world.ts';

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

/** Runs while whatever it was given to wait for is still waited for. */
async function settledAfter(promise: Promise<unknown>, release: () => Promise<void>): Promise<boolean> {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  await world.pass(0);
  const early = settled;
  await release();
  await promise;
  return !early;
}

describe('a change', () => {
  const CHANGES: readonly (readonly [string, CameraPatch, boolean])[] = [
    ['of the address', { source: rtsp('elsewhere') }, true],
    ['of the sound', { audio: false }, true],
    ['of the name', { name: 'Front door' }, false],
    ['of the mode', { mode: 'off' }, false],
    ['to the same address', { source: rtsp('cam') }, false],
  ];

  test.each(CHANGES)('%s', async (_, patch, replaces) => {
    const other = await world.live('other');
    await other.play(GOP_MS);
    const run = await world.live('cam');
    await run.play(GOP_MS);
    const { camera } = world.fleet.update(cam, patch, 1);
    await world.pass(0);
    expect(camera).toMatchObject({ ...patch, revision: 2 });
    expect(run.ends).toBe(replaces ? 1 : 0);
    expect(other.ends).toBe(0);
    world.told();
    await other.play(GOP_MS);
    const kept = world.told().filter((line) => line.startsWith('other: '));
    expect(kept.map((line) => /write #(\d)/.exec(line)?.[1])).toEqual(['5', '6', '7', '8']);
  });

  test('off and on again', async () => {
    const run = await world.live('cam');
    await run.play(GOP_MS);
    world.told();
    world.fleet.update(cam, { enabled: false }, null);
    await world.pass(100);
    expect(world.told()).toEqual([
      'cam: recording to 2000: disabled',
      'cam: close file',
      'cam: run 1 to 2000: connecting',
    ]);
    expect(world.status('cam')).toMatchObject({
      source: { state: 'off' },
      recording: { state: 'idle', wanted: false },
    });
    world.fleet.update(cam, { enabled: true }, null);
    await world.pass(0);
    expect(world.status('cam').source.state).toBe('connecting');
    expect(world.told()).toEqual(['cam: gap from 2100: connecting']);
  });

  test.each([
    ['of a camera that is not there', cameraId('nobody'), null, 'not-found', 'cameraId'],
    ['of an outdated revision', cam, 7, 'conflict', 'revision'],
  ] as const)('%s is refused, and nothing happens', async (_, id, revision, kind, field) => {
    const run = await world.live('cam');
    await run.play(GOP_MS);
    const refusal = expect.objectContaining({ kind, field });
    expect(() => world.fleet.update(id, { name: 'x' }, revision)).toThrow(refusal);
    await expect(world.fleet.remove(id, revision)).rejects.toEqual(refusal);
    expect(world.fleet.get(cam).camera).toMatchObject({ name: 'cam', revision: 1 });
    expect(run.ends).toBe(0);
  });
});

describe('a new camera', () => {
  test('gets an id from its name that no other has had', () => {
    const draft = {
      name: 'Front Door',
      enabled: false,
      source: rtsp('x'),
      audio: true,
      mode: 'off',
    } as const;
    const ids = [1, 2].map(() => world.fleet.create(draft).camera.id);
    for (const id of ids) expect(id).toMatch(/^front-door-[0-9a-f]{6}$/);
    expect(new Set(ids).size).toBe(2);
    expect(world.fleet.create({ ...draft, name: '현관' }).camera.id).toMatch(/^camera-[0-9a-f]{6}$/);
  });

  test('with the id of another is refused', async () => {
    const run = await world.live('cam');
    expect(() => world.add('cam')).toThrow(expect.objectContaining({ kind: 'conflict', field: 'id' }));
    expect(world.fleet.list()).toHaveLength(1);
    expect(run.ends).toBe(0);
  });
});

describe('deleting', () => {
  test('ends the run, keeps its last fragments, closes the books, and waits for the disk', async () => {
    const run = await world.live('cam');
    await run.play(GOP_MS);
    await world.pass(500);
    run.lastFragments = 1;
    world.told();
    let release: (value: unknown) => void = () => {};
    world.writer.durable = new Promise((resolve) => {
      release = resolve;
    });
    const removed = world.fleet.remove(cam, 1);
    expect(world.fleet.list()).toEqual([]);
    expect(
      await settledAfter(removed, async () => {
        expect(world.dropped).toEqual([]);
        release(null);
      }),
    ).toBe(true);
    expect(world.told()).toEqual([
      'cam: write #5 of 2000',
      'cam: recording to 2500: deleted',
      'cam: run 1 to 2500: shutdown',
      'cam: close file',
    ]);
    expect(world.dropped).toEqual([cam]);
  });

  test('a camera of the same id has to wait until the old one is gone', async () => {
    const run = await world.live('cam');
    await run.play(GOP_MS);
    let release: (value: unknown) => void = () => {};
    world.writer.durable = new Promise((resolve) => {
      release = resolve;
    });
    const removed = world.fleet.remove(cam, null);
    await world.pass(0);
    expect(() => world.add('cam')).toThrow(expect.objectContaining({ kind: 'conflict', field: 'id' }));
    release(null);
    await removed;
    expect(world.add('cam')).toMatchObject({ id: 'cam', revision: 1 });
  });

  test('keeps nobody for a disk that does not answer, and is still waited for when the recorder stops', async () => {
    const run = await world.live('cam');
    await run.play(GOP_MS);
    let release: (value: unknown) => void = () => {};
    world.writer.durable = new Promise((resolve) => {
      release = resolve;
    });
    let removed = false;
    void world.fleet.remove(cam, null).then(() => {
      removed = true;
    });
    await world.pass(4_000);
    expect(removed).toBe(false);
    await world.pass(2_000);
    expect(removed).toBe(true);
    expect(world.dropped).toEqual([]);
    expect(() => world.add('cam')).toThrow(expect.objectContaining({ kind: 'conflict' }));
    expect(
      await settledAfter(world.fleet.close(), async () => {
        release(null);
      }),
    ).toBe(true);
    expect(world.dropped).toEqual([cam]);
  });

  test('one that is just being probed', async () => {
    world.add('cam');
    await world.pass(100);
    await world.fleet.remove(cam, null);
    await world.answer();
    expect(world.runs).toEqual([]);
    expect(world.told()).toEqual(['cam: gap from 0: starting', 'cam: gap for connecting', 'cam: gap to 100']);
  });
});

describe('commands', () => {
  test.each([
    ['start', { mode: 'off' }],
    ['start', { mode: 'manual', enabled: false }],
    ['stop', { mode: 'continuous' }],
  ] as const)('%s of a camera with %o is refused', (command, changes) => {
    world.add('cam', changes);
    const act = { start: () => world.fleet.startRecording(cam), stop: () => world.fleet.stopRecording(cam) };
    expect(act[command]).toThrow(expect.objectContaining({ kind: 'conflict', field: 'mode' }));
  });

  test('start is remembered until stop, or another mode', () => {
    world.add('cam', { mode: 'manual' });
    const remembered = () => world.store.started(cam);
    world.fleet.startRecording(cam);
    expect(remembered()).toBe(true);
    world.fleet.update(cam, { name: 'x' }, null);
    expect(remembered()).toBe(true);
    world.fleet.stopRecording(cam);
    expect(remembered()).toBe(false);
    world.fleet.startRecording(cam);
    world.fleet.update(cam, { mode: 'off' }, null);
    expect(remembered()).toBe(false);
  });
});

describe('the recorder', () => {
  test('stops all cameras at once, and waits for each disk', async () => {
    const runs = [await world.live('a'), await world.live('b')];
    await Promise.all(runs.map((run) => run.play(GOP_MS)));
    world.told();
    let release: (value: unknown) => void = () => {};
    const [, second] = world.writers;
    if (second !== undefined) {
      second.durable = new Promise((resolve) => {
        release = resolve;
      });
    }
    const closed = world.fleet.close();
    expect(
      await settledAfter(closed, async () => {
        expect(runs.map(({ ends }) => ends)).toEqual([1, 1]);
        release(null);
      }),
    ).toBe(true);
    const story = world.told();
    expect(story.filter((line) => line.startsWith('a: '))).toEqual([
      'a: recording to 2000: shutdown',
      'a: gap from 2000: shutdown',
      'a: run 1 to 2000: shutdown',
      'a: close file',
    ]);
    expect(story.at(-1)).toBe('b: close file');
    await world.pass(60_000);
    expect(world.runs).toHaveLength(2);
  });

  test('starts what is stored, and records again by hand what was so', async () => {
    world.add('round', { mode: 'continuous' });
    world.add('hand', { mode: 'manual' });
    world.add('idle', { mode: 'manual' });
    world.add('off', { enabled: false });
    world.fleet.startRecording(cameraId('hand'));
    await world.fleet.close();
    const stored = world.store;
    vi.useRealTimers();

    world = new World();
    for (const camera of stored.list()) world.store.cameras.set(camera.id, camera);
    for (const id of stored.startedIds) world.store.startedIds.add(id);
    world.fleet.start();
    const states = world.fleet
      .list()
      .map(({ camera, status }) => [camera.id, status.source.state, status.recording.wanted]);
    expect(states).toEqual([
      ['round', 'connecting', true],
      ['hand', 'connecting', true],
      ['idle', 'connecting', false],
      ['off', 'off', false],
    ]);
  });
});
