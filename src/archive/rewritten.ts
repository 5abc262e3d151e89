/**
 * Media that two files of a run hold: when a disk fails, what it has not confirmed is written again, to another file,
 * from the last key fragment on. Each of it is to be in the index once, and none of it to be left out.
 */
import type { RunId, SegmentId } from '../domain/ids.ts';
import type { Ticks } from '../domain/ticks.ts';
import type { ScannedFragment } from '../mp4/scan.ts';
import type { Database } from './database.ts';
import { type GarbageFile, GarbageIndex } from './garbageIndex.ts';

/** A file, by its number and its beginning. */
interface Place {
  readonly id: SegmentId;
  readonly runId: RunId;
  readonly startTicks: Ticks;
}

/** The fragments that no newer file of the run has. One that ends earlier than this is not asked: it is not needed. */
export function notRewritten(
  database: Database,
  place: Place,
  fragments: readonly ScannedFragment[],
): readonly ScannedFragment[] {
  const { startTicks: lastTicks = 0, durationTicks = 0 } = fragments.at(-1) ?? {};
  const next = statements(database).next.get(rangeOf(place, lastTicks + durationTicks))?.ticks ?? null;
  return fragments.filter(({ startTicks }) => next === null || place.startTicks + startTicks < next);
}

/**
 * Takes newer files of the run out of the index that have nothing which this one, just entered, has not.
 * @throws NvrError of the database
 */
export function buryRewritten(database: Database, place: Place, durationTicks: Ticks): void {
  const { within, forget } = statements(database);
  const garbage = new GarbageIndex(database);
  for (const { id, ...file } of within.all(rangeOf(place, durationTicks))) {
    garbage.bury(file);
    forget.run(id);
  }
}

type Range = { readonly run: string; readonly id: number; readonly start: number; readonly end: number };

function rangeOf({ id, runId, startTicks }: Place, durationTicks: number): Range {
  return { run: runId, id, start: startTicks, end: startTicks + durationTicks };
}

const OF_RUN = 'run_id = (SELECT id FROM run WHERE uuid = @run)';

function statements(database: Database) {
  return {
    // One that begins at the same moment is another's copy if it is newer.
    next: database.prepare<[Range], { ticks: Ticks | null }>(
      `SELECT min(start_ticks) AS ticks FROM segment
       WHERE ${OF_RUN} AND (start_ticks > @start OR (start_ticks = @start AND id > @id))
         AND start_ticks + duration_ticks >= @end`,
    ),
    within: database.prepare<[Range], GarbageFile & { readonly id: SegmentId }>(
      `SELECT id, volume_id AS volumeId, path, bytes FROM segment
       WHERE ${OF_RUN} AND id > @id AND start_ticks >= @start AND start_ticks + duration_ticks <= @end`,
    ),
    forget: database.prepare<[number]>('DELETE FROM segment WHERE id = ?'),
  };
}
