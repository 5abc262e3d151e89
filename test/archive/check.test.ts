import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CheckOptions, checkArchive } from '../../src/archive/checkArchive.ts';
import { Database } from '../../src/archive/database.ts';
import { epochMs } from '../../src/domain/time.ts';
import { bytesOf, encode, wallTime } from './fragments.ts';
import {
  beginRun,
  EVER,
  FRONT,
  openArchive,
  probe,
  START_MS,
  segmentFiles,
  silentLog,
  temporaryFolder,
} from './support.ts';

const media = encode(6, false);

/** Three closed segments of two seconds, and a recording of them. */
async function recorded(): Promise<string> {
  const folder = temporaryFolder();
  const archive = await openArchive(folder, { segmentMs: 2000 });
  const writer = archive.writer(beginRun(archive, media), () => undefined);
  archive.ledger.beginRecording(FRONT, 'continuous', epochMs(START_MS));
  for (const fragment of media.fragments) writer.append(fragment, wallTime(START_MS, fragment));
  await writer.end();
  archive.ledger.endRecording(FRONT, 'stopped', epochMs(START_MS + 6000));
  await archive.close();
  return folder;
}

async function check(folder: string, options: Partial<CheckOptions> = {}) {
  return await checkArchive({
    stateDir: join(folder, 'state'),
    mediaDirs: [join(folder, 'media')],
    mode: 'look',
    scan: false,
    discardDamaged: false,
    nowMs: epochMs(START_MS),
    log: silentLog,
    onProgress: () => undefined,
    ...options,
  });
}

async function kinds(folder: string, options: Partial<CheckOptions> = {}): Promise<string[]> {
  return (await check(folder, options)).differences.map(({ kind }) => kind);
}

const fileOf = (folder: string, index: number) => join(folder, 'media', segmentFiles(folder)[index] ?? '');

function change(folder: string, sql: string): void {
  const database = Database.open(join(folder, 'state/nightjar.db'));
  database.execute(sql);
  void database.close();
}

/** What can be played, in the order of time, and the bytes of it. */
async function footageOf(folder: string) {
  const archive = await openArchive(folder);
  const segments = archive.footage.segments(FRONT, EVER);
  const parts = segments.map(({ id, gops }) => archive.footage.readGops(id, 0, gops.length));
  const bytes = Buffer.concat(await Promise.all(parts));
  const found = {
    bytes,
    ids: segments.map(({ id }) => id),
    recordings: archive.footage.recordings(FRONT, EVER),
    gaps: archive.footage.gaps(FRONT, EVER),
  };
  for (const { file, frames } of segments) expect(probe(file).frames).toBe(frames);
  await archive.close();
  return found;
}

