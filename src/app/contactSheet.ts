/** One picture of a whole range, such as a day: tiles at even distances, each with its time, under the range. */
import { createHash } from 'node:crypto';
import type { FoundKeyframe, KeyframeFinder } from '../archive/keyframeFinder.ts';
import type { Ledger } from '../archive/ledger.ts';
import { NvrError } from '../domain/errors.ts';
import type { CameraId } from '../domain/ids.ts';
import { tileIntervals } from '../domain/previews.ts';
import type { EpochMs, Interval } from '../domain/time.ts';
import { formatLocal, type Zone } from '../domain/zone.ts';
import type { ContactSheet } from '../http/picturePort.ts';
import type { PictureSize } from '../media/picturePlan.ts';
import { type SheetMaker, tileSizeOf } from './sheetMaker.ts';

export interface ContactSheetDoors {
  readonly keyframes: KeyframeFinder;
  readonly maker: SheetMaker;
  readonly ledger: Pick<Ledger, 'init'>;
  readonly zone: Zone;
}

/** Half an hour each of a day of 24 hours. */
const [COLUMNS, ROWS] = [6, 8];
/** A sign with the ground around it is so many points high; so many points are as wide as a tile. */
const SIGN_POINTS = 7;
const POINTS_ACROSS = 80;
/** Part of every tag: another number when the same keyframes become another picture. */
const LAYOUT_VERSION = 1;

/**
 * As `PicturePort.contactSheet`.
 * @param width of the whole, about
 * @throws NvrError `not-found` when nothing is recorded in the range
 */
export function contactSheet(
  doors: ContactSheetDoors,
  camera: CameraId,
  interval: Interval,
  width: number,
): ContactSheet {
  const { keyframes, ledger } = doors;
  const found = keyframes.find(camera, tileIntervals(interval, COLUMNS * ROWS));
  const first = found.find((each) => each !== null);
  if (first == null)
    throw new NvrError('not-found', 'Nothing was recorded in this range.', { field: 'from' });
  const size = tileSizeOf(ledger.init(first.segment.initKey), width / COLUMNS);
  const shown = found.map((each) => (each === null ? null : [each.segment.id, each.gop, each.atMs]));
  const facts = JSON.stringify([LAYOUT_VERSION, doors.zone, camera, interval, width, shown]);
  const tag = createHash('sha256').update(facts).digest('base64url').slice(0, 27);
  return { tag, read: () => make(doors, found, interval, size) };
}

async function make(
  { maker, zone }: ContactSheetDoors,
  found: readonly (FoundKeyframe | null)[],
  interval: Interval,
  size: PictureSize,
): Promise<Buffer> {
  const scale = Math.max(1, Math.round(size.width / POINTS_ACROSS));
  const top = 2 * SIGN_POINTS * scale;
  const tiles = await maker.tiles(found, size, 'asked');
  return await maker.sheet(tiles, { columns: COLUMNS, size, top }, 'asked', (canvas) => {
    canvas.write(`${minute(interval.startMs, zone)} - ${minute(interval.endMs, zone)}`, 0, 0, scale * 2);
    for (const [index, each] of found.entries()) {
      if (each === null) continue;
      const [column, row] = [index % COLUMNS, Math.floor(index / COLUMNS)];
      const text = formatLocal(each.atMs, zone).slice(11);
      const bottom = top + (row + 1) * size.height;
      canvas.write(text, column * size.width, bottom - SIGN_POINTS * scale, scale);
    }
  });
}

/** `2026-03-29 02:00` */
function minute(ms: EpochMs, zone: Zone): string {
  return formatLocal(ms, zone).slice(0, 16);
}
