import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Archive, ArchiveOptions } from '../../src/archive/archive.ts';
import { Volume } from '../../src/archive/volume.ts';
import type { WriteProblem } from '../../src/archive/writeLosses.ts';
import { cameraId } from '../../src/domain/ids.ts';
import { DEFAULT_POLICY } from '../../src/domain/retention.ts';
import { epochMs } from '../../src/domain/time.ts';
import type { Fragment } from '../../src/mp4/types.ts';
import { bytesOf, encode, wallTime } from './fragments.ts';
import {
  beginRun,
  EVER,
  FaultyDisk,
  FRONT,
  HandClock,
  openArchive,
  probe,
  START_MS,
  temporaryFolder,
  until,
  volumesOf,
} from './support.ts';

const media = encode(6, false);
const keys = media.fragments.flatMap((fragment, index) => (fragment.key ? [index] : []));

const opened: Archive[] = [];
afterEach(async () => {
  for (const archive of opened.splice(0)) await archive.close();
});

/** An archive with two media folders, `media` and `more`. */
async function prepared(folder = temporaryFolder(), options: Partial<ArchiveOptions> = {}) {
  const disk = new FaultyDisk();
  const moreMediaDirs = [join(folder, 'more')];
  const archive = await openArchive(folder, {
    segmentMs: 2000,
    syncMs: 20,
    retryMs: 40,
    disk,
    moreMediaDirs,
    ...options,
  });
  opened.push(archive);
  const problems: WriteProblem[] = [];
  const begin = (n: number) =>
    archive.writer(beginRun(archive, media, n), (problem) => problems.push(problem));
  const segments = () => archive.footage.segments(FRONT, EVER);
  /** In which of the folders the segments lie, in the order of time. */
  const places = () => segments().map(({ file }) => file.slice(folder.length + 1).split('/')[0]);
  const readAll = async () => {
    const parts = segments().map(({ id, gops }) => archive.footage.readGops(id, 0, gops.length));
    return Buffer.concat(await Promise.all(parts));
  };
  return { folder, disk, archive, begin, problems, segments, places, readAll };
}

type Prepared = Awaited<ReturnType<typeof prepared>>;

function append(writer: ReturnType<Prepared['begin']>, from = 0, to = media.fragments.length): void {
  for (const fragment of media.fragments.slice(from, to))
    writer.append(fragment, wallTime(START_MS, fragment));
}

/** Records two segments and gives the name of the folder they are in, and of the other. */
async function homeOf({ begin, places }: Prepared) {
  const writer = begin(1);
  append(writer, 0, keys[3]);
  await until(() => places().length === 2);
  const [home = ''] = places();
  return { writer, home, other: home === 'media' ? 'more' : 'media' };
}

/** A fragment whose description does not say when it is. */
function withoutTimes(fragment: Fragment): Fragment {
  const [moof = Buffer.alloc(0), ...payload] = fragment.chunks;
  const broken = Buffer.from(moof);
  broken.write('free', moof.indexOf('tfdt'));
  return { ...fragment, chunks: [broken, ...payload] };
}

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.mp4'));

