/** What belongs to the timeline and is not drawn: names, the slider for who does not see, the tip at the pointer. */
import { computed } from '@preact/signals';
import { cameras } from '../../core/fleet.ts';
import { durationText, gapText, offsetText, secondsText } from '../../core/format.ts';
import { IconButton } from '../../ui/button.tsx';
import { causeText, words } from '../../words/index.ts';
import { laneOf } from '../archive.ts';
import { cameraId, cameraIds, chooseCamera, playhead, view, ZOOM_STEP, zoomBy } from '../model.ts';
import { previewAt } from '../previews.ts';
import { PreviewPicture } from '../scrubPicture.tsx';
import { bubbleAt } from './drawRuler.ts';
import { holding } from './runs.ts';
import { xOf } from './view.ts';

export interface Hover {
  readonly ms: number;
  readonly y: number;
  /** Where the lanes are on the screen. */
  readonly box: DOMRect;
}

export function LaneNames({ laneHeight }: { readonly laneHeight: number }) {
  return (
    <div class="timeline-names">
      {(cameras.value ?? []).map(({ id, name }) => (
        <button
          key={id}
          type="button"
          class="lane-name"
          aria-pressed={cameraIds.value.includes(id)}
          style={{ height: `${laneHeight}px` }}
          onClick={() => chooseCamera(id)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

/** On the ruler, beside the hours. */
export function ZoomButtons() {
  const { play } = words.value;
  return (
    <span class="timeline-zoom">
      <IconButton icon="minus" label={play.zoomOut} keys="-" onClick={() => zoomBy(ZOOM_STEP)} />
      <IconButton icon="plus" label={play.zoomIn} keys="+" onClick={() => zoomBy(1 / ZOOM_STEP)} />
    </span>
  );
}

/** "02:15:03, recorded": once a second is enough to be told. */
const spoken = computed(() => {
  const { timeline } = words.value;
  const ms = Math.floor(playhead.value / 1_000) * 1_000;
  const what = stateAt(cameraId.value, ms);
  return `${secondsText(ms)}, ${what ?? timeline.nothing}`;
});

/** The timeline for who uses keys or hears the page; the keys of the page move it. */
export function Slider() {
  const { startMs, endMs } = view.value;
  return (
    <div
      class="timeline-slider"
      role="slider"
      tabIndex={0}
      aria-label={words.value.timeline.label}
      aria-valuemin={Math.round(startMs)}
      aria-valuemax={Math.round(endMs)}
      aria-valuenow={Math.round(Math.min(endMs, Math.max(startMs, playhead.value)))}
      aria-valuetext={spoken.value}
    />
  );
}

/** The time at the playhead, on the ruler. */
export function Bubble({ width }: { readonly width: number }) {
  const x = bubbleAt(xOf(playhead.value, view.value, width), width);
  if (x === null) return null;
  return (
    <span class="timeline-bubble" style={{ transform: `translateX(${x}px)` }}>
      {secondsText(playhead.value)}
    </span>
  );
}

interface TipProps {
  readonly hover: Hover;
  readonly width: number;
  readonly laneHeight: number;
}

/** What lies under the pointer: above the timeline, where it hides nothing of it. */
export function Tip({ hover, width, laneHeight }: TipProps) {
  const camera = cameras.value?.[Math.floor(hover.y / laneHeight)];
  const what = camera ? stateAt(camera.id, hover.ms) : null;
  const preview = camera ? previewAt(camera.id, hover.ms) : null;
  const x = xOf(hover.ms, view.value, width);
  const half = preview ? PREVIEW_HALF : TIP_HALF;
  const left = hover.box.left + Math.min(width - half, Math.max(half, x));
  return (
    <span
      class="timeline-tip"
      style={{ left: `${left}px`, bottom: `${window.innerHeight - hover.box.top + RULER_ROOM}px` }}
    >
      {preview && <PreviewPicture preview={preview} class="timeline-preview" />}
      <span>
        <strong>{secondsText(hover.ms)}</strong> {offsetText(hover.ms)} {camera?.name}
      </span>
      {what && <span>{what}</span>}
    </span>
  );
}

/** Over the ruler, which stands above the lanes; CSS pixels. */
const RULER_ROOM = 30;

/** Half as wide as it is, so that it stays within the timeline; CSS pixels. */
const PREVIEW_HALF = 108;
const TIP_HALF = 70;

/** In words, what there is of a camera at a moment; null when nothing is known. */
function stateAt(camera: string | null, ms: number): string | null {
  if (camera === null) return null;
  const { timeline } = words.value;
  const lane = laneOf(camera, view.value);
  const gap = holding(lane.gaps, ms);
  if (gap) return `${timeline.gap(gapText(gap))}: ${causeText(gap.cause)}`;
  if (holding(lane.missing, ms)) return timeline.away;
  const other = holding(lane.offClock, ms);
  if (other) return timeline.offClock(durationText(Math.abs(other.offsetMs)), other.offsetMs > 0);
  return holding(lane.recordings, ms) ? timeline.recorded : null;
}
