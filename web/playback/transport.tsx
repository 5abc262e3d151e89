/** The row of buttons under the picture. */

import { numberText } from '../core/format.ts';
import { gapMode } from '../core/preferences.ts';
import { toggleFullScreen } from '../media/fullScreen.ts';
import { IconButton } from '../ui/button.tsx';
import { words } from '../words/index.ts';
import { GoToTime } from './goToTime.tsx';
import { moveBy, snapshot, toggle } from './keys.ts';
import { muted, playing, RATES, rate, stepDay } from './model.ts';
import { RangeBar } from './rangeBar.tsx';

export interface TransportProps {
  readonly stage: { readonly current: HTMLElement | null };
  readonly onClip: () => void;
}

export function Transport({ stage, onClip }: TransportProps) {
  const { play, live } = words.value;
  return (
    <div class="transport">
      <span class="transport-group">
        <IconButton icon="left" label={play.previousDay} keys="P" onClick={() => stepDay(-1)} />
        <IconButton icon="back" label={live.back} keys="J" onClick={() => moveBy(-10_000)} />
        <IconButton
          icon={playing.value ? 'pause' : 'play'}
          class="play"
          label={playing.value ? play.pause : play.play}
          keys="K"
          onClick={toggle}
        />
        <IconButton icon="forward" label={play.forward} keys="L" onClick={() => moveBy(10_000)} />
        <IconButton icon="right" label={play.nextDay} keys="N" onClick={() => stepDay(1)} />
        <RateChoice />
      </span>
      <GoToTime />
      <RangeBar onClip={onClip} />
      <span class="transport-group end">
        <GapChoice />
        <IconButton
          icon={muted.value ? 'muted' : 'sound'}
          label={muted.value ? live.sound : live.mute}
          keys="M"
          onClick={() => {
            muted.value = !muted.peek();
          }}
        />
        <IconButton icon="snapshot" label={live.snapshot} keys="S" onClick={snapshot} />
        <IconButton
          icon="fullscreen"
          label={live.fullScreen}
          keys="F"
          onClick={() => toggleFullScreen(stage.current)}
        />
      </span>
    </div>
  );
}

function RateChoice() {
  return (
    <select
      class="quiet-select"
      aria-label={words.value.play.rate}
      value={String(rate.value)}
      onChange={({ currentTarget }) => {
        rate.value = Number(currentTarget.value);
      }}
    >
      {RATES.map((each) => (
        <option key={each} value={String(each)}>
          {each === 0.5 ? '½' : numberText(each)}×
        </option>
      ))}
    </select>
  );
}

function GapChoice() {
  const { play } = words.value;
  const skips = gapMode.value === 'skip';
  return (
    <IconButton
      icon="skip"
      label={skips ? play.gapsSkipped : play.gapsPlayed}
      pressed={skips}
      onClick={() => {
        gapMode.value = skips ? 'through' : 'skip';
      }}
    />
  );
}
