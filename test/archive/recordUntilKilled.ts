/**
 * A process that records into the folder of its first argument until it is killed: run after run of the same media,
 * as fast as the disk goes. It prints `<run> <fragments>` when so many fragments of a run are in its file.
 */
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { Archive } from '../../src/archive/archive.ts';
import { cameraId, type RunId, runId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';
import { encode, wallTime } from './fragments.ts';

const folder = process.argv[2] ?? '';
const silent = () => undefined;
const camera = cameraId('front-door');
const media = encode(3, false);
const archive = await Archive.open({
  stateDir: join(folder, 'state'),
  mediaDir: join(folder, 'media'),
  clock: { now: () => epochMs(Date.now()), monotonic: () => performance.now() },
  log: { info: silent, warn: silent, error: silent },
  segmentMs: 1000,
  syncMs: 10,
});

async function record(id: RunId): Promise<void> {
  const zeroMs = Date.now();
  archive.ledger.beginRun({
    id,
    cameraId: camera,
    stream: 'main',
    init: media.init,
    startedMs: epochMs(zeroMs),
  });
  const writer = archive.writer(id, (problem) => {
    throw new Error(problem.message);
  });
  const range = { startMs: epochMs(zeroMs), endMs: epochMs(zeroMs + 60_000) };
  let frames = 0;
  for (const [index, fragment] of media.fragments.entries()) {
    writer.append(fragment, wallTime(zeroMs, fragment));
    frames += fragment.frames;
    while (framesOf(id, range) < frames) await new Promise(setImmediate);
    writeSync(1, `${id} ${index + 1}\n`);
  }
  await writer.end();
}

function framesOf(id: RunId, range: { startMs: number; endMs: number }): number {
  const segments = archive.footage.segments(camera, {
    startMs: epochMs(range.startMs),
    endMs: epochMs(range.endMs),
  });
  return segments.reduce((sum, segment) => sum + (segment.runId === id ? segment.frames : 0), 0);
}

archive.ledger.beginRecording(camera, 'continuous', epochMs(Date.now()));
for (;;) await record(runId(randomUUID()));
