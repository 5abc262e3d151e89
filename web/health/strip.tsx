/** A thin bar of a camera's day: what was kept and what was missed. */
import { gapText, secondsText } from '../core/format.ts';
import type { Lane } from '../playback/archive.ts';
import type { Interval } from '../time/zone.ts';
import { causeText, words } from '../words/index.ts';
import { inside } from './share.ts';

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
            {words.value.timeline.gap(gapText(gap))}, {secondsText(gap.startMs)}: {causeText(gap.cause)}
          </title>
        </rect>
      ))}
    </svg>
  );
}
