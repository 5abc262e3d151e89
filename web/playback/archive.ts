/** What was recorded and what was missed, by camera, as far as somebody has looked: fetched in blocks and kept. */
import { signal } from '@preact/signals';
import type { GapList, RecordingList } from '../../types/api.ts';
import { get } from '../core/api.ts';
import { exactNow } from '../core/clock.ts';
import type { Interval } from '../time/zone.ts';
import { joined } from './timeline/runs.ts';

export interface Gap extends Interval {
  readonly cause: string;
}

/** Of one camera within an interval, sorted by start. */
export interface Lane {
  readonly recordings: readonly Interval[];
  readonly gaps: readonly Gap[];
}

interface Block {
  readonly lane: Lane;
  readonly loadedMs: number;
}

const DAY_MS = 86_400_000;
/** Blocks are days of UTC, and eight of them where one looks at more than two. */
const FINE_MS = DAY_MS;
const COARSE_MS = 8 * DAY_MS;
const COARSE_FROM_MS = 2 * DAY_MS;
/** What still grows is asked for again after so long. */
const FRESH_MS = 5_000;
const MOST_BLOCKS = 600;
const EMPTY: Lane = { recordings: [], gaps: [] };

/** Counts up whenever something new has arrived. */
export const archiveVersion = signal(0);

const blocks = new Map<string, Block>();
const pending = new Set<string>();

/** Asks for what is missing or old of some cameras in an interval. */
export function needArchive(cameras: readonly string[], interval: Interval): void {
  for (const camera of cameras) {
    for (const block of blocksOf(interval)) if (isStale(camera, block)) void load(camera, block);
  }
}

/** What is known so far. Reads `archiveVersion`, so that whoever draws it draws it again. */
export function laneOf(camera: string, interval: Interval): Lane {
  archiveVersion.value;
  const found = blocksOf(interval).map((block) => blocks.get(keyOf(camera, block))?.lane ?? EMPTY);
  if (found.length === 1) return found[0] ?? EMPTY;
  return {
    recordings: joined(found.flatMap(({ recordings }) => recordings)),
    gaps: withoutRepeats(found.flatMap(({ gaps }) => gaps)),
  };
}

/** Whether all of an interval is known. */
export function isKnown(camera: string, interval: Interval): boolean {
  archiveVersion.value;
  return blocksOf(interval).every((block) => blocks.has(keyOf(camera, block)));
}

function blocksOf({ startMs, endMs }: Interval): readonly Interval[] {
  const length = endMs - startMs > COARSE_FROM_MS ? COARSE_MS : FINE_MS;
  const first = Math.max(0, Math.floor(startMs / length));
  const last = Math.max(first, Math.floor((endMs - 1) / length));
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    startMs: (first + index) * length,
    endMs: (first + index + 1) * length,
  }));
}

function isStale(camera: string, block: Interval): boolean {
  const known = blocks.get(keyOf(camera, block));
  const now = exactNow();
  if (block.startMs > now) return false;
  return !known || (block.endMs > known.loadedMs && now - known.loadedMs > FRESH_MS);
}

async function load(camera: string, block: Interval): Promise<void> {
  const key = keyOf(camera, block);
  if (pending.has(key)) return;
  pending.add(key);
  const query = `?start=${block.startMs}&end=${block.endMs}`;
  try {
    const [{ recordings }, { gaps }] = await Promise.all([
      get<RecordingList>(`/cameras/${camera}/recordings${query}`),
      get<GapList>(`/cameras/${camera}/gaps${query}`),
    ]);
    const now = exactNow();
    const clip = (each: { readonly startMs: number; readonly endMs: number | null }) => ({
      startMs: each.startMs,
      endMs: each.endMs ?? now,
    });
    const lane = {
      recordings: joined(recordings.map(clip)),
      gaps: gaps.map((gap) => ({ ...clip(gap), cause: gap.cause })),
    };
    if (blocks.size > MOST_BLOCKS) blocks.clear();
    blocks.set(key, { lane, loadedMs: now });
    archiveVersion.value += 1;
  } catch {
    // The next look asks again; that the recorder is lost is said elsewhere.
  } finally {
    pending.delete(key);
  }
}

/** A gap over the border of two blocks comes with both. */
function withoutRepeats(gaps: readonly Gap[]): readonly Gap[] {
  return [...new Map(gaps.map((gap) => [gap.startMs, gap])).values()].sort((a, b) => a.startMs - b.startMs);
}

function keyOf(camera: string, { startMs, endMs }: Interval): string {
  return `${camera} ${startMs} ${endMs}`;
}
