/**
 * Both halves of a power cut, for `flakey.sh`: `record FOLDER MEDIA` records four cameras at the pace of their media
 * until it is killed, and prints each fragment when it is handed over, with what is said to be on the disk by then;
 * `verify FOLDER LOG BEFORE AFTER SINCE` opens what is left of a cut between two times (epoch ms), plays the files that end
 * later than SINCE, and prints how much before the cut footage ends, how much of that had been handed over, and how much is
 * missing of what was said to be on the disk; `encode MEDIA` makes the media, where that takes no minutes. Bundled into
 * one file, because the place that has such a disk may have no more than Node. PATIENCE: how many times slower than usual
 * the machine may be.
 */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Archive } from '../../src/archive/archive.ts';
import { type CameraId, cameraId, runId } from '../../src/domain/ids.ts';
import { ticksToMs } from '../../src/domain/ticks.ts';
import { type Clock, epochMs } from '../../src/domain/time.ts';
import { bytesOf, cut, encode, type Media } from '../archive/fragments.ts';

const CAMERAS = ['a', 'b', 'c', 'd'].map((name) => cameraId(name));
const { PATIENCE = '1' } = process.env;
/** Two seconds, and a fragment. */
const LIMIT_MS = (2_000 + 250) * Number(PATIENCE);
const EVER = { startMs: epochMs(0), endMs: epochMs(Date.UTC(2100, 0)) };
const clock: Clock = { now: () => epochMs(Date.now()), monotonic: () => performance.now() };
const silent = () => undefined;

async function open(folder: string): Promise<Archive> {
  return await Archive.open({
    ...{ stateDir: join(folder, 'state'), mediaDir: join(folder, 'media'), clock },
    log: { info: silent, warn: silent, error: silent },
    segmentMs: 3_000,
  });
}

async function record(folder: string, file: string): Promise<void> {
  const archive = await open(folder);
  const media = cut(readFileSync(file));
  await Promise.all(CAMERAS.map((camera) => recordCamera(archive, camera, media)));
}

async function recordCamera(archive: Archive, camera: CameraId, media: Media): Promise<never> {
  archive.ledger.beginRecording(camera, 'continuous', clock.now());
  for (;;) {
    const id = runId(randomUUID());
    const zeroMs = Date.now();
    const run = {
      id,
      cameraId: camera,
      stream: 'main',
      init: media.init,
      startedMs: epochMs(zeroMs),
    } as const;
    archive.ledger.beginRun(run);
    const writer = archive.writer(id, silent);
    for (const fragment of media.fragments) {
      const { startTicks, durationTicks } = fragment;
      const endMs = zeroMs + ticksToMs(startTicks) + ticksToMs(durationTicks);
      await delay(Math.max(0, endMs - Date.now()));
      writer.append(fragment, epochMs(Math.round(zeroMs + ticksToMs(startTicks))));
      writeSync(1, `${camera} ${Date.now()} ${Math.round(endMs)} ${writer.lastDurableMs ?? 0}\n`);
    }
    archive.ledger.endRun(id, clock.now(), 'ended');
    await writer.end();
  }
}

interface Given {
  readonly camera: string;
  /** When it was handed over, and where it ends. */
  readonly atMs: number;
  readonly endMs: number;
  /** Up to where footage was said to be on the disk by then. */
  readonly durableMs: number;
}

function readLog(file: string): Given[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => {
    const [camera = '', atMs, endMs, durableMs] = line.split(' ');
    return { camera, atMs: Number(atMs), endMs: Number(endMs), durableMs: Number(durableMs) };
  });
}

/** The greatest number, or 0. */
function last(numbers: readonly number[]): number {
  return Math.round(Math.max(0, ...numbers));
}

async function verify(folder: string, log: string, times: readonly number[]): Promise<boolean> {
  const [beforeMs = 0, afterMs = 0, sinceMs = 0] = times;
  const archive = await open(folder);
  const given = readLog(log);
  const files: string[] = [];
  let good = archive.recovery.failed.length === 0;
  for (const camera of CAMERAS) {
    const segments = archive.footage.segments(camera, EVER);
    files.push(...segments.flatMap(({ file, endMs }) => (endMs > sinceMs ? [file] : [])));
    const endMs = last(segments.map((segment) => segment.endMs));
    const own = given.filter((each) => each.camera === camera && each.atMs <= afterMs);
    const durable = own.flatMap(({ atMs, durableMs }) => (atMs <= beforeMs ? [durableMs] : []));
    const lossMs = Math.max(0, afterMs - endMs);
    const takenMs = Math.max(0, last(own.map((each) => each.endMs)) - endMs);
    const brokenMs = Math.max(0, last(durable) - endMs);
    const parts = `${takenMs} ms of what was handed over, ${brokenMs} ms of what was on the disk`;
    console.log(`${camera}: ${segments.length} files, lost ${lossMs} ms, ${parts}`);
    good &&= lossMs <= LIMIT_MS && brokenMs === 0;
  }
  await archive.close();
  const complaint = play(files);
  console.log(`${files.length} files played ${complaint}`);
  return good && complaint === '';
}

/** What is wrong with any of the files; in one process, because starting it is most of its work. */
function play(files: readonly string[]): string {
  const inputs = files.flatMap((file) => ['-i', file]);
  const maps = files.flatMap((_, index) => ['-map', String(index)]);
  const args = ['-v', 'error', ...inputs, ...maps, '-f', 'null', '-'];
  const { status, stderr } = spawnSync('ffmpeg', args, { encoding: 'utf8' });
  return status === 0 ? stderr : `${status} ${stderr}`;
}

const [what, path = '', file = '', ...times] = process.argv.slice(2);
if (what === 'encode') {
  const { init, fragments } = encode(8, false);
  writeFileSync(path, Buffer.concat([init.bytes, bytesOf(fragments)]));
} else if (what === 'record') await record(path, file);
else process.exitCode = (await verify(path, file, times.map(Number))) ? 0 : 1;
