/** Viewers as the API and the metrics tell of them. */
import { expect, it } from 'vitest';
import { viewerMetrics, viewersPort, withViewers } from '../../src/app/viewersPort.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { ViewerRegistry } from '../../src/live/viewers.ts';
import { CAMERA, HeldClock, NOW } from '../http/harness.ts';

const DOOR = cameraId('front-door');

/** The other methods of the cameras, which are not asked. */
const refuse = () => expect.unreachable();
const OTHERS = {
  ...{ create: refuse, update: refuse, remove: refuse, clone: refuse },
  ...{ startRecording: refuse, stopRecording: refuse, probe: refuse, probePicture: refuse },
};

function watched() {
  const viewers = new ViewerRegistry(new HeldClock(), 10);
  const draft = { camera: DOOR, stream: 'main', user: 'ann' } as const;
  const ended: number[] = [];
  const first = viewers.add({ ...draft, transport: 'ws' }, () => ended.push(1));
  viewers.add({ ...draft, transport: 'll-hls' }, () => ended.push(2)).update({ lagMs: 1_500 });
  return { viewers, first, ended };
}

it('lists, finds and ends them', async () => {
  const { viewers, first, ended } = watched();
  const port = viewersPort(viewers);
  const view = { cameraId: DOOR, stream: 'main', user: 'ann', sinceMs: NOW, skipped: 0 };
  expect(await port.list()).toEqual([
    { ...view, id: 1, transport: 'ws', lagMs: 0 },
    { ...view, id: 2, transport: 'll-hls', lagMs: 1_500 },
  ]);
  await port.end(first.id);
  expect(ended).toEqual([1]);
  expect(() => port.get(first.id)).toThrow('There is no viewer');
});

it('counts them by camera and transport', () => {
  const { viewers } = watched();
  const [counts, lag] = viewerMetrics(viewers, [DOOR, cameraId('yard')]);
  const some = counts?.samples.filter(({ value }) => value > 0).map(({ labels }) => labels);
  expect(some).toEqual([
    { camera: 'front-door', transport: 'ws' },
    { camera: 'front-door', transport: 'll-hls' },
  ]);
  expect(lag?.samples.map(({ value }) => value)).toEqual([1.5, 0]);
});

it('says with a camera how many watch it', async () => {
  const { viewers } = watched();
  const cameras = withViewers({ ...OTHERS, get: () => CAMERA, list: () => [CAMERA] }, viewers);
  expect((await cameras.get(DOOR)).status.viewers).toBe(2);
  expect((await cameras.list())[0]?.status).toMatchObject({ viewers: 2 });
});
