/** Exports of a small real archive: random ranges, byte ranges, what other programs make of the files. */
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { createFile, MP4BoxBuffer } from 'mp4box';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Archive } from '../../src/archive/archive.ts';
import type { ExportRequest } from '../../src/archive/exporter.ts';
import { FragmentFile } from '../../src/archive/fragmentFile.ts';
import { MovieFile } from '../../src/archive/movieFile.ts';
import { epochMs } from '../../src/domain/time.ts';
import { encodeRun, record } from './exportFootage.ts';
import { type Media, wallTime } from './fragments.ts';
import { beginRun, FRONT, openArchive, START_MS, temporaryFolder } from './support.ts';

const run = promisify(execFile);

/** Milliseconds after `START_MS` at which runs begin: two of one format, H.265, and the first format again. */
const RUNS = [0, 11_000, 20_000, 26_000] as const;
const REORDER_MS = 80;

let archive: Archive;
let bframes: Media;
let h265: Media;
let scratch: string;
beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'nightjar-export-'));
  archive = await openArchive(temporaryFolder(), { segmentMs: 2_000 });
  bframes = encodeRun('bframes', 7, true);
  h265 = encodeRun('h265', 4, false);
  for (const [index, media] of [bframes, bframes, h265, bframes].entries()) {
    await record(archive, media, index + 1, RUNS[index] ?? 0);
  }
});
afterAll(async () => {
  await archive.close();
  rmSync(scratch, { recursive: true });
});

/** `[from, to)` in milliseconds after the start of the first run. */
function ask(from: number, to: number, more: Partial<ExportRequest> = {}): ExportRequest {
  const interval = { startMs: epochMs(START_MS + from), endMs: epochMs(START_MS + to) };
  return { cameraId: FRONT, ...interval, gaps: 'close', part: null, ...more };
}

async function movie(request: ExportRequest): Promise<MovieFile> {
  return new MovieFile(archive.exporter, await archive.exporter.plan(request));
}

async function bytesOf(file: Pick<MovieFile, 'read'>, from?: number, to?: number): Promise<Buffer> {
  const blocks: Buffer[] = [];
  for await (const block of file.read(from, to)) blocks.push(block);
  return Buffer.concat(blocks);
}

interface Packet {
  readonly ptsMs: number;
  readonly hash: string;
  readonly hidden: boolean;
}

/** What ffprobe finds of a track in a file on the disk; `D` marks what an edit list hides. */
async function packets(file: string, kind: 'v' | 'a'): Promise<Packet[]> {
  const show = [
    '-show_packets',
    '-show_data_hash',
    'md5',
    '-show_entries',
    'packet=pts_time,flags,data_hash',
  ];
  const { stdout } = await run(
    'ffprobe',
    ['-v', 'error', '-of', 'json', '-select_streams', kind, ...show, file],
    {
      maxBuffer: 2 ** 26,
    },
  );
  const answer: { packets: { pts_time: string; flags: string; data_hash: string }[] } = JSON.parse(stdout);
  return answer.packets.map(({ pts_time, flags, data_hash }) => {
    return { ptsMs: Number(pts_time) * 1000, hash: data_hash, hidden: flags.includes('D') };
  });
}

/** What ffmpeg complains of while it decodes all of a file, and how many frames come out. */
async function decode(file: string): Promise<{ errors: string; frames: number }> {
  const options = ['-v', 'error', '-i', file, '-map', '0', '-fps_mode', 'passthrough', '-f', 'framemd5', '-'];
  const { stdout, stderr } = await run('ffmpeg', options, { maxBuffer: 2 ** 26 });
  return { errors: stderr, frames: stdout.split('\n').filter((line) => line.startsWith('0,')).length };
}

interface Frame {
  readonly wallMs: number;
  readonly hash: string;
}

