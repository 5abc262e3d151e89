/** A thin bar of a camera's day: what was kept and what was missed. */
import { durationText, secondsText } from '../core/format.ts';
import type { Lane } from '../playback/archive.ts';
import type { Interval } from '../time/zone.ts';
import { causeText, words } from '../words/index.ts';

interface StripProps {
  readonly lane: Lane;
  readonly interval: Interval;
  readonly label: string;
}

export function Strip({ lane, interval, label }: StripProps) {
  const place = (each: Interval) => {
    const span = interval.endMs - interval.startMs;
    const from = Math.max(0, (each.startMs - interval.startMs) / span);
    const to = Math.min(1, (each.endMs - interval.startMs) / span);
    return { x: from * 1_000, width: Math.max(1, (to - from) * 1_000) };
  };
  return (
    <svg class="strip" viewBox="0 0 1000 10" preserveAspectRatio="none" role="img" aria-label={label}>
      {lane.recordings.filter(inside(interval)).map((each) => (
        <rect key={each.startMs} class="strip-footage" y="0" height="10" {...place(each)} />
      ))}
      {lane.gaps.filter(inside(interval)).map((gap) => (
        <rect key={gap.startMs} class="strip-gap" y="0" height="10" {...place(gap)}>
          <title>
            {words.value.timeline.gap(durationText(gap.endMs - gap.startMs))}, {secondsText(gap.startMs)}:{' '}
            {causeText(gap.cause)}
          </title>
        </rect>
      ))}
    </svg>
  );
}

/** The part of an interval that was kept, counted from the first footage there is; null without any. */
export function shareOf(
  recordings: readonly Interval[],
  interval: Interval,
  firstMs: number | null,
): number | null {
  const first = recordings.find(inside(interval))?.startMs;
  if (first === undefined) return null;
  // A camera that is younger than the interval is not to blame for the time before it.
  const young = firstMs !== null && firstMs > interval.startMs - 86_400_000;
  const startMs = young ? Math.max(interval.startMs, first) : interval.startMs;
  const kept = recordings.filter(inside(interval)).reduce((sum, each) => {
    return sum + Math.min(each.endMs, interval.endMs) - Math.max(each.startMs, startMs);
  }, 0);
  return Math.min(1, kept / Math.max(1, interval.endMs - startMs));
}

function inside(interval: Interval): (each: Interval) => boolean {
  return ({ startMs, endMs }) => endMs > interval.startMs && startMs < interval.endMs;
}
