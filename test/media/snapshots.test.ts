/** Pictures of a real archive and a real ring, compared with what ffmpeg makes of the same footage. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Snapshots } from '../../src/app/snapshots.ts';
import type { Archive } from '../../src/archive/archive.ts';
import { FrameFinder } from '../../src/archive/frameFinder.ts';
import { cameraId, runId } from '../../src/domain/ids.ts';
import { type EpochMs, epochMs } from '../../src/domain/time.ts';
import { zone } from '../../src/domain/zone.ts';
import { LiveHub } from '../../src/live/hub.ts';
import { DECODER_LIMITS, Decoder } from '../../src/media/decoder.ts';
import type { DecoderHost } from '../../src/media/decoderHost.ts';
import { encodeRun, record } from '../archive/exportFootage.ts';
import { type Media, wallTime } from '../archive/fragments.ts';
import { FRONT, HandClock, openArchive, START_MS } from '../archive/support.ts';
import { closest, decoderHost, greyFrames, jpegSize } from '../support/pictures.ts';

const [WIDTH, HEIGHT] = [128, 96];
const FRAME_MS = 40;
/** When the H.265 run begins, after a gap. */
const SECOND_MS = 60_000;
const RUN = runId('00000000-0000-4000-8000-0000000000ff');

let folder: string;
let host: DecoderHost;
let archive: Archive;
let first: Media;
let second: Media;
let finder: FrameFinder;
const clock = new HandClock();
const hub = new LiveHub({ keepMs: 1_000, maxBytes: 2 ** 24 });
let decoded = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-snapshots-'));
  host = await decoderHost();
  archive = await openArchive(folder, { segmentMs: 2_000, clock });
  [first, second] = [encodeRun('bframes', 5, true), encodeRun('h265', 3, false)];
  await record(archive, first, 1, 0);
  await record(archive, second, 2, SECOND_MS);
  finder = new FrameFinder(archive);
}, 120_000);
afterAll(async () => {
  host.close();
  await archive.close();
  rmSync(folder, { recursive: true, force: true });
});

function snapshots(): Snapshots {
  const decoder = new Decoder({ host, folder, ...DECODER_LIMITS });
  const counting: Pick<Decoder, 'picture'> = {
    picture: (...request) => {
      decoded++;
      return decoder.picture(...request);
    },
  };
  return new Snapshots({
    hub,
    finder,
    footage: archive.footage,
    decoder: counting,
    clock,
    zone: zone('Europe/Berlin'),
  });
}

function referenceOf({ init, fragments }: Media): Buffer[] {
  const bytes = Buffer.concat([init.bytes, ...fragments.flatMap(({ chunks }) => chunks)]);
  return greyFrames(bytes, WIDTH, HEIGHT);
}

function at(ms: number): EpochMs {
  return epochMs(START_MS + ms);
}

describe('a picture of the past', () => {
  it.each([
    ['with B-frames', () => first, 0],
    ['of H.265', () => second, SECOND_MS],
  ] as const)('%s is the frame that was on the screen', async (_, media, beginMs) => {
    const reference = referenceOf(media());
    const pictures = snapshots();
    // Keyframes are 25 frames apart, files two seconds.
    for (const rank of [0, 1, 2, 3, 23, 24, 25, 26, 27, 48, 49, 50, 51, 52, 73]) {
      for (const later of [0, 1, 39]) {
        const snapshot = await pictures.of(FRONT, {
          atMs: at(beginMs + rank * FRAME_MS + later),
          width: null,
        });
        expect(snapshot.atMs - START_MS - beginMs).toBe(rank * FRAME_MS);
        expect(snapshot.final).toBe(true);
        if (later !== 39) continue;
        const found = closest(await snapshot.read(), reference, WIDTH, HEIGHT);
        expect({ rank: found.frame }).toEqual({ rank });
        expect(found.difference).toBeLessThan(2.5);
      }
    }
  });

  it('is another for another frame or width only, and never larger than the video', async () => {
    const pictures = snapshots();
    const tagOf = async (ms: number, width: number | null) =>
      (await pictures.of(FRONT, { atMs: at(ms), width })).tag;
    expect(await tagOf(100, null)).toBe(await tagOf(119, 4_000));
    expect(await tagOf(100, null)).not.toBe(await tagOf(120, null));
    expect(await tagOf(100, null)).not.toBe(await tagOf(100, 64));
    const small = await pictures.of(FRONT, { atMs: at(100), width: 64 });
    expect(jpegSize(await small.read())).toEqual({ width: 64, height: 48 });
  });

  it('is decoded once for fifty who ask at once', async () => {
    const pictures = snapshots();
    decoded = 0;
    const all = await Promise.all(
      Array.from({ length: 50 }, async () =>
        (await pictures.of(FRONT, { atMs: at(1_000), width: 100 })).read(),
      ),
    );
    expect(new Set(all.map((jpeg) => jpeg.toString('base64'))).size).toBe(1);
    expect(decoded).toBe(1);
  });

  it('of fifty moments at once is right each time', async () => {
    const pictures = snapshots();
    const reference = referenceOf(first);
    const ranks = Array.from({ length: 50 }, (_, index) => index * 2);
    const jpegs = await Promise.all(
      ranks.map(async (rank) =>
        (await pictures.of(FRONT, { atMs: at(rank * FRAME_MS), width: null })).read(),
      ),
    );
    for (const [index, rank] of ranks.entries()) {
      expect(closest(jpegs[index] ?? Buffer.alloc(0), reference, WIDTH, HEIGHT).frame).toBe(rank);
    }
  });

  it.each([
    ['before everything', -5_000, /^Nothing was recorded then\./],
    ['in a gap', 30_000, /^Nothing was recorded then\./],
    ['of another camera', null, 'Nothing was recorded then. There is no footage of the camera.'],
  ])('%s is refused in words', async (_, ms, words) => {
    const camera = ms === null ? cameraId('other') : FRONT;
    await expect(snapshots().of(camera, { atMs: at(ms ?? 0), width: null })).rejects.toMatchObject({
      kind: 'not-found',
      field: 't',
      message: typeof words === 'string' ? words : expect.stringMatching(words),
    });
  });
});

