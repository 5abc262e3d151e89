/**
 * The power of a disk is cut by the kernel's dm-flakey. It needs a block device to write over, named by the variable
 * FLAKEY_DEVICE, and a kernel that has that module: `FLAKEY_DEVICE=/dev/sdz npm run test:faults`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const { FLAKEY_DEVICE: device, FAULT_ROUNDS = '5' } = process.env;
const root = fileURLToPath(new URL('../..', import.meta.url));
/** Inside the project, so that the bundle finds the modules it does not hold. */
const folder = path.join(root, '.cache', `flakey-${randomUUID()}`);

function why(): string | null {
  if (device === undefined) return 'FLAKEY_DEVICE names no block device';
  if (spawnSync('dmsetup', ['version']).status !== 0) return 'dmsetup is not installed, or this is not root';
  spawnSync('modprobe', ['dm-flakey']);
  const targets = spawnSync('dmsetup', ['targets'], { encoding: 'utf8' }).stdout;
  return targets.includes('flakey') ? null : 'this kernel has no dm-flakey';
}

const missing = why();

describe.skipIf(missing !== null)(
  `a disk that drops writes${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    beforeAll(async () => {
      mkdirSync(folder, { recursive: true });
      await build({
        root,
        ...{ configFile: false, logLevel: 'warn' },
        build: {
          ssr: path.join(root, 'test/faults/flakey.ts'),
          outDir: folder,
          rollupOptions: { output: { entryFileNames: 'flakey.mjs' } },
        },
      });
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test(`${FAULT_ROUNDS} times: every file plays, and at most two seconds and a fragment are lost`, () => {
      const script = path.join(root, 'test/faults/flakey.sh');
      const [program, media] = [path.join(folder, 'flakey.mjs'), path.join(folder, 'media.mp4')];
      execFileSync(process.execPath, [program, 'encode', media]);
      const args = [script, program, media, device ?? '', FAULT_ROUNDS];
      const said = execFileSync('bash', args, { encoding: 'utf8' });
      console.log(said);
      expect(said).toContain('power cuts: every file plays');
    });
  },
);
