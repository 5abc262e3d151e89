/** The picture of the playback screen, and in words why there is none. */
import { effect, signal, untracked, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { zone } from '../core/clock.ts';
import { cameraById, cameras } from '../core/fleet.ts';
import { dateText, longDateText, offsetText, secondsText, timeText } from '../core/format.ts';
import { gapMode } from '../core/preferences.ts';
import { releaseVideo, takeVideo } from '../media/video.ts';
import { dayOf } from '../time/zone.ts';
import { Icon } from '../ui/icon.tsx';
import { causeText, words } from '../words/index.ts';
import { laneOf, needArchive } from './archive.ts';
import { ArchivePlayer, type ArchiveState } from './archivePlayer.ts';
import { startGapWalk } from './gapWalk.ts';
import {
  cameraId,
  day,
  follow,
  jumps,
  muted,
  playhead,
  playing,
  rate,
  seek,
  showNow,
  writeAddress,
} from './model.ts';
import { holding, nearest } from './timeline/runs.ts';

/** The element on show, for snapshots and single frames. */
export const shownVideo = signal<HTMLVideoElement | null>(null);

const FOLLOW_EVERY_MS = 100;
/** How far around a moment without footage the nearest is looked for. */
const SEARCH_MS = 8 * 86_400_000;

export function Player() {
  const place = useRef<HTMLDivElement>(null);
  const state = useSignal<ArchiveState>({ kind: 'idle' });
  useEffect(() => {
    if (!place.current) return;
    const video = takeVideo();
    place.current.replaceChildren(video);
    shownVideo.value = video;
    const player = new ArchivePlayer(video, follow);
    const stops = [
      effect(() => {
        state.value = player.state.value;
      }),
      drive(player, video),
    ];
    return () => {
      for (const stop of stops) stop();
      player.close();
      shownVideo.value = null;
      releaseVideo(video);
    };
  }, []);
  const shown = state.value;
  return (
    <div class="player" data-state={shown.kind}>
      <div class="player-screen" ref={place} />
      <PlayerText state={shown} />
      <div class="player-caption">
        <span>{cameraById.value.get(cameraId.value ?? '')?.name}</span>
        <time dateTime={new Date(playhead.value).toISOString()} title={longDateText(playhead.value)}>
          {dateText(playhead.value)} {secondsText(playhead.value)} {offsetText(playhead.value)}
        </time>
      </div>
    </div>
  );
}

/** Makes the player do what the model says, and the model know where the player is. */
function drive(player: ArchivePlayer, video: HTMLVideoElement): () => void {
  const walk = startGapWalk(video);
  const stops = [
    effect(() => {
      const camera = cameraId.value;
      jumps.value;
      if (camera === null || !cameras.value?.some(({ id }) => id === camera)) return;
      untracked(() => player.show(camera, playhead.value));
    }),
    effect(() => (playing.value ? player.play() : player.pause())),
    effect(() => {
      // A new source sets the rate of the element back to its standard.
      video.defaultPlaybackRate = rate.value;
      video.playbackRate = rate.value;
    }),
    effect(() => {
      video.muted = muted.value;
    }),
  ];
  const timer = window.setInterval(() => {
    const moment = player.moment();
    if (moment === null || !playing.peek() || video.paused) return;
    if (gapMode.peek() === 'through' && walk.crosses(playhead.peek(), moment)) return;
    follow(moment);
  }, FOLLOW_EVERY_MS);
  return () => {
    window.clearInterval(timer);
    walk.stop();
    for (const stop of stops) stop();
  };
}

function PlayerText({ state }: { readonly state: ArchiveState }) {
  const { play } = words.value;
  switch (state.kind) {
    case 'ready':
      return null;
    case 'idle':
    case 'loading':
      return (
        <div class="player-text">
          <span class="spinner late" />
          <span class="visually-hidden">{words.value.common.loading}</span>
        </div>
      );
    case 'empty':
      return <Empty />;
    case 'unsupported':
      return (
        <div class="player-text">
          <Icon name="noVideo" />
          <strong>{words.value.tile.unsupported}</strong>
          <span>{play.unsupportedText}</span>
        </div>
      );
    case 'failed':
      return (
        <div class="player-text" role="alert">
          <Icon name="alert" />
          <strong>{play.failed}</strong>
          <button type="button" class="button" onClick={() => seek(playhead.peek())}>
            {words.value.common.retry}
          </button>
        </div>
      );
  }
}

/** No footage here: why, and where the nearest is. */
function Empty() {
  const { play } = words.value;
  const camera = cameraId.value ?? '';
  const around = { startMs: Math.max(0, playhead.value - SEARCH_MS), endMs: playhead.value + SEARCH_MS };
  needArchive([camera], around);
  const { recordings, gaps } = laneOf(camera, around);
  const gap = holding(gaps, playhead.value);
  const { beforeMs, afterMs } = nearest(recordings, playhead.value);
  return (
    <div class="player-text">
      <Icon name="noVideo" />
      <strong>{play.empty(timeText(playhead.value))}</strong>
      {gap && <span>{causeText(gap.cause)}</span>}
      <div class="player-nearest">
        {beforeMs !== null && <Nearest ms={beforeMs - 5_000} label={play.before(momentText(beforeMs))} />}
        {afterMs !== null && <Nearest ms={afterMs} label={play.after(momentText(afterMs))} />}
        {beforeMs === null && afterMs === null && (
          <button type="button" class="button" onClick={showNow}>
            {play.newest}
          </button>
        )}
      </div>
    </div>
  );
}

/** A time of the day on show alone; of another day with its date. */
function momentText(ms: number): string {
  const sameDay = dayOf(ms, zone.value) === day.value;
  return sameDay ? secondsText(ms) : `${dateText(ms)} ${secondsText(ms)}`;
}

function Nearest({ ms, label }: { readonly ms: number; readonly label: string }) {
  const show = () => {
    seek(ms);
    writeAddress();
  };
  return (
    <button type="button" class="button" onClick={show}>
      {label}
    </button>
  );
}
