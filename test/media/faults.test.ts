/** Runs of simulated cameras that behave and misbehave: nothing of what was received is lost, nothing hangs. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, type Mock, onTestFinished, test, vi } from 'vitest';
import { REQUIRED_ELEMENTS } from '../../src/media/elements.ts';
import { startGst } from '../../src/media/gst.ts';
import { playHere } from '../../src/media/runPipeline.ts';
import { decodeErrors, ffprobe, type Probed } from '../support/ffprobe.ts';
import { VIDEO } from '../support/footage.ts';
import { spawnRtspServer } from '../support/rtsp/process.ts';
import { startRtspServer } from '../support/rtsp/server.ts';
import { checkStamps } from '../support/rtsp/stamps.ts';
import type { CameraOptions, RtspServer } from '../support/rtsp/types.ts';
import { formatOf, HeardRun, runtimeDir, sourceOf } from '../support/runs.ts';

startGst(REQUIRED_ELEMENTS);

const whole = { lost: 0, doubled: 0, backward: 0 };
const folder = mkdtempSync(join(tmpdir(), 'nightjar-faults-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A run as a file, and what ffprobe finds in it. */
async function fileOf(
  run: HeardRun,
  name: string,
): Promise<{ readonly file: string; readonly probed: Probed }> {
  const file = join(folder, `${name}.mp4`);
  writeFileSync(file, run.bytes);
  return { file, probed: await ffprobe(file) };
}

