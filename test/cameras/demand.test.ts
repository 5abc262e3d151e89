/** Streams that are connected only while somebody looks at them: `onDemand` cameras and second streams. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cameraOf, subKey } from '../../src/domain/ids.ts';
import { rtsp, World } from './world.ts';

let world: World;
beforeEach(() => {
  world = new World();
  world.fleet.start();
});
afterEach(async () => {
  await world.fleet.close();
  vi.useRealTimers();
});

/** Lets so many seconds pass. */
const seconds = (count: number) => world.pass(count * 1000);

describe('a camera on demand', () => {
  it('is connected while it is watched, and a while longer', async () => {
    const { id } = world.add('door', { mode: 'manual', onDemand: true });
    await seconds(5);
    expect(world.status(id).source.state).toBe('off');
    world.watched.add(id);
    await seconds(2);
    expect(world.status(id).source.state).not.toBe('off');
    world.watched.delete(id);
    await seconds(20);
    expect(world.status(id).source.state).not.toBe('off');
    await seconds(15);
    expect(world.status(id).source.state).toBe('off');
  });

  it('is connected at once when it is to be recorded', async () => {
    const { id } = world.add('door', { mode: 'manual', onDemand: true });
    world.fleet.startRecording(id);
    expect(world.status(id).source.state).not.toBe('off');
    world.fleet.stopRecording(id);
    await seconds(2);
    expect(world.status(id).source.state).toBe('off');
  });
});

describe('a second stream', () => {
  it('is opened while it is watched, beside the first', async () => {
    const { id } = world.add('door', { mode: 'off', sub: rtsp('small') });
    await seconds(2);
    const probed = () => world.probes.filter(({ source }) => JSON.stringify(source).includes('small')).length;
    expect(probed()).toBe(0);
    world.watched.add(subKey(id));
    await seconds(2);
    expect(probed()).toBe(1);
    world.fleet.update(id, { sub: null }, null);
    await seconds(40);
    expect(probed()).toBe(1);
  });

  it('has a key that leads back to its camera, and that no camera has', () => {
    const { id } = world.add('door');
    expect(cameraOf(subKey(id))).toBe(id);
    expect(cameraOf(id)).toBe(id);
    expect(() => world.add(subKey(id))).toThrow();
  });
});
