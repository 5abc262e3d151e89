/** The part of time that a timeline shows: zooming, panning, and where a moment lies. Elapsed time, never hours. Pure. */
import type { Interval } from '../../time/zone.ts';

export type View = Interval;

const SHORTEST_MS = 10_000;
const LONGEST_MS = 7 * 86_400_000;

export function spanOf(view: View): number {
  return view.endMs - view.startMs;
}

/** CSS pixels from the left edge. */
export function xOf(ms: number, view: View, width: number): number {
  return ((ms - view.startMs) / spanOf(view)) * width;
}

export function msAt(x: number, view: View, width: number): number {
  return view.startMs + (x / width) * spanOf(view);
}

/** Makes the span `factor` times as long; what is at the anchor stays where it is. */
export function zoom(view: View, anchorMs: number, factor: number): View {
  const span = spanOf(view);
  const wanted = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, span * factor));
  const startMs = anchorMs - ((anchorMs - view.startMs) * wanted) / span;
  return { startMs, endMs: startMs + wanted };
}

export function pan(view: View, byMs: number): View {
  return { startMs: view.startMs + byMs, endMs: view.endMs + byMs };
}

/** Moves the view, by as little as is needed, so that it shows a moment with some room around it. */
export function reveal(view: View, ms: number): View {
  const room = spanOf(view) * 0.06;
  if (ms < view.startMs) return pan(view, ms - view.startMs - room);
  // Going on in time turns the page, so that the playhead does not stick to the edge.
  if (ms > view.endMs) return pan(view, ms - view.startMs - room);
  return view;
}

/** Moves the view, when it does not show a moment, so far that it ends a little after it: what led to it is seen. */
export function upTo(view: View, ms: number): View {
  return ms >= view.startMs && ms <= view.endMs ? view : pan(view, ms + spanOf(view) * 0.06 - view.endMs);
}

/** A view of a given length around a moment. */
export function around(ms: number, spanMs: number): View {
  return { startMs: ms - spanMs / 2, endMs: ms + spanMs / 2 };
}
