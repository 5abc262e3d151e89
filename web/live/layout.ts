/** How tiles share the wall. Pure. */
import type { WallLayout } from '../core/preferences.ts';

export interface Grid {
  readonly columns: number;
  readonly rows: number;
}

/** Width to height of a tile. */
const ASPECT = 16 / 9;

/** Most tiles on one page of the wall. */
const CELLS: Readonly<Record<WallLayout, number>> = { auto: 16, '1': 1, '4': 4, '6': 6, '9': 9, '16': 16 };

export function cellsOf(layout: WallLayout): number {
  return CELLS[layout];
}

/**
 * The grid whose tiles are largest. Of equals the one with fewer cells, so that a row or column is added only when
 * no tile shrinks by it.
 * @param width of the wall in CSS pixels
 * @param height likewise
 * @param gap between tiles, likewise
 */
export function bestGrid(count: number, width: number, height: number, gap: number): Grid {
  let best: Grid = { columns: 1, rows: Math.max(1, count) };
  let widest = 0;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const tile = tileWidth({ columns, rows }, width, height, gap);
    if (tile > widest + 0.5) {
      best = { columns, rows };
      widest = tile;
    }
  }
  return best;
}

/** The grid of a layout: what the user chose, except on a wall too narrow for it. */
export function gridOf(layout: WallLayout, count: number, width: number, height: number, gap: number): Grid {
  switch (layout) {
    case 'auto':
      return bestGrid(count, width, height, gap);
    case '6':
      return { columns: 3, rows: 3 };
    case '1':
    case '4':
    case '9':
    case '16': {
      const side = Math.sqrt(CELLS[layout]);
      return { columns: side, rows: side };
    }
  }
}

/** Width of a tile in CSS pixels that fits the grid into the wall. */
export function tileWidth({ columns, rows }: Grid, width: number, height: number, gap: number): number {
  const byWidth = (width - gap * (columns - 1)) / columns;
  const byHeight = ((height - gap * (rows - 1)) / rows) * ASPECT;
  return Math.max(1, Math.min(byWidth, byHeight));
}
