/**
 * What the playback screen is about: which camera, which moment, how fast, and what the timeline shows. The address
 * says the first two, so that somebody can be shown the exact moment.
 */
import { computed, effect, signal } from '@preact/signals';
import { exactNow, now, zone } from '../core/clock.ts';
import { cameras } from '../core/fleet.ts';
import { address, go, link } from '../core/router.ts';
import { addDays, type Day, dayBounds, dayOf, type Interval, momentAt, wallTimeOf } from '../time/zone.ts';
import { reveal, spanOf, upTo, type View, zoom } from './timeline/view.ts';

export const RATES = [0.5, 1, 2, 4, 8] as const;

export const ZOOM_STEP = 1.6;

/** The newest footage takes a moment to reach the disk. */
const EDGE_MS = 10_000;
/** Writing the address too often is refused by some browsers. */
const WRITE_EVERY_MS = 3_000;
const NIGHT_BEGINS_MS = 20 * 3_600_000;
const NIGHT_ENDS_MS = 6 * 3_600_000;
/** Days of all zones are as long. */
const SHORTEST_DAY_MS = 22 * 3_600_000;
const LONGEST_DAY_MS = 26 * 3_600_000;
const HALF_MINUTE_MS = 30_000;

/** The moment on show, or being gone to; epoch milliseconds. */
export const playhead = signal(0);
export const playing = signal(false);
export const rate = signal<number>(1);
export const muted = signal(true);
/** Whether somebody drags the playhead. */
export const scrubbing = signal(false);
export const view = signal<View>({ startMs: 0, endMs: 1 });
/** Ends of the part that is marked. */
export const marks = signal<{ readonly inMs: number | null; readonly outMs: number | null }>({
  inMs: null,
  outMs: null,
});
/** Counts up whenever the playhead was put somewhere, rather than played there. */
export const jumps = signal(0);

/** So many pictures can be watched side by side. */
export const MOST_SIDE_BY_SIDE = 4;

/** The cameras on show side by side: those the address names, else the first there is. */
export const cameraIds = computed<readonly string[]>(() => {
  const wanted = address.value.query.get('cam')?.split(',').filter(Boolean) ?? [];
  const [first] = cameras.value ?? [];
  if (wanted.length === 0) return first ? [first.id] : [];
  return [...new Set(wanted)].slice(0, MOST_SIDE_BY_SIDE);
});

/** The camera that days, gaps and clips are of: the first on show. */
export const cameraId = computed(() => cameraIds.value[0] ?? null);

/** The day of the playhead. */
export const day = computed(() =>
  playhead.value === 0 ? dayOf(now.value, zone.value) : dayOf(playhead.value, zone.value),
);

/** The moment that the address names; null when it names none. */
const addressed = computed(() => {
  const text = address.value.query.get('t');
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
});

/** Follows the address until the function given back is called. */
export function startModel(): () => void {
  const stop = effect(() => {
    const ms = addressed.value ?? (playhead.peek() || exactNow() - EDGE_MS);
    if (Math.abs(ms - playhead.peek()) < 1_000) return;
    playhead.value = ms;
    jumps.value += 1;
    showInView(ms);
  });
  const timer = window.setInterval(() => {
    if (playing.peek()) writeAddress();
  }, WRITE_EVERY_MS);
  return () => {
    stop();
    window.clearInterval(timer);
  };
}

/** Goes to a moment. It can't lie in the future. */
export function seek(ms: number): void {
  playhead.value = clampToPast(ms);
  jumps.value += 1;
  view.value = reveal(view.peek(), playhead.peek());
}

/** Says in the address where we are; called when a movement has come to rest. */
export function writeAddress(): void {
  go(addressOf(cameraIds.peek()), true);
}

/** The same moment of another camera; of several side by side, it becomes the first. */
export function chooseCamera(id: string): void {
  const others = cameraIds.peek().filter((each) => each !== id);
  const sideBySide = cameraIds.peek().length > 1;
  if (!sideBySide) showCameras([id]);
  else showCameras([id, ...others].slice(0, Math.max(2, cameraIds.peek().length)));
}

