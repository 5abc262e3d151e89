/** Draws a timeline: lanes with footage and gaps, marks, playhead. A function of what it is given. */
import type { Interval } from '../../time/zone.ts';
import type { Lane } from '../archive.ts';
import type { Palette } from './palette.ts';
import type { RulerMark } from './ruler.ts';
import { pixelRuns } from './runs.ts';
import { type View, xOf } from './view.ts';

export interface Geometry {
  /** CSS pixels. */
  readonly width: number;
  readonly laneHeight: number;
  /** Height of the bar within a lane, which stands at its bottom with this margin. */
  readonly barHeight: number;
  readonly barMargin: number;
}

export interface LaneScene extends Lane {
  readonly chosen: boolean;
  readonly protected: readonly Interval[];
}

export interface Scene {
  readonly view: View;
  readonly lanes: readonly LaneScene[];
  readonly playheadMs: number;
  readonly nowMs: number;
  readonly hoverMs: number | null;
  readonly inMs: number | null;
  readonly outMs: number | null;
  readonly zone: string;
  /** A short sentence for a gap's cause. */
  readonly causeText: (cause: string) => string;
}

/** A gap narrower than this has no room for words; pointing at it shows them. */
const WORDS_PIXELS = 110;
export const FONT = '500 11px Inter, system-ui, sans-serif';

/** A bar that is hollow: there is footage, but not here. */
const AWAY_ALPHA = 0.22;
const AWAY_EDGE = 2;
/** Height of the line over a bar where something happened. */
const EVENT_PIXELS = 2;
const DASH_PIXELS = 4;
/** Over the highest column of movement. */
const ROOM_PIXELS = 2;

const textWidths = new Map<string, number>();

type Pen = CanvasRenderingContext2D;

/**
 * The lanes of a view.
 * @param marks of the ruler
 * @param putFootage draws footage and gaps of all lanes
 */
export function drawLanes(
  pen: Pen,
  scene: Scene,
  geometry: Geometry,
  palette: Palette,
  marks: readonly RulerMark[],
  putFootage: () => void,
): void {
  const { width, laneHeight, barHeight, barMargin } = geometry;
  const height = laneHeight * scene.lanes.length;
  pen.clearRect(0, 0, width, height);
  drawGrid(pen, scene, geometry, palette, marks);
  const past = Math.min(width, Math.max(0, xOf(scene.nowMs, scene.view, width)));
  const tops = scene.lanes.map((_, index) => (index + 1) * laneHeight - barMargin - barHeight);
  pen.fillStyle = palette.sunken;
  for (const top of tops) pen.fillRect(0, top, past, barHeight);
  putFootage();
  for (const [index, lane] of scene.lanes.entries()) {
    drawCauses(pen, lane, scene, geometry, palette, tops[index] ?? 0);
    drawPegs(pen, lane, scene, geometry, palette, tops[index] ?? 0);
  }
  drawRange(pen, scene, geometry, palette, height);
  if (scene.hoverMs !== null)
    vertical(pen, xOf(scene.hoverMs, scene.view, width), height, palette['line-strong'], 1);
  vertical(pen, xOf(scene.playheadMs, scene.view, width), height, palette.playhead, 2);
}

function drawGrid(
  pen: Pen,
  scene: Scene,
  { width, laneHeight }: Geometry,
  palette: Palette,
  marks: readonly RulerMark[],
): void {
  for (const { ms, kind } of marks) {
    const colour = kind === 'midnight' ? palette['line-strong'] : palette.line;
    vertical(pen, xOf(ms, scene.view, width), laneHeight * scene.lanes.length, colour, 1);
  }
}

/** Puts how much moved in a lane, by its number, into the bar at this height. */
export type PutActivity = (index: number, top: number, height: number) => void;

/** Footage, movement, gaps, events and protections: what only changes when something new is known. */
export function drawFootage(
  pen: Pen,
  lanes: readonly LaneScene[],
  view: View,
  geometry: Geometry,
  palette: Palette,
  putActivity: PutActivity,
): void {
  const { barHeight } = geometry;
  for (const [index, lane] of lanes.entries()) {
    const top = (index + 1) * geometry.laneHeight - geometry.barMargin - barHeight;
    drawLane(pen, lane, view, geometry, palette, top, () => {
      pen.globalAlpha = lane.chosen ? 1 : 0.7;
      putActivity(index, top + ROOM_PIXELS, barHeight - ROOM_PIXELS);
      pen.globalAlpha = 1;
    });
  }
}

