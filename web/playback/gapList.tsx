/** The gaps of the day on show, each with its cause: why there is no footage. */
import { computed } from '@preact/signals';
import { zone } from '../core/clock.ts';
import { cameraById } from '../core/fleet.ts';
import { gapText, secondsText } from '../core/format.ts';
import { dayBounds, type Interval } from '../time/zone.ts';
import { Icon } from '../ui/icon.tsx';
import { causeText, words } from '../words/index.ts';
import { isFetched, laneOf, needArchive } from './archive.ts';
import { cameraId, day, seek, writeAddress } from './model.ts';

/** Shorter ones are between two pictures. */
const SHORTEST_MS = 1_000;
/** So long before a gap, so that one sees what happened. */
const LEAD_MS = 5_000;

/** The gaps, and whether there is footage at all; null while that is not known. */
const found = computed(() => {
  const camera = cameraId.value;
  const bounds = dayBounds(day.value, zone.value);
  if (camera === null || !cameraById.value.has(camera)) return null;
  needArchive(bounds);
  if (!isFetched(bounds)) return null;
  const { gaps, recordings, missing } = laneOf(camera, bounds);
  const within = ({ startMs, endMs }: Interval) => endMs > bounds.startMs && startMs < bounds.endMs;
  return {
    gaps: gaps.filter((gap) => gap.missingMs >= SHORTEST_MS && within(gap)),
    recorded: [...recordings, ...missing].some(within),
  };
});

export function GapList() {
  const { play } = words.value;
  if (found.value === null) return null;
  const { gaps, recorded } = found.value;
  return (
    <section class="gaps" aria-label={play.gaps}>
      <h2>{play.gaps}</h2>
      {gaps.length === 0 ? (
        <NoGaps recorded={recorded} />
      ) : (
        <ul class="plain-list">
          {gaps.map((gap) => (
            <li key={gap.startMs}>
              <button
                type="button"
                class="gap-button"
                onClick={() => {
                  seek(gap.startMs - LEAD_MS);
                  writeAddress();
                }}
              >
                <span class="gap-when">
                  <strong>{secondsText(gap.startMs)}</strong>
                  <span>{gapText(gap)}</span>
                </span>
                <span class="muted">{causeText(gap.cause)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Without footage there is nothing that could be whole. */
function NoGaps({ recorded }: { readonly recorded: boolean }) {
  const { play } = words.value;
  return (
    <p class="muted">
      <Icon name={recorded ? 'check' : 'info'} /> {recorded ? play.noGaps : play.nothingThatDay}
    </p>
  );
}
