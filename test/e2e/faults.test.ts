/** The real recorder when cameras or the recorder itself fail. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import type { CameraView } from '../../src/http/wire/camera.ts';
import { decodeErrors, ffprobe } from '../support/ffprobe.ts';
import { fileOf, filesOf, stampsOf } from '../support/recorded.ts';
import { eventually, patience, type Recorder, startRecorder } from '../support/recorder.ts';
import { type SpawnedRtspServer, spawnRtspServer } from '../support/rtsp/process.ts';
import { checkStamps, readStamps, type Stamp } from '../support/rtsp/stamps.ts';
import type { RtspServerOptions } from '../support/rtsp/types.ts';

const whole = { lost: 0, doubled: 0, backward: 0 };
const CAMERAS = [
  { path: 'a', video: 'h264', audio: 'aac' },
  { path: 'b', video: 'sub' },
  { path: 'c', video: 'sub', audio: 'pcma' },
] as const;

async function simulator(
  { onTestFinished }: TestContext,
  options: Partial<RtspServerOptions> = {},
): Promise<SpawnedRtspServer> {
  const server = await spawnRtspServer({ stamp: true, cameras: CAMERAS, ...options });
  onTestFinished(() => server.close());
  return server;
}

async function recorder({ onTestFinished }: TestContext): Promise<Recorder> {
  const started = await startRecorder();
  onTestFinished(() => started.discard());
  return started;
}

/** Adds a camera of the simulator, and waits until it is recorded. */
async function recorded(nvr: Recorder, server: SpawnedRtspServer, id: string): Promise<void> {
  await nvr.add({ id, name: id, source: { kind: 'rtsp', url: server.url(id) } });
  await nvr.recording(id);
}

/** Waits until a camera's newest segment holds so many milliseconds, or a later one begins. */
async function grown(nvr: Recorder, id: string, byMs: number): Promise<void> {
  const last = async () => (await nvr.segments(id)).at(-1)?.endMs ?? 0;
  const from = await last();
  await eventually(`${byMs} ms more of ${id}`, async () => (await last()) - from >= byMs);
}

/** The longest time between the sending of two frames that stand together, and when it began. */
function outageIn(stamps: readonly Stamp[]): { readonly fromMs: number; readonly ms: number } {
  let longest = { fromMs: 0, ms: 0 };
  for (const [index, { sentMs }] of stamps.entries()) {
    const fromMs = stamps[index - 1]?.sentMs ?? sentMs;
    if (sentMs - fromMs > longest.ms) longest = { fromMs, ms: sentMs - fromMs };
  }
  return longest;
}

// Each with a recorder of its own, and at once: small cameras take little of the processor.
test.concurrent('a server of cameras dies and comes back: the gap is the outage, and nothing else is missing', async (context) => {
  const server = await simulator(context);
  const nvr = await recorder(context);
  for (const { path: id } of CAMERAS) await recorded(nvr, server, id);
  await grown(nvr, 'a', 2_000);
  const diedMs = Date.now();
  await server.kill();
  await nvr.until('a', 'is missed', ({ status }) => status.source.state === 'backoff');
  await delay(2_000);
  await server.restart();
  const backMs = Date.now();
  for (const { path: id } of CAMERAS) await nvr.recording(id);
  await grown(nvr, 'a', 2_000);
  for (const { path: id } of CAMERAS) {
    const gap = (await nvr.gaps(id)).find(({ startMs }) => Math.abs(startMs - diedMs) < 2_000);
    expect(gap, id).toMatchObject({ cause: expect.stringMatching(/^(unreachable|ended)$/) });
    expect(Math.abs((gap?.startMs ?? 0) - diedMs), id).toBeLessThan(1_000);
    const lateMs = (gap?.endMs ?? Number.POSITIVE_INFINITY) - backMs;
    expect(lateMs, id).toBeLessThan(patience(1_200));
    const stamps = await stampsOf(nvr, id);
    const { fromMs, ms } = outageIn(stamps);
    expect(Math.abs((gap?.startMs ?? 0) - fromMs), id).toBeLessThan(1_000);
    expect(Math.abs((gap?.endMs ?? 0) - fromMs - ms), id).toBeLessThan(1_000);
    for (const part of [stamps.filter((s) => s.sentMs <= fromMs), stamps.filter((s) => s.sentMs > fromMs)]) {
      expect(checkStamps(part), id).toMatchObject(whole);
    }
    expect(diedMs - fromMs, id).toBeLessThan(500);
  }
  for (const file of filesOf(nvr, 'a')) expect((await ffprobe(file)).errors).toBe('');
});

