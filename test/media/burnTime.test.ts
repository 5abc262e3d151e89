/** Exports with the wall time in their pictures, over a real archive, a real encoder and a program that reads text. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeExport } from '../../src/app/exportMaker.ts';
import type { Making } from '../../src/app/exportReady.ts';
import type { Archive } from '../../src/archive/archive.ts';
import type { ExportJob, ExportSpec } from '../../src/archive/exportJobStore.ts';
import { RecorderKey } from '../../src/archive/recorderKey.ts';
import type { Manifest } from '../../src/domain/exportManifest.ts';
import { epochMs } from '../../src/domain/time.ts';
import { zone } from '../../src/domain/zone.ts';
import { burnCaptions } from '../../src/media/burn.ts';
import { DecoderHost } from '../../src/media/decoderHost.ts';
import { Encoders } from '../../src/media/encoders.ts';
import { startGst } from '../../src/media/gst.ts';
import { remuxToTs } from '../../src/media/remux.ts';
import { encodeRun, record } from '../archive/exportFootage.ts';
import { FRONT, HandClock, openArchive, probe, START_MS, until } from '../archive/support.ts';
import { decoderHost } from '../support/pictures.ts';

let folder: string;
let archive: Archive;
let host: DecoderHost;
const encoders = new Encoders('x264enc');
const clock = new HandClock();
clock.ms = 3_600_000;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-burn-'));
  mkdirSync(join(folder, 'exports'));
  startGst([]);
  host = await decoderHost();
  archive = await openArchive(folder, { segmentMs: 1_000, clock });
  const large = { width: 640, height: 360 };
  // Its first picture is 200 ms later than the run, and the clocks go forward in its second second.
  const media = encodeRun('bframes', 4, true, large);
  await record(archive, media, 1, 28_300);
  await record(archive, media, 2, 47_100);
  await record(archive, encodeRun('h265', 2, false, large), 3, 60_000);
}, 180_000);
afterAll(async () => {
  host.close();
  await archive.close();
  rmSync(folder, { recursive: true, force: true });
});

const SPEC: ExportJob = {
  ...{ id: 1, state: 'running', createdMs: epochMs(START_MS), createdBy: 'anna', finishedMs: null },
  ...{ name: null, bytes: null, sha256: null, error: null },
  ...{ cameras: [FRONT], format: 'mp4', zip: false, burnTime: true },
  ...{ fromMs: epochMs(START_MS + 28_900), toMs: epochMs(START_MS + 48_700) },
};

async function made(
  spec: Partial<ExportSpec> = {},
  making: Partial<Making> = {},
  using = { host, encoders },
) {
  const { exporter, footage, settings } = archive;
  const path = join(folder, 'exports', 'export-1');
  const doors = {
    ...{ exporter, clock, zone: zone('Europe/Berlin'), remux: remuxToTs, software: 'Nightjar 1.2.3' },
    burn: (request: Parameters<typeof burnCaptions>[2]) => burnCaptions(using.host, using.encoders, request),
    key: RecorderKey.open(join(folder, 'state')),
    gaps: footage.gaps.bind(footage),
    nameOf: () => 'Front door',
    installation: settings.get('installation') ?? '',
  };
  const follow = { path, signal: new AbortController().signal, onProgress: () => undefined, ...making };
  await makeExport({ ...SPEC, ...spec }, doors, follow);
  return path;
}

/** What these pictures of a file say, one below the other. */
function textOf(path: string, frames: readonly number[]): string[] {
  const png = join(folder, 'pictures.png');
  const filter = [
    `select=${frames.map((frame) => `eq(n\\,${frame})`).join('+')}`,
    'crop=iw/2:ih/9:0:ih*5/6,scale=iw*4:-1,format=gray',
    `lut=y='if(gt(val,200),0,255)',tile=1x${frames.length}`,
  ].join(',');
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', path, '-vf', filter, '-frames:v', '1', png]);
  const text = execFileSync('tesseract', [png, '-', '--psm', '6'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return text.split('\n').filter((line) => line !== '');
}

const left = () => readdirSync(join(folder, 'exports'));
const H264_ONLY = { toMs: epochMs(START_MS + 30_400) };

describe('an export with burnt-in time', () => {
  it('says in every picture when it was, over a change of the clocks and over a gap', async () => {
    const seen: [number, number][] = [];
    const path = await made({}, { onProgress: (...progress) => seen.push(progress) });
    // From 28.9 s to 32.3, and from 47.1 to 48.7.
    expect(probe(path).frames).toBe(85 + 40);
    expect(textOf(path, [0, 2, 3, 27, 28, 84, 85, 107, 108, 124])).toEqual([
      ...['2026-03-29 01:59:58 +01:00', '2026-03-29 01:59:58 +01:00'],
      ...['2026-03-29 01:59:59 +01:00', '2026-03-29 01:59:59 +01:00'],
      ...['2026-03-29 03:00:00 +02:00', '2026-03-29 03:00:02 +02:00'],
      ...['2026-03-29 03:00:17 +02:00', '2026-03-29 03:00:17 +02:00'],
      ...['2026-03-29 03:00:18 +02:00', '2026-03-29 03:00:18 +02:00'],
    ]);
    expect(seen.at(-1)?.[0]).toBe(seen.at(-1)?.[1]);
    expect(left()).toEqual(['export-1']);
  });

  it.each(['fmp4', 'ts'] as const)('is as exact as %s, with its sound', async (format) => {
    const path = await made({ ...H264_ONLY, format });
    const ask = ['-v', 'error', '-show_entries', 'stream=codec_name', '-of', 'csv=p=0'];
    const codecs = execFileSync('ffprobe', [...ask, path], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    expect(new Set(codecs)).toEqual(new Set(['h264', 'aac']));
    expect(probe(path).frames).toBe(38);
    expect(left()).toEqual(['export-1']);
  });

  it('is H.264 whatever was recorded, and its manifest says that it was encoded anew', async () => {
    const path = await made({ zip: true, toMs: epochMs(START_MS + 62_000) });
    const text = execFileSync('unzip', ['-p', path, 'manifest.json'], { encoding: 'utf8' });
    const { files }: Manifest = JSON.parse(text);
    expect(files.map(({ codecs, burnTime }) => [codecs, burnTime])).toEqual([
      ['avc1,mp4a.40.2', true],
      ['avc1', true],
    ]);
    const [, second] = files;
    const h265 = join(folder, 'second.mp4');
    writeFileSync(h265, execFileSync('unzip', ['-p', path, second?.name ?? ''], { maxBuffer: 2 ** 28 }));
    expect(textOf(h265, [0, 49])).toEqual(['2026-03-29 03:00:30 +02:00', '2026-03-29 03:00:31 +02:00']);
  });

  it('is refused with a sentence where no encoder works', async () => {
    const none = new Encoders(null, () => Promise.resolve('It is not installed.'));
    await expect(made({}, {}, { host, encoders: none })).rejects.toThrow(
      expect.objectContaining({ kind: 'unavailable', message: expect.stringContaining('/encoders') }),
    );
    expect(left()).not.toContain('export-1.movie.part');
  });

  it('ends with its files when it is cancelled, or when its process dies', async () => {
    rmSync(join(folder, 'exports', 'export-1'), { force: true });
    const abort = new AbortController();
    const making = made({}, { signal: abort.signal });
    await until(() => left().includes('export-1.captions.part'), 20_000);
    abort.abort();
    await expect(making).rejects.toThrow(expect.objectContaining({ kind: 'conflict' }));
    expect(left()).toEqual([]);
    const dying = new DecoderHost({ program: join(folder, 'no-such-program.js'), idleMs: 1_000 });
    await expect(made({}, {}, { host: dying, encoders })).rejects.toThrow(/The encoder crashed/);
    expect(left()).toEqual([]);
    dying.close();
  });
});
