/** A camera is deleted, its footage is played while it is held, and it is taken back or purged. */
import { expect, onTestFinished, test } from 'vitest';
import type { HeldCamera } from '../../src/http/wire/holding.ts';
import { ffprobe } from '../support/ffprobe.ts';
import { filesOf } from '../support/recorded.ts';
import { AUTHORIZATION, eventually, type Recorder, startRecorder } from '../support/recorder.ts';

const CAMERA = {
  ...{ id: 'yard', name: 'The yard', audio: false },
  source: { kind: 'test', width: 320, height: 180, fps: 10 },
} as const;

/** A recorder that recorded a camera for some seconds. */
async function recorded(): Promise<Recorder> {
  const nvr = await startRecorder();
  onTestFinished(() => nvr.discard());
  await nvr.add(CAMERA);
  await nvr.recording(CAMERA.id);
  await eventually('two segments', async () => (await nvr.segments(CAMERA.id)).length >= 2, 30_000);
  return nvr;
}

/** Without the camera that an empty installation begins with. */
async function held(nvr: Recorder): Promise<readonly HeldCamera[]> {
  const { cameras } = await nvr.get<{ cameras: HeldCamera[] }>('/holding');
  return cameras.filter(({ cameraId }) => cameraId === CAMERA.id);
}

test('a deleted camera is played, and comes back with its id, settings and footage', async () => {
  const nvr = await recorded();
  const before = await nvr.camera(CAMERA.id);
  await nvr.remove(CAMERA.id);
  expect(await held(nvr)).toMatchObject([{ cameraId: CAMERA.id, name: CAMERA.name, restorable: true }]);
  expect((await nvr.ask('GET', `/cameras/${CAMERA.id}`)).status).toBe(404);
  const segments = await nvr.segments(CAMERA.id);
  const url = `${nvr.address}/api/v1/segments/${segments[0]?.id}/file.mp4`;
  const { ok } = await fetch(url, { headers: { authorization: AUTHORIZATION } });
  expect({ ok, segments: segments.length >= 2 }).toEqual({ ok: true, segments: true });
  const restored = await nvr.ask('POST', `/holding/${CAMERA.id}/restore`);
  expect(restored).toMatchObject({
    status: 200,
    body: { id: CAMERA.id, name: CAMERA.name, source: before.source },
  });
  await nvr.recording(CAMERA.id);
  expect((await nvr.segments(CAMERA.id)).slice(0, segments.length)).toEqual(segments);
  expect(await held(nvr)).toEqual([]);
  await nvr.stop();
  for (const file of filesOf(nvr, CAMERA.id)) {
    expect({ file, errors: (await ffprobe(file)).errors }).toEqual({ file, errors: '' });
  }
});

test('a deleted camera is purged, but for what is protected', async () => {
  const nvr = await recorded();
  await nvr.remove(CAMERA.id);
  const [first, ...others] = await nvr.segments(CAMERA.id);
  const protect = { startMs: first?.startMs, endMs: (first?.startMs ?? 0) + 1 };
  expect((await nvr.ask('POST', `/cameras/${CAMERA.id}/protections`, protect)).status).toBe(201);
  expect((await nvr.ask('DELETE', `/holding/${CAMERA.id}`)).status).toBe(202);
  await eventually('it is purged', async () => (await nvr.segments(CAMERA.id)).length === 1);
  expect(others.length).toBeGreaterThan(0);
  expect(await nvr.segments(CAMERA.id)).toEqual([first]);
  await eventually('the files are gone', () => filesOf(nvr, CAMERA.id).length === 1);
});