function drawLane(
  pen: Pen,
  lane: LaneScene,
  view: View,
  geometry: Geometry,
  palette: Palette,
  top: number,
  drawActivity: () => void,
): void {
  const { width, barHeight } = geometry;
  const fill = (intervals: readonly Interval[], y: number, height: number) => {
    for (const { from, to } of pixelRuns(intervals, view, width)) pen.fillRect(from, y, to - from, height);
  };
  pen.fillStyle = palette.footage;
  pen.globalAlpha = lane.chosen ? 1 : 0.62;
  fill(lane.recordings, top, barHeight);
  for (const { from, to } of pixelRuns(lane.missing, view, width))
    pen.clearRect(from, top, to - from, barHeight);
  pen.globalAlpha = AWAY_ALPHA;
  fill(lane.missing, top, barHeight);
  pen.globalAlpha = 1;
  fill(lane.missing, top, AWAY_EDGE);
  fill(lane.missing, top + barHeight - AWAY_EDGE, AWAY_EDGE);
  drawActivity();
  drawOffClock(pen, lane, view, geometry, palette, top);
  pen.fillStyle = palette.hatch;
  fill(lane.gaps, top, barHeight);
  pen.fillStyle = palette.playhead;
  fill(lane.eventful, top - EVENT_PIXELS, EVENT_PIXELS);
  pen.fillStyle = palette.text;
  fill(lane.protected, top + barHeight - 3, 3);
}

/** A broken line along the top of what was recorded by another clock. */
function drawOffClock(
  pen: Pen,
  { offClock }: LaneScene,
  view: View,
  { width }: Geometry,
  palette: Palette,
  top: number,
): void {
  pen.fillStyle = palette.text;
  for (const { from, to } of pixelRuns(offClock, view, width))
    for (let x = from; x < to; x += 2 * DASH_PIXELS)
      pen.fillRect(x, top, Math.min(DASH_PIXELS, to - x), EVENT_PIXELS);
}

/** A peg over what is marked. */
function drawPegs(
  pen: Pen,
  { events }: LaneScene,
  { view }: Scene,
  { width }: Geometry,
  palette: Palette,
  top: number,
): void {
  pen.fillStyle = palette.playhead;
  for (const { kind, startMs } of events) {
    const x = Math.round(xOf(startMs, view, width));
    if (kind !== 'mark' || x < -4 || x > width + 4) continue;
    pen.beginPath();
    pen.moveTo(x - 5, top - 4);
    pen.lineTo(x + 5, top - 4);
    pen.lineTo(x, top + 5);
    pen.fill();
  }
}

/** A gap that is wide enough says why it is there. */
function drawCauses(
  pen: Pen,
  lane: Lane,
  scene: Scene,
  geometry: Geometry,
  palette: Palette,
  top: number,
): void {
  for (const gap of lane.gaps) {
    const from = Math.max(0, xOf(gap.startMs, scene.view, geometry.width));
    const to = Math.min(geometry.width, xOf(gap.endMs, scene.view, geometry.width));
    if (to - from < WORDS_PIXELS) continue;
    pen.font = FONT;
    pen.textBaseline = 'middle';
    const text = scene.causeText(gap.cause);
    const room = Math.min(widthOf(pen, text), to - from - 16);
    pen.save();
    pen.beginPath();
    pen.rect(from + 6, top, room + 8, geometry.barHeight);
    pen.clip();
    pen.fillStyle = palette['bad-soft'];
    pen.fillRect(from + 6, top + 2, room + 8, geometry.barHeight - 4);
    pen.fillStyle = palette.bad;
    pen.fillText(text, from + 10, top + geometry.barHeight / 2 + 0.5);
    pen.restore();
  }
}

/** Measured once: a text has one width in the one font there is. */
function widthOf(pen: Pen, text: string): number {
  const known = textWidths.get(text) ?? pen.measureText(text).width;
  textWidths.set(text, known);
  return known;
}

function drawRange(pen: Pen, scene: Scene, { width }: Geometry, palette: Palette, height: number): void {
  const { inMs, outMs, view } = scene;
  if (inMs !== null && outMs !== null) {
    pen.fillStyle = palette.accent;
    pen.globalAlpha = 0.2;
    const from = xOf(inMs, view, width);
    pen.fillRect(from, 0, xOf(outMs, view, width) - from, height);
    pen.globalAlpha = 1;
  }
  for (const ms of [inMs, outMs])
    if (ms !== null) vertical(pen, xOf(ms, view, width), height, palette.accent, 2);
}

function vertical(pen: Pen, x: number, height: number, colour: string, thickness: number): void {
  pen.fillStyle = colour;
  pen.fillRect(Math.round(x - thickness / 2), 0, thickness, height);
}
