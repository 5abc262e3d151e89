import { createFile, MP4BoxBuffer } from 'mp4box';
import { describe, expect, it } from 'vitest';
import { cameraId, runId } from '../../src/domain/ids.ts';
import { type Ticks, ticks } from '../../src/domain/ticks.ts';
import { epochMs } from '../../src/domain/time.ts';
import { boxesIn, makeBox } from '../../src/mp4/boxes.ts';
import { rewriteInit, timescalesOf } from '../../src/mp4/init.ts';
import { rebaseChunks } from '../../src/mp4/rebase.ts';
import { type ScannedFragment, scanSegment } from '../../src/mp4/scan.ts';
import {
  mehdPatch,
  type Patch,
  readSegmentHeader,
  type SegmentMeta,
  segmentHeader,
} from '../../src/mp4/segmentFile.ts';
import { type ClipName, clip, cut, decode, ffprobe, frontOf } from './clips.ts';

const invalid = expect.objectContaining({ name: 'NvrError', kind: 'invalid' });

const META: SegmentMeta = {
  version: 1,
  cameraId: cameraId('front-door'),
  runId: runId('6f1f7a53-0f0e-4a5c-8a76-52f1a3a0b111'),
  stream: 'main',
  startMs: epochMs(1_700_000_000_123),
  startTicks: ticks(90_000),
  sequence: 7,
};

interface SegmentFile {
  readonly bytes: Buffer;
  readonly fragments: readonly ScannedFragment[];
  readonly durationTicks: Ticks;
}

/** A segment file that begins with the clip's second keyframe, as it is while it grows. */
async function openFile(name: ClipName): Promise<SegmentFile> {
  const { init, fragments } = cut([await clip(name)], { videoMs: 400, audioMs: 380 });
  const first = fragments.findIndex(({ key, sequence }) => key && sequence > 1);
  const startTicks = fragments[first]?.startTicks ?? ticks(0);
  const chunks = fragments
    .slice(first)
    .flatMap((fragment) => rebaseChunks(fragment, ticks(-startTicks), timescalesOf(init)));
  const bytes = Buffer.concat([segmentHeader(init, { ...META, startTicks }), ...chunks]);
  const { headerBytes } = readSegmentHeader(bytes);
  const range = { start: headerBytes, end: bytes.length, timescale: init.video.timescale };
  const scan = await scanSegment((offset, length) => bytes.subarray(offset, offset + length), range);
  const last = scan.fragments.at(-1);
  const durationTicks = ticks((last?.startTicks ?? 0) + (last?.durationTicks ?? 0));
  return { bytes, fragments: scan.fragments, durationTicks };
}

function patched(bytes: Buffer, patch: Patch): Buffer {
  const copy = Buffer.from(bytes);
  patch.bytes.copy(copy, patch.offset);
  return copy;
}

async function closedFile(name: ClipName): Promise<SegmentFile> {
  const open = await openFile(name);
  const header = readSegmentHeader(open.bytes);
  return { ...open, bytes: patched(open.bytes, mehdPatch(header, open.durationTicks)) };
}

