import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Archive, ArchiveOptions } from '../../src/archive/archive.ts';
import { Database } from '../../src/archive/database.ts';
import { GATE_LIMITS } from '../../src/archive/gate.ts';
import { segmentPath } from '../../src/archive/segmentPath.ts';
import { SegmentStore } from '../../src/archive/segmentStore.ts';
import type { WriteProblem } from '../../src/archive/writeLosses.ts';
import { writerLimits } from '../../src/archive/writerLimits.ts';
import { NvrError } from '../../src/domain/errors.ts';
import type { RunId } from '../../src/domain/ids.ts';
import { TICKS_PER_SECOND, ticks } from '../../src/domain/ticks.ts';
import { epochMs } from '../../src/domain/time.ts';
import { boxesIn } from '../../src/mp4/boxes.ts';
import { timescalesOf } from '../../src/mp4/init.ts';
import { rebaseChunks } from '../../src/mp4/rebase.ts';
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
  segmentFiles,
  silentLog,
  temporaryFolder,
  until,
} from './support.ts';

const silent = encode(6, false);
const loud = encode(4, true);
/** Where the GOPs of the silent media begin. */
const keys = silent.fragments.flatMap((fragment, index) => (fragment.key ? [index] : []));

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const opened: Archive[] = [];
afterEach(async () => {
  for (const archive of opened.splice(0)) await archive.close();
});

async function prepared(options: Partial<ArchiveOptions> = {}, media = silent) {
  const folder = temporaryFolder();
  const disk = new FaultyDisk();
  const clock = new HandClock();
  const archive = await openArchive(folder, { segmentMs: 2000, disk, clock, ...options });
  opened.push(archive);
  const problems: WriteProblem[] = [];
  const run: RunId = beginRun(archive, media);
  const writer = archive.writer(run, (problem) => problems.push(problem));
  const append = (fragments: readonly Fragment[], zeroMs = START_MS) => {
    for (const fragment of fragments) writer.append(fragment, wallTime(zeroMs, fragment));
  };
  const segments = () => archive.footage.segments(FRONT, EVER);
  /** Digest of all bytes the archive has, in the order of their segments. */
  const readAll = async () => {
    const parts = segments().map(({ id, gops }) => archive.footage.readGops(id, 0, gops.length));
    return digest(Buffer.concat(await Promise.all(parts)));
  };
  return { folder, disk, clock, archive, run, writer, problems, append, segments, readAll };
}

