/**
 * A stretch of the timeline in the cells that somebody asked for, whatever level it comes from. Sums grow in place,
 * because there are tens of thousands of cells in an answer; nothing of it is seen outside. Pure.
 */
import { type EpochMs, epochMs, type Interval } from './time.ts';
import { CELL_BYTES, type CellSegment, type Level, stored } from './timelineCells.ts';

/** Consecutive cells of equal length, from a multiple of it on. */
export interface GridShape {
  readonly startMs: EpochMs;
  readonly stepMs: number;
  readonly count: number;
}

/** A run of cells with gaps whose most important cause is the same. */
export interface GridGap extends Interval {
  readonly cause: number;
  /** How much of it is missing. */
  readonly missingMs: number;
}

/** The whole cells that hold an interval. */
export function gridOver({ startMs, endMs }: Interval, stepMs: number): GridShape {
  const first = Math.floor(startMs / stepMs);
  return { startMs: epochMs(first * stepMs), stepMs, count: Math.ceil(endMs / stepMs) - first };
}

/** A stretch that grows is cut at multiples of so many cells. */
const CUT_CELLS = 64;

/** The cells before a moment and the rest, cut where it changes seldom while the moment moves on; no shape is empty. */
export function cutBefore(shape: GridShape, atMs: number): GridShape[] {
  const { startMs, stepMs, count } = shape;
  const cut = Math.floor(atMs / stepMs / CUT_CELLS) * CUT_CELLS - Math.round(startMs / stepMs);
  if (cut <= 0 || cut >= count) return [shape];
  const rest = { startMs: epochMs(startMs + cut * stepMs), stepMs, count: count - cut };
  return [{ startMs, stepMs, count: cut }, rest];
}

/** The bounds of a grid. */
export function boundsOf({ startMs, stepMs, count }: GridShape): Interval {
  return { startMs, endMs: epochMs(startMs + count * stepMs) };
}

/** What is told of consecutive cells. All of one type: what writes them as text is compiled for one, and then quick. */
export interface CellColumns {
  /** How many events begin in each. */
  readonly counts: Uint32Array;
  /** How much of each is recorded, in thousandths; of any footage at least one. */
  readonly recorded: Uint32Array;
  /** How much moved in the busiest second of each, plus one; 0 where it is unknown. */
  readonly peaks: Uint32Array;
  /** How much moved on average of the footage in each, plus one; 0 where it is unknown. */
  readonly means: Uint32Array;
}

interface CellRun {
  readonly first: number;
  readonly end: number;
}

export class TimelineGrid {
  readonly shape: GridShape;
  readonly #recordedMs: Float64Array;
  readonly #gapMs: Float64Array;
  /** The cause of the longest gap of each cell, and how long that is. */
  readonly #cause: Uint8Array;
  readonly #causeMs: Float64Array;
  readonly #events: Uint32Array;
  /** Plus one; 0 where nothing is known. */
  readonly #peak: Uint32Array;
  readonly #meanSum: Float64Array;
  readonly #meanMs: Float64Array;
  /** As they are told: made once, because what each camera threw away of them would have to be collected. */
  readonly #columns: CellColumns;

  constructor(shape: GridShape) {
    const { count } = shape;
    this.shape = shape;
    this.#recordedMs = new Float64Array(count);
    this.#gapMs = new Float64Array(count);
    this.#cause = new Uint8Array(count);
    this.#causeMs = new Float64Array(count);
    this.#events = new Uint32Array(count);
    this.#peak = new Uint32Array(count);
    this.#meanSum = new Float64Array(count);
    this.#meanMs = new Float64Array(count);
    const [recorded, means] = [new Uint32Array(count), new Uint32Array(count)];
    this.#columns = { counts: this.#events, recorded, peaks: this.#peak, means };
  }

