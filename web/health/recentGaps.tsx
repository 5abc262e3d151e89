/** What was missed lately, newest first, with a way to look at it. */
import { cameras } from '../core/fleet.ts';
import { dateText, gapText, secondsText } from '../core/format.ts';
import { link } from '../core/router.ts';
import { laneOf } from '../playback/archive.ts';
import type { Interval } from '../time/zone.ts';
import { causeText, words } from '../words/index.ts';

const MOST = 20;
const SHORTEST_MS = 1_000;
const LEAD_MS = 5_000;

export function RecentGaps({ interval }: { readonly interval: Interval }) {
  const { health } = words.value;
  const gaps = (cameras.value ?? [])
    .flatMap(({ id, name }) => laneOf(id, interval).gaps.map((gap) => ({ ...gap, id, name })))
    .filter(({ endMs, missingMs }) => endMs > interval.startMs && missingMs >= SHORTEST_MS)
    .sort((a, b) => b.startMs - a.startMs)
    .slice(0, MOST);
  if (gaps.length === 0) return null;
  return (
    <section>
      <h2>{health.gaps}</h2>
      <ul class="plain-list gap-rows">
        {gaps.map(({ id, name, ...gap }) => (
          <li key={`${id} ${gap.startMs}`}>
            <a href={link('play', { cam: id, t: Math.round(gap.startMs - LEAD_MS) })}>
              {dateText(gap.startMs)} {secondsText(gap.startMs)}
            </a>
            <span>{name}</span>
            <span>{gapText(gap)}</span>
            <span class="muted">{causeText(gap.cause)}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
