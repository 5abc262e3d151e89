/** The footage nearest to a moment without any, to the millisecond. */
import { signal } from '@preact/signals';
import type { GapList, RecordingList } from '../../types/api.ts';
import { get } from '../core/api.ts';
import { exactNow } from '../core/clock.ts';
import { holding, nearest } from './timeline/runs.ts';

export interface Nearby {
  readonly beforeMs: number | null;
  readonly afterMs: number | null;
  /** Why there is nothing, as a code. */
  readonly cause: string | null;
}

/** How far around the moment is looked. */
const SEARCH_MS = 8 * 86_400_000;
/** Moments closer together than this have the same answer. */
const STEP_MS = 1_000;
const MOST_KNOWN = 50;

const version = signal(0);
const known = new Map<string, Nearby | null>();

/** Null while it is being asked for. */
export function nearbyOf(camera: string, ms: number): Nearby | null {
  version.value;
  const at = Math.floor(ms / STEP_MS) * STEP_MS;
  const key = `${camera} ${at}`;
  if (!known.has(key)) void load(camera, at, key);
  return known.get(key) ?? null;
}

async function load(camera: string, at: number, key: string): Promise<void> {
  if (known.size > MOST_KNOWN) known.clear();
  known.set(key, null);
  const query = `?start=${Math.max(0, at - SEARCH_MS)}&end=${Math.max(1, at + SEARCH_MS)}`;
  try {
    const [{ recordings }, { gaps }] = await Promise.all([
      get<RecordingList>(`/cameras/${camera}/recordings${query}`),
      get<GapList>(`/cameras/${camera}/gaps${query}`),
    ]);
    const end = exactNow();
    const closed = recordings.map(({ startMs, endMs }) => ({ startMs, endMs: endMs ?? end }));
    const ended = gaps.map((gap) => ({ ...gap, endMs: gap.endMs ?? end }));
    known.set(key, { ...nearest(closed, at), cause: holding(ended, at)?.cause ?? null });
  } catch {
    known.delete(key);
  }
  version.value += 1;
}
