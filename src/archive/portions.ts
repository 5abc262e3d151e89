/** A long interval looked at some at a time: all of a year at once would hold up the recorder for many seconds. */
import { DAY_MS, epochMs, type Interval } from '../domain/time.ts';

const PORTION_MS = DAY_MS / 12;
/** Where there is nothing, for more and more, but no more than this. */
const LONGEST_PORTION_MS = DAY_MS;

/**
 * What overlaps an interval, each once, in the order of their starts.
 * @param find gives what overlaps an interval, in that order
 */
export function* portions<T extends Interval>(
  interval: Interval,
  find: (portion: Interval) => T[],
): Generator<T[]> {
  let lengthMs = PORTION_MS;
  for (let startMs = interval.startMs; startMs < interval.endMs; ) {
    const begin = startMs;
    const endMs = epochMs(Math.min(begin + lengthMs, interval.endMs));
    const found = find({ startMs: begin, endMs });
    // What began before was in the portion before.
    yield begin === interval.startMs ? found : found.filter((each) => each.startMs >= begin);
    lengthMs = found.length > 0 ? PORTION_MS : Math.min(lengthMs * 2, LONGEST_PORTION_MS);
    startMs = endMs;
  }
}
