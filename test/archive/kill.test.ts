import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runId } from '../../src/domain/ids.ts';
import { bytesOf, encode } from './fragments.ts';
import { EVER, FRONT, openArchive, probe, temporaryFolder } from './support.ts';

const root = new URL('../..', import.meta.url).pathname;
/** Inside the project, so that the bundle finds the modules it does not hold. */
const bundle = join(root, '.cache', `record-until-killed-${randomUUID()}`);

beforeAll(async () => {
  const entry = join(root, 'test/archive/recordUntilKilled.ts');
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    build: { ssr: entry, outDir: bundle, rollupOptions: { output: { entryFileNames: 'record.mjs' } } },
  });
});
afterAll(() => {
  rmSync(bundle, { recursive: true, force: true });
});

/** Lets a process record, kills it that long after its first fragment, and gives the fragments it saw in files, by run. */
async function recordAndKill(folder: string, afterMs: number): Promise<Map<string, number>> {
  const child = spawn(process.execPath, [join(bundle, 'record.mjs'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  await once(child.stdout, 'data');
  setTimeout(() => child.kill('SIGKILL'), afterMs);
  await once(child, 'close');
  const lines = text.split('\n').slice(0, -1);
  return new Map(lines.map((line) => [line.slice(0, 36), Number(line.slice(37))]));
}

describe('kill -9 while recording', () => {
  it('loses nothing that was in a file, at any moment', async () => {
    const media = encode(3, false);
    const folder = temporaryFolder();
    // Odd times, so that opening, writing, syncing and closing are all met; each start recovers the one before.
    for (const afterMs of [0, 23, 61, 107, 170, 311]) {
      const seen = await recordAndKill(folder, afterMs);
      expect(seen.size).toBeGreaterThan(0);
      const archive = await openArchive(folder);
      expect(archive.recovery).toMatchObject({ failed: [], interrupted: [{ cameraId: FRONT }] });
      const segments = archive.footage.segments(FRONT, EVER);
      for (const [run, fragments] of seen) {
        const parts = segments
          .filter((segment) => segment.runId === runId(run))
          .map(({ id, gops }) => archive.footage.readGops(id, 0, gops.length));
        const stored = Buffer.concat(await Promise.all(parts));
        const least = bytesOf(media.fragments.slice(0, fragments)).length;
        expect(stored.length).toBeGreaterThanOrEqual(least);
        expect(bytesOf(media.fragments).subarray(0, stored.length).equals(stored)).toBe(true);
      }
      for (const { file, frames } of segments.slice(-3)) expect(probe(file).frames).toBe(frames);
      await archive.close();
    }
  }, 60_000);
});