describe('the header of a segment file', () => {
  it('gives back what went into it', async () => {
    const init = rewriteInit(frontOf(await clip('h264BframesAac')));
    const bytes = segmentHeader(init, META);
    const header = readSegmentHeader(bytes);
    expect(header.meta).toEqual(META);
    expect(header.init).toEqual(init);
    expect(header.headerBytes).toBe(bytes.length);
    expect(boxesIn(bytes).map(({ type }) => type)).toEqual(['ftyp', 'uuid', 'moov']);
  });

  it('is the same whether it has been closed or not', async () => {
    const { bytes, fragments } = await closedFile('h265Opus');
    const open = await openFile('h265Opus');
    expect(fragments.length).toBeGreaterThan(4);
    expect(readSegmentHeader(bytes)).toEqual(readSegmentHeader(open.bytes));
    expect(
      boxesIn(bytes)
        .slice(0, 5)
        .map(({ type }) => type),
    ).toEqual(['ftyp', 'uuid', 'moov', 'moof', 'mdat']);
  });

  it('is read from its beginning alone, and refused when that is cut off', async () => {
    const bytes = segmentHeader(rewriteInit(frontOf(await clip('h264'))), META);
    const header = readSegmentHeader(bytes);
    expect(readSegmentHeader(bytes.subarray(0, header.headerBytes))).toEqual(header);
    for (let length = 0; length < header.headerBytes; length++) {
      expect(() => readSegmentHeader(bytes.subarray(0, length))).toThrow(invalid);
    }
  });

  it.each([
    ['version', '"version":1', '"version":2'],
    ['camera', 'front-door', '../../door'],
    ['run', '6f1f7a53', '6f1f7a5/'],
    ['stream', '"main"', '"pain"'],
    ['start', '1700000000123', '-70000000.123'],
    ['sequence', '"sequence":7', '"sequence":-'],
    ['identity', '\xb0\xa6\xb7\xf2', '\xb0\xa6\xb7\xf3'],
  ])('is refused with a wrong %s', async (_what, good, bad) => {
    const bytes = segmentHeader(rewriteInit(frontOf(await clip('h264'))), META);
    expect(bytes.includes(good, 0, 'latin1')).toBe(true);
    bytes.write(bad, bytes.indexOf(good, 0, 'latin1'), 'latin1');
    expect(() => readSegmentHeader(bytes)).toThrow(invalid);
  });

  it('is refused in files that are not ours', async () => {
    expect(() => readSegmentHeader(makeBox('moov'))).toThrow(invalid);
    const foreign = await clip('h264');
    expect(() => readSegmentHeader(foreign)).toThrow(invalid);
  });
});

describe.each(['h264BframesAac', 'h265Opus', 'h264', 'shortGops'] as const)(
  'a segment file of %s',
  (name) => {
    it.each([
      ['while it grows', openFile],
      ['when it is closed', closedFile],
    ])('plays %s', async (_when, make) => {
      const { bytes, fragments } = await make(name);
      const { frames, errors } = await decode(bytes);
      expect([frames.length, errors]).toEqual([fragments.reduce((sum, one) => sum + one.frames, 0), '']);
    });

    it('says how long it is', async () => {
      const { bytes, durationTicks } = await closedFile(name);
      const { streams } = JSON.parse(await ffprobe(bytes, ['-show_streams']));
      expect(Number(streams[0].duration)).toBeCloseTo(durationTicks / 90_000, 3);
    });

    it('is sought to the right frame, and plays on from there', async () => {
      const { bytes } = await closedFile(name);
      const { frames: all } = await decode(bytes);
      for (const seconds of [0.5, 1.1, 2.5]) {
        const { frames } = await decode(bytes, ['-ss', String(seconds)]);
        expect(frames).toEqual(all.slice(-frames.length));
        expect(Math.abs(all.length - frames.length - seconds * 25)).toBeLessThan(1);
      }
    });

    it('is understood by mp4box.js', async () => {
      const { bytes, fragments, durationTicks } = await closedFile(name);
      const file = createFile();
      const samples: number[] = [];
      file.onSamples = (_id, _user, found) => {
        samples.push(...found.map(({ size }) => size));
      };
      file.onReady = () => {
        file.setExtractionOptions(1, null, { nbSamples: 1000 });
        file.start();
      };
      const all = new Uint8Array(bytes).buffer;
      file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(all, 0), true);
      file.flush();
      const info = file.getInfo();
      expect(info).toMatchObject({
        isFragmented: true,
        timescale: 90_000,
        fragment_duration: { num: durationTicks, den: 90_000 },
      });
      expect(info.tracks.map(({ codec }) => codec).join()).toBe(readSegmentHeader(bytes).init.codecs);
      expect(samples).toHaveLength(fragments.reduce((sum, { frames }) => sum + frames, 0));
    });
  },
);