  /** Empties all cells, for another camera. */
  clear(): void {
    const sums = [this.#recordedMs, this.#gapMs, this.#causeMs, this.#meanSum, this.#meanMs];
    for (const column of [...sums, this.#cause, this.#events, this.#peak]) column.fill(0);
  }

  /** Adds consecutive cells of a level, of which some may lie outside. */
  addRow(bytes: Buffer, rowStartMs: number, { cellMs, rowCells }: Level): void {
    const { startMs, stepMs, count } = this.shape;
    const offsetMs = rowStartMs - startMs;
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const begin = Math.max(0, Math.floor(-offsetMs / cellMs));
    const end = Math.min(rowCells, Math.ceil((count * stepMs - offsetMs) / cellMs));
    if (cellMs === stepMs && offsetMs % stepMs === 0) {
      this.#addAlike(words, begin, end, offsetMs / stepMs);
      return;
    }
    for (let index = begin; index < end; index++) {
      const at = index * CELL_BYTES;
      const recordedMs = words.getUint32(at, true);
      const gapMs = words.getUint32(at + 4, true);
      const rest = words.getUint32(at + 8);
      if (recordedMs === 0 && gapMs === 0 && rest === 0) continue;
      const fromMs = offsetMs + index * cellMs;
      const untilMs = fromMs + cellMs;
      const first = Math.floor(fromMs / stepMs);
      const events = (rest >> 16) & 255;
      // Where a cell is longer than those asked for, nobody knows which of them an event is in: see `addEvent`.
      if (events > 0 && first >= 0 && cellMs <= stepMs) {
        this.#events[first] = (this.#events[first] ?? 0) + events;
      }
      for (let target = Math.max(0, first); target < count && target * stepMs < untilMs; target++) {
        const targetMs = target * stepMs;
        const share = (Math.min(untilMs, targetMs + stepMs) - Math.max(fromMs, targetMs)) / cellMs;
        if (gapMs > 0) this.#addGap(target, gapMs * share, rest >>> 24);
        if (recordedMs > 0) this.#addFootage(target, recordedMs * share, (rest >> 8) & 255, rest & 255);
      }
    }
  }

  /** Cells that are those of the grid, so many places further on: a day in minutes is tens of thousands of them. */
  #addAlike(words: DataView, begin: number, end: number, shift: number): void {
    for (let index = begin; index < end; index++) {
      const at = index * CELL_BYTES;
      const recordedMs = words.getUint32(at, true);
      const gapMs = words.getUint32(at + 4, true);
      const rest = words.getUint32(at + 8);
      const target = shift + index;
      const events = (rest >> 16) & 255;
      if (events > 0) this.#events[target] = (this.#events[target] ?? 0) + events;
      if (gapMs > 0) this.#addGap(target, gapMs, rest >>> 24);
      if (recordedMs > 0) this.#addFootage(target, recordedMs, (rest >> 8) & 255, rest & 255);
    }
  }

  /** Adds what is recorded, with its seconds where they are known. */
  addSegment(segment: CellSegment): void {
    const { startMs, stepMs, count } = this.shape;
    const first = Math.max(0, Math.floor((segment.startMs - startMs) / stepMs));
    for (let target = first; target < count; target++) {
      const fromMs = Math.max(segment.startMs, startMs + target * stepMs);
      const toMs = Math.min(segment.endMs, startMs + (target + 1) * stepMs);
      if (toMs <= fromMs) return;
      this.#addFootage(target, toMs - fromMs, 0, 0);
      if (segment.seconds !== null) this.#addSeconds(target, segment.seconds, segment.startMs, fromMs, toMs);
    }
  }

  /** Adds an interval that is missing. */
  addGap({ startMs: gapStartMs, endMs, cause }: Omit<GridGap, 'missingMs'>): void {
    const { startMs, stepMs, count } = this.shape;
    const first = Math.max(0, Math.floor((gapStartMs - startMs) / stepMs));
    for (let target = first; target < count; target++) {
      const fromMs = Math.max(gapStartMs, startMs + target * stepMs);
      const toMs = Math.min(endMs, startMs + (target + 1) * stepMs);
      if (toMs <= fromMs) return;
      this.#addGap(target, toMs - fromMs, cause);
    }
  }

  #addSeconds(target: number, seconds: Buffer, segmentStartMs: number, fromMs: number, toMs: number): void {
    const zero = Math.floor(segmentStartMs / 1000);
    for (let second = Math.floor(fromMs / 1000); second * 1000 < toMs; second++) {
      const byte = seconds.length === 0 ? 1 : (seconds[second - zero] ?? 0);
      this.#addActivity(target, byte, byte, 1);
    }
  }

  #addFootage(target: number, ms: number, peak: number, mean: number): void {
    this.#recordedMs[target] = Math.min(this.shape.stepMs, (this.#recordedMs[target] ?? 0) + ms);
    this.#addActivity(target, peak, mean, ms);
  }

