/** A volume of 200 MB, four cameras and another program that fills it: real files on a file system of their own. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import type { Archive } from '../../src/archive/archive.ts';
import type { SegmentWriter } from '../../src/archive/segmentWriter.ts';
import type { WriteProblem } from '../../src/archive/writeLosses.ts';
import { type CameraId, cameraId, runId } from '../../src/domain/ids.ts';
import { DEFAULT_POLICY, type SpaceRules } from '../../src/domain/retention.ts';
import { type Clock, epochMs } from '../../src/domain/time.ts';
import { encodeNoise, type Media, wallTime } from './fragments.ts';
import { EVER, openArchive, temporaryFolder, until } from './support.ts';

const MB = 2 ** 20;
/** How often the volume is filled; each time takes about ten seconds. */
const { SPACE_TEST_ROUNDS = '2' } = process.env;
const ROUNDS = Number(SPACE_TEST_ROUNDS);
const CAMERAS = ['a', 'b', 'c', 'd'].map((name) => cameraId(name));
const clock: Clock = { now: () => epochMs(Date.now()), monotonic: () => performance.now() };

/** A folder with a media folder on a file system of its own; the test is skipped where that is not permitted. */
function smallVolume(context: TestContext): string {
  const folder = temporaryFolder();
  const media = join(folder, 'media');
  mkdirSync(media);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200m', 'tmpfs', media], { stdio: 'pipe' });
  } catch {
    context.skip('file systems can’t be mounted here, so there is no small one to fill');
  }
  context.onTestFinished(() => {
    execFileSync('umount', ['--lazy', media]);
  });
  return folder;
}

async function opened(context: TestContext, folder: string, space: SpaceRules): Promise<Archive> {
  const archive = await openArchive(folder, { segmentMs: 2_000, clock, space });
  context.onTestFinished(() => archive.close());
  return archive;
}

/** A camera that writes 2 MB a second, a new run every few seconds. */
class Writing {
  readonly problems: WriteProblem[] = [];
  readonly #archive: Archive;
  readonly #camera: CameraId;
  readonly #media: Media;
  #writer: SegmentWriter | null = null;
  #next = 0;
  #runStartMs = 0;
  #runs = 0;
  stopped = false;

  constructor(archive: Archive, camera: CameraId, media: Media) {
    this.#archive = archive;
    this.#camera = camera;
    this.#media = media;
  }

  async append(): Promise<void> {
    if (this.stopped) {
      await this.end();
      return;
    }
    const fragment = this.#media.fragments[this.#next++];
    if (fragment === undefined) {
      await this.end();
      return;
    }
    this.#writer ??= this.#begin();
    this.#writer.append(fragment, wallTime(this.#runStartMs, fragment));
  }

  async end(): Promise<void> {
    const writer = this.#writer;
    this.#writer = null;
    this.#next = 0;
    await writer?.end();
  }

