/**
 * The timeline in cells: levels of equal cells, each the sum of those of the level below, so that a year of many
 * cameras is read as quickly as an hour. What a cell says, how it becomes bytes, how cells become one. Pure.
 */
import type { EpochMs, Interval } from './time.ts';

/** Cells of one length; so many of them, beginning at a multiple of their length together, are kept in one row. */
export interface Level {
  readonly level: number;
  readonly cellMs: number;
  readonly rowCells: number;
}

const MINUTE_MS = 60_000;

/**
 * From the finest on; the cells of each are a whole number of those before. A row just
 * fits into a page of the index, so that an answer is made of few and a new minute rewrites little: it is of five hours,
 * three days or seven weeks.
 */
export const LEVELS = [
  { level: 1, cellMs: MINUTE_MS, rowCells: 300 },
  { level: 2, cellMs: 15 * MINUTE_MS, rowCells: 288 },
  { level: 3, cellMs: 240 * MINUTE_MS, rowCells: 294 },
] as const satisfies readonly Level[];

export function rowMs({ cellMs, rowCells }: Level): number {
  return cellMs * rowCells;
}

/** The coarsest level whose cells are no longer than those that are asked for; the finest if there is none. */
export function levelFor(resolutionMs: number): Level {
  return LEVELS.findLast(({ cellMs }) => cellMs <= resolutionMs) ?? LEVELS[0];
}

/**
 * What a cell says. Activities are 0–250, and null where nothing is known of them. Of the causes of its gaps it names
 * the one that lasted longest, by the number that stands for it; 0 is none.
 */
export interface Cell {
  readonly recordedMs: number;
  readonly gapMs: number;
  readonly cause: number;
  /** How many events begin in it, up to 255. */
  readonly events: number;
  /** Of its busiest second. */
  readonly peak: number | null;
  /** Of its seconds with footage. */
  readonly mean: number | null;
}

export const EMPTY_CELL: Cell = { recordedMs: 0, gapMs: 0, cause: 0, events: 0, peak: null, mean: null };

/** Two times of 32 bits, then cause, events, and both activities plus one, so that an empty cell is all zeros. */
export const CELL_BYTES = 12;

export function readCell(bytes: Buffer, index: number): Cell {
  const at = index * CELL_BYTES;
  const [cause = 0, events = 0, peak = 0, mean = 0] = bytes.subarray(at + 8, at + CELL_BYTES);
  return {
    recordedMs: bytes.readUInt32LE(at),
    gapMs: bytes.readUInt32LE(at + 4),
    cause,
    events,
    peak: known(peak),
    mean: known(mean),
  };
}

export function writeCell(bytes: Buffer, index: number, cell: Cell): void {
  const at = index * CELL_BYTES;
  bytes.writeUInt32LE(cell.recordedMs, at);
  bytes.writeUInt32LE(cell.gapMs, at + 4);
  const rest = [cell.cause, Math.min(cell.events, 255), stored(cell.peak), stored(cell.mean)];
  for (const [offset, value] of rest.entries()) bytes[at + 8 + offset] = value;
}

/** An activity as a byte of a cell or a second holds it. */
export function stored(activity: number | null): number {
  return activity === null ? 0 : activity + 1;
}

/** The activity that such a byte means. */
export function known(byte: number): number | null {
  return byte === 0 ? null : byte - 1;
}

/** The cell of which these are the parts. */
export function sumOfCells(cells: readonly Cell[]): Cell {
  let [recordedMs, gapMs, events, weight, sum] = [0, 0, 0, 0, 0];
  let peak: number | null = null;
  for (const cell of cells) {
    recordedMs += cell.recordedMs;
    gapMs += cell.gapMs;
    events += cell.events;
    if (cell.peak !== null) peak = Math.max(peak ?? 0, cell.peak);
    if (cell.mean === null) continue;
    weight += cell.recordedMs;
    sum += cell.mean * cell.recordedMs;
  }
  const mean = weight === 0 ? null : Math.round(sum / weight);
  return { recordedMs, gapMs, cause: longest(cells), events, peak, mean };
}

