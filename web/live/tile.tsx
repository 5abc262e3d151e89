/** One camera on the wall: its picture, its name, and in words how it is doing. */
import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { CameraView } from '../../types/api.ts';
import { apiUrl } from '../core/api.ts';
import { now } from '../core/clock.ts';
import { type Keeping, keepingOf } from '../core/recordingState.ts';
import { words } from '../words/index.ts';
import { wallLink } from './filter.ts';
import { lastPicture } from './lastPictures.ts';
import { TileActions } from './tileActions.tsx';
import { useTilePlayer } from './tilePlayer.ts';
import { pictureOf } from './tileState.ts';
import { PictureText, RecordingMark } from './tileWords.tsx';

const OPENING = { kind: 'opening' } as const;
/** The last picture that was kept, where none has been seen here: as wide as a tile needs it. */
const PICTURE_WIDTH = 480;

export function Tile({ camera, large }: { readonly camera: CameraView; readonly large: boolean }) {
  const screen = useRef<HTMLDivElement>(null);
  const muted = useSignal(true);
  const wanted = { camera: camera.id, hasSub: hasSub(camera), large };
  const player = useTilePlayer(wanted, screen, muted);
  const picture = pictureOf(camera, player.value?.state.value ?? OPENING);
  const keeping = keepingOf(camera, now.value);
  return (
    <article
      class="tile"
      data-camera={camera.id}
      data-picture={picture.kind}
      data-keeping={keeping}
      aria-label={camera.name}
    >
      {STILL.includes(picture.kind) && <KeptPicture camera={camera} />}
      <div class="tile-screen" ref={screen} />
      <PictureText camera={camera} picture={picture} large={large} />
      {!large && (
        <a class="tile-open" href={wallLink({ cam: camera.id })}>
          <span class="visually-hidden">{words.value.live.open(camera.name)}</span>
        </a>
      )}
      <TileCaption camera={camera} keeping={keeping} />
      <TileActions camera={camera} player={player} muted={muted} large={large} />
    </article>
  );
}

/** States in which nothing comes. */
const STILL: readonly string[] = ['offline', 'no-signal'];

function hasSub(camera: CameraView): boolean {
  return 'sub' in camera && camera.sub != null;
}

/** What was last recorded of a camera that sends nothing, for who opens the page only now. */
function KeptPicture({ camera: { id, status } }: { readonly camera: CameraView }) {
  const kept = useSignal(status.lastDurableMs);
  const gone = useSignal(false);
  if (kept.value === null || gone.value || lastPicture(id)) return null;
  const at = Math.max(0, kept.value - 1_000);
  return (
    <img
      class="tile-kept"
      alt=""
      src={apiUrl(`/cameras/${id}/snapshot.jpg?t=${at}&width=${PICTURE_WIDTH}`)}
      onError={() => {
        gone.value = true;
      }}
    />
  );
}

function TileCaption({ camera, keeping }: { readonly camera: CameraView; readonly keeping: Keeping }) {
  return (
    <div class="tile-caption">
      <span class="tile-name">{camera.name}</span>
      <RecordingMark keeping={keeping} />
    </div>
  );
}
