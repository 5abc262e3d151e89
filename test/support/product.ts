/**
 * The compiled product for tests that run it as a process of its own: built from the sources as they are, in a
 * folder of `.cache/` named after their content, so that any number of test runs share one build and `dist/` is left
 * alone.
 */
import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** The absolute path of the program's `main.js`, compiled first when no build of these sources is there. */
export async function builtProgram(): Promise<string> {
  const folder = path.join(root, '.cache', 'product', await digest());
  // The program reads its version from the package.json above its folder.
  const program = path.join(folder, 'dist', 'main.js');
  if (existsSync(program)) return program;
  const temporary = `${folder}.${randomUUID()}.tmp`;
  await mkdir(temporary, { recursive: true });
  await copyFile(path.join(root, 'package.json'), path.join(temporary, 'package.json'));
  await compile(path.join(temporary, 'dist'));
  await rename(temporary, folder).catch(() => rm(temporary, { recursive: true }));
  return program;
}

/** Emits without checking: types are checked before the tests, and once. */
async function compile(into: string): Promise<void> {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const options = ['--noCheck', '--incremental', 'false', '--tsBuildInfoFile', 'null', '--outDir', into];
  await run(process.execPath, [tsc, '-p', path.join(root, 'src/tsconfig.json'), ...options], { cwd: root });
}

async function digest(): Promise<string> {
  const names = await readdir(path.join(root, 'src'), { recursive: true });
  const sources = names.filter((name) => name.endsWith('.ts')).map((name) => path.join('src', name));
  const hash = createHash('sha256');
  for (const name of ['package.json', 'tsconfig.json', 'src/tsconfig.json', ...sources.sort()]) {
    hash.update(`${name}\0`).update(await readFile(path.join(root, name)));
  }
  return hash.digest('hex').slice(0, 12);
}
