/**
 * Both halves of a power cut, for `flakey.sh`: `record FOLDER MEDIA` records four cameras at the pace of their media
 * until it is killed, and prints each fragment when it is handed over, with what is said to be on the disk by then;
 * `verify FOLDER LOG CUT` opens what is left, and prints how much before the cut (epoch ms) footage ends, and how much is
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
      await delay(Math.max(0, zeroMs + ticksToMs(startTicks) + ticksToMs(durationTicks) - Date.now()));
      writer.append(fragment, epochMs(Math.round(zeroMs + ticksToMs(startTicks))));
      writeSync(1, `${camera} ${Date.now()} ${writer.lastDurableMs ?? 0}\n`);
    }
    archive.ledger.endRun(id, clock.now(), 'ended');
    await writer.end();
  }
}

async function verify(folder: string, log: string, cutMs: number): Promise<boolean> {
  const archive = await open(folder);
  const given = readFileSync(log, 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, atMs]) => Number(atMs) <= cutMs);
  let good = archive.recovery.failed.length === 0;
  for (const camera of CAMERAS) {
    const segments = archive.footage.segments(camera, EVER);
    const last = Math.max(...given.filter(([name]) => name === camera).map(([, atMs]) => Number(atMs)));
    const durableMs = Math.max(0, ...given.filter(([name]) => name === camera).map(([, , ms]) => Number(ms)));
    const endMs = Math.max(0, ...segments.map((segment) => segment.endMs));
    const lossMs = Math.max(0, Math.round(last - endMs));
    const brokenMs = Math.max(0, Math.round(durableMs - endMs));
    const errors = segments.flatMap(({ file }) => {
      const { status, stderr } = spawnSync('ffmpeg', ['-v', 'error', '-i', file, '-f', 'null', '-'], {
        encoding: 'utf8',
      });
      return status === 0 && stderr === '' ? [] : [`${file}: ${stderr}`];
    });
    const broken = `${brokenMs} ms of what was on the disk`;
    console.log(`${camera}: ${segments.length} files, lost ${lossMs} ms, ${broken} ${errors.join(' ')}`);
    good &&= lossMs <= LIMIT_MS && brokenMs === 0 && errors.length === 0;
  }
  await archive.close();
  return good;
}

const [what, path = '', file = '', cutMs = ''] = process.argv.slice(2);
if (what === 'encode') {
  const { init, fragments } = encode(8, false);
  writeFileSync(path, Buffer.concat([init.bytes, bytesOf(fragments)]));
} else if (what === 'record') await record(path, file);
else process.exitCode = (await verify(path, file, Number(cutMs))) ? 0 : 1;
