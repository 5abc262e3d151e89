/**
 * Media that two files of a run hold: when a disk fails, what it has not confirmed is written again, to another file,
 * from the last key fragment on. Each of it is to be in the index once, and none of it to be left out. The files may be
 * on two disks, of which one is away for as long as it likes: they are put in order in any order.
 */
import type { RunId, SegmentId } from '../domain/ids.ts';
import type { Ticks } from '../domain/ticks.ts';
import type { ScannedFragment } from '../mp4/scan.ts';
import type { Database } from './database.ts';
import { decodeGops } from './gopCodec.ts';
import type { JournalRow } from './journal.ts';
import { SegmentRows } from './segmentRows.ts';

/** A file, by its number and its beginning. */
interface Place {
  readonly id: SegmentId;
  readonly runId: RunId;
  readonly startTicks: Ticks;
}

/** A newer file that has all there is of a run from its beginning on. */
export interface Successor {
  /** On the clock of the run. */
  readonly startTicks: Ticks;
  readonly volumeId: number;
}

export class Rewritten {
  readonly #rows: SegmentRows;
  readonly #sql: ReturnType<typeof statements>;

  constructor(database: Database) {
    this.#rows = new SegmentRows(database);
    this.#sql = statements(database);
  }

  /** The first newer file of the run that ends where these fragments end, or later. Null when they are needed to the end. */
  successorOf(place: Place, fragments: readonly ScannedFragment[]): Successor | null {
    const { startTicks: lastTicks = 0, durationTicks = 0 } = fragments.at(-1) ?? {};
    return this.#sql.next.get(rangeOf(place, lastTicks + durationTicks)) ?? null;
  }

  /**
   * Gives each fragment to one file, as far as that is known, in the transaction that enters this one: newer files of the
   * run that have nothing which this one has not leave the index; older ones that have what this one begins with go back to
   * the journal, because only their files tell which of the two reaches further.
   * @returns these, to be recovered when their disks are there
   * @throws NvrError of the database
   */
  divide(place: Place, durationTicks: Ticks): readonly JournalRow[] {
    const range = rangeOf(place, durationTicks);
    for (const { id } of this.#sql.within.all(range)) this.#rows.bury(id);
    const older = this.#sql.before.all(range).filter((row) => lastKeyTicks(row) >= place.startTicks);
    for (const { id } of older) this.#rows.reopen(id);
    return older;
  }
}

interface OlderRow extends JournalRow {
  readonly gops: Buffer;
}

/** Where its last group of pictures begins. What is written again begins with one, and ends are rounded. */
function lastKeyTicks({ startTicks, gops }: OlderRow): number {
  return startTicks + (decodeGops(gops, 0).at(-1)?.startTicks ?? 0);
}

type Range = { readonly run: string; readonly id: number; readonly start: number; readonly end: number };

function rangeOf({ id, runId, startTicks }: Place, durationTicks: number): Range {
  return { run: runId, id, start: startTicks, end: startTicks + durationTicks };
}

const OF_RUN = 'run_id = (SELECT id FROM run WHERE uuid = @run)';
/** More files than this are never begun for the same media: each time, a disk has failed. */
const MOST_ATTEMPTS = 16;

function statements(database: Database) {
  return {
    // One that begins at the same moment is another's copy if it is newer.
    next: database.prepare<[Range], Successor>(
      `SELECT start_ticks AS startTicks, volume_id AS volumeId FROM segment
       WHERE ${OF_RUN} AND (start_ticks > @start OR (start_ticks = @start AND id > @id))
         AND start_ticks + duration_ticks >= @end
       ORDER BY start_ticks LIMIT 1`,
    ),
    within: database.prepare<[Range], { readonly id: SegmentId }>(
      `SELECT id FROM segment
       WHERE ${OF_RUN} AND id > @id AND start_ticks >= @start AND start_ticks + duration_ticks <= @end`,
    ),
    before: database.prepare<[Range], OlderRow>(
      `SELECT id, @run AS runId, camera_id AS cameraId, volume_id AS volumeId, path, start_ms AS startMs,
         start_ticks AS startTicks, gops
       FROM (SELECT * FROM segment
             WHERE ${OF_RUN} AND start_ticks <= @start AND id <> @id
             ORDER BY start_ticks DESC LIMIT ${MOST_ATTEMPTS})
       WHERE start_ticks + duration_ticks > @start AND (start_ticks < @start OR id < @id)`,
    ),
  };
}
