/** Thumbnails along the timeline: which sheets there are of a range, and each of them, made when it is asked for. */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { FoundKeyframe, KeyframeFinder } from '../archive/keyframeFinder.ts';
import type { Ledger } from '../archive/ledger.ts';
import type { PreviewStore } from '../archive/previewStore.ts';
import { NvrError } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import {
  type PreviewStep,
  SHEET_COLUMNS,
  SHEET_ROWS,
  SHEET_TILES,
  sheetStarts,
  stepFor,
  tileIntervals,
} from '../domain/previews.ts';
import { type Clock, type EpochMs, epochMs, type Interval } from '../domain/time.ts';
import type { PreviewList, SheetRequest } from '../http/picturePort.ts';
import type { Urgency } from '../media/decoder.ts';
import { type SheetMaker, tileSizeOf } from './sheetMaker.ts';

export interface PreviewDoors {
  readonly keyframes: KeyframeFinder;
  readonly maker: SheetMaker;
  readonly store: PreviewStore;
  readonly ledger: Pick<Ledger, 'init'>;
  readonly clock: Clock;
  readonly log: { warn(facts: object, message: string): void };
}

const TILE_WIDTH = 160;
/** The newest sheets of some hundred cameras. */
const MOST_GROWING = 500;
/** Segments are closed so long after a sheet's end. */
const SETTLED_MS = 120_000;
/** Part of every tag: another number when the same keyframes become another sheet. */
const LAYOUT_VERSION = 1;

/** A sheet before it is made. */
export interface PlannedSheet extends Interval {
  readonly stepMs: PreviewStep;
  readonly tiles: readonly (FoundKeyframe | null)[];
  /** Names what is on it. */
  readonly tag: string;
}

export class Previews {
  readonly #doors: PreviewDoors;
  readonly #making = new Map<string, Promise<Buffer>>();
  /** Sheets that were listed and still grow: their addresses hold for a while, although the next list has others. */
  readonly #growing = new Map<string, PlannedSheet>();

  constructor(doors: PreviewDoors) {
    this.#doors = doors;
  }

  /** As `PicturePort.previews`. */
  async list(camera: CameraId, interval: Interval, step: PreviewStep | null): Promise<PreviewList> {
    const stepMs = step ?? stepFor(interval);
    const sheets: PreviewList['sheets'][number][] = [];
    for (const startMs of sheetStarts(interval, stepMs)) {
      const sheet = this.plan(camera, startMs, stepMs);
      if (sheet !== null) {
        this.#remember(camera, sheet);
        sheets.push(this.#view(sheet));
      }
      // Of a day there are three hundred: others get their turn.
      await setImmediate();
    }
    return { sheets };
  }

  /**
   * As `PicturePort.sheet`.
   * @param urgency whether somebody waits for it
   */
  async sheet(
    camera: CameraId,
    { startMs, stepMs, tag }: SheetRequest,
    urgency: Urgency = 'asked',
  ): Promise<Buffer> {
    const { store, clock } = this.#doors;
    const name = { cameraId: camera, startMs, stepMs, tag };
    const kept = await store.read(name, clock.now());
    if (kept !== null) return kept;
    const key = `${camera} ${tag}`;
    const now = this.plan(camera, startMs, stepMs);
    const planned = now?.tag === tag ? now : this.#growing.get(key);
    if (now === null || planned === undefined) {
      throw new NvrError('not-found', 'The footage has changed since; ask for the list of sheets again.');
    }
    const making =
      this.#making.get(key) ??
      this.#make(camera, planned, urgency, planned === now).finally(() => this.#making.delete(key));
    this.#making.set(key, making);
    return await making;
  }

  /** What a sheet would show now; null where nothing is recorded. */
  plan(camera: CameraId, startMs: EpochMs, stepMs: PreviewStep): PlannedSheet | null {
    const interval = { startMs, endMs: epochMs(startMs + stepMs * SHEET_TILES) };
    const tiles = this.#doors.keyframes.find(camera, tileIntervals(interval, SHEET_TILES));
    if (tiles.every((tile) => tile === null)) return null;
    const shown = tiles.map((tile) => (tile === null ? null : [tile.segment.id, tile.gop, tile.atMs]));
    const facts = JSON.stringify([LAYOUT_VERSION, camera, startMs, stepMs, shown]);
    const tag = createHash('sha256').update(facts).digest('hex').slice(0, 16);
    return { ...interval, stepMs, tiles, tag };
  }

  /** Whether a sheet is on the disk. */
  has(camera: CameraId, { startMs, stepMs, tag }: PlannedSheet): boolean {
    return this.#doors.store.has({ cameraId: camera, startMs, stepMs, tag });
  }

  #remember(camera: CameraId, sheet: PlannedSheet): void {
    if (sheet.endMs + SETTLED_MS < this.#doors.clock.now()) return;
    this.#growing.set(`${camera} ${sheet.tag}`, sheet);
    for (const key of this.#growing.keys()) {
      if (this.#growing.size <= MOST_GROWING) break;
      this.#growing.delete(key);
    }
  }

  /** @param keep false for what is outdated already */
  async #make(camera: CameraId, planned: PlannedSheet, urgency: Urgency, keep: boolean): Promise<Buffer> {
    const { maker, store, clock, log } = this.#doors;
    const size = this.#tileSize(planned.tiles);
    const tiles = await maker.tiles(planned.tiles, size, urgency);
    const jpeg = await maker.sheet(tiles, { columns: SHEET_COLUMNS, size }, urgency);
    if (!keep) return jpeg;
    const { startMs, stepMs, tag } = planned;
    const name = { cameraId: camera, startMs, stepMs, tag };
    await store.keep(name, planned, jpeg, clock.now()).catch((error: unknown) => {
      log.warn({ err: error, camera }, 'a sheet of thumbnails could not be kept');
    });
    return jpeg;
  }

  #view({ startMs, endMs, stepMs, tiles, tag }: PlannedSheet): PreviewList['sheets'][number] {
    const { width, height } = this.#tileSize(tiles);
    return {
      ...{ tag, fromMs: startMs, toMs: endMs, stepMs },
      ...{ columns: SHEET_COLUMNS, rows: SHEET_ROWS, tileWidth: width, tileHeight: height },
      empty: tiles.flatMap((tile, index) => (tile === null ? [index] : [])),
    };
  }

  #tileSize(tiles: readonly (FoundKeyframe | null)[]) {
    const first = tiles.find((tile) => tile !== null);
    if (first == null) throw new RangeError('a sheet of nothing');
    return tileSizeOf(this.#doors.ledger.init(first.segment.initKey), TILE_WIDTH);
  }
}
