/** What can be done with a tile: buttons that appear under the pointer, with the focus, or always when it is large. */
import { type ReadonlySignal, useSignal } from '@preact/signals';
import type { CameraView } from '../../types/api.ts';
import { request } from '../core/api.ts';
import { exactNow } from '../core/clock.ts';
import { remember } from '../core/fleet.ts';
import { go, link } from '../core/router.ts';
import { may } from '../core/session.ts';
import { IconButton } from '../ui/button.tsx';
import { problemText, words } from '../words/index.ts';
import type { LivePlayer } from './player.ts';
import { controlsOf } from './tileControls.ts';

const BACK_SECONDS = 10;

interface TileActionsProps {
  readonly camera: CameraView;
  readonly player: ReadonlySignal<LivePlayer | null>;
  readonly muted: ReadonlySignal<boolean>;
  readonly large: boolean;
}

export function TileActions({ camera, player, muted, large }: TileActionsProps) {
  const { live } = words.value;
  const act = () => controlsOf(camera.id);
  const playing = player.value?.state.value.kind === 'playing';
  const behind = player.value?.behind.value ?? false;
  return (
    <div class={behind ? 'tile-actions stay' : 'tile-actions'}>
      {behind && (
        <button type="button" class="button small" aria-keyshortcuts="G" onClick={() => act()?.toEdge()}>
          {live.toLive}
        </button>
      )}
      {playing && (
        <IconButton icon="back" label={live.back} keys="J" onClick={() => act()?.back(BACK_SECONDS)} />
      )}
      {playing && large && camera.status.format?.audio && (
        <IconButton
          icon={muted.value ? 'muted' : 'sound'}
          label={muted.value ? live.sound : live.mute}
          keys="M"
          onClick={() => act()?.toggleSound()}
        />
      )}
      {playing && (
        <IconButton icon="snapshot" label={live.snapshot} keys="S" onClick={() => act()?.snapshot()} />
      )}
      <IconButton
        icon="playback"
        label={live.playback}
        onClick={() => go(link('play', { cam: camera.id, t: Math.round(exactNow() - BACK_SECONDS * 1_000) }))}
      />
      {camera.mode === 'manual' && may('operator') && <RecordButton camera={camera} />}
    </div>
  );
}

/** Starts and stops recording by hand. */
export function RecordButton({ camera }: { readonly camera: CameraView }) {
  const { live } = words.value;
  const failure = useSignal<string | null>(null);
  const busy = useSignal(false);
  const wanted = camera.status.recording.wanted;
  const toggle = async () => {
    busy.value = true;
    failure.value = null;
    try {
      const action = wanted ? 'stop' : 'start';
      remember(await request<CameraView>('POST', `/cameras/${camera.id}/recording/${action}`));
    } catch (error) {
      failure.value = problemText(error);
    }
    busy.value = false;
  };
  return (
    <>
      <IconButton
        icon={wanted ? 'stop' : 'record'}
        class={wanted ? '' : 'record'}
        label={wanted ? live.stopRecording : live.startRecording}
        disabled={busy.value}
        onClick={() => void toggle()}
      />
      {failure.value && (
        <span class="tile-failure" role="alert">
          {failure.value}
        </span>
      )}
    </>
  );
}
