/**
 * Capture devices in processes of their own. There is no device here: the pipelines are those of devices but for their
 * source elements, and play in the real process.
 */
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { DeviceSource, Source } from '../../src/domain/camera.ts';
import { encodedFormat, PLAIN_ENCODE } from '../../src/domain/encode.ts';
import { CaptureProcess } from '../../src/media/captureHost.ts';
import { Captures } from '../../src/media/captures.ts';
import { ENCODERS } from '../../src/media/encoderList.ts';
import { startGst } from '../../src/media/gst.ts';
import { Pipeline } from '../../src/media/pipeline.ts';
import type { RecordingPlan } from '../../src/media/plan.ts';
import type { Player } from '../../src/media/runPipeline.ts';
import { decodeErrors } from '../support/ffprobe.ts';
import { builtProgram } from '../support/product.ts';
import { HeardRun } from '../support/runs.ts';
import { CLIP, clip } from '../support/sources/clip.ts';

startGst([]);
const folder = mkdtempSync(join(tmpdir(), 'nightjar-capture-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let program: string;
beforeAll(async () => {
  program = join(dirname(await builtProgram()), 'media', 'captureProcess.js');
}, 120_000);

const SOURCE: DeviceSource = { kind: 'v4l2', device: '/dev/video0', audioDevice: 'hw:0,0' };
const FORMAT = encodedFormat(
  {
    video: { codec: 'h264', width: 320, height: 180, fps: 25, encodedFrom: 'video/x-raw' },
    audio: { codec: 'l16', encoding: 'audio/x-raw', sampleRate: 48_000, channels: 2 },
  },
  null,
);
const CAMERA = 'videotestsrc name=device is-live=true ! video/x-raw,width=320,height=180,framerate=25/1';
const SOUND = 'audiotestsrc name=sound is-live=true';

/** A server of HLS that gives out each playlist twice, to a probe and to a run, and then answers no more questions for it. */
async function deafPlaylists() {
  const segment = await readFile(await clip('ts'));
  let playlists = 0;
  const server = createServer((request, response) => {
    if (!request.url?.endsWith('.m3u8')) return void response.end(segment);
    playlists += 1;
    const entries = [0, 1, 2].map((at) => `#EXTINF:${CLIP.seconds},\ns${at}.ts\n`).join('');
    const head = `#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:1\n`;
    if (playlists <= 2) response.end(`${head}${entries}`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    asked: () => expect.poll(() => playlists, { timeout: 20_000 }).toBeGreaterThan(2),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The plan of a device with another source in its place. */
function replaced(plan: RecordingPlan, camera: string, sound: string): RecordingPlan {
  return {
    ...plan,
    launch: plan.launch
      .replace('v4l2src name=device', camera)
      .replace('alsasrc name=sound provide-clock=false', sound),
    settings: plan.settings.filter((setting) => setting.property !== 'device'),
  };
}

async function opened(camera = CAMERA, sound = SOUND) {
  const processes: CaptureProcess[] = [];
  const player: Player = (plan, onMessage) => {
    const made = new CaptureProcess(program);
    processes.push(made);
    return made.play(replaced(plan, camera, sound), onMessage);
  };
  const encoder = ENCODERS.find(({ name }) => name === 'x264enc');
  if (encoder === undefined) throw new Error('There is no encoder.');
  const run = await new HeardRun().open(SOURCE, FORMAT, { encode: PLAIN_ENCODE, encoder }, player);
  onTestFinished(async () => void (await Promise.all(processes.map((each) => each.close()))));
  return { run, pid: processes[0]?.pid ?? 0 };
}

const lives = (pid: number) => existsSync(`/proc/${pid}/fd`) && descriptors(pid).length > 0;

/** What a process has open. */
function descriptors(pid: number): string[] {
  const at = `/proc/${pid}/fd`;
  return readdirSync(at).flatMap((name) => {
    try {
      return [readlinkSync(join(at, name))];
    } catch {
      return [];
    }
  });
}

describe('a run of a device', () => {
  test('is recorded whole, and its process ends with it', async () => {
    const openedMs = Date.now();
    const { run, pid } = await opened();
    await run.received(75);
    await run.end();
    expect(await run.ended).toBeNull();
    const file = join(folder, 'whole.mp4');
    writeFileSync(file, run.bytes);
    expect(await decodeErrors(file)).toBe('');
    const { anchor } = run;
    expect(anchor.wallMs).toBeGreaterThan(openedMs);
    // Of the first frame, and of no later one.
    expect(anchor.wallMs).toBeLessThan(Date.now() - (70 / 25) * 1000);
    await expect.poll(() => lives(pid)).toBe(false);
  });

  test('whose process dies says so, and keeps what came before', async () => {
    const { run, pid } = await opened();
    await run.received(25);
    process.kill(pid, 'SIGKILL');
    expect(await run.ended).toMatchObject({
      message: expect.stringContaining('process of the source ended'),
    });
    const file = join(folder, 'died.mp4');
    writeFileSync(file, run.bytes);
    expect(await decodeErrors(file)).toBe('');
  });

  test('that hangs is let go of', async () => {
    const { run, pid } = await opened();
    await run.received(25);
    process.kill(pid, 'SIGSTOP');
    await run.end();
    expect(run.frames).toBeGreaterThanOrEqual(25);
    await expect.poll(() => lives(pid)).toBe(false);
  });

  test('whose sound is lost says that it is the sound, and keeps what came before', async () => {
    // An element that fails by itself after two seconds, as a sound device does that is unplugged.
    const sound = 'audiotestsrc is-live=true samplesperbuffer=480 ! identity name=sound error-after=200';
    const { run } = await opened(CAMERA, sound);
    expect(await run.ended).toMatchObject({ track: 'audio', message: expect.stringContaining('hw:0,0') });
    expect(run.frames).toBeGreaterThanOrEqual(25);
    const file = join(folder, 'unplugged.mp4');
    writeFileSync(file, run.bytes);
    expect(await decodeErrors(file)).toBe('');
  });

  test('ends where the device changes its format', async () => {
    const other = 'video/x-raw,width=640,height=360,framerate=25/1';
    const { run } = await opened(
      `videotestsrc is-live=true num-buffers=60 ! video/x-raw,width=320,height=180,framerate=25/1 ! device. ` +
        `videotestsrc is-live=true ! ${other} ! device. concat name=device device.`,
    );
    expect(await run.ended).toMatchObject({ cause: 'format-changed' });
    expect(run.frames).toBeGreaterThanOrEqual(60);
    // What comes before the next keyframe is kept, in the old size.
    expect(run.frames).toBeLessThanOrEqual(100);
    const file = join(folder, 'changed.mp4');
    writeFileSync(file, run.bytes);
    expect(await decodeErrors(file)).toBe('');
  });
});

test('a process inherits nothing of what the recorder has open', async () => {
  const left = join(folder, 'left.bin');
  const sink = new Pipeline('fakesrc is-live=true ! filesink name=sink', () => undefined);
  onTestFinished(() => sink.close());
  sink.set('sink', 'location', left);
  sink.play();
  await expect.poll(() => descriptors(process.pid)).toContain(left);
  const found = new CaptureProcess(program);
  onTestFinished(() => found.close());
  expect(await found.offer('/dev/video99', 30_000)).toMatchObject({ caps: '' });
  expect(descriptors(found.pid ?? 0)).not.toContain(left);
});

test('a device that is away is said to be so, by one process for many looks', async () => {
  const captures = new Captures(program);
  onTestFinished(() => captures.close());
  for (let look = 0; look < 2; look++) {
    expect(await captures.probe({ kind: 'v4l2', device: '/dev/video99' })).toMatchObject({
      ok: false,
      cause: 'not-found',
      message: '/dev/video99 is not there.',
    });
  }
  expect(await captures.offer('/dev/video99')).toMatchObject({ problem: '/dev/video99 is not there.' });
});

test('a sound device that is away is said to be so, apart from the picture', async () => {
  const captures = new Captures(program);
  onTestFinished(() => captures.close());
  const source: DeviceSource = { kind: 'v4l2', device: '/dev/video99', audioDevice: 'hw:29,0' };
  await captures.prepare(source);
  expect(await captures.hear(source)).toMatchObject({
    track: 'audio',
    message: expect.stringContaining('hw:29,0'),
  });
  // Neither is there: without a picture nothing is recorded.
  expect(await captures.probe(source)).toMatchObject({
    ok: false,
    cause: 'not-found',
    message: '/dev/video99 is not there.',
  });
});

test('a HLS camera that does not answer any more holds up nobody when it is stopped', async () => {
  const { port, asked, close } = await deafPlaylists();
  onTestFinished(close);
  const captures = new Captures(program);
  onTestFinished(() => captures.close());
  const source: Source = { kind: 'hls', url: `http://127.0.0.1:${port}/live.m3u8` };
  const found = await captures.probe(source);
  if (!found.ok) throw new Error(found.message);
  const run = await new HeardRun().open(source, found.format, null, captures.playerOf(source));
  await run.received(1);
  await asked();
  const delays = monitorEventLoopDelay({ resolution: 10 });
  delays.enable();
  await run.end();
  // How long a turn took is known in the next.
  await delay(50);
  // GStreamer waits for the answer for 10 s.
  expect(delays.max / 1e6).toBeLessThan(5_000);
  expect(await run.ended).toBeNull();
});

test('a process that does not answer is given up', async () => {
  const found = new CaptureProcess(program);
  const pid = found.pid ?? 0;
  // Until it has begun it is waited for much longer: a machine may be slow.
  expect(await found.offer('/dev/video99', 60_000)).not.toBeNull();
  process.kill(pid, 'SIGSTOP');
  expect(await found.probe({ kind: 'v4l2', device: '/dev/video99' }, 300)).toBeNull();
  await found.close();
  await expect.poll(() => lives(pid)).toBe(false);
});
