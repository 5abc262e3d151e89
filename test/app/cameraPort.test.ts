/** Cameras as the API has them, over a fleet: their order, their groups, copies of them. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cameraPort } from '../../src/app/cameraPort.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { DEFAULT_POLICY, type RetentionPolicy } from '../../src/domain/retention.ts';
import type { Schedule } from '../../src/domain/schedule.ts';
import type { CamerasPort } from '../../src/http/ports.ts';
import type { ProbeResult } from '../../src/media/probe.ts';
import { World } from '../cameras/world.ts';

const CAM = cameraId('cam');
const NIGHTS: Schedule = {
  weekly: [{ days: [1, 2], from: '22:00', to: '06:00' }],
  exceptions: [],
  override: { record: true, untilMs: World.at(60_000) },
};

let world: World;
let policies: Map<string, RetentionPolicy>;
let port: CamerasPort;
let found: ProbeResult | null;

beforeEach(() => {
  world = new World();
  world.fleet.start();
  policies = new Map();
  found = null;
  const rules = {
    policies: {
      all: () => new Map([...policies].map(([id, policy]) => [cameraId(id), policy])),
      set: (id: string, policy: RetentionPolicy) => void policies.set(id, policy),
    },
    schedules: {
      get: (id: typeof CAM) => world.schedules.get(id) ?? null,
      set: (id: typeof CAM, schedule: Schedule) => void world.schedules.set(id, schedule),
    },
  };
  port = cameraPort(
    world.fleet,
    rules,
    async () => found ?? expect.unreachable(),
    () => expect.unreachable(),
  );
});
afterEach(async () => {
  await world.fleet.close();
  vi.useRealTimers();
});

describe('group, tags and position', () => {
  it('are shown as they were set, and not when they were taken away', async () => {
    world.add('cam');
    expect(await port.get(CAM)).not.toHaveProperty('group');
    const set = { group: 'Yard', tags: ['gate', 'outdoor'], position: 0 };
    expect(await port.update(CAM, set, 1)).toMatchObject({ ...set, revision: 2 });
    const without = await port.update(CAM, { group: null, tags: [], position: null }, 2);
    for (const name of Object.keys(set)) expect(without).not.toHaveProperty(name);
  });

  it('order the list', async () => {
    world.add('last', { name: 'A' });
    world.add('second', { name: 'B', position: 2 });
    world.add('first', { name: 'C', position: 1 });
    expect((await port.list()).map(({ id }) => id)).toEqual(['first', 'second', 'last']);
  });

  it('touch no pipeline', async () => {
    const run = await world.live('cam');
    await run.play(4_000);
    await port.update(CAM, { group: 'Yard', tags: ['gate'], position: 4 }, null);
    await world.pass(0);
    expect([run.ends, world.runs.length]).toEqual([0, 1]);
  });
});

describe('two people who edit one camera', () => {
  it('don’t overwrite each other', async () => {
    world.add('cam');
    const seen = (await port.get(CAM)).revision;
    await port.update(CAM, { name: 'Of the first' }, seen);
    const outdated = expect.objectContaining({ kind: 'conflict', field: 'revision' });
    expect(() => port.update(CAM, { name: 'Of the second' }, seen)).toThrow(outdated);
    await expect(port.remove(CAM, seen)).rejects.toEqual(outdated);
    expect(await port.get(CAM)).toMatchObject({ name: 'Of the first', revision: seen + 1 });
  });
});

describe('a copy', () => {
  it('has all but the id, is disabled, and keeps the rules that were set', async () => {
    const source = { kind: 'rtsp', url: 'rtsp://h/', password: 'hidden', transport: 'tcp' } as const;
    const before = world.add('cam', { name: 'Door', source, group: 'Yard', segmentSeconds: 10 });
    policies.set('cam', { ...DEFAULT_POLICY, priority: 70 });
    world.schedules.set(CAM, NIGHTS);
    const copy = await port.clone(CAM, null);
    expect(copy).toMatchObject({ name: 'Door (copy)', enabled: false, group: 'Yard', segmentSeconds: 10 });
    expect(JSON.stringify(copy)).not.toContain('hidden');
    const id = cameraId(copy.id);
    expect(id).not.toBe(CAM);
    expect(world.fleet.get(id).camera).toMatchObject({ source, revision: 1 });
    expect(world.fleet.get(CAM).camera).toEqual(before);
    expect(policies.get(id)?.priority).toBe(70);
    expect(world.schedules.get(id)).toEqual({ ...NIGHTS, override: null });
  });

  it('has the name that is asked for, and one that is not too long otherwise', async () => {
    world.add('cam', { name: 'x'.repeat(100) });
    expect((await port.clone(CAM, ' Other ')).name).toBe('Other');
    expect((await port.clone(CAM, null)).name).toBe(`${'x'.repeat(93)} (copy)`);
    expect(policies.size).toBe(0);
  });

  it('of nothing is refused', () => {
    expect(() => port.clone(CAM, null)).toThrow(expect.objectContaining({ kind: 'not-found' }));
  });
});

it('no camera takes an id that stands for something else in addresses', () => {
  const input = { name: 'a', id: 'bulk', source: { kind: 'test' } } as const;
  expect(() => port.create(input)).toThrow(expect.objectContaining({ kind: 'invalid', field: 'id' }));
});

describe('a test of the connection to a device', () => {
  const format = { video: { codec: 'h264', width: 320, height: 180, fps: 25 }, audio: null } as const;
  const source = { kind: 'v4l2', device: '/dev/video0', audioDevice: 'hw:1,0' } as const;

  it('refuses a sound device that can’t be had, by its field', async () => {
    const message = 'hw:1,0 is used by another program.';
    found = { ok: true, format, silent: { cause: 'busy', message, track: 'audio' } };
    await expect(port.probe(source)).rejects.toMatchObject({
      kind: 'unavailable',
      message,
      field: 'source.audioDevice',
    });
  });

  it('tells what it offers otherwise', async () => {
    found = { ok: true, format };
    expect(await port.probe(source)).toMatchObject(format);
  });
});