describe('SegmentWriter', () => {
  it('takes no name that the index says of a file that is to be deleted', async () => {
    const { folder, archive, writer, append, segments } = await prepared({ segmentMs: 60_000 });
    const [first, second] = [1, 2].map((attempt) => segmentPath(FRONT, epochMs(START_MS), attempt));
    const index = Database.open(join(folder, 'state', 'nightjar.db'));
    index.execute(`INSERT INTO garbage (volume_id, path, bytes) VALUES (1, '${first}', 1000)`);
    await index.close();
    append(silent.fragments);
    await writer.end();
    await archive.retention.turn();
    expect(segments().map(({ file }) => file)).toEqual([join(folder, 'media', second ?? '')]);
    expect(existsSync(join(folder, 'media', second ?? ''))).toBe(true);
  });

  it('gives back byte for byte what it was given, from files that play on their own', async () => {
    const { folder, writer, append, segments, readAll, problems } = await prepared();
    append(silent.fragments);
    await writer.end();
    expect(segmentFiles(folder)).toEqual([
      'front-door/2026/03/29/front-door_2026-03-29T00-59-30.000Z.mp4',
      'front-door/2026/03/29/front-door_2026-03-29T00-59-32.000Z.mp4',
      'front-door/2026/03/29/front-door_2026-03-29T00-59-34.000Z.mp4',
    ]);
    expect(await readAll()).toBe(digest(bytesOf(silent.fragments)));
    for (const segment of segments()) {
      expect(segment).toMatchObject({ open: false, frames: 50, durationTicks: 180_000 });
      expect(probe(segment.file)).toEqual({ frames: 50, seconds: 2 });
    }
    expect(writer.lastDurableMs).toBe(START_MS + 6000);
    expect(problems).toEqual([]);
  });

  it('keeps sound with its video', async () => {
    const { archive, writer, append, segments } = await prepared({}, loud);
    append(loud.fragments);
    await writer.end();
    const read = segments().map(({ id, gops }) => archive.footage.readGops(id, 0, gops.length));
    const payload = (bytes: Buffer) => boxesIn(bytes).filter(({ type }) => type === 'mdat');
    const stored = payload(Buffer.concat(await Promise.all(read)));
    const given = payload(bytesOf(loud.fragments));
    expect(stored.map(({ bytes }) => digest(bytes))).toEqual(given.map(({ bytes }) => digest(bytes)));
    expect(segments().map(({ file }) => probe(file).frames)).toEqual([50, 50]);
  });

  it('leaves the buffers it shares as they are', async () => {
    const before = Buffer.from(bytesOf(silent.fragments));
    const { writer, append } = await prepared();
    append(silent.fragments.slice(keys[1]));
    await writer.end();
    expect(bytesOf(silent.fragments).equals(before)).toBe(true);
  });

  it('begins at the first key fragment', async () => {
    const { writer, append, segments, problems } = await prepared();
    append(silent.fragments.slice(1));
    await writer.end();
    expect(segments()[0]).toMatchObject({ startMs: START_MS + 1000, startTicks: 90_000 });
    expect(problems).toEqual([]);
  });

  it('leaves no file behind when nothing came, or no key fragment', async () => {
    const { folder, writer, append, segments } = await prepared();
    append(silent.fragments.slice(1, keys[1]));
    await writer.end();
    expect(segments()).toEqual([]);
    expect(segmentFiles(folder)).toEqual([]);
  });

  it('takes nothing after its end', async () => {
    const { writer, append } = await prepared();
    await writer.end();
    await writer.end();
    expect(() => append(silent.fragments)).toThrow(expect.objectContaining({ kind: 'conflict' }));
  });

  it('shows a segment while it grows, with the bytes that are there', async () => {
    const { archive, writer, append, segments } = await prepared({ segmentMs: 60_000 });
    append(silent.fragments.slice(0, keys[2]));
    await until(() => segments()[0]?.frames === 50);
    const [open] = segments();
    if (open === undefined) throw new Error('no segment');
    expect(open).toMatchObject({
      open: true,
      startMs: START_MS,
      endMs: START_MS + 2000,
      durationTicks: 180_000,
    });
    expect(digest(await archive.footage.readGops(open.id, 1, 2))).toBe(
      digest(bytesOf(silent.fragments.slice(keys[1], keys[2]))),
    );
    append(silent.fragments.slice(keys[2]));
    await writer.end();
    expect(segments()).toEqual([
      expect.objectContaining({ id: open.id, open: false, startMs: START_MS, endMs: START_MS + 6000 }),
    ]);
    expect(segments()[0]?.gops.slice(0, 2)).toEqual(open.gops);
  });

  it('syncs a file that has stopped growing, and says so', async () => {
    const { disk, writer, append } = await prepared({ syncMs: 20, segmentMs: 60_000 });
    append(silent.fragments.slice(0, 3));
    await until(() => writer.lastDurableMs !== null);
    expect(writer.lastDurableMs).toBe(START_MS + 720);
    expect(disk.done.filter((operation) => operation === 'sync')).toHaveLength(1);
  });

  it('writes what came while the disk did not answer before it syncs: one sync is for all of it', async () => {
    const { disk, writer, append } = await prepared({ syncMs: 20, segmentMs: 60_000 });
    disk.hold();
    append(silent.fragments.slice(0, 6));
    const since = performance.now();
    await until(() => performance.now() > since + 40);
    disk.release();
    await until(() => writer.lastDurableMs !== null);
    expect(disk.done).toEqual(['create', ...Array(7).fill('write'), 'sync']);
    expect(writer.lastDurableMs).toBe(wallTime(START_MS, silent.fragments[6] ?? expect.fail()));
  });

  it('begins another file where the wall time of the run is another', async () => {
    const { writer, append, segments } = await prepared({ segmentMs: 60_000 });
    const hour = 3_600_000;
    append(silent.fragments.slice(0, keys[3]));
    append(silent.fragments.slice(keys[3]), START_MS - hour);
    await writer.end();
    const [set, before] = segments();
    expect(segments()).toHaveLength(2);
    expect(set?.startMs).toBe((before?.endMs ?? 0) - hour);
    expect(set?.startTicks).toBe((before?.startTicks ?? 0) + (before?.durationTicks ?? 0));
  });

  it('gives a file another name when the clock was set back onto an old one', async () => {
    const { folder, writer, append, segments } = await prepared();
    const taken = 'front-door/2026/03/29/front-door_2026-03-29T00-59-30.000Z.mp4';
    mkdirSync(dirname(join(folder, 'media', taken)), { recursive: true });
    writeFileSync(join(folder, 'media', taken), 'older footage');
    append(silent.fragments.slice(0, keys[2]));
    await until(() => segments().length === 1);
    append(silent.fragments.slice(keys[2], keys[4]), START_MS - 2000);
    await writer.end();
    expect(segmentFiles(folder)).toEqual([
      taken.replace('Z.mp4', 'Z-2.mp4'),
      taken.replace('Z.mp4', 'Z-3.mp4'),
      taken,
    ]);
    expect(segments().map(({ startMs }) => startMs)).toEqual([START_MS, START_MS]);
  });

  it('is not held up by a disk of the index that hangs', async () => {
    let answer: () => void = () => undefined;
    const hanging = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const errors: string[] = [];
    const log = { ...silentLog, error: (_: object, message: string) => errors.push(message) };
    const { writer, append, readAll, problems } = await prepared({ log });
    const flush = vi.spyOn(Database.prototype, 'flush').mockReturnValue(hanging);
    append(silent.fragments);
    await writer.end();
    expect(flush).toHaveBeenCalledTimes(1);
    expect(await readAll()).toBe(digest(bytesOf(silent.fragments)));
    expect(problems).toEqual([]);
    expect(errors).toEqual([expect.stringContaining('the index does not answer')]);
    answer();
    flush.mockRestore();
  });

  it('ends a segment where the media pauses', async () => {
    const { writer, append, segments } = await prepared({ segmentMs: 60_000 });
    append(silent.fragments.slice(0, keys[2]));
    const later = ticks(5 * TICKS_PER_SECOND);
    const timescales = timescalesOf(silent.init);
    append(
      silent.fragments.slice(keys[2]).map((fragment) => ({
        ...fragment,
        startTicks: ticks(fragment.startTicks + later),
        chunks: rebaseChunks(fragment, later, timescales),
      })),
    );
    await writer.end();
    expect(segments().map(({ startMs, endMs }) => [startMs - START_MS, endMs - START_MS])).toEqual([
      [0, 2000],
      [7000, 11_000],
    ]);
  });

  it.each([
    ['ENOSPC', 'The disk is full'],
    ['EIO', 'The disk fails'],
    ['EROFS', 'The disk is read-only'],
  ])(
    'says at once when writing fails with %s, and writes it all again when that is over',
    async (code, sentence) => {
      const { disk, writer, append, segments, problems, readAll } = await prepared({
        segmentMs: 60_000,
        retryMs: 30,
      });
      append(silent.fragments.slice(0, 3));
      await until(() => segments()[0]?.frames === 18);
      disk.faults.set('write', code);
      append(silent.fragments.slice(3, 4));
      await until(() => problems.length > 0);
      expect(problems).toMatchObject([
        { cause: 'storage', message: expect.stringContaining(sentence), fromMs: START_MS, over: false },
      ]);
      append(silent.fragments.slice(4, keys[2]));
      disk.faults.clear();
      append(silent.fragments.slice(keys[2]));
      await until(() => problems.length > 1);
      await writer.end();
      expect(problems.slice(1)).toMatchObject([{ fromMs: START_MS, toMs: START_MS, over: true }]);
      expect(await readAll()).toBe(digest(bytesOf(silent.fragments)));
      expect(segments().map(({ frames }) => frames)).toEqual([150]);
      for (const { file, frames } of segments()) expect(probe(file).frames).toBe(frames);
    },
  );

  it('cuts a file that failed where the next one takes over', async () => {
    const { folder, archive, disk, writer, append, segments, problems, readAll } = await prepared({
      segmentMs: 60_000,
      syncMs: 20,
      retryMs: 30,
    });
    append(silent.fragments.slice(0, 6));
    await until(() => writer.lastDurableMs === wallTime(START_MS, silent.fragments[6] ?? expect.fail()));
    disk.faults.set('sync', 'EIO');
    append(silent.fragments.slice(6, 8));
    await until(() => problems.length > 0);
    // What the disk has confirmed is still there to see.
    expect(problems[0]).toMatchObject({ fromMs: writer.lastDurableMs, over: false });
    expect(segments()[0]?.endMs).toBe(writer.lastDurableMs);
    disk.faults.clear();
    append(silent.fragments.slice(8));
    await until(() => problems.length > 1);
    await until(() => segments().every(({ file, bytes }) => statSync(file).size === bytes));
    await writer.end();
    expect(problems.at(-1)).toMatchObject({ toMs: problems[0]?.fromMs, over: true });
    expect(segments().map(({ startMs, endMs }) => [startMs - START_MS, endMs - START_MS])).toEqual([
      [0, 1000],
      [1000, 6000],
    ]);
    expect(await readAll()).toBe(digest(bytesOf(silent.fragments)));
    for (const { file, frames } of segments()) expect(probe(file).frames).toBe(frames);
    expect(segmentFiles(folder)).toHaveLength(2);
    expect(archive.footage.gaps(FRONT, EVER)).toEqual([]);
  });

  it('closes a file when the disk works again, without a restart', async () => {
    const { disk, writer, append, segments } = await prepared({
      segmentMs: 60_000,
      syncMs: 20,
      retryMs: 30,
      endMs: 200,
    });
    append(silent.fragments.slice(0, 3));
    await until(() => writer.lastDurableMs === START_MS + 720);
    disk.faults.set('sync', 'EIO');
    await writer.end();
    await until(() => segments()[0]?.open === false);
    expect(segments()).toMatchObject([{ open: false, frames: 18 }]);
    const [before] = segments();
    disk.faults.clear();
    await until(() => readRow(before?.id ?? 0) !== undefined);
    expect(probe(before?.file ?? '').frames).toBe(18);

    function readRow(id: number) {
      const database = Database.open(
        join(dirname(before?.file ?? '').replace(/media.*/, ''), 'state/nightjar.db'),
      );
      const row = database
        .prepare<[number], { bytes: number }>('SELECT bytes FROM segment WHERE id = ?')
        .get(id);
      void database.close();
      return row;
    }
  });

  it('gives up a file that is gone when its disk is well again, and says once what it held', async () => {
    const errors: string[] = [];
    const log = { ...silentLog, error: (_: object, message: string) => errors.push(message) };
    const { folder, archive, disk, writer, append, segments } = await prepared({
      ...{ segmentMs: 60_000, syncMs: 20, retryMs: 20, endMs: 200, log },
    });
    append(silent.fragments.slice(0, 3));
    await until(() => writer.lastDurableMs === START_MS + 720);
    disk.faults.set('sync', 'EIO');
    await writer.end();
    expect(archive.footage.gaps(FRONT, EVER)).toEqual([]);
    rmSync(segments()[0]?.file ?? '');
    disk.faults.clear();
    const gone = 'a segment that was still to be closed is gone from its disk, with what it held';
    await until(() => errors.includes(gone));
    expect(segments()).toEqual([]);
    expect(archive.footage.gaps(FRONT, EVER)).toMatchObject([
      { startMs: START_MS, endMs: START_MS + 720, cause: 'storage' },
    ]);
    const index = Database.openToRead(join(folder, 'state', 'nightjar.db'));
    await until(() => index.prepare('SELECT id FROM open_segment').all().length === 0);
    await index.close();
    await archive.close();
    opened.pop();
    expect(errors.filter((message) => message === gone)).toHaveLength(1);
  });

  it('says once that the index refuses a file, and when it has taken it after all', async () => {
    const told: string[] = [];
    const note = (_: object, message: string) => void told.push(message);
    const log = { ...silentLog, warn: note, error: note };
    const { writer, append, segments } = await prepared({ segmentMs: 60_000, retryMs: 20, log });
    const insert = vi.spyOn(SegmentStore.prototype, 'insert').mockImplementation(() => {
      throw new NvrError('exhausted', 'The disk that holds the database is full.');
    });
    append(silent.fragments);
    await writer.end();
    await until(() => insert.mock.calls.length > 2);
    expect(segments()).toMatchObject([{ open: false, frames: 150 }]);
    insert.mockRestore();
    await until(() => told.length > 1);
    expect(told).toEqual(['a segment could not be indexed', 'a segment was closed after all']);
    expect(segments()).toMatchObject([{ open: false, frames: 150 }]);
  });

  it('leaves nothing behind when not even the header can be written', async () => {
    const { folder, disk, writer, append, segments, problems } = await prepared({ retryMs: 30 });
    disk.faults.set('write', 'ENOSPC');
    append(silent.fragments.slice(0, keys[1]));
    await until(() => problems.length > 0);
    expect(segmentFiles(folder)).toEqual([]);
    disk.faults.clear();
    append(silent.fragments.slice(keys[1]));
    await until(() => problems.length > 1);
    await writer.end();
    expect(problems.at(-1)).toMatchObject({ fromMs: START_MS, toMs: START_MS, over: true });
    expect(segments()[0]?.startMs).toBe(START_MS);
  });

  it('keeps no file open on a disk that fails, so that it can be unmounted', async () => {
    const { folder, disk, append, problems, segments, writer } = await prepared({ retryMs: 50 });
    const openFiles = () =>
      readdirSync('/proc/self/fd').filter((fd) => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`).startsWith(join(folder, 'media'));
        } catch {
          // Closed meanwhile.
          return false;
        }
      });
    append(silent.fragments.slice(0, 4));
    await until(() => segments()[0]?.frames !== undefined);
    expect(openFiles()).toHaveLength(1);
    disk.faults.set('write', 'EIO');
    append(silent.fragments.slice(4));
    await until(() => problems.length === 1);
    await until(() => openFiles().length === 0);
    disk.faults.delete('write');
    await until(() => problems.length === 2);
    await writer.end();
    expect(segments().reduce((sum, { frames }) => sum + frames, 0)).toBe(150);
  });

  it('gives up what is more than may wait while a disk fails, and says from when to when', async () => {
    const { archive, disk, writer, append, problems, readAll } = await prepared({
      segmentMs: 60_000,
      syncMs: 20,
      retryMs: 30,
      maxQueuedMs: 1500,
      leastQueuedBytes: 0,
    });
    append(silent.fragments.slice(0, keys[1]));
    await until(() => writer.lastDurableMs === START_MS + 1000);
    disk.faults.set('write', 'EIO');
    append(silent.fragments.slice(keys[1], (keys[1] ?? 0) + 1));
    await until(() => problems.length > 0);
    append(silent.fragments.slice((keys[1] ?? 0) + 1, keys[4]));
    disk.faults.clear();
    await until(() => problems.length > 2);
    append(silent.fragments.slice(keys[4], keys[5]));
    await until(() => problems.length === 4);
    await writer.end();
    const [failing, restored, losing, over] = problems;
    expect(failing).toMatchObject({ cause: 'storage', fromMs: START_MS + 1000, over: false });
    expect(restored).toMatchObject({ fromMs: START_MS + 1000, toMs: START_MS + 1000, over: true });
    expect(losing).toMatchObject({ fromMs: over?.fromMs, over: false });
    expect(over).toMatchObject({ toMs: START_MS + 4000, over: true });
    const lostFrom = over?.fromMs ?? 0;
    const kept = silent.fragments.filter((fragment) => {
      const at = wallTime(START_MS, fragment);
      return at < lostFrom || (at >= START_MS + 4000 && at < START_MS + 5000);
    });
    expect(kept.length).toBeLessThan(silent.fragments.length);
    expect(await readAll()).toBe(digest(bytesOf(kept)));
    expect(archive.footage.gaps(FRONT, EVER)).toEqual([]);
  });

  it('writes down what it could not keep in the end, also on a disk that hangs', async () => {
    const { archive, disk, writer, append, segments } = await prepared({ syncMs: 20, endMs: 150 });
    archive.ledger.beginRecording(FRONT, 'continuous', epochMs(START_MS));
    append(silent.fragments.slice(0, 3));
    await until(() => writer.lastDurableMs === START_MS + 720);
    disk.hold();
    append(silent.fragments.slice(3, 6));
    archive.ledger.endRecording(FRONT, 'source-lost', epochMs(START_MS + 1240));
    archive.ledger.openGap(FRONT, 'stalled', epochMs(START_MS + 1240));
    const began = performance.now();
    await writer.end();
    expect(performance.now() - began).toBeLessThan(1000);
    const endMs = wallTime(START_MS, silent.fragments[6] ?? expect.fail());
    expect(archive.footage.gaps(FRONT, EVER)).toMatchObject([
      { startMs: START_MS + 720, endMs: Math.min(endMs, START_MS + 1240), cause: 'storage' },
      { startMs: START_MS + 1240, endMs: null, cause: 'stalled' },
    ]);
    expect(archive.footage.recordings(FRONT, EVER)).toMatchObject([
      { startMs: START_MS, endMs: START_MS + 720 },
    ]);
    disk.release();
    await until(() => segments()[0]?.open === false);
    expect(segments()[0]?.endMs).toBe(START_MS + 720);
  });

  it('takes back the gap of a run that ended while its disk failed, as far as a disk has the footage', async () => {
    const { archive, disk, writer, append, problems, readAll } = await prepared({ retryMs: 30 });
    archive.ledger.beginRecording(FRONT, 'continuous', epochMs(START_MS));
    disk.faults.set('write', 'EIO');
    append(silent.fragments);
    await until(() => problems.length === 1);
    // What its recording does then: nobody listens to the writer any more.
    archive.ledger.endRecording(FRONT, 'storage-failed', epochMs(START_MS));
    archive.ledger.openGap(FRONT, 'storage', epochMs(START_MS));
    const ended = writer.end();
    disk.faults.clear();
    await ended;
    expect(await readAll()).toBe(digest(bytesOf(silent.fragments)));
    expect(archive.footage.gaps(FRONT, EVER)).toMatchObject([{ startMs: START_MS + 6000, endMs: null }]);
    expect(archive.footage.recordings(FRONT, EVER)).toMatchObject([
      { startMs: START_MS, endMs: START_MS + 6000 },
    ]);
  });

  it('leaves in the books what was given up in the meantime', async () => {
    const { archive, disk, writer, append, problems } = await prepared({
      ...{ segmentMs: 60_000, retryMs: 30, maxQueuedMs: 1500, leastQueuedBytes: 0 },
    });
    disk.faults.set('write', 'EIO');
    append(silent.fragments.slice(0, 2));
    await until(() => problems.length === 1);
    append(silent.fragments.slice(2, keys[4]));
    archive.ledger.openGap(FRONT, 'storage', epochMs(START_MS));
    const ended = writer.end();
    disk.faults.clear();
    await ended;
    const untilMs = archive.footage.segments(FRONT, EVER).at(-1)?.endMs ?? 0;
    expect(untilMs).toBeLessThan(START_MS + 4000);
    expect(archive.footage.gaps(FRONT, EVER)).toMatchObject([{ startMs: untilMs, endMs: null }]);
  });

  it('waits for a disk until another can have taken over, and hardly at all when the process is to stop', async () => {
    expect(writerLimits({}).endMs).toBeGreaterThan(2 * GATE_LIMITS.stallMs);
    const { archive, disk, writer, append } = await prepared({ stopMs: 100 });
    disk.hold();
    append(silent.fragments);
    const ended = writer.end();
    archive.hurry();
    await ended;
    expect(archive.footage.gaps(FRONT, EVER)).toMatchObject([{ startMs: START_MS, endMs: START_MS + 6000 }]);
    disk.release();
  });

  it('goes on with another file when the disk does not answer, and loses nothing', async () => {
    const { disk, writer, append, problems, readAll } = await prepared({
      segmentMs: 60_000,
      syncMs: 20,
      retryMs: 30,
      gate: { slots: 4, stallMs: 100 },
    });
    append(silent.fragments.slice(0, keys[1]));
    await until(() => writer.lastDurableMs === START_MS + 1000);
    disk.hold();
    append(silent.fragments.slice(keys[1]));
    await until(() => problems.length > 0);
    expect(problems[0]).toMatchObject({ message: expect.stringContaining('does not answer'), over: false });
    disk.release();
    await until(() => problems.length > 1);
    await writer.end();
    expect(await readAll()).toBe(digest(bytesOf(silent.fragments)));
  });

  it('gives up whole GOPs when the disk cannot keep up, says which, and starts a new file behind them', async () => {
    const { disk, writer, append, segments, problems, readAll } = await prepared({
      segmentMs: 60_000,
      maxQueuedMs: 1100,
      leastQueuedBytes: 0,
    });
    append(silent.fragments.slice(0, 1));
    await until(() => segments().length === 1);
    disk.hold();
    append(silent.fragments.slice(1, keys[3]));
    disk.release();
    const lostFrom = problems[0]?.fromMs ?? 0;
    // All that was queued before is written, so there is room again.
    await until(() => segments()[0]?.endMs === lostFrom);
    // A fragment that is no key does not end it.
    append(silent.fragments.slice((keys[3] ?? 0) + 1, keys[5]));
    await writer.end();
    expect(problems[0]).toMatchObject({ cause: 'overrun', over: false });
    expect(problems.at(-1)).toMatchObject({ cause: 'overrun', fromMs: lostFrom, over: true });
    const first = segments()[0]?.endMs;
    expect(first).toBe(lostFrom);
    const resumed = problems.at(-1)?.toMs;
    const kept = silent.fragments.filter((fragment) => {
      const at = wallTime(START_MS, fragment);
      return at < lostFrom || (at >= (resumed ?? 0) && at < START_MS + 5000);
    });
    expect(await readAll()).toBe(digest(bytesOf(kept)));
    expect(segments().map(({ startMs }) => startMs)).toEqual([START_MS, resumed]);
    expect((resumed ?? 0) % 1000).toBe(0);
  });

  it('gives up nothing of a small stream that comes all at once, however long it lasts', async () => {
    const { disk, append, writer, problems, readAll } = await prepared({ maxQueuedMs: 1100 });
    disk.hold();
    append(silent.fragments);
    disk.release();
    await writer.end();
    expect(problems).toEqual([]);
    expect(await readAll()).toBe(digest(bytesOf(silent.fragments)));
  });

  it('bounds what waits by bytes too', async () => {
    const { disk, writer, append, problems } = await prepared({ maxQueuedBytes: 20_000 });
    disk.hold();
    append(silent.fragments);
    expect(problems[0]).toMatchObject({ cause: 'overrun', over: false });
    disk.release();
    await writer.end();
    expect(problems.at(-1)).toMatchObject({ over: true, toMs: START_MS + 6000 });
  });

  it('writes for many cameras at once', async () => {
    const { archive, folder } = await prepared();
    const runs = Array.from({ length: 32 }, (_, n) => beginRun(archive, silent, n + 10));
    const writers = runs.map((run) => archive.writer(run, (problem) => expect.unreachable(problem.message)));
    for (const fragment of silent.fragments) {
      for (const [n, writer] of writers.entries())
        writer.append(fragment, epochMs(wallTime(START_MS, fragment) + n));
    }
    await Promise.all(writers.map((writer) => writer.end()));
    const found = archive.footage.segments(FRONT, EVER);
    expect(found).toHaveLength(32 * 3);
    expect(segmentFiles(folder)).toHaveLength(32 * 3);
    for (const run of runs) {
      const parts = found
        .filter(({ runId }) => runId === run)
        .map(({ id, gops }) => archive.footage.readGops(id, 0, gops.length));
      expect(Buffer.concat(await Promise.all(parts)).equals(bytesOf(silent.fragments))).toBe(true);
    }
  });

  it('gives two streams that begin at the same moment a file each', async () => {
    const { archive, folder } = await prepared();
    const writers = [1, 2].map((n) => archive.writer(beginRun(archive, silent, n + 1), () => undefined));
    for (const writer of writers) {
      for (const fragment of silent.fragments.slice(0, keys[1]))
        writer.append(fragment, wallTime(START_MS, fragment));
    }
    await Promise.all(writers.map((writer) => writer.end()));
    expect(segmentFiles(folder)).toHaveLength(2);
    const files = archive.footage.segments(FRONT, EVER).map(({ file }) => file);
    expect(new Set(files).size).toBe(2);
    expect(files.every((file) => existsSync(file))).toBe(true);
  });
});