  /** Of so much weight; activities plus one. */
  #addActivity(target: number, peak: number, mean: number, weight: number): void {
    if (peak === 0) return;
    this.#peak[target] = Math.max(this.#peak[target] ?? 0, peak);
    this.#meanSum[target] = (this.#meanSum[target] ?? 0) + (mean - 1) * weight;
    this.#meanMs[target] = (this.#meanMs[target] ?? 0) + weight;
  }

  #addGap(target: number, ms: number, cause: number): void {
    this.#gapMs[target] = (this.#gapMs[target] ?? 0) + ms;
    if (ms <= (this.#causeMs[target] ?? 0)) return;
    this.#causeMs[target] = ms;
    this.#cause[target] = cause;
  }

  /** What is told of each cell, until these change. */
  columns(): CellColumns {
    const perMs = 1000 / this.shape.stepMs;
    const { recorded, means } = this.#columns;
    for (let index = 0; index < recorded.length; index++) {
      const ms = this.#recordedMs[index] ?? 0;
      const weight = this.#meanMs[index] ?? 0;
      recorded[index] = ms > 0 ? Math.max(1, Math.round(ms * perMs)) : 0;
      means[index] = weight > 0 ? stored(Math.round((this.#meanSum[index] ?? 0) / weight)) : 0;
    }
    return this.#columns;
  }

  /** Events that begin at a moment. */
  addEvent(atMs: EpochMs): void {
    const { startMs, stepMs, count } = this.shape;
    const cell = Math.floor((atMs - startMs) / stepMs);
    if (cell >= 0 && cell < count) this.#events[cell] = (this.#events[cell] ?? 0) + 1;
  }

  /** The cells from one up to but not including another, together; times in whole milliseconds. */
  sum(
    from: number,
    to: number,
  ): {
    readonly recordedMs: number;
    readonly gapMs: number;
    readonly events: number;
    readonly mean: number | null;
  } {
    const total = (values: Float64Array | Uint32Array) => {
      let sum = 0;
      for (let index = from; index < to; index++) sum += values[index] ?? 0;
      return sum;
    };
    const weight = total(this.#meanMs);
    return {
      recordedMs: Math.round(total(this.#recordedMs)),
      gapMs: Math.round(total(this.#gapMs)),
      events: total(this.#events),
      mean: weight === 0 ? null : Math.round(total(this.#meanSum) / weight),
    };
  }

  /** Runs of cells in which anything is recorded. */
  recordings(): Interval[] {
    return this.#runs(this.#recordedMs, () => 0).map(({ first, end }) => this.#interval(first, end));
  }

  /** Runs of cells in which anything is missing for the same cause. */
  gaps(): GridGap[] {
    return this.#runs(this.#gapMs, (index) => this.#cause[index] ?? 0).map(({ first, end }) => ({
      ...this.#interval(first, end),
      cause: this.#cause[first] ?? 0,
      // Each cell by itself: stretches that are put together later tell the same.
      missingMs: this.#gapMs.subarray(first, end).reduce((sum, ms) => sum + Math.round(ms), 0),
    }));
  }

  #interval(first: number, end: number): Interval {
    const { startMs, stepMs } = this.shape;
    return { startMs: epochMs(startMs + first * stepMs), endMs: epochMs(startMs + end * stepMs) };
  }

  /** Runs of cells, from the first up to but not including the end. */
  #runs(ms: Float64Array, causeOf: (index: number) => number): CellRun[] {
    const { count } = this.shape;
    const runs: CellRun[] = [];
    for (let index = 0; index < count; ) {
      const first = index;
      const cause = causeOf(first);
      if (ms[first] === 0) {
        index++;
        continue;
      }
      while (index < count && ms[index] !== 0 && causeOf(index) === cause) index++;
      runs.push({ first, end: index });
    }
    return runs;
  }
}
