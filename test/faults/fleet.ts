/** What the tests of faults share: cameras with stamps, a recorder of all of them, and what a fault has cost. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import { builtProgram } from '../support/product.ts';
import { filesOf } from '../support/recorded.ts';
import { type Recorder, startRecorder } from '../support/recorder.ts';
import { type SpawnedRtspServer, spawnRtspServer } from '../support/rtsp/process.ts';
import { readStamps } from '../support/rtsp/stamps.ts';

const run = promisify(execFile);

export interface Fleet {
  readonly server: SpawnedRtspServer;
  readonly recorder: Recorder;
  readonly ids: readonly string[];
}

/** So many small cameras, and a recorder that records them all. */
export async function startFleet(
  count: number,
  settings: Readonly<Record<string, string>> = {},
  environment: Readonly<Record<string, string>> = {},
): Promise<Fleet> {
  const ids = Array.from({ length: count }, (_, n) => `cam${n}`);
  const cameras = ids.map((path) => ({ path, video: 'sub' as const }));
  const server = await spawnRtspServer({ stamp: true, cameras });
  const recorder = await startRecorder({ settings: { LOG_LEVEL: 'warn', ...settings }, environment });
  for (const id of ids) {
    await recorder.add({ id, name: id, audio: false, source: { kind: 'rtsp', url: server.url(id) } });
  }
  return { server, recorder, ids };
}

/** Waits until every camera is recorded. */
export async function allRecording({ recorder, ids }: Fleet): Promise<void> {
  for (const id of ids) await recorder.recording(id, 60_000);
}

/**
 * Milliseconds from the last frame that is in a file to the last that was sent until this moment, by camera: a camera
 * that a busy machine held up has lost nothing of what it did not send.
 */
export async function lossesAt({ server, recorder, ids }: Fleet, atMs: number): Promise<number[]> {
  const sent = new Map((await server.counters()).map(({ path, lastSentMs }) => [path, lastSentMs]));
  const losses: number[] = [];
  for (const id of ids) {
    const times = (await readStamps(filesOf(recorder, id).slice(-8)))
      .map(({ sentMs }) => sentMs)
      .filter((sentMs) => sentMs <= atMs);
    losses.push(Math.min(atMs, sent.get(id) ?? atMs) - Math.max(0, ...times));
  }
  return losses;
}

/** Runs `nightjar check` beside whatever runs; gives its exit code and what it says. */
export async function check(
  { mediaDir, stateDir }: { readonly mediaDir: string; readonly stateDir: string },
  ...flags: string[]
) {
  const args = [await builtProgram(), 'check', '--media-dir', mediaDir, '--state-dir', stateDir, ...flags];
  return await run(process.execPath, args).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      said: error.stdout + error.stderr,
    }),
  );
}

/** What it answers when all is well: it says nothing else, of damaged files neither. */
export const SAME = {
  code: 0,
  said: expect.stringMatching(/^\d+ files[^\n]*: the index is what the files are\.\n$/),
};

/** A number from `from` to `to`, evenly distributed. */
export function between(from: number, to: number): number {
  return from + Math.random() * (to - from);
}

/** The greatest, and the value that so many of a hundred do not exceed. */
export function summary(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return `median ${at(0.5)} ms, 95 % ${at(0.95)} ms, greatest ${at(1)} ms of ${sorted.length}`;
}
