/** Playback: any moment of any camera, found by day, by gap, by key, or on the timeline. */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import '../styles/playback.css';
import { cameras } from '../core/fleet.ts';
import { link } from '../core/router.ts';
import { ClipDialog } from '../exports/clipDialog.tsx';
import type { Interval } from '../time/zone.ts';
import { Icon } from '../ui/icon.tsx';
import { words } from '../words/index.ts';
import { Calendar } from './calendar.tsx';
import { GapList } from './gapList.tsx';
import { usePlaybackKeys } from './keys.ts';
import {
  cameraIds,
  chooseCamera,
  MOST_SIDE_BY_SIDE,
  markedRange,
  showCameras,
  showLastHour,
  showLastNight,
  showNow,
  startModel,
} from './model.ts';
import { NoteList } from './noteList.tsx';
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
  const clip = useSignal<Interval | null>(null);
  const openClip = () => {
    clip.value = markedRange();
  };
  useEffect(startModel, []);
  usePlaybackKeys(stage, openClip);
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
        <Transport stage={stage} onClip={openClip} />
      </div>
      <Timeline />
      <aside class="playback-side">
        <Calendar />
        <NoteList />
        <GapList />
      </aside>
      {clip.value && (
        <ClipDialog
          cameras={cameraIds.value}
          {...clip.value}
          onClose={() => {
            clip.value = null;
          }}
        />
      )}
    </div>
  );
}

/** The cameras; with many of them the row scrolls sideways. Side by side, each is taken in or put away. */
function CameraChips() {
  const { play, nav } = words.value;
  const ids = cameraIds.value;
  const sideBySide = ids.length > 1;
  const row = useRef<HTMLFieldSetElement>(null);
  useEffect(() => bringIntoSight(row.current), [ids[0]]);
  const toggle = (id: string) => {
    if (!sideBySide) chooseCamera(id);
    else if (ids.includes(id)) showCameras(ids.filter((each) => each !== id));
    else showCameras([...ids.slice(0, MOST_SIDE_BY_SIDE - 1), id]);
  };
  return (
    <>
      {(cameras.value?.length ?? 0) > 1 && (
        <button
          type="button"
          class="chip"
          aria-pressed={sideBySide}
          title={play.sideBySideText(MOST_SIDE_BY_SIDE)}
          onClick={() => showCameras(sideBySide ? ids.slice(0, 1) : withNeighbours(ids))}
        >
          <Icon name="live" />
          {play.sideBySide}
        </button>
      )}
      <fieldset class="chip-group cameras" ref={row}>
        <legend class="visually-hidden">{nav.cameras}</legend>
        {(cameras.value ?? []).map(({ id, name }) => (
          <button
            key={id}
            type="button"
            class="chip"
            aria-pressed={ids.includes(id)}
            onClick={() => toggle(id)}
          >
            {name}
          </button>
        ))}
      </fieldset>
    </>
  );
}

/** Scrolls the row, and nothing but the row, until the camera that was chosen stands in its middle. */
function bringIntoSight(row: HTMLElement | null): void {
  const chosen = row?.querySelector<HTMLElement>('[aria-pressed="true"]');
  if (!row || !chosen) return;
  row.scrollTo({ left: chosen.offsetLeft - (row.clientWidth - chosen.offsetWidth) / 2 });
}

/** The camera on show with those that follow it in the list. */
function withNeighbours(ids: readonly string[]): readonly string[] {
  const all = (cameras.peek() ?? []).map(({ id }) => id);
  return [...new Set([...ids, ...all.slice(all.indexOf(ids[0] ?? '')), ...all])].slice(0, MOST_SIDE_BY_SIDE);
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