/** Differences of neighbours. */
function steps(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

describe('cameras that behave', () => {
  const CASES = [
    { path: 'plain', video: 'h264', audio: 'none', transport: 'tcp', codec: null },
    { path: 'aac', video: 'h264', audio: 'aac', transport: 'tcp', codec: 'aac' },
    { path: 'opus', video: 'h264', audio: 'opus', transport: 'tcp', codec: 'opus' },
    { path: 'pcma', video: 'h265', audio: 'pcma', transport: 'tcp', codec: 'aac' },
    { path: 'bframes', video: 'h264-bframes', audio: 'aac', transport: 'tcp', codec: 'aac' },
    { path: 'udp', video: 'sub', audio: 'aac', transport: 'udp', codec: 'aac' },
  ] as const;
  const runs = new Map<string, HeardRun>();
  let server: RtspServer;

  beforeAll(async () => {
    server = await startRtspServer({ stamp: true, cameras: CASES });
    const open = async ({ path, video, audio, transport }: (typeof CASES)[number]) => {
      const source = sourceOf(server, path, transport);
      const run = await new HeardRun().open(source, formatOf(video, audio));
      runs.set(path, run);
      await run.received(VIDEO[video].gop * 2 + 5);
      await run.end();
    };
    await Promise.all(CASES.map(open));
  });
  afterAll(() => server.close());

  test.each(CASES)('$path: every frame is there once, at its time', async ({ path, video, codec }) => {
    const run = runs.get(path) ?? new HeardRun();
    expect(await run.ended).toBeNull();
    expect(checkStamps(await run.stamps())).toMatchObject({ ...whole, frames: run.frames });
    const { file, probed } = await fileOf(run, path);
    expect(probed.errors).toBe('');
    const { pts, dts } = probed.video;
    const frame = 1 / VIDEO[video].fps;
    expect(dts).toHaveLength(run.frames);
    for (const step of steps(dts)) expect(step).toBeGreaterThan(0);
    expect(pts.every((time, index) => time >= (dts[index] ?? 0))).toBe(true);
    // A camera with B-frames here is one whose clock jitters, by 20 ms at most.
    for (const step of steps(pts.toSorted((a, b) => a - b)))
      expect(Math.abs(step - frame)).toBeLessThan(0.021);
    expect(probed.audio?.codec ?? null).toBe(codec);
    expect(await decodeErrors(file)).toBe('');
  });

  test.each(CASES.filter(({ codec }) => codec !== null))(
    '$path: sound fits the picture',
    async ({ path }) => {
      const { probed } = await fileOf(runs.get(path) ?? new HeardRun(), path);
      const [sound, picture] = [probed.audio?.pts ?? [], probed.video.pts];
      // The simulator begins both at the same instant.
      expect(Math.abs((sound[0] ?? 9) - Math.min(...picture))).toBeLessThan(0.1);
      expect(Math.abs((sound.at(-1) ?? 9) - Math.max(...picture))).toBeLessThan(0.3);
      // A frame of AAC at 8 kHz lasts 128 ms.
      for (const step of steps(sound)) expect(step).toBeLessThan(0.13);
    },
  );

  test('B-frames are decoded before they are shown, in another order', async () => {
    const { probed } = await fileOf(runs.get('bframes') ?? new HeardRun(), 'bframes');
    expect(steps(probed.video.dts).every((step) => step > 0)).toBe(true);
    expect(steps(probed.video.pts).some((step) => step < 0)).toBe(true);
  });

  test('nothing of them is left', () => {
    expect(readdirSync(runtimeDir)).toEqual([]);
  });
});

/** A server with one camera, and a run of it that has begun. */
async function playing(camera: Omit<CameraOptions, 'path'> = { video: 'h264', audio: 'aac' }) {
  const server = await startRtspServer({ stamp: true, cameras: [{ path: 'cam', ...camera }] });
  const run = new HeardRun();
  onTestFinished(async () => {
    await run.end();
    await server.close();
    expect(readdirSync(runtimeDir)).toEqual([]);
  });
  await run.open(sourceOf(server, 'cam'), formatOf(camera.video, camera.audio));
  await run.received(20);
  return { server, run };
}

describe('cameras that misbehave', () => {
  test.each([700, 3_000])('a pause of %i ms that is caught up costs nothing', async (ms) => {
    const { server, run } = await playing();
    await server.fault({ kind: 'pause', ms });
    await run.received(run.frames + ms / 40 + 60);
    await run.end();
    expect(await run.ended).toBeNull();
    const stamps = await run.stamps();
    expect(checkStamps(stamps)).toMatchObject(whole);
    expect(Math.max(...steps(stamps.map(({ sentMs }) => sentMs)))).toBeGreaterThan(ms * 0.9);
    const { probed } = await fileOf(run, `pause-${ms}`);
    expect(probed.errors).toBe('');
    for (const step of steps(probed.video.dts)) expect(step).toBeCloseTo(0.04, 2);
    for (const step of steps(probed.audio?.dts ?? [9])) expect(step).toBeLessThan(0.08);
    const end = (times: readonly number[] = []) => times.at(-1) ?? 99;
    expect(Math.abs(end(probed.video.pts) - end(probed.audio?.pts))).toBeLessThan(0.3);
  });

  test.each(['reset', 'fin'] as const)('%s: all that was received before is delivered', async (kind) => {
    const { server, run } = await playing();
    await server.fault({ kind });
    expect(await run.ended).toMatchObject({ cause: expect.stringMatching(/^(ended|unreachable)$/) });
    const stamps = await run.stamps();
    const [sent] = await server.counters();
    expect(checkStamps(stamps)).toMatchObject(whole);
    // What the reset threw away on its way is not received.
    expect((sent?.frames ?? 0) - stamps.length).toBeLessThanOrEqual(kind === 'fin' ? 0 : 3);
    expect((await fileOf(run, kind)).probed.errors).toBe('');
  });

  test('another picture size ends the run where it begins', async () => {
    const { server, run } = await playing();
    await server.fault({ kind: 'swap' });
    expect(await run.ended).toMatchObject({ cause: 'format-changed' });
    expect(checkStamps(await run.stamps())).toMatchObject(whole);
    expect(run.frames % VIDEO.h264.gop).toBe(0);
    const { file, probed } = await fileOf(run, 'swap');
    expect(probed.errors).toBe('');
    expect(await decodeErrors(file)).toBe('');
  });

  test('sound that pauses costs no frame of the picture', async () => {
    const { server, run } = await playing();
    await server.fault({ kind: 'noAudio', on: true });
    const framesSent = async () => (await server.counters())[0]?.frames ?? 0;
    const before = await framesSent();
    await expect.poll(framesSent, { timeout: 10_000 }).toBeGreaterThan(before + 60);
    await server.fault({ kind: 'noAudio', on: false });
    await run.received(before + 120);
    await run.end();
    expect(await run.ended).toBeNull();
    expect(checkStamps(await run.stamps())).toMatchObject(whole);
    const { probed } = await fileOf(run, 'sound-again');
    const sound = probed.audio?.pts ?? [];
    expect(Math.max(...steps(sound))).toBeGreaterThan(2);
    expect(Math.abs((probed.video.pts.at(-1) ?? 0) - (sound.at(-1) ?? 0))).toBeLessThan(0.5);
  });
});

describe('a process that is held up', () => {
  /** Nothing of this process runs meanwhile: no timer, no read, no bus message. */
  function block(ms: number): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  }

  async function watching() {
    const camera = { path: 'cam', video: 'h264', audio: 'aac' } as const;
    const server = await spawnRtspServer({ stamp: true, cameras: [camera] });
    const run = new HeardRun();
    onTestFinished(async () => {
      await run.end();
      await server.close();
    });
    return { server, run: await run.open(sourceOf(server, 'cam'), formatOf('h264', 'aac')) };
  }

  test('ends a run whose FIFO is full, with all that was received', async () => {
    const { run } = await watching();
    await run.received(20);
    const before = run.frames;
    block(2_500);
    expect(await run.end()).toBeLessThan(2_500);
    expect(await run.ended).toBeNull();
    expect(run.frames).toBeGreaterThan(before + 50);
    expect(checkStamps(await run.stamps())).toMatchObject(whole);
  });

  test('knows when the first frame was received, also when it hears of it late', async () => {
    const { run, server } = await watching();
    await server.waitForClients(1);
    block(700);
    await run.received(1);
    await run.end();
    const [first] = await run.stamps();
    expect(Math.abs(run.anchor.wallMs - (first?.sentMs ?? 0))).toBeLessThan(150);
  });
});