describe('several media folders', () => {
  it('keep each camera in one of them', async () => {
    const archive = await prepared();
    const { writer, home } = await homeOf(archive);
    append(writer, keys[3]);
    await writer.end();
    expect(archive.places()).toEqual([home, home, home]);
    expect((await archive.readAll()).equals(bytesOf(media.fragments))).toBe(true);
  });

  it('go on in another when one fails, with what the failed one had not confirmed', async () => {
    const archive = await prepared();
    const { writer, home, other } = await homeOf(archive);
    archive.disk.only = join(archive.folder, home);
    archive.disk.faults.set('write', 'EIO').set('sync', 'EIO').set('create', 'EIO');
    const began = performance.now();
    append(writer, keys[3]);
    await until(() => archive.problems.length === 2);
    expect(performance.now() - began).toBeLessThan(2000);
    expect(archive.problems[1]).toMatchObject({ over: true, toMs: archive.problems[0]?.fromMs });
    await writer.end();
    expect(new Set(archive.places())).toEqual(new Set([home, other]));
    expect((await archive.readAll()).equals(bytesOf(media.fragments))).toBe(true);
    archive.disk.faults.clear();
    // When it is healthy again, what was left open there is closed, and the camera comes home.
    await until(() => archive.segments().every(({ open }) => !open));
    for (const { file, frames } of archive.segments()) await until(() => probe(file).frames === frames);
    const next = archive.begin(2);
    append(next);
    await next.end();
    expect(archive.places().at(-1)).toBe(home);
  });

  it('take what a run that ends on a disk that does not answer has left, and all of it', async () => {
    const archive = await prepared(temporaryFolder(), { gate: { slots: 4, stallMs: 500 } });
    const { writer, home, other } = await homeOf(archive);
    archive.disk.hold(join(archive.folder, home));
    append(writer, keys[3]);
    await writer.end();
    expect(archive.places().at(-1)).toBe(other);
    expect(archive.archive.footage.gaps(FRONT, EVER)).toEqual([]);
    archive.disk.release();
    await until(() => archive.archive.storage.volumes().every(({ health }) => health?.state === 'ok'));
    await until(() => archive.segments().every(({ open }) => !open));
    expect((await archive.readAll()).equals(bytesOf(media.fragments))).toBe(true);
  });

  it.each([
    { what: 'a fragment', key: false },
    { what: 'a key fragment', key: true },
  ])('are not blamed for $what that can be written to none of them', async ({ key }) => {
    const archive = await prepared();
    const { writer } = await homeOf(archive);
    const bad = (keys[3] ?? 0) + (key ? 0 : 1);
    append(writer, keys[3], bad);
    const poison = media.fragments[bad] ?? expect.fail();
    writer.append(withoutTimes(poison), wallTime(START_MS, poison));
    append(writer, bad + 1);
    await writer.end();
    expect(archive.archive.storage.volumes().map(({ health }) => health?.state)).toEqual(['ok', 'ok']);
    const next = media.fragments[keys[4] ?? 0] ?? expect.fail();
    const fromMs = wallTime(START_MS, poison);
    const toMs = wallTime(START_MS, next);
    expect(archive.problems).toMatchObject([
      { cause: 'storage', message: expect.stringContaining('tfdt'), fromMs, over: false },
      { fromMs, toMs, over: true },
    ]);
    const kept = [...media.fragments.slice(0, bad), ...media.fragments.slice(keys[4])];
    expect((await archive.readAll()).equals(bytesOf(kept))).toBe(true);
    expect(new Set(archive.places()).size).toBe(1);
  });

  it('are left no file that was begun when one stopped answering', async () => {
    const archive = await prepared(temporaryFolder(), { gate: { slots: 4, stallMs: 100 } });
    const { writer, home, other } = await homeOf(archive);
    await writer.end();
    const before = filesIn(join(archive.folder, home));
    archive.disk.hold(join(archive.folder, home), 'write');
    const next = archive.begin(2);
    append(next, keys[3]);
    await next.end();
    expect(archive.places().at(-1)).toBe(other);
    expect(filesIn(join(archive.folder, home)).length).toBe(before.length + 1);
    archive.disk.release();
    await until(() => filesIn(join(archive.folder, home)).length === before.length);
    expect(filesIn(join(archive.folder, home))).toEqual(before);
  });

  it('hold nothing twice when a run is given up while it goes on in another', async () => {
    const archive = await prepared(temporaryFolder(), { segmentMs: 60_000, endMs: 100 });
    const writer = archive.begin(1);
    const durable = (keys[1] ?? 0) + 2;
    append(writer, 0, durable);
    await until(() => writer.lastDurableMs === wallTime(START_MS, media.fragments[durable] ?? expect.fail()));
    const [home = ''] = archive.places();
    const other = home === 'media' ? 'more' : 'media';
    archive.disk.only = join(archive.folder, home);
    archive.disk.faults.set('write', 'EIO');
    archive.disk.hold(join(archive.folder, other), 'sync');
    append(writer, durable);
    await until(() => archive.segments().at(-1)?.frames === 125);
    // Nothing of what went there is confirmed yet.
    await writer.end();
    expect(archive.archive.footage.gaps(FRONT, EVER)).toMatchObject([
      { startMs: wallTime(START_MS, media.fragments[durable] ?? expect.fail()), endMs: START_MS + 6000 },
    ]);
    archive.disk.faults.clear();
    archive.disk.release();
    await until(() => archive.segments().every(({ open }) => !open) && archive.segments().length === 2);
    expect((await archive.readAll()).equals(bytesOf(media.fragments))).toBe(true);
    // Nor is it told as missing any more.
    expect(archive.archive.footage.gaps(FRONT, EVER)).toEqual([]);
  });

  it('write nothing to the disk below one that is not mounted, and use it again when it is back', async () => {
    const archive = await prepared();
    const { writer, home, other } = await homeOf(archive);
    const [path, away] = [join(archive.folder, home), join(archive.folder, 'away')];
    renameSync(path, away);
    mkdirSync(path);
    append(writer, keys[3]);
    await writer.end();
    expect(readdirSync(path)).toEqual([]);
    expect(archive.places().at(-1)).toBe(other);
    rmSync(path, { recursive: true });
    renameSync(away, path);
    const before = filesIn(path).length;
    await expect
      .poll(async () => {
        const next = archive.begin(10 + Math.floor(Math.random() * 1e9));
        append(next, 0, keys[1]);
        await next.end();
        return filesIn(path).length;
      })
      .toBeGreaterThan(before);
  });

  it('leave a volume alone that is mounted in the place of another', async () => {
    const archive = await prepared();
    const { writer, home, other } = await homeOf(archive);
    const path = join(archive.folder, home);
    renameSync(path, join(archive.folder, 'away'));
    mkdirSync(path);
    const identity = { uuid: 'another', installation: 'another' };
    writeFileSync(join(path, '.nightjar-volume.json'), JSON.stringify(identity));
    append(writer, keys[3]);
    await writer.end();
    expect(filesIn(path)).toEqual([]);
    expect(archive.places().at(-1)).toBe(other);
  });

  it('start without one that is missing, and recover what was open on it when it comes', async () => {
    const first = await prepared(temporaryFolder(), { endMs: 100 });
    const { writer, home, other } = await homeOf(first);
    append(writer, keys[3]);
    await until(() => filesIn(join(first.folder, home)).length === 3);
    // Nor does another disk take it: it is in that file only.
    first.disk.faults.set('sync', 'EIO').set('create', 'EIO');
    await writer.end();
    await first.archive.close();
    opened.pop();
    const path = join(first.folder, home);
    renameSync(path, join(first.folder, 'away'));
    const second = await prepared(first.folder);
    const next = second.begin(2);
    append(next, 0, keys[1]);
    await next.end();
    expect(filesIn(join(first.folder, other)).length).toBeGreaterThan(0);
    const before = second.segments().length;
    renameSync(join(first.folder, 'away'), path);
    await until(() => second.segments().length > before);
  });

  it('say how they are doing and since when, and what of the footage is away while one is', async () => {
    const clock = new HandClock();
    const archive = await prepared(temporaryFolder(), { clock });
    const { writer, home, other } = await homeOf(archive);
    const path = join(archive.folder, home);
    const healthOf = (name: string) =>
      archive.archive.storage.volumes().find((volume) => volume.path.endsWith(name))?.health;
    expect(healthOf(home)).toMatchObject({ state: 'ok', sinceMs: START_MS, reason: null });
    clock.ms = 5000;
    renameSync(path, join(archive.folder, 'away'));
    mkdirSync(path);
    // Nobody has to write for it to be noticed.
    await until(() => healthOf(home)?.state === 'missing');
    expect(healthOf(home)).toMatchObject({ sinceMs: START_MS + 5000, reason: expect.stringContaining(path) });
    expect(healthOf(other)).toMatchObject({ state: 'ok', sinceMs: START_MS });
    // The second is still being written.
    const [first] = archive.segments();
    const { missing, exporter } = archive.archive;
    expect(missing.intervals(FRONT, EVER)).toEqual([{ startMs: first?.startMs, endMs: first?.endMs }]);
    expect(missing.reachable([{ file: first?.file ?? '' }])).toEqual([]);
    expect(() => missing.expectReachable([first?.file ?? ''])).toThrow(path);
    const range = { startMs: epochMs(START_MS), endMs: epochMs(START_MS + 4000) };
    await expect(exporter.parts(FRONT, range, 'close')).rejects.toThrow(
      expect.objectContaining({ kind: 'unavailable' }),
    );
    // What is being recorded goes on elsewhere with the next key fragment.
    append(writer, keys[3], keys[5]);
    await until(() => archive.places().at(-1) === other);
    expect(archive.problems).toEqual([]);
    rmSync(path, { recursive: true });
    renameSync(join(archive.folder, 'away'), path);
    clock.ms = 9000;
    await until(() => healthOf(home)?.state === 'ok');
    expect(healthOf(home)).toMatchObject({ sinceMs: START_MS + 9000, reason: null });
    expect(missing.intervals(FRONT, EVER)).toEqual([]);
    await writer.end();
  });

  it.each([
    ['EROFS', 'read-only', true],
    ['ENOSPC', 'full', true],
    ['EIO', 'failing', true],
  ])('are called what %s means', async (code, state, readable) => {
    const archive = await prepared();
    const { writer, home } = await homeOf(archive);
    archive.disk.only = join(archive.folder, home);
    archive.disk.faults.set('write', code).set('sync', code).set('create', code);
    append(writer, keys[3]);
    const healthOf = () =>
      archive.archive.storage.volumes().find((volume) => volume.path.endsWith(home))?.health.state;
    await until(() => healthOf() === state);
    expect(archive.archive.missing.intervals(FRONT, EVER)).toEqual([]);
    const file = join(archive.folder, home, 'x');
    expect(archive.archive.missing.reachable([{ file }])).toEqual(readable ? [{ file }] : []);
    await writer.end();
  });

  it('are neither measured nor cleared while the disk below is in their place', async () => {
    const clock = new HandClock();
    const archive = await prepared(temporaryFolder(), { clock, retryMs: 60_000 });
    const { writer, home } = await homeOf(archive);
    await writer.end();
    const { policies, retention } = archive.archive;
    policies.set(FRONT, { ...DEFAULT_POLICY, maxAgeMs: 60_000 });
    clock.ms = 3_600_000;
    const path = join(archive.folder, home);
    renameSync(path, join(archive.folder, 'away'));
    mkdirSync(path);
    const before = archive.segments().length;
    for (let turn = 0; turn < 5; turn++) await retention.turn();
    expect(archive.segments()).toHaveLength(before);
    rmSync(path, { recursive: true });
    renameSync(join(archive.folder, 'away'), path);
    for (let turn = 0; turn < 5; turn++) await retention.turn();
    expect(archive.segments()).toHaveLength(0);
    expect(filesIn(path)).toEqual([]);
  });

  it('refuse to start when none is there', async () => {
    const first = await prepared();
    await first.archive.close();
    opened.pop();
    for (const name of ['media', 'more']) rmSync(join(first.folder, name), { recursive: true });
    for (const name of ['media', 'more']) mkdirSync(join(first.folder, name));
    await expect(prepared(first.folder)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

describe('placement', () => {
  it('by free space begins each file where there is most, and passes over what is out of use', async () => {
    const free = new Map([
      ['a', 5e9],
      ['b', 7e9],
      ['c', 1e9],
    ]);
    const volumes = [...free.keys()].map((uuid, index) => {
      const volume = new Volume({ id: index + 1, uuid, path: temporaryFolder() });
      writeFileSync(join(volume.path, '.nightjar-volume.json'), JSON.stringify({ uuid, installation: 'i' }));
      vi.spyOn(volume, 'freeBytes').mockImplementation(async () => free.get(uuid) ?? 0);
      return volume;
    });
    const pool = volumesOf(volumes, 'free-space');
    const choose = async () => (await pool.choose(FRONT)).uuid;
    expect(await choose()).toBe('b');
    free.set('b', 4e9);
    expect(await choose()).toBe('a');
    rmSync(join(volumes[0]?.path ?? '', '.nightjar-volume.json'));
    expect(await choose()).toBe('b');
    free.delete('b');
    expect(await choose()).toBe('c');
    pool.close();
  });

  it('moves only the cameras of a volume that goes', async () => {
    const volumes = ['a', 'b', 'c'].map((uuid, index) => {
      const volume = new Volume({ id: index + 1, uuid, path: temporaryFolder() });
      writeFileSync(join(volume.path, '.nightjar-volume.json'), JSON.stringify({ uuid, installation: 'i' }));
      return volume;
    });
    const pool = volumesOf(volumes);
    const cameras = Array.from({ length: 300 }, (_, n) => cameraId(`cam${n}`));
    const choose = async () =>
      (await Promise.all(cameras.map((camera) => pool.choose(camera)))).map(({ uuid }) => uuid);
    const before = await choose();
    for (const uuid of ['a', 'b', 'c'])
      expect(before.filter((each) => each === uuid).length).toBeGreaterThan(60);
    rmSync(join(volumes[1]?.path ?? '', '.nightjar-volume.json'));
    const after = await choose();
    expect(after).toEqual(before.map((uuid, index) => (uuid === 'b' ? after[index] : uuid)));
    expect(after).not.toContain('b');
    pool.close();
  });
});
