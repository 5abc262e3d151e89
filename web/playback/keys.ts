/** Keys of the playback screen. */
import { useEffect } from 'preact/hooks';
import { zone } from '../core/clock.ts';
import { cameraById, cameras } from '../core/fleet.ts';
import { type KeyMap, useKeys } from '../core/keyboard.ts';
import { toggleFullScreen } from '../media/fullScreen.ts';
import { fileName, saveSnapshot } from '../media/snapshot.ts';
import { laneOf } from './archive.ts';
import { leadPicture } from './conductor.ts';
import {
  cameraId,
  chooseCamera,
  mark,
  muted,
  playhead,
  playing,
  seek,
  showNow,
  stepDay,
  view,
  writeAddress,
  ZOOM_STEP,
  zoomBy,
} from './model.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** So long before an event, playback begins. */
const LEAD_MS = 5 * SECOND;
/** When the camera does not say how many frames it sends. */
const USUAL_FPS = 25;

export function usePlaybackKeys(stage: { readonly current: HTMLElement | null }, openClip: () => void): void {
  useEffect(() => {
    const map: KeyMap = {
      ...digits(),
      ' ': toggle,
      k: toggle,
      j: by(-10 * SECOND),
      l: by(10 * SECOND),
      ',': () => stepFrame(-1),
      '.': () => stepFrame(1),
      ArrowLeft: by(-SECOND),
      ArrowRight: by(SECOND),
      'Shift+ArrowLeft': by(-MINUTE),
      'Shift+ArrowRight': by(MINUTE),
      PageUp: by(-HOUR),
      PageDown: by(HOUR),
      '[': () => stepEvent(-1),
      ']': () => stepEvent(1),
      n: () => stepDay(1),
      p: () => stepDay(-1),
      '+': () => zoomBy(1 / ZOOM_STEP),
      '=': () => zoomBy(1 / ZOOM_STEP),
      '-': () => zoomBy(ZOOM_STEP),
      i: () => mark('inMs'),
      o: () => mark('outMs'),
      e: openClip,
      f: () => toggleFullScreen(stage.current),
      m: () => {
        muted.value = !muted.peek();
      },
      s: snapshot,
      g: showNow,
    };
    return useKeys(map);
  }, []);
}

export function toggle(): void {
  playing.value = !playing.peek();
  if (!playing.peek()) writeAddress();
}

/** Moves the playhead, and says so in the address. */
export function moveBy(ms: number): void {
  seek(playhead.peek() + ms);
  writeAddress();
}

/** Saves what is on show as a picture, named by its own moment: the playhead may be ahead of it, or in a gap. */
export function snapshot(): void {
  const picture = leadPicture();
  if (picture) saveSnapshot(picture.video, fileName(cameraId.peek() ?? 'camera', picture.ms, zone.peek()));
}

function by(ms: number): () => void {
  return () => moveBy(ms);
}

function stepFrame(count: number): void {
  playing.value = false;
  const fps = cameraById.peek().get(cameraId.peek() ?? '')?.status.format?.video.fps || USUAL_FPS;
  moveBy((count * SECOND) / fps);
}

/** To the event or gap before, or to the next one: a little earlier, so that one sees it begin. */
function stepEvent(direction: -1 | 1): void {
  const { gaps, events } = laneOf(cameraId.peek() ?? '', view.peek());
  const at = playhead.peek() + LEAD_MS;
  const starts = [...gaps, ...events].map(({ startMs }) => startMs).sort((a, b) => a - b);
  const next =
    direction > 0 ? starts.find((ms) => ms > at + SECOND) : starts.findLast((ms) => ms < at - SECOND);
  if (next === undefined) return;
  seek(next - LEAD_MS);
  writeAddress();
}

function digits(): KeyMap {
  const choose = (index: number) => () => {
    const camera = cameras.peek()?.[index];
    if (camera) chooseCamera(camera.id);
  };
  return Object.fromEntries(Array.from({ length: 9 }, (_, index) => [String(index + 1), choose(index)]));
}