test('picture and sound that come at the same instant are both taken in, however often', async () => {
  const beginAndEnd = async () => {
    const server = await startRtspServer({ cameras: [{ path: 'cam', video: 'h264', audio: 'aac' }] });
    const run = await new HeardRun().open(sourceOf(server, 'cam'), formatOf('h264', 'aac'));
    try {
      await run.received(1, 10_000);
    } finally {
      await run.end();
      await server.close();
    }
  };
  const often = async () => {
    for (let times = 0; times < 10; times += 1) await beginAndEnd();
  };
  await Promise.all(Array.from({ length: 6 }, often));
});

test('what can’t have been muxed, because its sound has not begun, is not waited for', async () => {
  const server = await startRtspServer({ cameras: [{ path: 'cam', video: 'sub', audio: 'aac' }] });
  onTestFinished(() => server.close());
  await server.fault({ kind: 'noAudio', on: true });
  const begun: string[] = [];
  const ends: Mock[] = [];
  const run = new HeardRun();
  await run.open(sourceOf(server, 'cam', 'udp'), formatOf('sub', 'aac'), null, (plan, onMessage) => {
    const pipeline = playHere(plan, (message) => {
      if (message.type === 'first-buffer') begun.push(message.element);
      onMessage(message);
    });
    ends.push(vi.spyOn(pipeline, 'end'));
    return pipeline;
  });
  await expect.poll(() => begun, { timeout: 10_000 }).toEqual(['video']);
  await run.end();
  expect(await run.ended).toBeNull();
  expect(ends.map((end) => end.mock.calls)).toEqual([[]]);
});

test('runs that never connect leave nothing behind, however many', async () => {
  const nowhere = { url: () => 'rtsp://127.0.0.1:9/cam' };
  const count = () => [readdirSync('/proc/self/fd').length, readdirSync('/proc/self/task').length];
  const fail = async () => {
    const run = await new HeardRun().open(sourceOf(nowhere, ''), formatOf('h264'));
    expect(await run.ended).toMatchObject({ cause: 'unreachable' });
  };
  const round = () => Promise.all(Array.from({ length: 10 }, fail));
  const counts: number[][] = [];
  for (let rounds = 0; rounds < 20; rounds += 1) {
    await round();
    // GLib lets go of descriptors when its main context is idle.
    await delay(50);
    counts.push(count());
  }
  const settled = counts.slice(5);
  const [descriptors, threads] = [0, 1].map((at) => settled.map((one) => one[at] ?? 0));
  const spread = (values: readonly number[] = []) => Math.max(...values) - Math.min(...values);
  expect(spread(descriptors), String(descriptors)).toBeLessThanOrEqual(5);
  expect(spread(threads), String(threads)).toBeLessThanOrEqual(15);
  expect(readdirSync(runtimeDir)).toEqual([]);
});