describe('check', () => {
  it('finds nothing where nothing is wrong', async () => {
    const folder = await recorded();
    expect(await check(folder, { scan: true })).toEqual({
      live: false,
      files: 3,
      damaged: { files: 0, bytes: 0 },
      differences: [],
      movedTo: null,
    });
  });

  it('enters a file that the index has lost, under the number it had', async () => {
    const folder = await recorded();
    const before = await footageOf(folder);
    change(folder, `DELETE FROM segment WHERE id = ${before.ids[1]}`);
    const [found] = (await check(folder)).differences;
    expect(found).toMatchObject({ kind: 'unknown-file', file: fileOf(folder, 1), outcome: null });
    expect(found?.message).toContain('holds footage of front-door from 2026-03-29T00:59:32.000Z');
    expect((await check(folder, { mode: 'fix' })).differences).toMatchObject([{ outcome: 'fixed' }]);
    expect(await kinds(folder, { scan: true })).toEqual([]);
    expect(await footageOf(folder)).toEqual(before);
  });

  it('drops the row of a file that is gone, and says what is missing', async () => {
    const folder = await recorded();
    rmSync(fileOf(folder, 1));
    expect(await kinds(folder)).toEqual(['missing-file']);
    expect(await kinds(folder, { mode: 'fix' })).toEqual(['missing-file']);
    expect(await kinds(folder)).toEqual([]);
    const { ids, gaps, recordings } = await footageOf(folder);
    expect(ids).toHaveLength(2);
    expect(gaps).toMatchObject([{ startMs: START_MS + 2000, endMs: START_MS + 4000, cause: 'storage' }]);
    expect(recordings.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
      [START_MS, START_MS + 2000],
      [START_MS + 4000, START_MS + 6000],
    ]);
  });

  it('takes what is left of a file that was cut, and says what is missing', async () => {
    const folder = await recorded();
    const file = fileOf(folder, 2);
    truncateSync(file, Math.floor(readFileSync(file).length * 0.75));
    expect(await kinds(folder)).toEqual(['wrong-size']);
    expect(await kinds(folder, { mode: 'fix' })).toEqual(['wrong-size']);
    expect(await kinds(folder, { scan: true })).toEqual([]);
    const { bytes, gaps } = await footageOf(folder);
    expect(bytesOf(media.fragments).subarray(0, bytes.length).equals(bytes)).toBe(true);
    expect(gaps).toMatchObject([{ endMs: START_MS + 6000, cause: 'storage' }]);
    expect(gaps[0]?.startMs).toBeGreaterThan(START_MS + 4000);
  });

  it('finds damage of the same length when it reads the files', async () => {
    const folder = await recorded();
    const file = fileOf(folder, 0);
    const bytes = readFileSync(file);
    bytes.fill(0x55, bytes.length - 3000);
    const second = bytes.lastIndexOf('moof');
    bytes.fill(0, second - 4, second + 200);
    writeFileSync(file, bytes);
    expect(await kinds(folder)).toEqual([]);
    expect(await kinds(folder, { scan: true })).toEqual(['damaged-file']);
    expect(await kinds(folder, { scan: true, mode: 'fix' })).toEqual(['damaged-file']);
    expect(await check(folder, { scan: true })).toMatchObject({
      differences: [],
      damaged: { files: 1, bytes: bytes.length },
    });
    expect(readFileSync(file).equals(bytes)).toBe(true);
    const copies = await footageOf(folder);
    // Built from files alone, the index knows both the damaged file and what was copied out of it.
    rmSync(join(folder, 'state'), { recursive: true });
    await check(folder, { mode: 'rebuild' });
    expect(await check(folder, { scan: true })).toMatchObject({ differences: [], damaged: { files: 1 } });
    expect((await footageOf(folder)).bytes.equals(copies.bytes)).toBe(true);
    await check(folder, { mode: 'fix', discardDamaged: true });
    expect(existsSync(file)).toBe(false);
    expect(await check(folder, { scan: true })).toMatchObject({ differences: [], damaged: { files: 0 } });
    expect((await footageOf(folder)).bytes.equals(copies.bytes)).toBe(true);
  });

  it('copies what follows the damage of a file whose front can not be read either', async () => {
    const folder = await recorded();
    const before = await footageOf(folder);
    const file = fileOf(folder, 1);
    const bytes = readFileSync(file);
    bytes.fill(0, 0, 300);
    writeFileSync(file, bytes);
    expect(await kinds(folder, { scan: true, mode: 'fix' })).toEqual(['damaged-file']);
    expect(await kinds(folder, { scan: true })).toEqual([]);
    const after = await footageOf(folder);
    expect(after.bytes.equals(before.bytes)).toBe(true);
    expect(after.gaps).toEqual([]);
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  it('leaves footage alone that has the name of a file that was to be deleted', async () => {
    const folder = await recorded();
    const path = segmentFiles(folder)[0] ?? '';
    change(folder, `INSERT INTO garbage (volume_id, path, bytes) VALUES (1, '${path}', 1)`);
    expect((await check(folder, { mode: 'fix' })).differences).toMatchObject([{ outcome: 'fixed' }]);
    expect(await kinds(folder, { scan: true })).toEqual([]);
    expect((await footageOf(folder)).ids).toHaveLength(3);
  });

  it('leaves files alone that are not ours, and finishes what a crash or a start left', async () => {
    const folder = await recorded();
    const foreign = join(dirname(fileOf(folder, 0)), 'holiday.mp4');
    writeFileSync(foreign, 'not ours');
    writeFileSync(join(folder, 'media/.nightjar-probe-1'), '');
    const path = `front-door/2026/03/28/front-door_2026-03-28T00-00-00.000Z.mp4`;
    mkdirSync(dirname(join(folder, 'media', path)), { recursive: true });
    copyFileSync(fileOf(folder, 0), join(folder, 'media', path));
    change(folder, `INSERT INTO garbage (volume_id, path, bytes) VALUES (1, '${path}', 1)`);
    expect(new Set(await kinds(folder))).toEqual(new Set(['foreign-file', 'garbage', 'leftover']));
    const { differences } = await check(folder, { mode: 'fix' });
    expect(differences.filter(({ outcome }) => outcome === 'left')).toMatchObject([{ kind: 'foreign-file' }]);
    expect(readFileSync(foreign, 'utf8')).toBe('not ours');
    expect(await kinds(folder)).toEqual(['foreign-file']);
    expect(segmentFiles(folder)).not.toContain(path);
  });

  it('takes a gap back that claims what is there', async () => {
    const folder = await recorded();
    change(
      folder,
      `INSERT INTO gap (camera_id, start_ms, end_ms, cause)
       VALUES ('front-door', ${START_MS + 1000}, ${START_MS + 9000}, 'storage')`,
    );
    expect(await kinds(folder)).toContain('gap-overlap');
    await check(folder, { mode: 'fix' });
    expect(await kinds(folder)).toEqual([]);
    const { gaps } = await footageOf(folder);
    expect(gaps).toMatchObject([{ startMs: START_MS + 6000, endMs: START_MS + 9000 }]);
  });

  it.each([
    ['an index that is whole', () => undefined],
    ['no index at all', (folder: string) => rmSync(join(folder, 'state'), { recursive: true })],
    [
      'a damaged index',
      (folder: string) => writeFileSync(join(folder, 'state/nightjar.db'), 'x'.repeat(9000)),
    ],
  ])('builds the index anew from the files, over %s', async (_, spoil) => {
    const folder = await recorded();
    const before = await footageOf(folder);
    spoil(folder);
    expect((await check(folder, { mode: 'rebuild' })).differences).toEqual([]);
    expect(await kinds(folder, { scan: true })).toEqual([]);
    const after = await footageOf(folder);
    expect(after.ids).toEqual(before.ids);
    expect(after.bytes.equals(before.bytes)).toBe(true);
    expect(after.recordings).toMatchObject([{ startMs: START_MS, endMs: START_MS + 6000 }]);
  });

  it('forgets nothing of a media folder that is away', async () => {
    const folder = await recorded();
    const more = join(folder, 'more');
    const both = await openArchive(folder, { moreMediaDirs: [more] });
    await both.close();
    rmSync(join(folder, 'media'), { recursive: true });
    const mediaDirs = [join(folder, 'media'), more];
    expect(await kinds(folder, { mediaDirs })).toEqual(['missing-volume']);
    expect(await kinds(folder, { mediaDirs, mode: 'fix' })).toEqual(['missing-volume']);
    await expect(check(folder, { mediaDirs, mode: 'rebuild' })).rejects.toMatchObject({
      kind: 'unavailable',
    });
    const database = Database.openToRead(join(folder, 'state/nightjar.db'));
    const count = database
      .prepare<[], { count: number }>('SELECT count(*) AS count FROM segment')
      .get()?.count;
    await database.close();
    expect(count).toBe(3);
  });

  it('looks beside a running recorder, and changes nothing there', async () => {
    const folder = temporaryFolder();
    const archive = await openArchive(folder, { segmentMs: 2000 });
    const writer = archive.writer(beginRun(archive, media), () => undefined);
    for (const fragment of media.fragments.slice(0, -3))
      writer.append(fragment, wallTime(START_MS, fragment));
    await expect.poll(() => archive.footage.segments(FRONT, EVER).length).toBe(3);
    expect(await check(folder)).toMatchObject({ live: true, differences: [] });
    await expect(check(folder, { mode: 'fix' })).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringContaining('nightjar.lock'),
    });
    await writer.end();
    await archive.close();
  });

  it('takes no file for a foreign one that a recorder has begun since it looked', async () => {
    const folder = await recorded();
    const archive = await openArchive(folder);
    const begun = 'front-door/2026/03/30/front-door_2026-03-30T00-00-00.000Z.mp4';
    let looked = 0;
    const begin = () => {
      if (looked++ > 0) return;
      change(
        folder,
        `INSERT INTO open_segment (run_id, camera_id, volume_id, path, start_ms, start_ticks)
         VALUES (1, 'front-door', 1, '${begun}', ${START_MS}, 0)`,
      );
      mkdirSync(dirname(join(folder, 'media', begun)), { recursive: true });
      writeFileSync(join(folder, 'media', begun), '');
    };
    mkdirSync(dirname(join(folder, 'media', begun)), { recursive: true });
    expect(await check(folder, { onProgress: begin })).toMatchObject({
      live: true,
      files: 4,
      differences: [],
    });
    await archive.close();
  });

  it('says why it can not be done', async () => {
    const folder = await recorded();
    writeFileSync(join(folder, 'state/nightjar.db'), 'x'.repeat(9000));
    await expect(check(folder)).rejects.toMatchObject({ kind: 'internal' });
    await expect(check(temporaryFolder())).rejects.toMatchObject({ kind: 'unavailable' });
    const moved = await recorded();
    rmSync(join(moved, 'media'), { recursive: true });
    expect(await kinds(moved)).toEqual(['missing-volume']);
    appendFileSync(join(moved, 'state/nightjar.lock'), '');
  });
});
