/** The timeline: a lane a camera, with its footage and its gaps, and the playhead over all of them. */
import { batch, useComputed, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { cameras } from '../../core/fleet.ts';
import { cameraIds, chooseCamera, scrubbing, seek, view, writeAddress } from '../model.ts';
import { keepDrawn } from './canvas.ts';
import type { Geometry } from './draw.ts';
import { type GestureTarget, listen } from './gestures.ts';
import { Bubble, type Hover, LaneNames, Slider, Tip, ZoomButtons } from './parts.tsx';

/** Narrower than this, names stand above the bars instead of beside them. */
const NARROW = 620;

export function Timeline() {
  const ruler = useRef<HTMLCanvasElement>(null);
  const lanes = useRef<HTMLCanvasElement>(null);
  const probe = useRef<HTMLSpanElement>(null);
  const place = useRef<HTMLDivElement>(null);
  const hover = useSignal<Hover | null>(null);
  const { width, narrow, watch } = useWidth();
  const geometry = useComputed(() => geometryOf(width.value, narrow.value));
  const hoverMs = useComputed(() => hover.value?.ms ?? null);
  const { laneHeight } = geometry.value;
  // Told before anything is drawn, so that what stands below does not jump.
  const lanesHeight = `${(cameras.value?.length ?? 0) * laneHeight}px`;

  useEffect(() => {
    if (!ruler.current || !lanes.current || !probe.current || !place.current) return;
    const canvases = { ruler: ruler.current, lanes: lanes.current, probe: probe.current };
    const target = targetOf(
      () => geometry.peek().laneHeight,
      (next) => {
        hover.value = next;
      },
    );
    const stops = [
      watch(place.current),
      keepDrawn(canvases, geometry, hoverMs),
      listen(canvases.lanes, target, false),
      listen(canvases.ruler, { ...target, onTap: put, onHover: () => undefined }, true),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, []);

  return (
    <div class={narrow.value ? 'timeline narrow' : 'timeline'}>
      <span ref={probe} hidden />
      <Slider />
      <LaneNames laneHeight={laneHeight} />
      <ZoomButtons />
      <div class="timeline-canvases" ref={place}>
        <canvas class="timeline-ruler" ref={ruler} />
        <Bubble width={width.value} />
        <div class="timeline-lanes" style={{ height: lanesHeight }}>
          <canvas ref={lanes} />
          {hover.value && <Tip hover={hover.value} width={width.value} laneHeight={laneHeight} />}
        </div>
      </div>
    </div>
  );
}

function useWidth() {
  const width = useSignal(0);
  // Known before anything is measured, so that phones do not see it change over.
  const narrow = useSignal(document.documentElement.clientWidth < NARROW);
  const watch = (element: HTMLElement) => {
    const observer = new ResizeObserver(() => {
      batch(() => {
        narrow.value = (element.parentElement?.clientWidth ?? 0) < NARROW;
        width.value = element.clientWidth;
      });
    });
    observer.observe(element);
    return () => observer.disconnect();
  };
  return { width, narrow, watch };
}

function geometryOf(width: number, narrow: boolean): Geometry {
  return narrow
    ? { width, laneHeight: 46, barHeight: 22, barMargin: 4 }
    : { width, laneHeight: 34, barHeight: 24, barMargin: 5 };
}

function targetOf(laneHeight: () => number, setHover: (hover: Hover | null) => void): GestureTarget {
  return {
    view: () => view.peek(),
    setView: (next) => {
      view.value = next;
    },
    onScrub: (ms) => {
      scrubbing.value = true;
      seek(ms);
    },
    onRest: () => {
      scrubbing.value = false;
      writeAddress();
    },
    onTap: (ms, y) => tap(ms, Math.floor(y / laneHeight())),
    onHover: (ms, y, box) => setHover(ms === null ? null : { ms, y, box }),
  };
}

/** A click on the lane of another camera shows that camera, and the playhead stays. */
function tap(ms: number, lane: number): void {
  const camera = cameras.peek()?.[lane];
  if (camera && !cameraIds.peek().includes(camera.id)) chooseCamera(camera.id);
  else put(ms);
}

function put(ms: number): void {
  seek(ms);
  writeAddress();
}
