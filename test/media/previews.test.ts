/** Thumbnails of a real archive: each tile shows its keyframe, holes stay dark, and nothing outlives its footage. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contactSheet } from '../../src/app/contactSheet.ts';
import { PreviewBuilder } from '../../src/app/previewBuilder.ts';
import { Previews } from '../../src/app/previews.ts';
import { SheetMaker } from '../../src/app/sheetMaker.ts';
import type { Archive } from '../../src/archive/archive.ts';
import { KeyframeFinder } from '../../src/archive/keyframeFinder.ts';
import { cameraId, runId } from '../../src/domain/ids.ts';
import { type EpochMs, epochMs } from '../../src/domain/time.ts';
import { zone } from '../../src/domain/zone.ts';
import { Canvas } from '../../src/media/canvas.ts';
import { DECODER_LIMITS, Decoder } from '../../src/media/decoder.ts';
import type { DecoderHost } from '../../src/media/decoderHost.ts';
import { encodeRun, record } from '../archive/exportFootage.ts';
import { type Media, wallTime } from '../archive/fragments.ts';
import { FRONT, HandClock, openArchive, START_MS, silentLog } from '../archive/support.ts';
import { decoderHost, difference, greyFrames, jpegSize } from '../support/pictures.ts';

/** The first whole sheet after the archive's first moment. */
const SHEET_MS = 300_000;
const SHEET_START = epochMs(Math.ceil(START_MS / SHEET_MS) * SHEET_MS);
const [TILE_WIDTH, TILE_HEIGHT] = [160, 120];

let folder: string;
let host: DecoderHost;
let archive: Archive;
let first: Media;
let second: Media;
let previews: Previews;
let keyframes: KeyframeFinder;
let maker: SheetMaker;
const clock = new HandClock();
let made = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nightjar-previews-'));
  host = await decoderHost();
  archive = await openArchive(folder, { segmentMs: 10_000, maxQueuedMs: 120_000, clock });
  const { footage, ledger, exporter } = archive;
  [first, second] = [encodeRun('bframes', 45, true), encodeRun('h265', 12, false)];
  // Tiles 0 to 4, and a minute later tile 10 and half of 11.
  await record(archive, first, 1, SHEET_START - START_MS);
  await record(archive, second, 2, SHEET_START + 100_000 - START_MS);
  keyframes = new KeyframeFinder({ footage, ledger, disk: exporter.disk });
  const decoder = new Decoder({ host, folder, ...DECODER_LIMITS });
  maker = new SheetMaker({
    keyframes,
    decoder: {
      pixels: (...request) => decoder.pixels(...request),
      sheet: (...request) => {
        made++;
        return decoder.sheet(...request);
      },
    },
  });
  previews = new Previews({ keyframes, maker, store: archive.previews, ledger, clock, log: silentLog });
}, 120_000);
afterAll(async () => {
  host.close();
  await archive.close();
  rmSync(folder, { recursive: true, force: true });
});

function range(fromMs: number, toMs: number): { startMs: EpochMs; endMs: EpochMs } {
  return { startMs: epochMs(SHEET_START + fromMs), endMs: epochMs(SHEET_START + toMs) };
}

/** Brightness of each tile of a sheet. */
function tilesOf(jpeg: Buffer, width: number, height: number, columns: number, rows: number): Buffer[] {
  const [sheet] = greyFrames(jpeg, width * columns, height * rows);
  if (sheet === undefined) throw new Error('this is no picture');
  return Array.from({ length: columns * rows }, (_, index) => {
    const [x, y] = [(index % columns) * width, Math.floor(index / columns) * height];
    const row = (at: number) =>
      sheet.subarray((y + at) * width * columns + x, (y + at) * width * columns + x + width);
    return Buffer.concat(Array.from({ length: height }, (__, at) => row(at)));
  });
}

function framesOf({ init, fragments }: Media): Buffer[] {
  const bytes = Buffer.concat([init.bytes, ...fragments.flatMap(({ chunks }) => chunks)]);
  return greyFrames(bytes, TILE_WIDTH, TILE_HEIGHT);
}

async function onlySheet() {
  const { sheets } = await previews.list(FRONT, range(0, SHEET_MS), null);
  const [sheet] = sheets;
  if (sheet === undefined || sheets.length !== 1) throw new Error(`${sheets.length} sheets`);
  return sheet;
}

