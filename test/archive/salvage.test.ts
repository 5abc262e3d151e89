import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Archive } from '../../src/archive/archive.ts';
import { Database } from '../../src/archive/database.ts';
import { type Disk, realDisk } from '../../src/archive/disk.ts';
import { type Crashed, copyOf, killed, media, WHOLE } from './crashed.ts';
import { bytesOf } from './fragments.ts';
import { EVER, FRONT, HandClock, openArchive, probe, START_MS } from './support.ts';

/** A copy of what a crash left, with this done to the bytes of its file. */
function harmed(original: Crashed, harm: (bytes: Buffer) => Buffer): Crashed & { readonly bytes: Buffer } {
  const crashed = copyOf(original, readFileSync(original.file).length);
  const bytes = harm(readFileSync(crashed.file));
  writeFileSync(crashed.file, bytes);
  return { ...crashed, bytes };
}

/** Where each fragment lies in a file whose header is so long. */
function places(headerBytes: number) {
  let end = headerBytes;
  return media.fragments.map((fragment) => {
    end += fragment.byteLength;
    return { fragment, from: end - fragment.byteLength, to: end };
  });
}

/** The bytes of all that is footage, file by file. */
async function footageOf(archive: Archive): Promise<Buffer[]> {
  const segments = archive.footage.segments(FRONT, EVER);
  return await Promise.all(segments.map(({ id, gops }) => archive.footage.readGops(id, 0, gops.length)));
}

const timesOf = (archive: Archive) =>
  archive.footage.segments(FRONT, EVER).map(({ startMs, endMs }) => [startMs - START_MS, endMs - START_MS]);

