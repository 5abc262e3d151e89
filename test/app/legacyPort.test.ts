/** The older API over the cameras' own use cases: whose name is whose, what a registration changes, who is asked over ONVIF. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { cameraPort } from '../../src/app/cameraPort.ts';
import { LegacyBoot } from '../../src/app/legacyBoot.ts';
import { legacyPort } from '../../src/app/legacyPort.ts';
import { guardSources } from '../../src/app/sourceGuard.ts';
import type { CameraId } from '../../src/domain/ids.ts';
import type { LegacyCamera, LegacyKey } from '../../src/domain/legacy.ts';
import type { DeviceAddress } from '../../src/domain/ptz.ts';
import { STILL } from '../../src/domain/ptz.ts';
import { epochMs } from '../../src/domain/time.ts';
import { zone } from '../../src/domain/zone.ts';
import type { LegacyPort } from '../../src/http/legacy.ts';
import { LiveHub } from '../../src/live/hub.ts';
import { World } from '../cameras/world.ts';

/** As the index keeps them. */
class Names {
  rows: (LegacyKey & { readonly cameraId: CameraId })[] = [];
  list = () => this.rows;
  find = ({ gid, seq }: LegacyKey) =>
    this.rows.find((row) => row.gid === gid && row.seq === seq)?.cameraId ?? null;
  put({ gid, seq }: LegacyKey, cameraId: CameraId): void {
    this.rows = this.rows.filter((row) => row.cameraId !== cameraId && !(row.gid === gid && row.seq === seq));
    this.rows.push({ gid, seq, cameraId });
  }
  remove(camera: CameraId): void {
    this.rows = this.rows.filter(({ cameraId }) => cameraId !== camera);
  }
}

const one: LegacyCamera = {
  ...{ gid: '5', seq: 1, name: 'One', iaddr: 'rtsp://a:b@192.0.2.1/1', protocol: 'rtsp' },
  isRec: false,
};
const other: LegacyCamera = { ...one, gid: '6', name: 'Other', iaddr: 'rtsp://192.0.2.2/1' };

let world: World;
let names: Names;
let port: LegacyPort;
let moved: DeviceAddress[];
let reached: string[];

beforeEach(() => {
  world = new World();
  world.fleet.start();
  names = new Names();
  moved = [];
  reached = [];
  const nothing = { policies: new Map(), schedules: new Map() } as const;
  const rules = {
    policies: { all: () => nothing.policies, set: () => undefined },
    schedules: { get: () => null, set: () => undefined },
  };
  const cameras = guardSources(
    cameraPort(
      world.fleet,
      rules,
      () => expect.unreachable(),
      () => expect.unreachable(),
    ),
    async () => [{ address: '192.0.2.1', family: 4 }],
  );
  port = legacyPort({
    archive: { legacy: names, footage: { recordings: () => [] } },
    playlists: { playlist: () => expect.unreachable() },
    ...{ cameras, fleet: world.fleet, zone: zone('UTC') },
    hub: new LiveHub({ keepMs: 1_000, maxBytes: 1_000 }),
    onvif: {
      move: async (address) => void moved.push(address),
      deviceInfo: () => expect.unreachable(),
    },
    clock: { now: () => epochMs(Date.now()), monotonic: () => 0 },
    boot: new LegacyBoot(null, () => expect.unreachable(), { info: () => {}, warn: () => {} }),
    expectReachable: async (host) => void reached.push(host),
  });
});
afterEach(async () => {
  await world.fleet.close();
  vi.useRealTimers();
});

const stored = (key: LegacyKey) => world.fleet.get(names.find(key) ?? expect.unreachable()).camera;

describe('a group that is changed', () => {
  it('keeps the camera under its new name', async () => {
    await port.register(one, null);
    const { id } = stored(one);
    await port.register({ ...one, gid: '7' }, '5');
    expect([names.find(one), stored({ gid: '7', seq: 1 }).id]).toEqual([null, id]);
    // Again, as those clients do when they heard no answer.
    await port.register({ ...one, gid: '7' }, '5');
    expect(world.fleet.list()).toHaveLength(1);
  });

  it('onto the name of another camera is refused, and nothing changes', async () => {
    await port.register(one, null);
    await port.register(other, null);
    const before = [names.list(), stored(one), stored(other)];
    const move = port.register({ ...one, gid: '6', name: 'Stolen' }, '5');
    await expect(move).rejects.toMatchObject({ kind: 'conflict', field: 'gid' });
    expect([names.list(), stored(one), stored(other)]).toEqual(before);
  });
});

describe('a registration', () => {
  it('of what is there already changes nothing; another address replaces the credentials too', async () => {
    await port.register(one, null);
    const before = stored(one);
    expect(before.source).toMatchObject({ username: 'a', password: 'b' });
    await port.register(one, null);
    expect(stored(one)).toEqual(before);
    await port.register({ ...one, iaddr: 'rtsp://192.0.2.9/2' }, null);
    expect(stored(one).source).toEqual({ kind: 'rtsp', url: 'rtsp://192.0.2.9/2', transport: 'tcp' });
  });

  it('that comes twice at once adds one camera', async () => {
    await Promise.all([port.register(one, null), port.register(one, null)]);
    expect(world.fleet.list()).toHaveLength(1);
  });

  it('under the name of a camera that was deleted elsewhere adds one', async () => {
    await port.register(one, null);
    const { id } = stored(one);
    await world.fleet.remove(id, null);
    await port.register(one, null);
    expect(stored(one).id).not.toBe(id);
  });

  it('of a forbidden address is refused, new or known, and takes no name', async () => {
    const metadata = 'http://169.254.169.254/latest/a.mp4';
    const forbidden = { kind: 'forbidden' };
    await expect(port.register({ ...one, iaddr: metadata }, null)).rejects.toMatchObject(forbidden);
    expect([names.list(), world.fleet.list()]).toEqual([[], []]);
    await port.register(one, null);
    const before = stored(one);
    await expect(port.register({ ...one, gid: '7', iaddr: metadata }, '5')).rejects.toMatchObject(forbidden);
    expect(stored(one)).toEqual(before);
  });
});

it.each([
  ['rtsp://a:p%40ss@192.0.2.1/1', '192.0.2.1', { username: 'a', password: 'p@ss' }],
  ['rtsp://[2001:db8::7]:8554/1', '2001:db8::7', {}],
  ['http://camera.example/a.m3u8', 'camera.example', {}],
])('%s is moved at %s', async (iaddr, host, login) => {
  await port.register({ ...one, iaddr }, null);
  await port.move(null, STILL, 8080);
  expect(moved).toEqual([{ host, port: 8080, ...login }]);
  expect(reached).toEqual([host]);
});