/** All frames of a run that begins at `atMs`, in the order in which they are shown. */
async function framesOf(media: Media, atMs: number): Promise<Frame[]> {
  const file = join(scratch, `run-${atMs}.mp4`);
  writeFileSync(file, Buffer.concat([media.init.bytes, ...media.fragments.flatMap(({ chunks }) => chunks)]));
  const found = (await packets(file, 'v')).sort((a, b) => a.ptsMs - b.ptsMs);
  const [first] = found;
  return found.map(({ ptsMs, hash }) => ({ hash, wallMs: atMs + ptsMs - (first?.ptsMs ?? 0) }));
}

function save(bytes: Buffer): string {
  const file = join(scratch, `${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.mp4`);
  writeFileSync(file, bytes);
  return file;
}

/** That a range is all of these frames that lie in it, and nothing else, from its start to its end. */
async function expectExact(
  from: number,
  to: number,
  all: readonly Frame[],
  cuts: readonly number[],
): Promise<void> {
  const expected = all.filter(({ wallMs }) => Math.round(wallMs) >= from && Math.round(wallMs) < to);
  fc.pre(expected.length > 0);
  const file = await movie(ask(from, to));
  const bytes = await bytesOf(file);
  expect(bytes.length).toBe(file.bytes);
  await sameInPieces(file, bytes, cuts);
  const path = save(bytes);
  const shown = (await packets(path, 'v')).filter(({ hidden }) => !hidden).sort((a, b) => a.ptsMs - b.ptsMs);
  expect(shown.map(({ hash }) => hash)).toEqual(expected.map(({ hash }) => hash));
  expect(shown[0]?.ptsMs).toBeCloseTo(0, 1);
  expect(shown.at(-1)?.ptsMs).toBeCloseTo((expected.length - 1) * 40, 1);
  expect(await decode(path)).toEqual({ errors: '', frames: expected.length });
  expect(durationOf(bytes)).toBe(expected.length * 3600);
  rmSync(path);
}

/** Where a file is cut into pieces, as shares of it. */
const CUTS = fc.array(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), {
  minLength: 4,
  maxLength: 4,
});

describe('any range of one format', () => {
  it('has exactly its frames, decodes, starts and ends to the frame, and is the same in pieces', async () => {
    const all = [...(await framesOf(bframes, RUNS[0])), ...(await framesOf(bframes, RUNS[1]))];
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -500, max: 18_400 }),
        fc.integer({ min: 1, max: 19_000 }),
        CUTS,
        async (from, length, cuts) => await expectExact(from, Math.min(from + length, 19_900), all, cuts),
      ),
      { numRuns: 110, seed: 20_260_329 },
    );
  }, 400_000);

  it('is so of H.265 as well', async () => {
    const all = await framesOf(h265, RUNS[2]);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: RUNS[2] - 40, max: RUNS[2] + 3_900 }),
        fc.integer({ min: 1, max: 4_500 }),
        CUTS,
        async (from, length, cuts) =>
          await expectExact(from, Math.min(from + length, RUNS[2] + 4_000), all, cuts),
      ),
      { numRuns: 90, seed: 20_260_330 },
    );
  }, 400_000);

  it('has a chapter where a gap is closed, named by the wall time, and none without one', async () => {
    const chapters = async (from: number, to: number) => {
      const path = save(await bytesOf(await movie(ask(from, to))));
      const words = ['-v', 'error', '-of', 'json', '-show_chapters', path];
      const found: { chapters: { start_time: string; tags: { title: string } }[] } = JSON.parse(
        (await run('ffprobe', words)).stdout,
      );
      return found.chapters.map(({ start_time, tags }) => [Number(start_time), tags.title]);
    };
    expect(await chapters(480, 12_000)).toEqual([
      [0, '2026-03-29 00:59:30Z'],
      [6.52, '2026-03-29 00:59:41Z'],
    ]);
    expect(await chapters(480, 7_000)).toEqual([]);
  });

  it('without a frame is refused', async () => {
    for (const [from, to] of [
      [-500, 0],
      [7_000, 11_000],
      [8_000, 8_001],
      [1_961, 2_000],
      [40_000, 50_000],
    ] as const) {
      await expect(movie(ask(from, to))).rejects.toThrow(
        expect.objectContaining({ kind: 'not-found', field: 'start' }),
      );
    }
  });

  it('adjoins the next range: each frame is in one of them', async () => {
    const cuts = [0, 333, 1_000, 1_950, 2_000, 2_040, 4_567, 6_999];
    const hashes: string[] = [];
    for (const [index, from] of cuts.slice(0, -1).entries()) {
      const path = save(await bytesOf(await movie(ask(from, cuts[index + 1] ?? 0))));
      const shown = (await packets(path, 'v'))
        .filter(({ hidden }) => !hidden)
        .sort((a, b) => a.ptsMs - b.ptsMs);
      hashes.push(...shown.map(({ hash }) => hash));
    }
    const all = await framesOf(bframes, RUNS[0]);
    expect(hashes).toEqual(all.filter(({ wallMs }) => wallMs < 6_999).map(({ hash }) => hash));
  });

  it('keeps the sound where it was to the picture, to the sample, also behind a gap', async () => {
    const whole = save(await bytesOf(await movie(ask(0, 19_900))));
    const cut = save(await bytesOf(await movie(ask(2_480, 19_900))));
    const [all, part] = await Promise.all([packets(whole, 'a'), packets(cut, 'a')]);
    const heard = part.filter(({ hidden, ptsMs }) => !hidden && ptsMs >= 0);
    const at = all.findIndex(({ hash }) => hash === heard[0]?.hash);
    expect(heard.map(({ hash }) => hash)).toEqual(all.slice(at).map(({ hash }) => hash));
    for (const [index, { ptsMs }] of heard.entries()) {
      expect((all[at + index]?.ptsMs ?? 0) - ptsMs).toBeCloseTo(2_480, 0);
    }
    // The second run's sound begins 10 ms after its picture, like the first run's.
    const [video] = await Promise.all([packets(whole, 'v')]);
    expect(video.filter(({ hash }) => hash === video[0]?.hash).map(({ ptsMs }) => ptsMs)).toEqual([0, 7_000]);
    const again = all.filter(({ hash }) => hash === all[2]?.hash).map(({ ptsMs }) => ptsMs);
    expect((again[1] ?? 0) - (again[0] ?? 0)).toBeCloseTo(7_000, 0);
  });
});

