/**
 * Keeps the cells of the timeline right: whatever changed in segments, gaps and events is noted by triggers, and the
 * cells of those intervals are made anew a moment later, from the finest level up. Doing it twice does no harm.
 */
import type { CameraId, SegmentId } from '../domain/ids.ts';
import { type EpochMs, epochMs, type Interval } from '../domain/time.ts';
import {
  CELL_BYTES,
  type Cell,
  type CellSources,
  LEVELS,
  type Level,
  minuteCells,
  readCell,
  rowMs,
  sumOfCells,
  writeCell,
} from '../domain/timelineCells.ts';
import type { Database } from './database.ts';
import { type TimelineListener, tellTimelineChanges } from './timelineChanges.ts';
import { TimelineReader } from './timelineReader.ts';

interface Due extends Interval {
  readonly id: number;
  readonly cameraId: CameraId;
}

/** Made anew at once: a few milliseconds where all of it is recorded. */
const SLICE_MS = 6 * 3_600_000;
const DUE_AT_ONCE = 500;
const [FINEST, ...COARSER] = LEVELS;

export class TimelineStore {
  readonly read: TimelineReader;
  readonly #database: Database;
  readonly #sql: ReturnType<typeof statements>;
  readonly #listeners: TimelineListener[] = [];

  constructor(database: Database) {
    this.#database = database;
    this.#sql = statements(database);
    this.read = new TimelineReader(database);
  }

  /** Tells from now on where something changes, in rows or in cells. */
  onChange(tell: TimelineListener): void {
    this.#listeners.push(tell);
    if (this.#listeners.length > 1) return;
    tellTimelineChanges(this.#database, (cameraId, startMs, endMs) => {
      for (const each of this.#listeners) each(cameraId, startMs, endMs);
    });
  }

  /** What moved in a segment, second by second. Belongs in the transaction that stores the segment's row. */
  insertSeconds(id: SegmentId, seconds: Buffer): void {
    this.#sql.insertSeconds.run(id, seconds);
  }

  /**
   * Makes the cells anew of what changed, as long as it may. Gives whether nothing is left to do.
   * @throws NvrError when the database refuses.
   */
  catchUp(mayGoOn: () => boolean): boolean {
    for (;;) {
      const due = this.#sql.due.all(DUE_AT_ONCE);
      if (due.length === 0) return true;
      for (const group of neighbours(due)) {
        this.#settle(group);
        if (!mayGoOn()) return false;
      }
    }
  }

  /** Forgets all cells and makes them anew, as long as that takes. @throws NvrError when the database refuses. */
  rebuild(): void {
    this.#database.transaction(() => {
      this.#sql.clearRows.run();
      this.#sql.clearDue.run();
      this.#sql.dueSegments.run();
      this.#sql.dueGaps.run();
      this.#sql.dueEvents.run();
    });
    this.catchUp(() => true);
  }

  /** One slice of what is due, and then the rest of it, if any. */
  #settle(group: readonly Due[]): void {
    const [first] = group;
    if (first === undefined) return;
    const endMs = group.reduce((end, due) => Math.max(end, due.endMs), 0);
    const sliceEndMs = Math.min(endMs, (Math.floor(first.startMs / SLICE_MS) + 1) * SLICE_MS);
    this.#database.transaction(() => {
      this.#refresh(first.cameraId, first.startMs, sliceEndMs);
      for (const due of group) this.#sql.settled.run(due.id);
      if (sliceEndMs < endMs) this.#sql.defer.run(first.cameraId, sliceEndMs, endMs);
    });
  }

  #refresh(cameraId: CameraId, startMs: number, endMs: number): void {
    const { cellMs } = FINEST;
    const fromMs = epochMs(floorTo(startMs, cellMs));
    const toMs = epochMs(ceilTo(endMs, cellMs));
    const cells = minuteCells(fromMs, (toMs - fromMs) / cellMs, this.#sources(cameraId, fromMs, toMs));
    this.#write(cameraId, FINEST, fromMs, cells);
    let below: Level = FINEST;
    for (const level of COARSER) {
      const from = floorTo(fromMs, level.cellMs);
      const to = ceilTo(toMs, level.cellMs);
      this.#write(cameraId, level, from, this.#summed(cameraId, below, level, from, to));
      below = level;
    }
  }

  #sources(cameraId: CameraId, fromMs: EpochMs, toMs: EpochMs): CellSources {
    const { read } = this;
    const range = { startMs: fromMs, endMs: toMs };
    const gaps = read.gaps(cameraId, range).flatMap(({ startMs, endMs, cause }) => {
      return endMs === null ? [] : [{ startMs, endMs, cause: read.causeId(cause) }];
    });
    return { segments: read.seconds(cameraId, range), gaps, events: read.begun(cameraId, range) };
  }

  /** The cells of a level from those of the level below. */
  #summed(cameraId: CameraId, below: Level, level: Level, fromMs: number, toMs: number): Cell[] {
    const range = { startMs: epochMs(fromMs), endMs: epochMs(toMs) };
    const cells: Cell[][] = Array.from({ length: (toMs - fromMs) / level.cellMs }, () => []);
    for (const { startMs, cells: bytes } of this.read.rows(cameraId, below, range)) {
      for (let index = 0; index < below.rowCells; index++) {
        const target = Math.floor((startMs + index * below.cellMs - fromMs) / level.cellMs);
        cells[target]?.push(readCell(bytes, index));
      }
    }
    return cells.map(sumOfCells);
  }

  /** Puts consecutive cells into the rows that they belong to. */
  #write(cameraId: CameraId, level: Level, startMs: number, cells: readonly Cell[]): void {
    const length = rowMs(level);
    for (let at = 0; at < cells.length; ) {
      const cellStartMs = startMs + at * level.cellMs;
      const rowStartMs = floorTo(cellStartMs, length);
      const first = (cellStartMs - rowStartMs) / level.cellMs;
      const some = cells.slice(at, at + level.rowCells - first);
      at += some.length;
      const known = this.#sql.row.get(cameraId, level.level, rowStartMs)?.cells;
      const bytes = known ?? Buffer.alloc(level.rowCells * CELL_BYTES);
      for (const [offset, cell] of some.entries()) writeCell(bytes, first + offset, cell);
      if (bytes.some((byte) => byte !== 0)) {
        this.#sql.putRow.run(cameraId, level.level, rowStartMs, bytes);
      } else if (known !== undefined) {
        this.#sql.dropRow.run(cameraId, level.level, rowStartMs);
      }
    }
  }
}

