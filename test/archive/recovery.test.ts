import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Database } from '../../src/archive/database.ts';
import { type Disk, realDisk } from '../../src/archive/disk.ts';
import { ticksToMs } from '../../src/domain/ticks.ts';
import { epochMs } from '../../src/domain/time.ts';
import { copyOf, copyState, killed, media, WHOLE } from './crashed.ts';
import { bytesOf, wallTime } from './fragments.ts';
import {
  beginRun,
  EVER,
  FaultyDisk,
  FRONT,
  openArchive,
  probe,
  START_MS,
  segmentFiles,
  temporaryFolder,
  until,
} from './support.ts';

/** An archive on a disk that can be made to fail, a writer, and what is given to that by the numbers of fragments. */
async function writing(folder: string) {
  const disk = new FaultyDisk();
  const first = await openArchive(folder, { disk, syncMs: 20, retryMs: 20, segmentMs: 60_000 });
  const problems: boolean[] = [];
  const writer = first.writer(beginRun(first, media), ({ over }) => problems.push(over));
  const append = (from: number, to: number) => {
    for (const fragment of media.fragments.slice(from, to)) {
      writer.append(fragment, wallTime(START_MS, fragment));
    }
  };
  return { disk, first, problems, writer, append };
}

describe('recovery', () => {
  it('finds everything that was written when the process was killed', async () => {
    const { folder } = await killed();
    const archive = await openArchive(folder);
    const [segment] = archive.footage.segments(FRONT, EVER);
    if (segment === undefined) throw new Error('nothing was recovered');
    expect(archive.recovery).toMatchObject({
      recovered: [
        { segmentId: segment.id, cameraId: FRONT, startMs: START_MS, endMs: START_MS + 3000, cutBytes: 0 },
      ],
      interrupted: [{ cameraId: FRONT, reason: 'continuous', startMs: START_MS, endMs: START_MS + 3000 }],
    });
    expect(segment).toMatchObject({ open: false, frames: 75, durationTicks: 270_000 });
    expect(probe(segment.file)).toEqual({ frames: 75, seconds: 3 });
    const bytes = await archive.footage.readGops(segment.id, 0, 3);
    expect(bytes.equals(bytesOf(media.fragments))).toBe(true);
    expect(archive.ledger.run(segment.runId)).toMatchObject({ endedMs: START_MS + 3000, endCause: 'crash' });
    expect(archive.footage.recordings(FRONT, EVER)).toMatchObject([
      { startMs: START_MS, endMs: START_MS + 3000, endReason: 'crash' },
    ]);
    await archive.close();
  });

  it('keeps every whole fragment of a file cut anywhere, and the file plays', async () => {
    const original = await killed();
    const size = readFileSync(original.file).length;
    const header = size - WHOLE;
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.nat(size), fc.integer({ min: header, max: size })), async (cut) => {
        const { folder, file } = copyOf(original, cut);
        const archive = await openArchive(folder);
        const whole = fragmentsWithin(cut - header);
        const segments = archive.footage.segments(FRONT, EVER);
        const { recovered, removed, interrupted } = archive.recovery;
        if (whole.length === 0) {
          expect({ segments, recovered, removed }).toEqual({ segments: [], recovered: [], removed: [file] });
          expect(existsSync(file)).toBe(false);
          expect(interrupted).toMatchObject([{ endMs: START_MS }]);
        } else {
          const bytes = bytesOf(whole).length;
          const frames = whole.reduce((sum, fragment) => sum + fragment.frames, 0);
          expect(recovered).toMatchObject([{ cutBytes: cut - header - bytes }]);
          expect(segments).toMatchObject([{ bytes: header + bytes, frames }]);
          expect(probe(file).frames).toBe(frames);
          expect(readFileSync(file)).toHaveLength(header + bytes);
          expect(interrupted).toMatchObject([{ endMs: endOf(whole) }]);
        }
        await archive.close();
        rmSync(folder, { recursive: true });
      }),
      { numRuns: 25 },
    );
  });

  it('cuts off zeros behind the last fragment', async () => {
    const original = await killed();
    const { folder, file } = copyOf(original, readFileSync(original.file).length);
    writeFileSync(file, Buffer.alloc(5000), { flag: 'a' });
    const archive = await openArchive(folder);
    expect(archive.recovery).toMatchObject({
      recovered: [{ cutBytes: 5000, endMs: START_MS + 3000 }],
      damaged: [],
    });
    await archive.close();
  });

  it('forgets a file that was never created, and says so', async () => {
    const { folder, file } = await killed();
    rmSync(file);
    const archive = await openArchive(folder);
    expect(archive.recovery).toMatchObject({ recovered: [], missing: [file] });
    await archive.close();
    const again = await openArchive(folder);
    expect(again.recovery).toMatchObject({ recovered: [], missing: [], interrupted: [] });
    await again.close();
  });

  it('does not touch the file of another run that has the name', async () => {
    const [mine, other] = [await killed(), await killed()];
    const foreign = readFileSync(other.file);
    // The run's id in the header, as long as the one it replaces.
    const at = foreign.indexOf('00000000-0000-4000-8000-000000000001');
    foreign.write('00000000-0000-4000-8000-000000000002', at);
    mkdirSync(dirname(mine.file), { recursive: true });
    writeFileSync(mine.file, foreign);
    const archive = await openArchive(mine.folder);
    expect(archive.recovery).toMatchObject({ recovered: [], removed: [], missing: [mine.file] });
    expect(readFileSync(mine.file).equals(foreign)).toBe(true);
    await archive.close();
  });

  it('does nothing the second time', async () => {
    const { folder, file } = await killed();
    await (await openArchive(folder)).close();
    const bytes = readFileSync(file);
    const again = await openArchive(folder);
    expect(again.recovery).toMatchObject({ recovered: [], removed: [], missing: [], interrupted: [] });
    expect(readFileSync(file).equals(bytes)).toBe(true);
    expect(again.footage.segments(FRONT, EVER)).toHaveLength(1);
    await again.close();
  });

  it('finishes the file that a failing disk did not let the last process close, and takes back the gap', async () => {
    const folder = temporaryFolder();
    const disk = new FaultyDisk();
    const first = await openArchive(folder, { disk, endMs: 100 });
    const writer = first.writer(beginRun(first, media), () => undefined);
    for (const fragment of media.fragments) writer.append(fragment, wallTime(START_MS, fragment));
    await until(() => first.footage.segments(FRONT, EVER)[0]?.frames === 75);
    disk.faults.set('sync', 'EIO');
    await writer.end();
    expect(first.footage.segments(FRONT, EVER)).toEqual([]);
    expect(first.footage.gaps(FRONT, EVER)).toMatchObject([
      { startMs: START_MS, endMs: START_MS + 3000, cause: 'storage' },
    ]);
    await first.close();
    const second = await openArchive(folder);
    expect(second.recovery.recovered).toMatchObject([{ startMs: START_MS, endMs: START_MS + 3000 }]);
    expect(second.footage.segments(FRONT, EVER)).toMatchObject([{ open: false, frames: 75 }]);
    expect(second.footage.gaps(FRONT, EVER)).toEqual([]);
    await second.close();
  });

  it.each([
    { when: 'later', durable: 6, starts: [0, 1000] },
    { when: 'in its first group of pictures', durable: 3, starts: [0] },
  ])(
    'cuts what was written again off a file that failed $when, when the process was killed meanwhile',
    async ({ durable, starts }) => {
      const folder = temporaryFolder();
      const copy = temporaryFolder();
      const { disk, first, problems, writer, append } = await writing(folder);
      append(0, durable);
      await until(
        () => writer.lastDurableMs === wallTime(START_MS, media.fragments[durable] ?? expect.fail()),
      );
      disk.faults.set('truncate', 'EIO');
      disk.faults.set('write', 'EIO');
      append(durable, durable + 2);
      await until(() => problems.length === 1);
      disk.faults.delete('write');
      await until(() => problems.length === 2);
      expect(segmentFiles(folder)).toHaveLength(2);
      copyState(folder, copy);
      await writer.end();
      await first.close();
      const second = await openArchive(copy);
      if (starts.length > 1) {
        expect(second.recovery.recovered.map(({ startMs, endMs }) => [startMs, endMs])).toEqual(
          expect.arrayContaining([[START_MS, START_MS + 1000]]),
        );
      }
      const segments = second.footage.segments(FRONT, EVER);
      expect(segments.map(({ startMs }) => startMs - START_MS)).toEqual(starts);
      const parts = segments.map(({ id, gops }) => second.footage.readGops(id, 0, gops.length));
      const bytes = Buffer.concat(await Promise.all(parts));
      expect(bytes.equals(bytesOf(media.fragments).subarray(0, bytes.length))).toBe(true);
      for (const { file, frames } of segments) expect(probe(file).frames).toBe(frames);
      await second.close();
    },
  );

  it('keeps what a failed file has when the process was killed before all of that was written again', async () => {
    const folder = temporaryFolder();
    const copy = temporaryFolder();
    const { disk, first, problems, writer, append } = await writing(folder);
    const key = media.fragments.findIndex(({ key, startTicks }) => key && startTicks > 0);
    const durable = key + 3;
    append(0, durable);
    await until(() => writer.lastDurableMs === wallTime(START_MS, media.fragments[durable] ?? expect.fail()));
    disk.faults.set('truncate', 'EIO').set('write', 'EIO');
    append(durable, durable + 1);
    await until(() => problems.length === 1);
    disk.faults.delete('write');
    await until(() => problems.length === 2);
    copyState(folder, copy);
    await writer.end();
    await first.close();
    // The newer file has got the first fragment only of what is to be in it.
    const newer = join(copy, 'media', segmentFiles(copy)[1] ?? '');
    const header = statSync(newer).size - bytesOf(media.fragments.slice(key, durable + 1)).length;
    truncateSync(newer, header + (media.fragments[key]?.byteLength ?? 0));
    const second = await openArchive(copy);
    const footage = async () => {
      const segments = second.footage.segments(FRONT, EVER);
      const parts = segments.map(({ id, gops }) => second.footage.readGops(id, 0, gops.length));
      return Buffer.concat(await Promise.all(parts));
    };
    expect((await footage()).equals(bytesOf(media.fragments.slice(0, durable)))).toBe(true);
    // Nothing is there twice, once what is not needed has been deleted.
    await second.retention.turn();
    expect(segmentFiles(copy)).toHaveLength(1);
    expect((await footage()).equals(bytesOf(media.fragments.slice(0, durable)))).toBe(true);
    await second.close();
  });

  it('comes to an end before the index is closed and another process may begin', async () => {
    const { folder } = await killed();
    const [media = '', away = ''] = ['media', 'away'].map((name) => join(folder, name));
    const index = Database.open(join(folder, 'state', 'nightjar.db'));
    index.execute(`UPDATE volume SET path = '${media}'`);
    await index.close();
    renameSync(media, away);
    const disk = new FaultyDisk();
    disk.hold(media, 'sync');
    const more = { moreMediaDirs: [join(folder, 'more')] };
    const archive = await openArchive(folder, { disk, retryMs: 20, ...more });
    rmSync(media, { recursive: true });
    renameSync(away, media);
    await until(() => disk.done.includes('write'));
    const closed = archive.close();
    disk.release();
    await closed;
    const again = await openArchive(folder, more);
    expect(again.recovery).toMatchObject({ recovered: [], failed: [], missing: [] });
    expect(again.footage.segments(FRONT, EVER)).toMatchObject([{ open: false, frames: 75 }]);
    await again.close();
  });

  it('keeps the journal of files on a disk that is not there', async () => {
    const { folder, file } = await killed();
    const away = temporaryFolder();
    const disk: Disk = {
      ...realDisk,
      exists: async (path) => {
        // Unmounted after the start has looked at it.
        renameSync(join(folder, 'media'), join(away, 'media'));
        return await realDisk.exists(path);
      },
    };
    const without = await openArchive(folder, { disk });
    expect(without.recovery).toMatchObject({ missing: [], failed: [file] });
    await without.close();
    renameSync(join(away, 'media'), join(folder, 'media'));
    const again = await openArchive(folder);
    expect(again.recovery.recovered).toHaveLength(1);
    await again.close();
  });

  it('lets the gap begin where footage ends, when what waited for a failing disk died with the process', async () => {
    const { folder } = await killed();
    const first = await openArchive(folder);
    first.ledger.beginRecording(FRONT, 'continuous', epochMs(START_MS + 3000));
    first.ledger.endRecording(FRONT, 'storage-failed', epochMs(START_MS + 8000));
    first.ledger.openGap(FRONT, 'overrun', epochMs(START_MS + 8000));
    await first.close();
    const second = await openArchive(folder);
    expect(second.recovery.openGaps).toMatchObject([{ startMs: START_MS + 3000, cause: 'overrun' }]);
    expect(second.footage.recordings(FRONT, EVER).at(-1)).toMatchObject({ endMs: START_MS + 3000 });
    await second.close();
  });

  it('ends what was interrupted where its own footage ends, not at that of a clock that was ahead', async () => {
    const aheadMs = START_MS + 365 * 86_400_000;
    const { folder } = await killed(async (archive) => {
      const run = beginRun(archive, media, 2);
      const writer = archive.writer(run, () => undefined);
      for (const fragment of media.fragments) writer.append(fragment, wallTime(aheadMs, fragment));
      await writer.end();
      archive.ledger.endRun(run, epochMs(aheadMs + 3000), 'format-changed');
    });
    const archive = await openArchive(folder);
    expect(archive.recovery.interrupted).toMatchObject([{ startMs: START_MS, endMs: START_MS + 3000 }]);
    await archive.close();
  });

  it('leaves a gap in which the camera stood still, though its file goes on', async () => {
    const { folder } = await killed();
    const index = Database.open(join(folder, 'state', 'nightjar.db'));
    index.execute(
      `UPDATE recording SET end_ms = ${START_MS + 1000}, end_reason = 'source-lost';
       INSERT INTO gap (camera_id, start_ms, end_ms, cause)
         VALUES ('${FRONT}', ${START_MS + 1000}, ${START_MS + 2000}, 'stalled');
       INSERT INTO recording (camera_id, start_ms, begin_reason) VALUES ('${FRONT}', ${START_MS + 2000}, 'continuous')`,
    );
    await index.close();
    const archive = await openArchive(folder);
    expect(archive.footage.gaps(FRONT, EVER)).toMatchObject([
      { startMs: START_MS + 1000, endMs: START_MS + 2000, cause: 'stalled' },
    ]);
    expect(archive.footage.recordings(FRONT, EVER)).toMatchObject([
      { startMs: START_MS, endMs: START_MS + 1000 },
      { startMs: START_MS + 2000, endMs: START_MS + 3000, endReason: 'crash' },
    ]);
    await archive.close();
  });

  it('leaves alone a file that is just being created when its folder comes back', async () => {
    const [folder, disk] = [temporaryFolder(), new FaultyDisk()];
    const told: string[] = [];
    const note = (_facts: object, message: string) => void told.push(message);
    const log = { info: note, warn: note, error: note };
    const archive = await openArchive(folder, { disk, log, retryMs: 20 });
    disk.hold();
    const writer = archive.writer(beginRun(archive, media), () => undefined);
    for (const fragment of media.fragments) writer.append(fragment, wallTime(START_MS, fragment));
    const index = Database.openToRead(join(folder, 'state', 'nightjar.db'));
    const journal = index.prepare<[], { id: number }>('SELECT id FROM open_segment');
    await until(() => journal.all().length === 1);
    const identity = join(folder, 'media', '.nightjar-volume.json');
    renameSync(identity, `${identity}.away`);
    await until(() => told.includes('a media folder was taken out of use'));
    renameSync(`${identity}.away`, identity);
    await until(() => told.includes('a media folder that is back was put in order'));
    expect(journal.all()).toHaveLength(1);
    disk.release();
    await writer.end();
    expect(told).not.toContain('a segment could not be indexed');
    expect(archive.footage.segments(FRONT, EVER)).toMatchObject([{ open: false, frames: 75 }]);
    await index.close();
    await archive.close();
  });

  it('leaves open gaps open and reports them', async () => {
    const folder = temporaryFolder();
    const first = await openArchive(folder);
    first.ledger.openGap(FRONT, 'connecting', epochMs(START_MS));
    await first.close();
    const second = await openArchive(folder);
    expect(second.recovery.openGaps).toMatchObject([{ cameraId: FRONT, cause: 'connecting', endMs: null }]);
    expect(second.footage.gaps(FRONT, EVER)).toMatchObject([{ startMs: START_MS, endMs: null }]);
    await second.close();
  });
});

/** The fragments that lie whole in the first `bytes` bytes. */
function fragmentsWithin(bytes: number) {
  let end = 0;
  return media.fragments.filter((fragment) => {
    end += fragment.byteLength;
    return end <= bytes;
  });
}

function endOf(fragments: typeof media.fragments): number {
  const last = fragments.at(-1);
  return last === undefined
    ? START_MS
    : START_MS + ticksToMs(last.startTicks) + ticksToMs(last.durationTicks);
}
