/** Small pictures of the past, for who drags over it: sheets of them by the hour, fetched when somebody looks there. */
import { signal } from '@preact/signals';
import { ApiError, get } from '../core/api.ts';
import { exactNow } from '../core/clock.ts';

/** One sheet: pictures in rows, `stepMs` apart from `fromMs` on. */
interface Sheet {
  readonly url: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly columns: number;
  readonly rows: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
}

/** Where in a sheet a picture is, in pixels of the sheet. */
export interface Preview {
  readonly url: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly sheetWidth: number;
  readonly sheetHeight: number;
}

const BLOCK_MS = 3_600_000;
/** What still grows is asked for again after so long. */
const FRESH_MS = 20_000;
const MOST_BLOCKS = 200;

const version = signal(0);
const blocks = new Map<string, { readonly sheets: readonly Sheet[]; readonly loadedMs: number }>();
const pending = new Set<string>();
/** A recorder that makes no previews is not asked again. */
let offered = true;

/** The picture nearest before a moment; null when there is none, or not yet. Asks for it. */
export function previewAt(camera: string, ms: number): Preview | null {
  version.value;
  const start = Math.floor(ms / BLOCK_MS) * BLOCK_MS;
  const key = `${camera} ${start}`;
  const block = blocks.get(key);
  const grows = block !== undefined && block.loadedMs < start + BLOCK_MS + FRESH_MS;
  if (!block || (grows && exactNow() - block.loadedMs > FRESH_MS)) void load(camera, start, key);
  const sheet = block?.sheets.find(({ fromMs, toMs }) => ms >= fromMs && ms < toMs);
  return sheet ? placeIn(sheet, ms) : null;
}

/** Pure. */
export function placeIn(sheet: Sheet, ms: number): Preview {
  const { columns, rows, tileWidth: width, tileHeight: height } = sheet;
  const index = Math.min(columns * rows - 1, Math.floor((ms - sheet.fromMs) / sheet.stepMs));
  return {
    url: sheet.url,
    x: (index % columns) * width,
    y: Math.floor(index / columns) * height,
    width,
    height,
    sheetWidth: columns * width,
    sheetHeight: rows * height,
  };
}

async function load(camera: string, start: number, key: string): Promise<void> {
  if (!offered || pending.has(key)) return;
  pending.add(key);
  try {
    const to = Math.min(start + BLOCK_MS, Math.floor(exactNow()));
    const { sheets } = await get<{ readonly sheets: readonly Sheet[] }>(
      `/cameras/${camera}/previews?from=${start}&to=${to}`,
    );
    if (blocks.size > MOST_BLOCKS) blocks.clear();
    blocks.set(key, { sheets, loadedMs: exactNow() });
    version.value += 1;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) offered = false;
  } finally {
    pending.delete(key);
  }
}