  #begin(): SegmentWriter {
    const number = String(++this.#runs).padStart(8, '0');
    const id = runId(`0000000${CAMERAS.indexOf(this.#camera)}-0000-4000-8000-0000${number}`);
    this.#runStartMs = Date.now();
    const start = { startedMs: epochMs(this.#runStartMs), stream: 'main' as const, init: this.#media.init };
    this.#archive.ledger.beginRun({ id, cameraId: this.#camera, ...start });
    return this.#archive.writer(id, (problem) => this.problems.push(problem));
  }
}

/** Cameras that write in real time until the test ends. */
function record(context: TestContext, archive: Archive): Writing[] {
  const media = encodeNoise(4);
  const cameras = CAMERAS.map((camera) => new Writing(archive, camera, media));
  const timer = setInterval(() => {
    for (const camera of cameras) void camera.append();
  }, 250);
  context.onTestFinished(async () => {
    clearInterval(timer);
    await Promise.all(cameras.map((camera) => camera.end()));
  });
  return cameras;
}

/** Another program that writes 100 MB/s into the volume, so much and no more; gives its file. */
function fill(
  context: TestContext,
  folder: string,
  megabytes: number,
): { readonly file: string; readonly done: Promise<unknown> } {
  const file = join(folder, 'media', 'filler');
  const loop = `for i in $(seq ${megabytes / 10}); do head -c 10485760 /dev/zero >> "$0" || exit 1; sleep 0.1; done`;
  const child: ChildProcess = spawn('bash', ['-c', loop, file], { stdio: 'ignore' });
  const done = new Promise((resolve) => child.once('exit', resolve));
  context.onTestFinished(async () => {
    child.kill('SIGKILL');
    await done;
  });
  return { file, done };
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(join(folder, 'media'));
  return bavail * bsize;
}

function files(folder: string): string[] {
  return readdirSync(join(folder, 'media'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.mp4'),
  );
}

describe.concurrent('a volume of 200 MB', () => {
  it(
    'is recorded to without a gap while another program fills it again and again',
    async (context) => {
      const folder = smallVolume(context);
      const archive = await opened(context, folder, { reserveBytes: null, whenFull: 'stop-lowest' });
      writeFileSync(join(folder, 'media', 'ballast'), Buffer.alloc(20 * MB));
      archive.retention.start((cameras) => expect(cameras).toEqual([]));
      const cameras = record(context, archive);
      await until(() => freeBytes(folder) < 75 * MB, 60_000);
      for (let round = 0; round < ROUNDS; round++) {
        const { file, done } = fill(context, folder, 60);
        expect(await done).toBe(0);
        await until(() => freeBytes(folder) > 64 * MB, 5_000);
        rmSync(file);
        await until(() => freeBytes(folder) < 75 * MB, 60_000);
      }
      expect(cameras.flatMap(({ problems }) => problems)).toEqual([]);
      expect(archive.retention.alarms).toEqual([]);
      await archive.retention.close();
      for (const camera of CAMERAS) {
        const segments = archive.footage.segments(camera, EVER);
        expect(segments.length).toBeGreaterThan(1);
        for (const [index, { runId, startTicks, file, bytes, open }] of segments.entries()) {
          if (!open) expect(statSync(file).size).toBe(bytes);
          const before = segments[index - 1];
          if (before?.runId === runId) expect(startTicks).toBe(before.startTicks + before.durationTicks);
        }
      }
      const indexed = CAMERAS.flatMap((camera) => archive.footage.segments(camera, EVER));
      expect(files(folder).length).toBe(indexed.length);
    },
    60_000 + ROUNDS * 60_000,
  );

  it('that holds nothing but guaranteed footage raises an alarm and stops cameras, by priority', async (context) => {
    const folder = smallVolume(context);
    const archive = await opened(context, folder, { reserveBytes: null, whenFull: 'stop-lowest' });
    for (const [index, camera] of CAMERAS.entries()) {
      archive.policies.set(camera, { ...DEFAULT_POLICY, minAgeMs: 3_600_000, priority: 90 - index });
    }
    const cameras = record(context, archive);
    const told: string[] = [];
    archive.retention.start((stopped) => {
      told.push(stopped.join(' '));
      for (const [index, camera] of CAMERAS.entries()) {
        const writing = cameras[index];
        if (writing) writing.stopped = stopped.includes(camera);
      }
    });
    await until(() => archive.retention.stopped.length > 0, 40_000);
    const { done } = fill(context, folder, 50);
    await until(() => archive.retention.stopped.length >= 3, 20_000);
    await done;
    expect(told[0]?.startsWith('d')).toBe(true);
    expect(archive.retention.stopped.slice(0, 3)).toEqual(['d', 'c', 'b']);
    expect(archive.retention.alarms).toMatchObject([{ kind: 'space', left: 'guaranteed' }]);
    expect(archive.storage.report().volumes).toMatchObject([{ alarm: { kind: 'space' } }]);
    expect(archive.storage.report().cameras.find(({ cameraId }) => cameraId === 'd')).toMatchObject({
      stopped: true,
    });
    const kept = files(folder);
    for (const camera of CAMERAS) archive.policies.set(camera, DEFAULT_POLICY);
    archive.retention.hurry();
    await until(() => archive.retention.stopped.length === 0, 10_000);
    await until(() => kept.some((file) => !existsSync(join(folder, 'media', file))));
    expect(cameras.flatMap(({ problems }) => problems)).toEqual([]);
  }, 100_000);
});
