/** Where the ruler has its marks. They lie on full hours of wall time; an hour that comes twice has two. Pure. */
import { dayNumberOf, offsetAt, wallTimeOf } from '../../time/zone.ts';
import { spanOf, type View } from './view.ts';

export interface RulerMark {
  readonly ms: number;
  /** `midnight` begins a day; `repeated` is a wall time that this view shows twice. */
  readonly kind: 'plain' | 'midnight' | 'repeated';
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Steps people can read. */
const STEPS = [
  SECOND,
  2 * SECOND,
  5 * SECOND,
  10 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
] as const;
/** Zones change their offset on a quarter of an hour of UTC. */
const QUARTER = 15 * MINUTE;

/** Milliseconds between marks of which each gets so many CSS pixels at least. */
export function stepFor(view: View, width: number, minimumPixels: number): number {
  const wanted = (spanOf(view) / Math.max(1, width)) * minimumPixels;
  return STEPS.find((step) => step >= wanted) ?? DAY;
}

/** The marks of a view, in order. */
export function rulerMarks(view: View, stepMs: number, zone: string): readonly RulerMark[] {
  // Wall times of coarse steps are looked for on every quarter, because elapsed time does not know them.
  const stride = Math.min(stepMs, QUARTER);
  const marks: RulerMark[] = [];
  const changes = offsetAt(view.startMs, zone) !== offsetAt(view.endMs, zone);
  for (let ms = Math.ceil(view.startMs / stride) * stride; ms <= view.endMs; ms += stride) {
    const wall = wallTimeOf(ms, zone);
    const first = dayNumberOf(ms - 1, zone) !== dayNumberOf(ms, zone);
    if (wall % stepMs !== 0 && !first) continue;
    marks.push({ ms, kind: first ? 'midnight' : changes && isRepeated(ms, zone) ? 'repeated' : 'plain' });
  }
  return marks;
}

/** Whether clocks show this wall time at another moment as well. */
function isRepeated(ms: number, zone: string): boolean {
  const offset = offsetAt(ms, zone);
  return [-2 * HOUR, -HOUR, -HOUR / 2, HOUR / 2, HOUR, 2 * HOUR].some((distance) => {
    const other = ms + distance;
    return other + offsetAt(other, zone) === ms + offset;
  });
}
