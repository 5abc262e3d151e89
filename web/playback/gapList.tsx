/** The gaps of the day on show, each with its cause: why there is no footage. */
import { computed } from '@preact/signals';
import { zone } from '../core/clock.ts';
import { durationText, secondsText } from '../core/format.ts';
import { dayBounds } from '../time/zone.ts';
import { Icon } from '../ui/icon.tsx';
import { causeText, words } from '../words/index.ts';
import { laneOf, needArchive } from './archive.ts';
import { cameraId, day, seek, writeAddress } from './model.ts';

/** Shorter ones are between two pictures. */
const SHORTEST_MS = 1_000;
/** So long before a gap, so that one sees what happened. */
const LEAD_MS = 5_000;

const gaps = computed(() => {
  const camera = cameraId.value;
  if (camera === null) return [];
  const bounds = dayBounds(day.value, zone.value);
  needArchive(bounds);
  return laneOf(camera, bounds).gaps.filter(
    ({ startMs, endMs }) =>
      endMs - startMs >= SHORTEST_MS && endMs > bounds.startMs && startMs < bounds.endMs,
  );
});

export function GapList() {
  const { play } = words.value;
  const list = gaps.value;
  return (
    <section class="gaps" aria-label={play.gaps}>
      <h2>{play.gaps}</h2>
      {list.length === 0 ? (
        <p class="muted">
          <Icon name="check" /> {play.noGaps}
        </p>
      ) : (
        <ul class="plain-list">
          {list.map(({ startMs, endMs, cause }) => (
            <li key={startMs}>
              <button
                type="button"
                class="gap-button"
                onClick={() => {
                  seek(startMs - LEAD_MS);
                  writeAddress();
                }}
              >
                <span class="gap-when">
                  <strong>{secondsText(startMs)}</strong>
                  <span>{durationText(endMs - startMs)}</span>
                </span>
                <span class="muted">{causeText(cause)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