/** Random pieces equal the whole; a tag tells the same file. */
async function sameInPieces(file: MovieFile, whole: Buffer, cuts: readonly number[]): Promise<void> {
  const ends = [0, 1, 40, file.bytes - 1, file.bytes].concat(cuts.map((cut) => Math.floor(file.bytes * cut)));
  const points = [...new Set(ends)].sort((a, b) => a - b);
  for (const [index, from] of points.entries()) {
    const to = points[Math.min(points.length - 1, index + 1 + (index % 3))] ?? file.bytes;
    expect((await bytesOf(file, from, to)).equals(whole.subarray(from, to))).toBe(true);
  }
}

/** Of `mvhd`, in ticks. */
function durationOf(bytes: Buffer): number {
  return bytes.readUInt32BE(bytes.indexOf('mvhd') + 20);
}

describe('a player that is built on GStreamer', () => {
  /** From within a GOP and from its start, to just behind a keyframe: those ended too early. */
  it.each([
    ['with B-frames', 0, 480],
    ['with B-frames', 0, 840],
    ['with B-frames', 0, 1_000],
    ['of H.265', RUNS[2], 480],
    ['of H.265', RUNS[2], 920],
  ] as const)('shows every frame, once, of footage %s from %i + %i', async (_name, run, from) => {
    for (const to of [1_960, 2_000, 2_040, 2_080, 2_120, 2_640]) {
      const path = save(await bytesOf(await movie(ask(run + from, run + to))));
      const times = await shownByGStreamer(path);
      expect(times.length, `to ${to}`).toBe((to - from) / 40);
      expect(new Set(times).size).toBe(times.length);
      rmSync(path);
    }
  });
});

