/** Draws the ruler over the lanes. A function of what it is given. */
import { FONT, type Scene } from './draw.ts';
import type { Palette } from './palette.ts';
import { type RulerMark, rulerMarks, stepFor } from './ruler.ts';
import { xOf } from './view.ts';

const MARK_PIXELS = 74;
/** Signs from Hangul on are wide; so many CSS pixels each, and around a label. */
const FIRST_WIDE = '\u1100';
const WIDE_PIXELS = 11;
const SIGN_PIXELS = 6.3;
const LABEL_GAP = 8;
/** From a mark to its label. */
const INDENT = 5;
/** The time of the playhead stands on the ruler, so wide to each side, and never over its ends. */
export const BUBBLE_HALF = 34;

export interface RulerWords {
  readonly time: (ms: number, withSeconds: boolean) => string;
  readonly date: (ms: number) => string;
  /** Day of the month. */
  readonly day: (ms: number) => string;
  readonly offset: (ms: number) => string;
}

/** The marks of a view, which the lanes have as lines. */
export function marksOf({ view, zone }: Scene, width: number): readonly RulerMark[] {
  return rulerMarks(view, stepFor(view, width, MARK_PIXELS), zone);
}

/** The ruler over the lanes. */
export function drawRuler(
  pen: CanvasRenderingContext2D,
  scene: Scene,
  width: number,
  height: number,
  palette: Palette,
  marks: readonly RulerMark[],
  say: RulerWords,
): void {
  pen.clearRect(0, 0, width, height);
  pen.font = FONT;
  pen.textBaseline = 'middle';
  pen.textAlign = 'left';
  const step = stepFor(scene.view, width, MARK_PIXELS);
  const bubble = bubbleAt(xOf(scene.playheadMs, scene.view, width), width);
  for (const [index, each] of marks.entries()) {
    const x = Math.round(xOf(each.ms, scene.view, width));
    const next = marks[index + 1];
    const room = (next ? xOf(next.ms, scene.view, width) : width) - x;
    pen.fillStyle = each.kind === 'midnight' ? palette['line-strong'] : palette.line;
    pen.fillRect(x, height - 6, 1, 6);
    pen.fillStyle = each.kind === 'plain' ? palette.muted : palette.text;
    const label = labelOf(each, step, room, say);
    if (bubble === null || !isUnder(bubble, x + INDENT, label)) pen.fillText(label, x + INDENT, height / 2);
  }
}

/** The longest label that there is room for: a date may be a day alone, and of an hour that comes twice the first. */
function labelOf({ ms, kind }: RulerMark, step: number, room: number, say: RulerWords): string {
  const time = say.time(ms, step < 60_000);
  const wishes = {
    midnight: [say.date(ms), say.day(ms)],
    repeated: [`${time} ${say.offset(ms)}`, time],
    plain: [time],
  }[kind];
  return wishes.find((text) => fits(text, room)) ?? '';
}

function fits(text: string, room: number): boolean {
  return widthOf(text) + LABEL_GAP <= room;
}

/** The middle of what tells the time of the playhead; null where that is not in view. */
export function bubbleAt(x: number, width: number): number | null {
  if (x < 0 || x > width) return null;
  return Math.min(width - BUBBLE_HALF, Math.max(BUBBLE_HALF, x));
}

/** Whether a label would show half behind the time of the playhead. */
function isUnder(bubble: number, x: number, label: string): boolean {
  return x < bubble + BUBBLE_HALF + 2 && x + widthOf(label) > bubble - BUBBLE_HALF - 2;
}

/** Guessed: measuring each label of each frame would cost more than drawing it. */
function widthOf(text: string): number {
  const wide = [...text].filter((sign) => sign >= FIRST_WIDE).length;
  return wide * WIDE_PIXELS + (text.length - wide) * SIGN_PIXELS;
}
