/** Keeps the canvases of the timeline drawn: once per frame of the screen, and only when something has changed. */
import { effect, type ReadonlySignal, signal } from '@preact/signals';
import { now, zone } from '../../core/clock.ts';
import { cameras } from '../../core/fleet.ts';
import { dateText, dayText, offsetText, secondsText, timeText } from '../../core/format.ts';
import { theme } from '../../core/preferences.ts';
import type { Interval } from '../../time/zone.ts';
import { causeText } from '../../words/index.ts';
import { laneOf, needArchive } from '../archive.ts';
import { cameraIds, marks, playhead, view } from '../model.ts';
import { notes } from '../notes.ts';
import { drawLanes, type Geometry, type Scene } from './draw.ts';
import { drawRuler, marksOf } from './drawRuler.ts';
import { LaneLayer, type Range } from './layer.ts';
import { type Palette, readPalette } from './palette.ts';
import type { View } from './view.ts';

export const RULER_HEIGHT = 26;

export interface Canvases {
  readonly ruler: HTMLCanvasElement;
  readonly lanes: HTMLCanvasElement;
  /** Tells colours. */
  readonly probe: HTMLElement;
}

/** A view that has not moved for so long is drawn in its own scale. */
const REST_MS = 120;
const UNPROTECTED: readonly Interval[] = [];

const darkQuery = window.matchMedia('(prefers-color-scheme: dark)');
const dark = signal(darkQuery.matches);
darkQuery.addEventListener('change', () => {
  dark.value = darkQuery.matches;
});

const say = {
  time: (ms: number, withSeconds: boolean) => (withSeconds ? secondsText(ms) : timeText(ms)),
  date: dateText,
  day: dayText,
  offset: offsetText,
};

/** Draws until the function given back is called. */
export function keepDrawn(
  canvases: Canvases,
  geometry: ReadonlySignal<Geometry>,
  hoverMs: ReadonlySignal<number | null>,
): () => void {
  const layer = new LaneLayer();
  const rests = signal(0);
  let frame = 0;
  let rest: number | undefined;
  let moved: View | null = null;
  let palette: { readonly key: string; readonly colours: Palette } | null = null;
  const draw = (scene: Scene, size: Geometry, key: string) => {
    const pens = prepare(canvases, size, scene.lanes.length);
    if (!pens || size.width === 0) return;
    if (palette?.key !== key) palette = { key, colours: readPalette(canvases.probe, pens.lanes) };
    const { colours } = palette;
    const marks = marksOf(scene, size.width);
    drawLanes(pens.lanes, scene, size, colours, marks, () =>
      layer.put(pens.lanes, scene.view, scene.lanes, size, colours, window.devicePixelRatio),
    );
    drawRuler(pens.ruler, scene, size.width, RULER_HEIGHT, colours, marks, say);
  };
  const stop = effect(() => {
    rests.value;
    const scene = sceneOf(hoverMs.value, layer.rangeFor(view.value));
    const size = geometry.value;
    const key = `${theme.value} ${dark.value}`;
    window.cancelAnimationFrame(frame);
    frame = window.requestAnimationFrame(() => draw(scene, size, key));
    // The playhead moves on while the view rests.
    if (scene.view === moved) return;
    moved = scene.view;
    window.clearTimeout(rest);
    if (layer.fits(scene.view)) return;
    rest = window.setTimeout(() => {
      layer.forget();
      rests.value += 1;
    }, REST_MS);
  });
  return () => {
    stop();
    window.clearTimeout(rest);
    window.cancelAnimationFrame(frame);
  };
}

function sceneOf(hoverMs: number | null, { wide }: Range): Scene {
  const shown = view.value;
  const ids = (cameras.value ?? []).map(({ id }) => id);
  // The clock is read so that what still grows is asked for again.
  const nowMs = now.value;
  needArchive(wide, shown);
  return {
    view: shown,
    lanes: ids.map((id) => ({
      ...laneOf(id, wide, shown),
      chosen: cameraIds.value.includes(id),
      protected: protectedOf(id),
    })),
    playheadMs: playhead.value,
    nowMs,
    hoverMs,
    inMs: marks.value.inMs,
    outMs: marks.value.outMs,
    zone: zone.value,
    causeText,
  };
}

/** Of the camera whose notes are known. */
function protectedOf(camera: string): readonly Interval[] {
  const known = notes.value;
  return known?.camera === camera ? known.protections : UNPROTECTED;
}

/** Gives the canvases as many pixels as the screen has for them. */
function prepare({ ruler, lanes }: Canvases, { width, laneHeight }: Geometry, count: number) {
  const pens = { ruler: ruler.getContext('2d'), lanes: lanes.getContext('2d') };
  if (!pens.ruler || !pens.lanes) return null;
  resize(ruler, pens.ruler, width, RULER_HEIGHT);
  resize(lanes, pens.lanes, width, laneHeight * count);
  return { ruler: pens.ruler, lanes: pens.lanes };
}

function resize(
  canvas: HTMLCanvasElement,
  pen: CanvasRenderingContext2D,
  width: number,
  height: number,
): void {
  const ratio = window.devicePixelRatio;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
}
