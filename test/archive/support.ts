/** What the tests of the archive share: temporary folders and a clock that is set by hand. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A new empty folder that is removed when the tests of the file are done. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'nightjar-archive-'));
  folders.push(path);
  return path;
}

const folders: string[] = [];
afterAll(() => {
  for (const path of folders.splice(0)) rmSync(path, { recursive: true, force: true });
});
