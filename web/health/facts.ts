/** What is known of a camera's footage beyond the last day: since when, how many days, how much a day. */
import { signal } from '@preact/signals';
import type { DayList, SegmentList } from '../../types/api.ts';
import { get } from '../core/api.ts';
import { exactNow } from '../core/clock.ts';

export interface Facts {
  /** Start of the oldest day that has footage; null without any. */
  readonly firstMs: number | null;
  readonly days: number;
  /** Of the last hour's files; null when there are none. */
  readonly bytesPerMs: number | null;
}

const HOUR_MS = 3_600_000;

export const facts = signal<ReadonlyMap<string, Facts>>(new Map());

export async function loadFacts(camera: string): Promise<void> {
  const end = Math.floor(exactNow());
  try {
    const [{ days }, { segments }] = await Promise.all([
      get<DayList>(`/cameras/${camera}/days`),
      get<SegmentList>(`/cameras/${camera}/segments?start=${end - HOUR_MS}&end=${end}&limit=100`),
    ]);
    const closed = segments.filter(({ open }) => !open);
    const bytes = closed.reduce((sum, segment) => sum + segment.bytes, 0);
    const ms = closed.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
    facts.value = new Map(facts.peek()).set(camera, {
      firstMs: days[0]?.startMs ?? null,
      days: days.length,
      bytesPerMs: ms > 0 ? bytes / ms : null,
    });
  } catch {
    // Shown as unknown; the next look asks again.
  }
}
