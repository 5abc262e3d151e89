/** The watch over cameras, storage and clock: what it tells, and when. */
import { expect, test } from 'vitest';
import { AlarmWatch } from '../../src/app/alarmWatch.ts';
import type { CameraWithStatus } from '../../src/cameras/fleet.ts';
import type { EventDraft } from '../../src/domain/event.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';

const T0 = Date.UTC(2026, 5, 1);
const FRONT = cameraId('front');

function camera(durableMs: number | null, wanted = true): CameraWithStatus {
  const times = { createdMs: epochMs(T0), updatedMs: epochMs(T0), revision: 1 };
  const source = { kind: 'test', width: 640, height: 360, fps: 25 } as const;
  return {
    camera: { id: FRONT, name: 'Front', enabled: true, source, audio: true, mode: 'continuous', ...times },
    status: {
      source: { state: 'live', sinceMs: epochMs(T0), attempt: 0, cause: null, message: null, retryMs: null },
      recording: { state: 'recording', wanted, reason: 'continuous', cause: null, sinceMs: epochMs(T0) },
      ...{ format: null, codecs: null, runId: null, lastFragmentMs: null, driftPpm: null, silent: null },
      lastDurableMs: durableMs === null ? null : epochMs(durableMs),
    },
  };
}

function watching() {
  const world = { ms: 0, wallMs: T0, cameras: [camera(T0)], forecasts: 0, folderTrouble: '' };
  const told: EventDraft[] = [];
  const watch = new AlarmWatch({
    clock: { now: () => epochMs(world.wallMs + world.ms), monotonic: () => world.ms },
    rules: { notDurableMs: 30_000, keptMs: null },
    cameras: () => world.cameras,
    folders: () => [{ id: 1, path: '/media', trouble: world.folderTrouble || null, full: false }],
    forecast: () => {
      world.forecasts += 1;
      return [];
    },
    publish: (draft) => told.push(draft),
  });
  /** Looks every two seconds. */
  const pass = (seconds: number, each: () => void = () => undefined): string[] => {
    for (let second = 0; second < seconds; second += 2) {
      world.ms += 2_000;
      each();
      watch.look();
    }
    return told
      .splice(0)
      .map(({ kind, cameraId: of, data: { alarm = '' } = {} }) => `${kind} ${alarm} ${of ?? '-'}`);
  };
  return { world, watch, pass };
}

test('a camera of which nothing reaches the disk, until it does again', () => {
  const { world, watch, pass } = watching();
  const goesOn = () => {
    world.cameras = [camera(T0 + world.ms)];
  };
  expect(pass(60, goesOn)).toEqual([]);
  expect(pass(28)).toEqual([]);
  expect(pass(4)).toEqual(['alarm-raised not-durable.front front']);
  expect(watch.list()).toMatchObject([{ id: 'not-durable.front', acknowledged: null }]);
  expect(watch.acknowledge('not-durable.front', 'ann').acknowledged).toEqual({
    by: 'ann',
    atMs: T0 + world.ms,
  });
  expect(() => watch.acknowledge('nothing', 'ann')).toThrow('no alarm');
  expect(pass(8, goesOn)).toEqual([]);
  expect(pass(8, goesOn)).toEqual(['alarm-cleared not-durable.front front']);
});

test('a camera that is not to be recorded, and one that is deleted, are no alarm', () => {
  const { world, pass } = watching();
  world.cameras = [camera(T0, false)];
  expect(pass(60)).toEqual([]);
  world.cameras = [camera(T0)];
  expect(pass(28)).toEqual([]);
  world.cameras = [];
  expect(pass(60)).toEqual([]);
});

test('a clock that is set', () => {
  const { world, pass } = watching();
  world.cameras = [];
  expect(pass(10)).toEqual([]);
  world.wallMs += 3_600_000;
  expect(pass(2)).toEqual(['alarm-raised clock-wrong -']);
  expect(pass(62)).toEqual(['alarm-cleared clock-wrong -']);
});

test('a folder that goes; forecasts are asked for once a minute', () => {
  const { world, pass } = watching();
  world.cameras = [];
  world.folderTrouble = 'It is not mounted.';
  expect(pass(120)).toEqual(['alarm-raised folder-missing.1 -']);
  expect(world.forecasts).toBe(2);
});