describe('a sheet of thumbnails', () => {
  it('is listed with its tiles', async () => {
    expect(await onlySheet()).toMatchObject({
      ...{ fromMs: SHEET_START, toMs: SHEET_START + SHEET_MS, stepMs: 10_000 },
      ...{ columns: 6, rows: 5, tileWidth: TILE_WIDTH, tileHeight: TILE_HEIGHT },
      empty: [5, 6, 7, 8, 9, ...Array.from({ length: 18 }, (_, index) => index + 12)],
    });
    expect((await previews.list(FRONT, range(-SHEET_MS, 0), 10_000)).sheets).toEqual([]);
  });

  it('shows at each tile the keyframe at its middle, and darkness where there is none', async () => {
    const { tag, empty } = await onlySheet();
    const jpeg = await previews.sheet(FRONT, { startMs: SHEET_START, stepMs: 10_000, tag });
    expect(jpegSize(jpeg)).toEqual({ width: 6 * TILE_WIDTH, height: 5 * TILE_HEIGHT });
    const tiles = tilesOf(jpeg, TILE_WIDTH, TILE_HEIGHT, 6, 5);
    const [early, late] = [framesOf(first), framesOf(second)];
    for (const [index, tile] of tiles.entries()) {
      if (empty.includes(index)) {
        expect(Math.max(...tile)).toBeLessThan(40);
        continue;
      }
      // Keyframes are a second apart; that at or before the middle, or the first there is.
      const frames = index < 10 ? early : late;
      const seconds = index < 10 ? index * 10 + 5 : (index - 10) * 10 + 5;
      const frame = frames[Math.min(seconds, index === 4 ? 40 : index === 11 ? 10 : seconds) * 25];
      const differences = frames.filter((_, at) => at % 25 === 0).map((each) => difference(tile, each));
      expect({ index, difference: difference(tile, frame ?? Buffer.alloc(0)) }).toEqual({
        index,
        difference: Math.min(...differences),
      });
    }
  });

  it('is made once for all who ask, and then read', async () => {
    const { tag } = await onlySheet();
    const request = { startMs: SHEET_START, stepMs: 10_000, tag } as const;
    archive.previews.settle();
    made = 0;
    const jpegs = await Promise.all(Array.from({ length: 50 }, () => previews.sheet(FRONT, request)));
    expect(new Set(jpegs.map((jpeg) => jpeg.toString('base64'))).size).toBe(1);
    expect(made).toBe(0);
    rmSync(join(folder, 'state', 'previews'), { recursive: true });
    await Promise.all(Array.from({ length: 50 }, () => previews.sheet(FRONT, request)));
    expect(made).toBe(1);
  });

  it('that grew since it was listed can still be had, and shows what it said', async () => {
    const camera = cameraId('growing');
    clock.ms = SHEET_START - START_MS + 30_000;
    const late = SHEET_START - START_MS + SHEET_MS;
    const id = (last: string) => runId(`00000000-0000-4000-8000-0000000000${last}`);
    const write = async (last: string, atMs: number) => {
      const run = { id: id(last), cameraId: camera, stream: 'main', init: second.init } as const;
      archive.ledger.beginRun({ ...run, startedMs: epochMs(START_MS + atMs) });
      const writer = archive.writer(run.id, () => undefined);
      for (const fragment of second.fragments) writer.append(fragment, wallTime(START_MS + atMs, fragment));
      await writer.end();
    };
    await write('a1', late);
    const range = { startMs: epochMs(START_MS + late), endMs: epochMs(START_MS + late + 60_000) };
    const [before] = (await previews.list(camera, range, 10_000)).sheets;
    await write('a2', late + 20_000);
    const [after] = (await previews.list(camera, range, 10_000)).sheets;
    expect(after?.tag).not.toBe(before?.tag);
    expect([before?.empty.length, after?.empty.length]).toEqual([28, 26]);
    for (const tag of [before?.tag ?? '', after?.tag ?? '']) {
      const jpeg = await previews.sheet(camera, { startMs: range.startMs, stepMs: 10_000, tag });
      expect(jpegSize(jpeg).width).toBe(6 * TILE_WIDTH);
      const name = { cameraId: camera, startMs: range.startMs, stepMs: 10_000, tag };
      expect(archive.previews.has(name)).toBe(tag === after?.tag);
    }
  });

  it('of another tag is not found', async () => {
    const request = { startMs: SHEET_START, stepMs: 10_000, tag: '0'.repeat(16) } as const;
    await expect(previews.sheet(FRONT, request)).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('is made in advance, one at a time, and not while it would cost too much', async () => {
    rmSync(join(folder, 'state', 'previews'), { recursive: true });
    const { tag } = await onlySheet();
    const name = { cameraId: FRONT, startMs: SHEET_START, stepMs: 10_000, tag };
    expect(await archive.previews.read(name, clock.now())).toBeNull();
    let load = 2;
    const builder = (cpuShare: number) =>
      new PreviewBuilder({
        ...{ previews, store: archive.previews, clock, log: silentLog },
        cameras: () => [FRONT],
        cpuSeconds: () => host.cpuSeconds,
        load: () => load,
        limits: { cpuShare, maxBytes: 2 ** 30 },
      });
    clock.ms = SHEET_START - START_MS + SHEET_MS + 5_000;
    const willing = builder(0.05);
    expect(await willing.turn()).toBeGreaterThanOrEqual(20_000);
    load = 0;
    expect(await builder(0).turn()).toBeGreaterThanOrEqual(20_000);
    // The sheet's last segments may not be closed yet.
    expect(await willing.turn()).toBeGreaterThanOrEqual(20_000);
    expect(archive.previews.has(name)).toBe(false);
    clock.ms += 10_000;
    const spent = host.cpuSeconds;
    const waitMs = await willing.turn();
    expect(archive.previews.has(name)).toBe(true);
    expect(waitMs).toBeCloseTo((host.cpuSeconds - spent) * 20_000, 0);
    expect(await willing.turn()).toBe(20_000);
  });
});

/** The brightness of the line above a contact sheet of 960 pixels. */
function head(jpeg: Buffer): Buffer {
  const [sheet] = greyFrames(jpeg, 960, 28 + 8 * 120);
  return (sheet ?? Buffer.alloc(0)).subarray(0, 960 * 28);
}

function written(text: string): Buffer {
  const canvas = new Canvas({ width: 960, height: 28 });
  canvas.write(text, 0, 0, 4);
  return canvas.pixels.subarray(0, 960 * 28);
}

describe('a contact sheet', () => {
  const doors = () => ({ keyframes, maker, ledger: archive.ledger, zone: zone('Europe/Berlin') });

  it('shows a range with its times', async () => {
    const sheet = contactSheet(doors(), FRONT, range(0, 48_000), 960);
    const jpeg = await sheet.read();
    const { width, height } = jpegSize(jpeg);
    // A line of text twice as high as those on the tiles, and eight rows.
    expect([width, height]).toEqual([960, 28 + 8 * 120]);
    const [right, wrong] = ['3:00', '4:00'].map((hour) => `2026-03-29 0${hour} - 2026-03-29 0${hour}`);
    const differenceTo = (text = '') => difference(head(jpeg), written(text));
    expect(differenceTo(right)).toBeLessThan(2);
    expect(differenceTo(wrong)).toBeGreaterThan(differenceTo(right) + 0.5);
    expect(contactSheet(doors(), FRONT, range(0, 48_000), 960).tag).toBe(sheet.tag);
    expect(contactSheet(doors(), FRONT, range(0, 40_000), 960).tag).not.toBe(sheet.tag);
  });

  it('of a range without footage is refused', () => {
    expect(() => contactSheet(doors(), FRONT, range(-SHEET_MS, -1_000), 960)).toThrow('Nothing was recorded');
  });
});

describe('what is deleted', () => {
  it('is not shown any more, by any address', async () => {
    const { tag } = await onlySheet();
    const request = { startMs: SHEET_START, stepMs: 10_000, tag } as const;
    await previews.sheet(FRONT, request);
    archive.policies.set(FRONT, { ...archive.policies.get(FRONT), maxAgeMs: 60_000, minAgeMs: null });
    clock.ms = SHEET_START - START_MS + 2 * SHEET_MS;
    while ((await archive.retention.turn()) === 0);
    await expect(previews.sheet(FRONT, request)).rejects.toMatchObject({ kind: 'not-found' });
    expect((await previews.list(FRONT, range(0, SHEET_MS), null)).sheets).toEqual([]);
    await archive.previews.sweep(2 ** 30);
    expect(archive.previews.has({ cameraId: FRONT, ...request })).toBe(false);
  });
});
