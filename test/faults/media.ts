/** The segment files below a folder. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** Absolute paths, oldest first: their names sort by time. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names
    .filter((name) => name.endsWith('.mp4'))
    .sort((a, b) => (a < b ? -1 : 1))
    .map((name) => path.join(folder, name));
}
