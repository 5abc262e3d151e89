/** Says that the recorder does not answer. The page stays as it was, and goes on by itself. */
import { now } from '../core/clock.ts';
import { lostSince } from '../core/fleet.ts';
import { durationText } from '../core/format.ts';
import { Icon } from '../ui/icon.tsx';
import { words } from '../words/index.ts';

export function LostBanner() {
  const since = lostSince.value;
  if (since === null) return null;
  const { lost } = words.value;
  return (
    <div class="banner bad" role="alert">
      <Icon name="offline" />
      <strong>{lost.title}</strong>
      <span aria-live="off">{lost.text(durationText(now.value - since))}</span>
    </div>
  );
}