/** The same moment of these cameras, side by side. */
export function showCameras(ids: readonly string[]): void {
  go(addressOf(ids.slice(0, MOST_SIDE_BY_SIDE)));
}

function addressOf(ids: readonly string[]): string {
  return link('play', { cam: ids.join(',') || null, t: Math.round(playhead.peek()) });
}

/** Zooms the timeline around the playhead. */
export function zoomBy(factor: number): void {
  view.value = zoom(view.peek(), playhead.peek(), factor);
}

/** What the player says it shows. */
export function follow(ms: number): void {
  playhead.value = ms;
  view.value = reveal(view.peek(), ms);
}

/** Shows a whole day, at the time of day the playhead is at. */
export function showDay(wanted: Day): void {
  view.value = dayBounds(wanted, zone.peek());
  seekWithin(momentAt(wanted, wallTimeOf(playhead.peek(), zone.peek()), zone.peek()));
}

export function stepDay(count: number): void {
  showDay(addDays(day.peek(), count));
}

/** From yesterday evening to this morning, from its first picture on. */
export function showLastNight(): void {
  const today = dayOf(exactNow(), zone.peek());
  showRange({
    startMs: momentAt(addDays(today, -1), NIGHT_BEGINS_MS, zone.peek()),
    endMs: momentAt(today, NIGHT_ENDS_MS, zone.peek()),
  });
}

export function showLastHour(): void {
  const end = exactNow();
  showRange({ startMs: end - 3_600_000, endMs: end });
}

/** The newest footage, with what led to it; where a day is on show, today. */
export function showNow(): void {
  seekWithin(exactNow() - EDGE_MS);
  const [shown, at] = [view.peek(), playhead.peek()];
  const isDay = spanOf(shown) >= SHORTEST_DAY_MS && spanOf(shown) <= LONGEST_DAY_MS;
  view.value = isDay ? dayBounds(dayOf(at, zone.peek()), zone.peek()) : upTo(shown, at);
}

/** Shows a range, and plays it from its beginning. */
export function showRange(range: Interval): void {
  view.value = range;
  playing.value = true;
  seekWithin(range.startMs);
}

export function mark(which: 'inMs' | 'outMs'): void {
  const next = { ...marks.peek(), [which]: playhead.peek() };
  // An end before its start is the start of something else.
  if (next.inMs !== null && next.outMs !== null && next.inMs >= next.outMs) {
    marks.value = { inMs: null, outMs: null, [which]: playhead.peek() };
  } else marks.value = next;
}

/**
 * What is marked; with one end missing, up to the playhead or from it; with none, the minute around the playhead.
 * Whole milliseconds, and nothing of the future.
 */
export function markedRange(): Interval {
  const { inMs, outMs } = marks.peek();
  const at = playhead.peek();
  const nothing = inMs === null && outMs === null;
  const startMs = Math.floor(nothing ? at - HALF_MINUTE_MS : (inMs ?? Math.min(at, outMs ?? at)));
  const endMs = Math.ceil(nothing ? at + HALF_MINUTE_MS : (outMs ?? Math.max(at, inMs ?? at)));
  const latest = Math.floor(exactNow()) - 1;
  return { startMs: Math.min(startMs, latest - 1), endMs: Math.max(startMs + 1, Math.min(endMs, latest)) };
}

export function clearMarks(): void {
  marks.value = { inMs: null, outMs: null };
}

/** Does not move the view, which the caller has chosen. */
function seekWithin(ms: number): void {
  playhead.value = clampToPast(ms);
  jumps.value += 1;
  writeAddress();
}

function clampToPast(ms: number): number {
  return Math.max(0, Math.min(ms, exactNow() - 1_000));
}

/** The first look at a moment shows its whole day. */
function showInView(ms: number): void {
  const current = view.peek();
  const seen = ms >= current.startMs && ms <= current.endMs && spanOf(current) > 1;
  if (!seen) view.value = dayBounds(dayOf(ms, zone.peek()), zone.peek());
}
