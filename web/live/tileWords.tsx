/** What a tile says of itself: the same words everywhere, and never by colour alone. */
import type { CameraView } from '../../types/api.ts';
import { now } from '../core/clock.ts';
import { lostSince } from '../core/fleet.ts';
import { dateText, durationText, timeText } from '../core/format.ts';
import type { Keeping } from '../core/recordingState.ts';
import { link } from '../core/router.ts';
import { may } from '../core/session.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { causeText, words } from '../words/index.ts';
import type { Picture } from './tileState.ts';

const DAY_MS = 86_400_000;

interface PictureTextProps {
  readonly camera: CameraView;
  readonly picture: Picture;
  readonly large: boolean;
}

/** Stands over the picture whenever there is something to say; live pictures speak for themselves. */
export function PictureText({ camera, picture, large }: PictureTextProps) {
  const { tile } = words.value;
  switch (picture.kind) {
    case 'live':
      return null;
    case 'loading':
      return <Message spinner title={tile.loading} />;
    case 'connecting':
      return <Message spinner title={tile.connecting(picture.attempt)} />;
    case 'off':
      return <Message icon="noVideo" title={tile.off} />;
    case 'blocked':
      return <Message icon="play" title={tile.blocked} />;
    case 'no-signal':
      return <Message icon="alert" title={tile.noSignal(durationText(now.value - picture.sinceMs))} />;
    case 'unsupported':
      return (
        <Message icon="noVideo" title={tile.unsupported} detail={tile.unsupportedText(codecName(camera))}>
          {large && (
            <a class="button small" href={link('play', { cam: camera.id })}>
              {tile.download}
            </a>
          )}
        </Message>
      );
    case 'offline':
      return <Offline camera={camera} picture={picture} large={large} />;
  }
}

interface OfflineProps {
  readonly camera: CameraView;
  readonly picture: Extract<Picture, { kind: 'offline' }>;
  readonly large: boolean;
}

function Offline({ camera, picture, large }: OfflineProps) {
  const { tile } = words.value;
  const last = camera.status.lastFragmentMs;
  const title = tile.offline(durationText(now.value - picture.sinceMs));
  const lastText = last === null ? '' : ` · ${tile.lastPicture(momentText(last))}`;
  return (
    <Message icon="offline" title={title + lastText} detail={causeText(picture.cause, picture.message)}>
      {may('admin') && (
        <a class={large ? 'button' : 'button small'} href={link('cameras', { edit: camera.id })}>
          <Icon name="test" />
          {tile.test}
        </a>
      )}
    </Message>
  );
}

interface MessageProps {
  readonly title: string;
  readonly detail?: string;
  readonly icon?: IconName;
  readonly spinner?: boolean;
  readonly children?: preact.ComponentChildren;
}

function Message({ title, detail, icon, spinner, children }: MessageProps) {
  return (
    <div class="tile-message">
      {spinner && <span class="spinner late" />}
      {icon && <Icon name={icon} />}
      <strong>{title}</strong>
      {detail && <span class="tile-detail">{detail}</span>}
      {children}
    </div>
  );
}

/** Whether what is seen is also kept; nothing while the recorder does not say. */
export function RecordingMark({ keeping }: { readonly keeping: Keeping }) {
  const { tile } = words.value;
  if (lostSince.value !== null) return null;
  switch (keeping) {
    case 'idle':
      return null;
    case 'starting':
      return <span class="mark waiting">{tile.startingRecording}</span>;
    case 'recording':
      return (
        <span class="mark good" title={tile.recording}>
          <span class="dot" />
          {tile.recordingShort}
        </span>
      );
    case 'failing':
      return (
        <span class="mark bad">
          <Icon name="alert" />
          {tile.notRecording}
        </span>
      );
  }
}

/** A time of today alone; of another day with its date. */
function momentText(ms: number): string {
  return now.value - ms < DAY_MS / 2 ? timeText(ms) : `${dateText(ms)} ${timeText(ms)}`;
}

function codecName({ status }: CameraView): string {
  return { h264: 'H.264', h265: 'H.265', none: '' }[status.format?.video.codec ?? 'none'];
}