describe('a damaged file', () => {
  it('keeps every fragment that the damage spares, wherever it is, and is kept itself', async () => {
    const original = await killed();
    const size = readFileSync(original.file).length;
    const header = size - WHOLE;
    const damage = fc.record({
      at: fc.oneof(fc.nat(size - 1), fc.constantFrom(...places(header).map(({ from }) => from + 4))),
      length: fc.oneof(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 30_000 })),
      how: fc.constantFrom('zeros', 'noise', 'ones'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (damages) => {
        const { folder, file, bytes } = harmed(original, (whole) => {
          for (const { at, length, how } of damages) {
            const part = whole.subarray(at, at + length);
            for (let i = 0; i < part.length; i++) {
              part[i] = how === 'zeros' ? 0 : how === 'ones' ? 255 : ((part[i] ?? 0) + 1 + i * 7) % 256;
            }
          }
          return whole;
        });
        const spared = (from: number, to: number) =>
          damages.every(({ at, length }) => at + length <= from || at >= to);
        // From the beginning of the file, or the next whole key fragment, up to the next damage.
        let goesOn = true;
        const wanted = places(header).flatMap(({ fragment, from, to }) => {
          goesOn = spared(from, to) && (goesOn || fragment.key);
          return goesOn ? [bytesOf([fragment])] : [];
        });
        const archive = await openArchive(folder);
        const parts = await footageOf(archive);
        for (const fragment of wanted) expect(parts.some((part) => part.includes(fragment))).toBe(true);
        const { recovered, removed, missing, failed, damaged } = archive.recovery;
        expect(failed).toEqual([]);
        if (damaged.length > 0) {
          expect(damaged).toEqual([file]);
          expect(readFileSync(file).equals(bytes)).toBe(true);
        } else if (removed.length === 0 && missing.length === 0) {
          // What was cut off are zeros.
          expect(recovered).toHaveLength(1);
          expect(bytes.subarray(readFileSync(file).length).every((byte) => byte === 0)).toBe(true);
        } else {
          expect(wanted).toEqual([]);
        }
        const times = timesOf(archive);
        for (const [index, [startMs = 0]] of times.entries()) {
          expect(startMs).toBeGreaterThanOrEqual(times[index - 1]?.[1] ?? 0);
        }
        await archive.close();
        rmSync(folder, { recursive: true });
      }),
      { numRuns: 60 },
    );
  });

  it('goes on behind the damage in a file of its own, and the ledger says what is missing', async () => {
    const original = await killed();
    const header = readFileSync(original.file).length - WHOLE;
    const second = places(header)[1] ?? expect.fail();
    const { folder, file } = harmed(original, (bytes) => bytes.fill(0xa5, second.from, second.from + 300));
    const archive = await openArchive(folder);
    expect(archive.recovery).toMatchObject({ damaged: [file], removed: [], failed: [] });
    expect(timesOf(archive)).toEqual(
      [
        [0, 250],
        [1000, 3000],
      ].map(([a = 0, b = 0]) => [expect.closeTo(a, -1), b === 250 ? expect.closeTo(b, -1.5) : b]),
    );
    const [first] = archive.footage.segments(FRONT, EVER);
    expect(archive.footage.gaps(FRONT, EVER)).toMatchObject([
      { startMs: first?.endMs, endMs: START_MS + 1000, cause: 'storage' },
    ]);
    expect(archive.footage.recordings(FRONT, EVER)).toMatchObject([
      { startMs: START_MS, endMs: first?.endMs },
      { startMs: START_MS + 1000, endMs: START_MS + 3000 },
    ]);
    for (const { file: copy, frames } of archive.footage.segments(FRONT, EVER)) {
      expect(copy).not.toBe(file);
      expect(probe(copy).frames).toBe(frames);
    }
    expect(archive.storage.volumes()).toMatchObject([
      { damaged: { files: 1, bytes: readFileSync(file).length } },
    ]);
    await archive.close();
    const again = await openArchive(folder);
    expect(again.recovery).toMatchObject({ recovered: [], damaged: [], removed: [], missing: [] });
    await again.close();
  });

  it('is played by what the index knows where its front can not be read', async () => {
    const original = await killed();
    const { folder, file } = harmed(original, (bytes) => bytes.fill(0, 0, 200));
    const archive = await openArchive(folder);
    expect(archive.recovery).toMatchObject({ damaged: [file], recovered: [{ endMs: START_MS + 3000 }] });
    expect((await footageOf(archive))[0]?.equals(bytesOf(media.fragments))).toBe(true);
    expect(probe(archive.footage.segments(FRONT, EVER)[0]?.file ?? '')).toEqual({ frames: 75, seconds: 3 });
    await archive.close();
  });

  it('is kept where nothing of it can be read, and goes where it holds nothing', async () => {
    const original = await killed();
    const noise = harmed(
      original,
      (bytes) => bytes.map((byte, index) => (byte + 1 + index * 7) % 256) as Buffer,
    );
    const archive = await openArchive(noise.folder);
    expect(archive.recovery).toMatchObject({ damaged: [noise.file], recovered: [], removed: [] });
    expect(readFileSync(noise.file).equals(noise.bytes)).toBe(true);
    await archive.close();
    const zeros = harmed(original, (bytes) => bytes.fill(0));
    const other = await openArchive(zeros.folder);
    expect(other.recovery).toMatchObject({ damaged: [], removed: [zeros.file] });
    expect(existsSync(zeros.file)).toBe(false);
    await other.close();
  });

  it('is kept no shorter for a clock that was at its beginning when it was found', async () => {
    const original = await killed();
    const { folder, file } = harmed(original, (bytes) => bytes.fill(0xa5, 0, 200));
    const clock = new HandClock();
    clock.leap(-START_MS);
    await (await openArchive(folder, { clock })).close();
    // The next start knows the time.
    const archive = await openArchive(folder);
    await archive.retention.turn();
    await archive.retention.turn();
    expect(existsSync(file)).toBe(true);
    await archive.close();
  });

  it('is begun anew when the disk fails while it is copied, and nothing is left of the attempt', async () => {
    const original = await killed();
    const header = readFileSync(original.file).length - WHOLE;
    const fifth = places(header)[5] ?? expect.fail();
    const { folder, file, bytes } = harmed(original, (whole) =>
      whole.fill(0xa5, fifth.from, fifth.from + 300),
    );
    let created = 0;
    let closed = 0;
    const disk: Disk = {
      ...realDisk,
      create: async (path) => {
        const made = await realDisk.create(path);
        created++;
        if (created < 2) return made;
        return {
          ...made,
          size: () => made.size(),
          close: async () => {
            closed++;
            await made.close();
          },
          read: (a, b) => made.read(a, b),
          truncate: (length) => made.truncate(length),
          sync: () => made.sync(),
          // The front of it is written yet.
          write: (buffers, at) => (at === 0 ? made.write(buffers, at) : Promise.reject(new Error('EIO'))),
        };
      },
    };
    const first = await openArchive(folder, { disk });
    expect(first.recovery).toMatchObject({ failed: [file], recovered: [], damaged: [] });
    expect(timesOf(first)).toEqual([]);
    expect(closed).toBe(created - 1);
    await first.close();
    const second = await openArchive(folder);
    expect(second.recovery).toMatchObject({ failed: [], damaged: [file] });
    expect(timesOf(second)).toHaveLength(2);
    expect(readFileSync(file).equals(bytes)).toBe(true);
    const index = Database.openToRead(`${folder}/state/nightjar.db`);
    expect(index.prepare<[], object>('SELECT * FROM open_segment').all()).toEqual([]);
    await index.close();
    await second.close();
  });
});