/** When GStreamer shows each frame of a file. */
async function shownByGStreamer(file: string): Promise<string[]> {
  const words = `-v filesrc location=${file} ! qtdemux name=d d.video_0 ! decodebin ! fakesink silent=false sync=false`;
  const { stdout } = await run('gst-launch-1.0', words.split(' '), { maxBuffer: 2 ** 26, timeout: 60_000 });
  return [...stdout.matchAll(/last-message = chain .*? pts: ([\d:.]+)/g)].map(([, time = '']) => time);
}

describe('several formats', () => {
  it('are several parts, named when none is chosen', async () => {
    const parts = await archive.exporter.parts(FRONT, ask(5_000, 40_000), 'close');
    expect(parts.map(({ part, startMs, endMs }) => [part, startMs - START_MS, endMs - START_MS])).toEqual([
      [1, 5_000, 18_000],
      [2, 20_000, 24_000],
      [3, 26_000, 33_000],
    ]);
    expect(parts.map(({ recordedMs }) => recordedMs)).toEqual([9_000, 4_000, 7_000]);
    const refusal = expect.objectContaining({
      kind: 'conflict',
      field: 'part',
      message: expect.stringContaining(new Date(START_MS + 20_000).toISOString()),
    });
    await expect(movie(ask(5_000, 40_000))).rejects.toThrow(refusal);
    await expect(movie(ask(5_000, 40_000, { part: 4 }))).rejects.toThrow(
      expect.objectContaining({ kind: 'not-found', field: 'part' }),
    );
  });

  it('are exported part by part, H.265 too, and play', async () => {
    for (const [part, frames] of [
      [1, 225],
      [2, 100],
      [3, 175],
    ] as const) {
      const path = save(await bytesOf(await movie(ask(5_000, 40_000, { part }))));
      expect(await decode(path)).toEqual({ errors: '', frames });
    }
  });

  it('and gaps make parts where that is wanted', async () => {
    const parts = await archive.exporter.parts(FRONT, ask(0, 40_000), 'split');
    expect(parts.map(({ startMs }) => startMs - START_MS)).toEqual([...RUNS]);
  });

  it.each([1, 2, 3])('part %i is understood by readers that nobody here wrote', async (part) => {
    const bytes = await bytesOf(await movie(ask(4_321, 40_000, { part })));
    const tracks = samplesOfMp4box(bytes);
    const path = save(bytes);
    for (const [kind, name] of [
      ['v', 'video'],
      ['a', 'audio'],
    ] as const) {
      const hashes = (await packets(path, kind)).map(({ hash }) => hash.replace('MD5:', ''));
      // ffprobe leaves out sound that an edit list hides.
      expect(tracks.get(name)?.slice(-hashes.length) ?? []).toEqual(hashes);
    }
    const words = `-q filesrc location=${path} ! qtdemux name=d d.video_0 ! decodebin ! fakesink sync=false`;
    expect(execFileSync('gst-launch-1.0', words.split(' '), { encoding: 'utf8', timeout: 20_000 })).toBe('');
  });
});

/** MD5 of each sample by the kind of its track, as mp4box.js reads them. */
function samplesOfMp4box(bytes: Buffer): Map<string, string[]> {
  const file = createFile();
  const found = new Map<string, string[]>();
  const failures: string[] = [];
  file.onError = (_module, message) => failures.push(message);
  file.onReady = ({ tracks }) => {
    for (const track of tracks) {
      found.set(track.type ?? '', []);
      file.setExtractionOptions(track.id, track.type, { nbSamples: 1 });
    }
    file.start();
  };
  file.onSamples = (_id, kind, samples) => {
    for (const { data } of samples) {
      if (data) found.get(String(kind))?.push(createHash('md5').update(data).digest('hex'));
    }
  };
  file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(new Uint8Array(bytes).buffer, 0));
  file.flush();
  expect(failures).toEqual([]);
  return found;
}

