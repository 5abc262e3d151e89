/** Colours for the canvas, read from the style sheet: a probe element has them resolved for the theme of now. */

const NAMES = [
  'footage',
  'activity',
  'line',
  'line-strong',
  'muted',
  'text',
  'bad',
  'bad-soft',
  'playhead',
  'accent',
  'sunken',
] as const;
type Name = (typeof NAMES)[number];

export type Palette = Readonly<Record<Name, string>> & {
  /** Hatching of gaps, so that they are told apart without colour. */
  readonly hatch: CanvasPattern | string;
};

const HATCH_SIZE = 7;

/** @param probe an element whose colour may be changed to ask what a custom property is */
export function readPalette(probe: HTMLElement, context: CanvasRenderingContext2D): Palette {
  const colours = Object.fromEntries(NAMES.map((name) => [name, resolve(probe, name)]));
  const of = (name: Name) => colours[name] ?? 'gray';
  const named = {
    footage: of('footage'),
    activity: of('activity'),
    line: of('line'),
    'line-strong': of('line-strong'),
    muted: of('muted'),
    text: of('text'),
    bad: of('bad'),
    'bad-soft': of('bad-soft'),
    playhead: of('playhead'),
    accent: of('accent'),
    sunken: of('sunken'),
  };
  return { ...named, hatch: hatchOf(context, named['bad-soft'], named.bad) };
}

function resolve(probe: HTMLElement, name: Name): string {
  probe.style.color = `var(--${name})`;
  return getComputedStyle(probe).color;
}

function hatchOf(context: CanvasRenderingContext2D, ground: string, lines: string): CanvasPattern | string {
  const tile = document.createElement('canvas');
  tile.width = HATCH_SIZE;
  tile.height = HATCH_SIZE;
  const pen = tile.getContext('2d');
  if (!pen) return lines;
  pen.fillStyle = ground;
  pen.fillRect(0, 0, HATCH_SIZE, HATCH_SIZE);
  pen.strokeStyle = lines;
  pen.lineWidth = 1.2;
  // Drawn three times over the borders, so that the tiles join.
  for (const shift of [-HATCH_SIZE, 0, HATCH_SIZE]) {
    pen.beginPath();
    pen.moveTo(shift - 1, HATCH_SIZE + 1);
    pen.lineTo(shift + HATCH_SIZE + 1, -1);
    pen.stroke();
  }
  return context.createPattern(tile, 'repeat') ?? lines;
}
