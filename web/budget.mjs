/**
 * How many bytes of the dashboard a browser has to fetch, gzipped, against what is allowed.
 *
 *   node web/budget.mjs [FOLDER]    prints the sizes of a build and fails when one is too large; `dist/web` by default
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

/** In bytes. hls.js is loaded only for playback, and is not counted. */
export const BUDGETS = Object.freeze({ liveScript: 60_000, liveStyle: 12_000, playback: 40_000 });

const PLAYBACK = 'playback/page.tsx';
const HLS = /hls/;

/**
 * @typedef {{ file: string, src?: string, isEntry?: boolean, imports?: string[], css?: string[] }} Chunk
 * @typedef {Record<keyof typeof BUDGETS, number>} Sizes
 */

/**
 * The sizes of a build.
 * @param {string} folder that Vite built into, with its manifest
 * @returns {Sizes}
 */
export function measure(folder) {
  /** @type {Record<string, Chunk>} */
  const manifest = JSON.parse(readFileSync(join(folder, '.vite/manifest.json'), 'utf8'));
  const entry = Object.keys(manifest).find((name) => manifest[name]?.isEntry);
  if (!entry || !manifest[PLAYBACK]) throw new Error(`${folder} is no build of the dashboard.`);
  const live = filesOf(manifest, entry);
  const playback = [...filesOf(manifest, PLAYBACK)].filter((file) => !live.has(file));
  const size = (/** @type {string} */ file) =>
    gzipSync(readFileSync(join(folder, file)), { level: 9 }).length;
  const sum = (/** @type {string[]} */ files) => files.reduce((total, file) => total + size(file), 0);
  return {
    liveScript: sum([...live].filter((file) => file.endsWith('.js'))),
    liveStyle: sum([...live].filter((file) => file.endsWith('.css'))),
    playback: sum(playback),
  };
}

/**
 * A chunk's file and everything it imports at once.
 * @param {Record<string, Chunk>} manifest
 * @param {string} name
 * @param {Set<string>} files
 * @returns {Set<string>}
 */
function filesOf(manifest, name, files = new Set()) {
  const chunk = manifest[name];
  if (!chunk || files.has(chunk.file) || HLS.test(chunk.file)) return files;
  files.add(chunk.file);
  for (const file of chunk.css ?? []) files.add(file);
  for (const imported of chunk.imports ?? []) filesOf(manifest, imported, files);
  return files;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? fileURLToPath(new URL('../dist/web', import.meta.url));
  if (!existsSync(folder)) throw new Error(`${folder} does not exist.`);
  for (const [name, bytes] of Object.entries(measure(folder))) {
    const budget = Object.entries(BUDGETS).find(([each]) => each === name)?.[1] ?? 0;
    process.stdout.write(`${name}: ${(bytes / 1_000).toFixed(1)} kB of ${budget / 1_000} kB\n`);
    if (bytes > budget) process.exitCode = 1;
  }
}
