/** Playback: any moment of any camera, found by day, by gap, by key, or on the timeline. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import '../styles/playback.css';
import { cameras } from '../core/fleet.ts';
import { link } from '../core/router.ts';
import { Icon } from '../ui/icon.tsx';
import { words } from '../words/index.ts';
import { Calendar } from './calendar.tsx';
import { FilesDialog } from './filesDialog.tsx';
import { GapList } from './gapList.tsx';
import { usePlaybackKeys } from './keys.ts';
import { cameraId, chooseCamera, showLastHour, showLastNight, showNow, startModel } from './model.ts';
import { Player } from './player.tsx';
import { Timeline } from './timeline/timeline.tsx';
import { Transport } from './transport.tsx';

export function PlaybackPage() {
  const list = cameras.value;
  if (!list) return null;
  return list.length === 0 ? <Nothing /> : <Playback />;
}

function Playback() {
  const stage = useRef<HTMLDivElement>(null);
  const files = useSignal(false);
  useEffect(startModel, []);
  usePlaybackKeys(stage, () => {
    files.value = true;
  });
  const { play } = words.value;
  return (
    <div class="playback">
      <h1 class="visually-hidden">{words.value.nav.play}</h1>
      <div class="playback-chips">
        <CameraChips />
        <span class="chip-group">
          <button type="button" class="chip" onClick={showLastNight}>
            <Icon name="night" />
            {play.lastNight}
          </button>
          <button type="button" class="chip" onClick={showLastHour}>
            <Icon name="clock" />
            {play.lastHour}
          </button>
          <button type="button" class="chip" onClick={showNow} aria-keyshortcuts="G">
            {play.now}
          </button>
        </span>
      </div>
      <div class="playback-stage" ref={stage}>
        <Player />
        <Transport
          stage={stage}
          onFiles={() => {
            files.value = true;
          }}
        />
      </div>
      <Timeline />
      <aside class="playback-side">
        <Calendar />
        <GapList />
      </aside>
      {files.value && (
        <FilesDialog
          onClose={() => {
            files.value = false;
          }}
        />
      )}
    </div>
  );
}

/** The cameras; with many of them the row scrolls sideways. */
function CameraChips() {
  return (
    <fieldset class="chip-group cameras">
      <legend class="visually-hidden">{words.value.nav.cameras}</legend>
      {(cameras.value ?? []).map(({ id, name }) => (
        <button
          key={id}
          type="button"
          class="chip"
          aria-pressed={id === cameraId.value}
          onClick={() => chooseCamera(id)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  );
}

function Nothing() {
  const { play } = words.value;
  return (
    <div class="wall-empty">
      <Icon name="playback" class="huge" />
      <h1>{play.nothingTitle}</h1>
      <p class="muted">{play.nothingText}</p>
      <a class="button" href={link('cameras')}>
        {words.value.nav.cameras}
      </a>
    </div>
  );
}