/** Those of one camera that lie so near to each other that their cells are made anew together. */
function neighbours(due: readonly Due[]): Due[][] {
  const sorted = [...due].sort((a, b) => compare(a.cameraId, b.cameraId) || a.startMs - b.startMs);
  const groups: Due[][] = [];
  let endMs = 0;
  for (const each of sorted) {
    const group = groups.at(-1);
    if (group?.[0]?.cameraId === each.cameraId && each.startMs <= endMs + FINEST.cellMs) {
      group.push(each);
      endMs = Math.max(endMs, each.endMs);
    } else {
      groups.push([each]);
      ({ endMs } = each);
    }
  }
  return groups;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function floorTo(ms: number, step: number): number {
  return Math.floor(ms / step) * step;
}

function ceilTo(ms: number, step: number): number {
  return Math.ceil(ms / step) * step;
}

function statements(database: Database) {
  return {
    insertSeconds: database.prepare<[number, Buffer]>(
      'INSERT OR REPLACE INTO segment_activity (segment_id, seconds) VALUES (?, ?)',
    ),
    due: database.prepare<[number], Due>(
      'SELECT id, camera_id AS cameraId, start_ms AS startMs, end_ms AS endMs FROM timeline_due ORDER BY id LIMIT ?',
    ),
    settled: database.prepare<[number]>('DELETE FROM timeline_due WHERE id = ?'),
    defer: database.prepare<[string, number, number]>(
      'INSERT INTO timeline_due (camera_id, start_ms, end_ms) VALUES (?, ?, ?)',
    ),
    clearRows: database.prepare<[]>('DELETE FROM timeline_row'),
    clearDue: database.prepare<[]>('DELETE FROM timeline_due'),
    dueSegments: database.prepare<[]>(
      `INSERT INTO timeline_due (camera_id, start_ms, end_ms)
       SELECT camera_id, min(start_ms), max(max(end_ms), min(start_ms) + 1) FROM segment GROUP BY camera_id`,
    ),
    dueGaps: database.prepare<[]>(
      `INSERT INTO timeline_due (camera_id, start_ms, end_ms)
       SELECT camera_id, start_ms, end_ms FROM gap WHERE end_ms > start_ms`,
    ),
    dueEvents: database.prepare<[]>(
      `INSERT INTO timeline_due (camera_id, start_ms, end_ms)
       SELECT camera_id, at_ms, at_ms + 1 FROM event WHERE camera_id IS NOT NULL AND kind IN ('mark', 'activity')`,
    ),
    row: database.prepare<[string, number, number], { readonly cells: Buffer }>(
      'SELECT cells FROM timeline_row WHERE camera_id = ? AND level = ? AND start_ms = ?',
    ),
    putRow: database.prepare<[string, number, number, Buffer]>(
      `INSERT INTO timeline_row (camera_id, level, start_ms, cells) VALUES (?, ?, ?, ?)
       ON CONFLICT (camera_id, level, start_ms) DO UPDATE SET cells = excluded.cells`,
    ),
    dropRow: database.prepare<[string, number, number]>(
      'DELETE FROM timeline_row WHERE camera_id = ? AND level = ? AND start_ms = ?',
    ),
  };
}