describe('a fragmented export', () => {
  it('has whole GOPs around the range on one clock, in any pieces', async () => {
    const plan = await archive.exporter.plan(ask(1_480, 13_900));
    const file = await FragmentFile.open(archive.exporter, plan);
    const bytes = await bytesOf(file);
    expect(bytes.length).toBe(file.bytes);
    for (const [from, to] of [
      [0, 10],
      [500, 5_000],
      [20_001, file.bytes],
    ] as const) {
      expect((await bytesOf(file, from, to)).equals(bytes.subarray(from, to))).toBe(true);
    }
    const path = save(bytes);
    expect(await decode(path)).toEqual({ errors: '', frames: 225 });
    const times = (await packets(path, 'v')).map(({ ptsMs }) => ptsMs).sort((a, b) => a - b);
    for (const [index, time] of times.entries()) expect(time - (times[0] ?? 0)).toBeCloseTo(index * 40, 0);
    expect(times[0]).toBeLessThan(REORDER_MS + 100);
  });
});

describe('an export whose source changes', () => {
  it('has another tag when a growing segment has more, and stays what it is when that ends or not', async () => {
    const other = await openArchive(temporaryFolder());
    const writer = other.writer(beginRun(other, bframes), () => undefined);
    const { exporter, footage } = other;
    const exported = async (to: number) => new MovieFile(exporter, await exporter.plan(ask(0, to)));
    const half = bframes.fragments.length / 2;
    const append = async (fragments: Media['fragments']) => {
      for (const fragment of fragments) writer.append(fragment, wallTime(START_MS, fragment));
      const end = Math.max(...fragments.map(({ startTicks, durationTicks }) => startTicks + durationTicks));
      await expect.poll(() => footage.segments(FRONT, ask(0, 10_000))[0]?.durationTicks).toBe(end);
    };
    await append(bframes.fragments.slice(0, half));
    const [some, early] = [await exported(10_000), await exported(2_000)];
    const bytes = await bytesOf(early);
    await append(bframes.fragments.slice(half));
    expect((await exported(10_000)).tag).not.toBe(some.tag);
    // What was planned before can still be read, to its last byte.
    expect(await decode(save(await bytesOf(some)))).toMatchObject({ errors: '' });
    await writer.end();
    const again = await exported(2_000);
    expect(again.tag).toBe(early.tag);
    expect((await bytesOf(again)).equals(bytes)).toBe(true);
    await other.close();
  });

  it('is the same with and without the index of its samples', async () => {
    const folder = temporaryFolder();
    const other = await openArchive(folder, { segmentMs: 2_000 });
    await record(other, bframes, 1, 0);
    const indexed = await bytesOf(new MovieFile(other.exporter, await other.exporter.plan(ask(700, 6_500))));
    await other.close();
    const { Database } = await import('../../src/archive/database.ts');
    const database = Database.open(join(folder, 'state', 'nightjar.db'));
    database.execute('DELETE FROM sample_index');
    await database.close();
    const again = await openArchive(folder);
    const walked = await bytesOf(new MovieFile(again.exporter, await again.exporter.plan(ask(700, 6_500))));
    expect(walked.equals(indexed)).toBe(true);
    await again.close();
  });

  it('fails when its file is gone, and leaves nothing open', async () => {
    const folder = temporaryFolder();
    const other = await openArchive(folder, { segmentMs: 2_000 });
    await record(other, bframes, 1, 0);
    const file = new MovieFile(other.exporter, await other.exporter.plan(ask(0, 6_900)));
    const segments = other.footage.segments(FRONT, ask(0, 6_900));
    const before = openFiles(folder);
    rmSync(segments.at(-1)?.file ?? '');
    await expect(bytesOf(file)).rejects.toThrow(expect.objectContaining({ kind: 'not-found' }));
    expect(openFiles(folder)).toEqual(before);
    for await (const block of file.read()) {
      expect(block.length).toBeGreaterThan(0);
      break;
    }
    expect(openFiles(folder)).toEqual(before);
    await other.close();
  });
});

/** The segment files below a folder that this process has open. */
function openFiles(folder: string): string[] {
  return readdirSync('/proc/self/fd')
    .map((fd) => {
      try {
        return execFileSync('readlink', [`/proc/${process.pid}/fd/${fd}`], { encoding: 'utf8' }).trim();
      } catch {
        return '';
      }
    })
    .filter((path) => path.startsWith(folder) && path.endsWith('.mp4'));
}
