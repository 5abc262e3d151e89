/** Sheets last as long as their footage, stay within their bytes, and survive a crash at any moment. */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../../src/archive/database.ts';
import { migrate } from '../../src/archive/migrations.ts';
import { PreviewStore, type SheetName } from '../../src/archive/previewStore.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { epochMs } from '../../src/domain/time.ts';
import { temporaryFolder } from './support.ts';

const CAMERA = cameraId('front-door');
const SHEET_MS = 300_000;
const ROOMY = 2 ** 30;

let folder: string;
let database: Database;
let store: PreviewStore;
beforeEach(() => {
  folder = temporaryFolder();
  database = Database.open(join(folder, 'nightjar.db'));
  migrate(database);
  store = new PreviewStore(database, join(folder, 'previews'));
});
afterEach(async () => {
  await database.close();
});

function name(number: number, tag = 'tag'): SheetName {
  return { cameraId: CAMERA, stepMs: 10_000, startMs: epochMs(number * SHEET_MS), tag };
}

async function keep(number: number, tag = 'tag', usedMs = number): Promise<void> {
  const endMs = epochMs((number + 1) * SHEET_MS);
  await store.keep(name(number, tag), { endMs }, Buffer.from(`sheet ${number} ${tag}`), epochMs(usedMs));
}

function files(): string[] {
  const previews = join(folder, 'previews');
  if (!existsSync(previews)) return [];
  return readdirSync(previews, { recursive: true, encoding: 'utf8' }).filter((each) => each.includes('.'));
}

async function read(number: number, tag = 'tag'): Promise<string | undefined> {
  return (await store.read(name(number, tag), epochMs(1)))?.toString();
}

/** A segment with everything it hangs on. */
function insertSegment(id: number, startMs: number, endMs: number): void {
  database.execute(`
    INSERT OR IGNORE INTO init (id, sha256, bytes, codecs) VALUES (1, zeroblob(32), x'00', 'avc1');
    INSERT OR IGNORE INTO run (id, uuid, camera_id, stream, init_id, started_ms) VALUES (1, 'run', 'front-door', 'main', 1, 0);
    INSERT OR IGNORE INTO volume (id, uuid, path) VALUES (1, 'volume', '/media');
    INSERT INTO segment (id, run_id, camera_id, volume_id, path, start_ms, end_ms, start_ticks, duration_ticks, bytes,
      header_bytes, frames, gops)
    VALUES (${id}, 1, 'front-door', 1, 'file-${id}', ${startMs}, ${endMs}, 0, 90, 100, 10, 1, x'00');`);
}

describe('a sheet', () => {
  it('is kept, and takes the place of the one before', async () => {
    expect(await read(1)).toBeUndefined();
    await keep(1, 'early');
    await keep(1, 'late');
    expect([await read(1, 'early'), await read(1, 'late'), await read(2, 'late')]).toEqual([
      undefined,
      'sheet 1 late',
      undefined,
    ]);
    expect(store.bytes).toBe('sheet 1 late'.length);
    await store.sweep(ROOMY);
    expect(files()).toHaveLength(1);
  });

  it('goes with the footage it shows, at once, and its file with the next sweep', async () => {
    insertSegment(1, SHEET_MS + 60_000, SHEET_MS + 120_000);
    insertSegment(2, 3 * SHEET_MS, 3 * SHEET_MS + 60_000);
    for (const number of [0, 1, 2, 3]) await keep(number);
    database.execute('DELETE FROM segment WHERE id = 1');
    expect(await Promise.all([0, 1, 2, 3].map((number) => read(number)))).toEqual([
      'sheet 0 tag',
      undefined,
      'sheet 2 tag',
      'sheet 3 tag',
    ]);
    expect(files()).toHaveLength(4);
    expect(await store.sweep(ROOMY)).toBe(false);
    expect(files()).toHaveLength(3);
  });

  it('whose file is gone is made again', async () => {
    await keep(1);
    rmSync(join(folder, 'previews'), { recursive: true });
    expect([await read(1), store.has(name(1))]).toEqual([undefined, false]);
    await keep(1);
    expect(await read(1)).toBe('sheet 1 tag');
  });

  it('that a crash left half made goes at the next start, and leaves no file', async () => {
    await keep(1);
    database.execute(`INSERT INTO preview_sheet (id, camera_id, step_ms, start_ms, end_ms, tag, bytes, used_ms)
      VALUES (77, 'front-door', 10000, 0, 300000, 'half', 0, 0)`);
    for (const file of ['77.jpg', '77.jpg.tmp']) writeFileSync(join(folder, 'previews', '0', file), 'half');
    store.settle();
    await store.sweep(ROOMY);
    expect(files()).toEqual([join('0', '1.jpg')]);
    expect(await read(1)).toBe('sheet 1 tag');
  });
});

describe('all sheets together', () => {
  it('stay within their bytes: those unused the longest go', async () => {
    for (const number of [1, 2, 3, 4]) await keep(number);
    // Used long after it was made.
    await store.read(name(1), epochMs(1e10));
    while (await store.sweep(2 * 'sheet 1 tag'.length));
    expect(await Promise.all([1, 2, 3, 4].map((number) => read(number)))).toEqual([
      'sheet 1 tag',
      undefined,
      undefined,
      'sheet 4 tag',
    ]);
    expect(files()).toHaveLength(2);
  });
});
