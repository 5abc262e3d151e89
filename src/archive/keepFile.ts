/** Small files that must be there, whole, after the power is cut: keys and certificates of the recorder itself. */
import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Writes a file beside its place, forces it to the disk, then gives it its name, and forces that too: whatever happens
 * meanwhile, there is the file of before, or none, or this one. Takes as long as the disk, so it is for starts.
 * @param mode rights of the file, whatever the process would give it
 * @throws what the file system throws
 */
export function keepFile(path: string, content: string, mode: number): void {
  const temporary = `${path}.new`;
  synced(temporary, 'w', (file) => {
    // The mode of a file that was there already stays as it was.
    fchmodSync(file, mode);
    writeFileSync(file, content);
  });
  renameSync(temporary, path);
  synced(dirname(path), 'r', () => undefined);
}

function synced(path: string, flags: 'r' | 'w', write: (file: number) => void): void {
  const file = openSync(path, flags, 0o600);
  try {
    write(file);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
