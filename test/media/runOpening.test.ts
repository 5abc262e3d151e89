import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { runId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';
import { StreamRun } from '../../src/media/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'nightjar-opening-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** How many files of the folder this process has open. */
function open(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
    } catch {
      return false;
    }
  }).length;
}

it('leaves no descriptor when the run could not be given its FIFO', async () => {
  const id = runId('00000000-0000-4000-8000-000000000009');
  // In its way.
  writeFileSync(join(folder, `${id}.fifo`), '');
  const options = {
    ...{ runId: id, runtimeDir: folder, fragmentMs: 250, queueMs: 5_000 },
    source: { kind: 'udp', url: 'udp://127.0.0.1:5004' },
    format: { video: { codec: 'h264', width: 320, height: 180, fps: 25 }, audio: null },
    clock: { now: () => epochMs(Date.now()), monotonic: () => performance.now() },
  } as const;
  const events = { onBegin: () => {}, onFragment: () => {}, onEnd: () => {} };
  await expect(StreamRun.open(options, events)).rejects.toMatchObject({ kind: 'unavailable' });
  expect(open()).toBe(0);
});