describe('the footage around a moment', () => {
  it('is named with the times that show it', async () => {
    const { ledger } = archive;
    ledger.beginRecording(FRONT, 'manual', at(0));
    ledger.endRecording(FRONT, 'stopped', at(5_000));
    ledger.beginRecording(FRONT, 'manual', at(SECOND_MS));
    await expect(snapshots().of(FRONT, { atMs: at(30_000), width: null })).rejects.toMatchObject({
      message:
        'Nothing was recorded then. ' +
        `The footage before ends at 2026-03-29 01:59:34 (t=${at(4_999)}). ` +
        `The footage after begins at 2026-03-29 03:00:30 (t=${at(SECOND_MS)}).`,
    });
  });
});

describe('a picture of now', () => {
  it('is the newest frame, the same for all who ask within a second', async () => {
    const camera = cameraId('live');
    const stream = hub.open(camera);
    const reference = referenceOf(first);
    const pictures = snapshots();
    const entries = first.fragments.map((fragment) => ({
      ...{ runId: RUN, init: first.init, fragment, startMs: wallTime(START_MS, fragment) },
    }));
    let frames = 0;
    for (const entry of entries.slice(0, 7)) {
      stream.push(entry);
      frames += entry.fragment.frames;
    }
    clock.ms = 2_000;
    const asked = await pictures.of(camera, { atMs: null, width: null });
    const found = closest(await asked.read(), reference, WIDTH, HEIGHT).frame;
    // The newest in decode order may wait for a frame that is presented before it.
    expect(frames - 1 - found).toBeLessThanOrEqual(2);
    expect(frames - 1 - found).toBeGreaterThanOrEqual(-2);
    expect(asked.final).toBe(false);

    decoded = 0;
    for (const entry of entries.slice(7, 10)) stream.push(entry);
    clock.ms = 2_500;
    const soon = await pictures.of(camera, { atMs: null, width: null });
    await soon.read();
    expect([soon.tag, decoded]).toEqual([asked.tag, 0]);
    clock.ms = 3_001;
    expect((await pictures.of(camera, { atMs: null, width: null })).tag).not.toBe(asked.tag);
  });

  it('is refused while there is none, and when it is old', async () => {
    const camera = cameraId('silent');
    await expect(snapshots().of(camera, { atMs: null, width: null })).rejects.toMatchObject({
      kind: 'not-found',
    });
    const stream = hub.open(camera);
    const refused = { kind: 'conflict', message: 'The camera delivers no picture now.' };
    await expect(snapshots().of(camera, { atMs: null, width: null })).rejects.toMatchObject(refused);
    const [fragment] = first.fragments;
    if (fragment === undefined) throw new Error('no fragment');
    stream.push({ runId: RUN, init: first.init, fragment, startMs: at(0) });
    clock.ms = 20_000;
    await expect(snapshots().of(camera, { atMs: null, width: null })).rejects.toMatchObject(refused);
    clock.ms = 9_000;
    const jpeg = await (await snapshots().of(camera, { atMs: null, width: null })).read();
    expect(jpegSize(jpeg).width).toBe(WIDTH);
  });
});