test.concurrent('a camera that is added, changed and deleted is not felt by others', async (context) => {
  const server = await simulator(context);
  const nvr = await recorder(context);
  await recorded(nvr, server, 'a');
  await recorded(nvr, server, 'b');
  await recorded(nvr, server, 'c');
  await nvr.change('c', { audio: false });
  await nvr.until('c', 'records without sound', ({ status }) => {
    return status.recording.state === 'recording' && status.format?.audio === null;
  });
  await nvr.change('c', { source: { kind: 'rtsp', transport: 'udp' } });
  await grown(nvr, 'c', 1_000);
  await nvr.change('c', { enabled: false });
  await nvr.until('c', 'is off', ({ status }) => status.source.state === 'off');
  await nvr.change('c', { enabled: true, name: 'Renamed' });
  await nvr.recording('c');
  await nvr.remove('c');
  expect((await nvr.ask('GET', '/cameras/c')).status).toBe(404);
  await grown(nvr, 'a', 1_000);
  expect(await nvr.stop()).toMatchObject({ code: 0 });
  for (const id of ['a', 'b']) expect(checkStamps(await stampsOf(nvr, id)), id).toMatchObject(whole);
  // Its footage stays, with the holes that its own changes made.
  expect(checkStamps(await stampsOf(nvr, 'c'))).toMatchObject({ doubled: 0, backward: 0 });
});

test.concurrent('a camera that freezes is noticed, one that refuses is explained, both get well', async (context) => {
  const login = { username: 'vera', password: 'right one' };
  const open = await simulator(context);
  const guarded = await simulator(context, { auth: { scheme: 'digest', ...login } });
  const nvr = await recorder(context);
  await recorded(nvr, open, 'b');
  await nvr.add({
    id: 'locked',
    name: 'Locked',
    source: { kind: 'rtsp', url: guarded.url('c', { ...login, password: 'wrong one' }) },
  });
  const refused = await nvr.until('locked', 'is refused', ({ status }) => status.source.cause !== null);
  expect(refused.status.source).toMatchObject({
    cause: 'unauthorised',
    message: expect.stringMatching(/password/),
  });
  expect(nvr.log).not.toContain('wrong one');

  await open.fault({ kind: 'freeze', on: true }, 'b');
  const frozenAt = performance.now();
  await nvr.until('b', 'is stalled', ({ status }) => status.source.state === 'stalled');
  expect(performance.now() - frozenAt).toBeLessThan(patience(5_000));
  // A hole is one that lasts 3 s in the media; what arrived last may have been sent a little later than that.
  await delay(500);
  await open.fault({ kind: 'freeze', on: false }, 'b');
  await nvr.until('b', 'is live again', ({ status }) => status.source.state === 'live');
  // The first is that of its connecting.
  await eventually('the gap is told', async () => (await nvr.gaps('b')).length > 1);
  await grown(nvr, 'b', 1_000);
  const stalled = (await nvr.gaps('b')).at(-1);
  expect(stalled?.cause).toMatch(/^(stalled|connecting)$/);
  const { fromMs, ms } = outageIn(await stampsOf(nvr, 'b'));
  expect(ms).toBeGreaterThan(3_000);
  expect(Math.abs((stalled?.startMs ?? 0) - fromMs)).toBeLessThan(1_000);
  expect(Math.abs((stalled?.endMs ?? 0) - fromMs - ms)).toBeLessThan(1_000);

  await nvr.change('locked', { source: { kind: 'rtsp', password: login.password } });
  await nvr.recording('locked');
});

