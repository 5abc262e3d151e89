/** The wall time of pictures as captions, for exports whose frames carry it: which text is shown when. Pure. */
import { epochMs } from './time.ts';
import { formatIso, type Zone } from './zone.ts';

/** A stretch of a movie in which wall time passes as fast as the movie. All in ms; they need not be whole. */
export interface WallSpan {
  /** From when to when in the movie, which begins at 0. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The wall time of what is shown at `fromMs`. */
  readonly wallMs: number;
}

const SECOND_MS = 1_000;

/**
 * SubRip captions, one for each second of wall time. A frame belongs to the millisecond to which the moment of its
 * presentation rounds, as in all exports.
 */
export function* timeCaptions(spans: readonly WallSpan[], zone: Zone): Generator<string> {
  let number = 1;
  for (const { fromMs, toMs, wallMs } of spans) {
    const positionOf = (second: number) => fromMs + second * SECOND_MS - 0.5 - wallMs;
    for (let second = Math.floor((wallMs + 0.5) / SECOND_MS); positionOf(second) < toMs; second++) {
      const start = Math.round(Math.max(fromMs, positionOf(second)));
      const end = Math.round(Math.min(toMs, positionOf(second + 1)));
      if (start >= end) continue;
      yield `${number}\n${stamp(start)} --> ${stamp(end)}\n${clockText(second * SECOND_MS, zone)}\n\n`;
      number++;
    }
  }
}

/** `2026-03-29 03:00:06 +02:00` */
function clockText(ms: number, zone: Zone): string {
  return formatIso(epochMs(ms), zone).replace('T', ' ').replace(/\.\d+/, ' ');
}

/** `00:01:02,345` */
function stamp(ms: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const seconds = ms / SECOND_MS;
  const fraction = String(ms % SECOND_MS).padStart(3, '0');
  return `${two(seconds / 3_600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)},${fraction}`;
}
