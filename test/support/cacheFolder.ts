/**
 * Where tests keep what is costly to make: `.cache/` at the root of the repository, which git ignores. Files
 * appear in it whole or not at all, so any number of test processes may make the same one at once.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { access, mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The nearest folder above this module with a `package.json`; true for the source and for a bundle of it. */
function repositoryRoot(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder) throw new Error('No package.json above the test support modules.');
    folder = parent;
  }
  return folder;
}

/**
 * The absolute path of the cached file `name` (it may hold slashes). When it is missing, `make` is asked to
 * write it at the temporary path given to it, and it is renamed into place afterwards.
 */
export async function cachedFile(name: string, make: (temporary: string) => Promise<void>): Promise<string> {
  const file = path.join(repositoryRoot(), '.cache', name);
  const present = await access(file).then(
    () => true,
    () => false,
  );
  if (present) return file;
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}.tmp`;
  await make(temporary);
  await rename(temporary, file);
  return file;
}