test.concurrent('sound that no longer comes holds up the picture for no longer than a stall', async (context) => {
  const server = await simulator(context);
  const nvr = await recorder(context);
  await recorded(nvr, server, 'a');
  await server.fault({ kind: 'noAudio', on: true }, 'a');
  const mute = ({ status }: CameraView) =>
    status.recording.state === 'recording' && status.format?.audio === null;
  await nvr.until('a', 'records without sound', mute, 30_000);
  await grown(nvr, 'a', 1_000);
  const { ms } = outageIn(await stampsOf(nvr, 'a'));
  expect(ms).toBeLessThan(patience(6_000));
});

describe('the recorder is killed and started again', () => {
  let server: SpawnedRtspServer;
  let nvr: Recorder;
  let killedMs: number;
  let startedMs: number;
  /** How many lines of the log are of the life that the kill ended. */
  let firstLife: number;

  beforeAll(async () => {
    server = await spawnRtspServer({ stamp: true, cameras: CAMERAS });
    nvr = await startRecorder();
    for (const { path: id } of CAMERAS) await recorded(nvr, server, id);
    for (const { path: id } of CAMERAS) await grown(nvr, id, 7_000);
    killedMs = Date.now();
    await nvr.kill();
    firstLife = nvr.log.split('\n').length - 1;
    startedMs = Date.now();
    await nvr.start();
    await Promise.all(CAMERAS.map(({ path: id }) => nvr.recording(id)));
    await grown(nvr, 'a', 1_000);
  });
  afterAll(async () => {
    await nvr?.discard();
    await server?.close();
  });

  test('it is on its way to every camera before it serves', async () => {
    const secondLife = () => nvr.log.split('\n').slice(firstLife);
    // Two say so, one by the log and one not: whichever is first.
    const serves = (line: string) => /Server listening|Nightjar is recording/.test(line);
    await eventually('it says that it serves again', () => secondLife().some(serves), 5_000);
    const lines = secondLife();
    const served = lines.findIndex(serves);
    for (const { path: id } of CAMERAS) {
      const connecting = lines.findIndex(
        (line) => line.includes(`"camera":"${id}"`) && line.includes('off->connecting'),
      );
      expect(connecting, id).toBeGreaterThanOrEqual(0);
      expect(connecting, id).toBeLessThan(served);
    }
  });

  test.each(CAMERAS)(
    'the open file of $path is in the index, plays, and ends where it was cut',
    async ({ path: id }) => {
      const before = (await nvr.segments(id)).filter(({ startMs }) => startMs < killedMs);
      const last = before.at(-1);
      if (last === undefined) throw new Error('Nothing is left.');
      expect(last.open).toBe(false);
      const file = fileOf(nvr, id, last);
      const { errors, video } = await ffprobe(file);
      expect(errors).toBe('');
      expect(video.pts).toHaveLength(last.frames);
      expect(await decodeErrors(file)).toBe('');
      const stamps = await readStamps(before.map((segment) => fileOf(nvr, id, segment)));
      expect(checkStamps(stamps)).toMatchObject(whole);
      // Half a second of fragment in flight, and what waited on its way.
      expect(killedMs - (stamps.at(-1)?.sentMs ?? 0)).toBeLessThan(1_000);
      expect(Math.abs(last.endMs - (stamps.at(-1)?.sentMs ?? 0))).toBeLessThan(400);
    },
  );

  test.each(CAMERAS)('the time it was down is a gap of $path', async ({ path: id }) => {
    const [down] = (await nvr.gaps(id)).filter(({ cause }) => cause === 'recorder-down');
    const last = (await nvr.segments(id)).filter(({ startMs }) => startMs < killedMs).at(-1);
    expect(down?.startMs).toBe(last?.endMs);
    expect(down?.endMs).toBeGreaterThanOrEqual(startedMs);
    const [before, after] = await nvr.recordings(id);
    expect(before).toMatchObject({ endMs: last?.endMs, endReason: 'crash' });
    expect(after).toMatchObject({ endMs: null });
  });

  test('stop and start leave a gap of their own', async () => {
    expect(await nvr.stop()).toMatchObject({ code: 0 });
    await nvr.start();
    await nvr.recording('b');
    expect((await nvr.gaps('b')).map(({ cause }) => cause)).toContain('shutdown');
    const [, second] = await nvr.recordings('b');
    expect(second).toMatchObject({ endReason: 'shutdown' });
  });
});
