/** The pictures of the playback screen, up to four side by side, and in words why there is none. */
import { effect, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { zone } from '../core/clock.ts';
import { cameraById } from '../core/fleet.ts';
import { dateText, durationText, longDateText, offsetText, secondsText, timeText } from '../core/format.ts';
import { link } from '../core/router.ts';
import { releaseVideo, takeVideo } from '../media/video.ts';
import { dayOf } from '../time/zone.ts';
import { Icon } from '../ui/icon.tsx';
import { causeText, words } from '../words/index.ts';
import { laneOf } from './archive.ts';
import { ArchivePlayer, type ArchiveState } from './archivePlayer.ts';
import { conduct, startConductor } from './conductor.ts';
import { cameraIds, chooseCamera, day, playhead, seek, showNow, view, writeAddress } from './model.ts';
import { nearbyOf } from './nearest.ts';
import { ScrubPicture } from './scrubPicture.tsx';
import { holding } from './timeline/runs.ts';

export function Player() {
  useEffect(startConductor, []);
  const ids = cameraIds.value;
  return (
    <div class="screens" data-count={ids.length}>
      {ids.map((camera, index) => (
        <Cell key={camera} camera={camera} first={index === 0} alone={ids.length === 1} />
      ))}
    </div>
  );
}

interface CellProps {
  readonly camera: string;
  /** The one that the calendar and clips are of. */
  readonly first: boolean;
  readonly alone: boolean;
}

function Cell({ camera, first, alone }: CellProps) {
  const place = useRef<HTMLDivElement>(null);
  const state = useSignal<ArchiveState>({ kind: 'idle' });
  const known = cameraById.value.has(camera);
  useEffect(() => {
    if (!place.current || !known) return;
    const video = takeVideo();
    place.current.replaceChildren(video);
    const player = new ArchivePlayer(camera, video);
    const stops = [
      effect(() => {
        state.value = player.state.value;
      }),
      conduct(camera, player, video),
    ];
    return () => {
      for (const stop of stops) stop();
      player.close();
      releaseVideo(video);
    };
  }, [camera, known]);
  const shown: ArchiveState = known ? state.value : { kind: 'gone' };
  const name = cameraById.value.get(camera)?.name ?? camera;
  return (
    <div class="player" data-state={shown.kind} data-camera={camera} data-first={first}>
      <div class="player-screen" ref={place} />
      <ScrubPicture camera={camera} />
      <PlayerText state={shown} camera={camera} />
      {shown.kind === 'ready' && <OffClockNote camera={camera} />}
      <div class="player-caption">
        {alone || first ? (
          <span>{name}</span>
        ) : (
          <button type="button" onClick={() => chooseCamera(camera)}>
            {name}
          </button>
        )}
        {first && <Moment />}
      </div>
    </div>
  );
}

function Moment() {
  return (
    <time dateTime={new Date(playhead.value).toISOString()} title={longDateText(playhead.value)}>
      <span class="moment-date">{dateText(playhead.value)} </span>
      {secondsText(playhead.value)}
      <span class="moment-date"> {offsetText(playhead.value)}</span>
    </time>
  );
}

function PlayerText({ state, camera }: { readonly state: ArchiveState; readonly camera: string }) {
  const { play, common, tile, live } = words.value;
  switch (state.kind) {
    case 'ready':
      return null;
    case 'idle':
    case 'loading':
      return (
        <div class="player-text">
          <span class="spinner late" />
          <span class="visually-hidden">{common.loading}</span>
        </div>
      );
    case 'empty':
      return <Empty camera={camera} />;
    case 'unsupported':
      return (
        <div class="player-text">
          <Icon name="noVideo" />
          <strong>{tile.unsupported}</strong>
          <span>{play.unsupportedText}</span>
        </div>
      );
    case 'gone':
      return (
        <div class="player-text" role="alert">
          <Icon name="noVideo" />
          <strong>{live.missing}</strong>
          <a class="button" href={link('play')}>
            {play.otherCameras}
          </a>
        </div>
      );
    case 'failed':
      return (
        <div class="player-text" role="alert">
          <Icon name="alert" />
          <strong>{play.failed}</strong>
          <button type="button" class="button" onClick={() => seek(playhead.peek())}>
            {common.retry}
          </button>
        </div>
      );
  }
}

/** What is shown was recorded by another clock: by how much, and when it really was. */
function OffClockNote({ camera }: { readonly camera: string }) {
  const at = playhead.value;
  const noted = holding(laneOf(camera, view.value).offClock, at);
  if (!noted) return null;
  const { offsetMs } = noted;
  const { offClockLong } = words.value.timeline;
  const really = momentText(at + offsetMs);
  return (
    <p class="player-note">
      <Icon name="clock" />
      {offClockLong(durationText(Math.abs(offsetMs)), offsetMs > 0, really)}
    </p>
  );
}

/** No footage here: why, and where the nearest is. */
function Empty({ camera }: { readonly camera: string }) {
  const { play, timeline } = words.value;
  const away = holding(laneOf(camera, view.value).missing, playhead.value) !== null;
  const nearby = nearbyOf(camera, playhead.value);
  const { beforeMs = null, afterMs = null, cause = null } = nearby ?? {};
  return (
    <div class="player-text">
      <Icon name="noVideo" />
      <strong>{play.empty(timeText(playhead.value))}</strong>
      {away ? <span>{timeline.awayLong}</span> : cause && <span>{causeText(cause)}</span>}
      <div class="player-nearest">
        {beforeMs !== null && <Nearest ms={beforeMs - 5_000} label={play.before(momentText(beforeMs))} />}
        {afterMs !== null && <Nearest ms={afterMs} label={play.after(momentText(afterMs))} />}
        {nearby && beforeMs === null && afterMs === null && (
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
