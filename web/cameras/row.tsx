/** One camera in the list: a row of a table, on phones a card. */
import type { CameraView } from '../../types/api.ts';
import { now } from '../core/clock.ts';
import { durationText } from '../core/format.ts';
import { failureOf, keepingOf } from '../core/recordingState.ts';
import { link } from '../core/router.ts';
import { may } from '../core/session.ts';
import { RecordButton } from '../live/tileActions.tsx';
import { Icon } from '../ui/icon.tsx';
import { Thumbnail } from '../ui/thumbnail.tsx';
import { causeText, words } from '../words/index.ts';
import { more } from '../words/more/index.ts';
import { saidText } from '../words/said/index.ts';
import { pictureText, restText } from './formatText.ts';
import { MoveHandle } from './moveHandle.tsx';
import { draft, ordered } from './order.ts';
import { sourceDraftOf } from './sourceDraft.ts';

interface CameraRowProps {
  readonly camera: CameraView;
  /** Does what may fail, and says so when it did. */
  readonly run: (work: () => Promise<unknown>) => Promise<boolean>;
}

export function CameraRow({ camera, run }: CameraRowProps) {
  const { cameras: say } = words.value;
  const movable = may('admin') && ordered.value.length > 1;
  return (
    <tr data-camera={camera.id} data-moving={draft.value !== null}>
      <th scope="row" class="cell-name">
        <span class="camera-name">
          {/* Asked for again when the camera begins to send. */}
          <Thumbnail key={camera.status.source.state === 'live' ? 'live' : 'away'} camera={camera.id} />
          <span>
            <a href={link('live', { cam: camera.id })}>{camera.name}</a>
            <span class="cell-sub">{camera.id}</span>
            <Labels camera={camera} />
          </span>
        </span>
      </th>
      <td data-label={say.state}>
        <SourceState camera={camera} />
      </td>
      <td data-label={say.media}>
        <MediaText camera={camera} />
      </td>
      <td data-label={say.source} class="cell-address">
        <SourceText camera={camera} />
      </td>
      <td data-label={say.recording}>
        <RecordingState camera={camera} />
      </td>
      <td class="cell-actions">
        {camera.mode === 'manual' && may('operator') && <RecordButton camera={camera} />}
        {may('admin') && (
          <>
            <a class="icon-button" href={link('cameras', { edit: camera.id })} title={say.edit}>
              <Icon name="edit" />
              <span class="visually-hidden">
                {say.edit}: {camera.name}
              </span>
            </a>
            <a class="icon-button" href={link('cameras', { delete: camera.id })} title={say.delete}>
              <Icon name="trash" />
              <span class="visually-hidden">
                {say.delete}: {camera.name}
              </span>
            </a>
            {movable && <MoveHandle camera={camera} run={run} />}
          </>
        )}
      </td>
    </tr>
  );
}

/** Its group and tags. */
function Labels({ camera: { group, tags = [] } }: { readonly camera: CameraView }) {
  if (group === undefined && tags.length === 0) return null;
  return (
    <span class="cell-labels">
      {group !== undefined && <span class="label strong">{group}</span>}
      {tags.map((tag) => (
        <span key={tag} class="label">
          {tag}
        </span>
      ))}
    </span>
  );
}

function MediaText({ camera: { status } }: { readonly camera: CameraView }) {
  if (!status.format) return <span class="muted">–</span>;
  return (
    <>
      {pictureText(status.format)}
      <span class="cell-sub">{restText(status.format)}</span>
    </>
  );
}

function SourceText({ camera: { source } }: { readonly camera: CameraView }) {
  const { cameras: say } = words.value;
  const draft = sourceDraftOf(source);
  if (draft.kind === 'test') return <>{say.testPattern}</>;
  const kind = draft.kind === 'rtsp' ? draft.transport.toUpperCase() : more.value.form.kinds[draft.kind];
  return (
    <>
      {draft.url || draft.device || draft.path}
      <span class="cell-sub">{[kind, draft.username].filter(Boolean).join(' · ')}</span>
    </>
  );
}

function SourceState({ camera }: { readonly camera: CameraView }) {
  const { cameras: say } = words.value;
  const { source, silent } = camera.status;
  const state = camera.enabled ? source.state : 'off';
  const mood = { live: 'good', off: 'none', connecting: 'waiting', stalled: 'bad', backoff: 'bad' }[state];
  return (
    <>
      <span class={`state ${mood}`}>
        {say.states[state]} <span class="muted">{durationText(now.value - source.sinceMs)}</span>
      </span>
      {source.cause !== null && <span class="cell-sub">{causeText(source.cause, source.message)}</span>}
      {silent && <span class="cell-sub">{words.value.health.withoutSound(saidText(silent.message))}</span>}
    </>
  );
}

function RecordingState({ camera }: { readonly camera: CameraView }) {
  const { cameras: say, tile } = words.value;
  const keeping = keepingOf(camera, now.value);
  const text = {
    idle: say.notWanted,
    starting: tile.startingRecording,
    recording: tile.recording,
    failing: tile.notRecording,
  }[keeping];
  const mood = { idle: 'none', starting: 'waiting', recording: 'good', failing: 'bad' }[keeping];
  return (
    <>
      <span class={`state ${mood}`}>{text}</span>
      <span class="cell-sub">
        {keeping === 'failing' ? causeText(failureOf(camera)) : say.modes[camera.mode]}
      </span>
    </>
  );
}