/** The cause that lasted longest; of several, the least number. */
function longest(cells: readonly Pick<Cell, 'cause' | 'gapMs'>[]): number {
  const lasted = new Map<number, number>();
  for (const { cause, gapMs } of cells) {
    if (gapMs > 0) lasted.set(cause, (lasted.get(cause) ?? 0) + gapMs);
  }
  let found = 0;
  for (const [cause, ms] of [...lasted].sort(([a], [b]) => a - b)) {
    if (found === 0 || ms > (lasted.get(found) ?? 0)) found = cause;
  }
  return found;
}

/** A segment as cells are made of it. */
export interface CellSegment extends Interval {
  /**
   * One byte for each UTC second that it touches, as `stored` makes them; none when nothing moved at all, and null where
   * nothing is known.
   */
  readonly seconds: Buffer | null;
}

export interface CellGap extends Interval {
  readonly cause: number;
}

/** What happened in a stretch of time. Segments overlap only where the clock was set back. */
export interface CellSources {
  readonly segments: readonly CellSegment[];
  readonly gaps: readonly CellGap[];
  /** When events began. */
  readonly events: readonly EpochMs[];
}

/** So many cells of the finest level from `startMs` on, which is a whole minute. */
export function minuteCells(startMs: number, count: number, sources: CellSources): Cell[] {
  const cells = Array.from({ length: count }, () => new MinuteCell());
  for (const segment of sources.segments) {
    for (const [index, ms, fromMs] of spread(segment, startMs, count)) {
      cells[index]?.addFootage(segment, ms, fromMs);
    }
  }
  for (const gap of sources.gaps) {
    for (const [index, ms] of spread(gap, startMs, count)) cells[index]?.gaps.push({ ...gap, gapMs: ms });
  }
  for (const atMs of sources.events) {
    const cell = cells[Math.floor((atMs - startMs) / MINUTE_MS)];
    if (cell !== undefined) cell.events++;
  }
  return cells.map((cell) => cell.done());
}

/** Into which minutes an interval falls, for how long, and from when on in each. */
function* spread(
  { startMs, endMs }: Interval,
  zeroMs: number,
  count: number,
): Generator<readonly [index: number, ms: number, fromMs: number]> {
  const first = Math.max(0, Math.floor((startMs - zeroMs) / MINUTE_MS));
  for (let index = first; index < count; index++) {
    const fromMs = Math.max(startMs, zeroMs + index * MINUTE_MS);
    const ms = Math.min(endMs, zeroMs + (index + 1) * MINUTE_MS) - fromMs;
    if (ms <= 0) return;
    yield [index, ms, fromMs];
  }
}

class MinuteCell {
  recordedMs = 0;
  readonly gaps: (CellGap & { readonly gapMs: number })[] = [];
  events = 0;
  #peak = -1;
  #sum = 0;
  #seconds = 0;

  addFootage({ startMs, seconds }: CellSegment, ms: number, fromMs: number): void {
    this.recordedMs = Math.min(MINUTE_MS, this.recordedMs + ms);
    if (seconds === null) return;
    const first = Math.floor(fromMs / 1000);
    const offset = first - Math.floor(startMs / 1000);
    const length = Math.ceil((fromMs + ms) / 1000) - first;
    for (let index = offset; index < offset + length; index++) {
      const activity = seconds.length === 0 ? 0 : known(seconds[index] ?? 0);
      if (activity === null) continue;
      this.#peak = Math.max(this.#peak, activity);
      this.#sum += activity;
      this.#seconds++;
    }
  }

  done(): Cell {
    const { recordedMs, events } = this;
    const gapMs = this.gaps.reduce((sum, gap) => sum + gap.gapMs, 0);
    const isKnown = this.#seconds > 0;
    return {
      recordedMs,
      gapMs: Math.min(MINUTE_MS, gapMs),
      cause: longest(this.gaps),
      events,
      peak: isKnown ? this.#peak : null,
      mean: isKnown ? Math.round(this.#sum / this.#seconds) : null,
    };
  }
}
