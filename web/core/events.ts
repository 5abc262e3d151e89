/** What has happened, as the recorder tells it: of cameras, of itself, and what people marked. */
import type { EventView } from '../../types/api.ts';

export type { EventView };

export interface EventPage {
  /** Newest first. */
  readonly events: readonly EventView[];
  /** For `cursor`; null on the last page. */
  readonly next: string | null;
}

export interface EventFilter {
  readonly cameras?: readonly string[];
  readonly kinds?: readonly string[];
  readonly startMs?: number;
  readonly endMs?: number;
  readonly text?: string;
  readonly limit?: number;
  readonly cursor?: string;
}

/** The query of `GET /events`. */
export function eventsQuery(filter: EventFilter): string {
  const query = new URLSearchParams();
  const { cameras, kinds, startMs, endMs, text, limit, cursor } = filter;
  if (cameras?.length) query.set('cameras', cameras.join(','));
  if (kinds?.length) query.set('kinds', kinds.join(','));
  if (startMs !== undefined) query.set('from', String(startMs));
  if (endMs !== undefined) query.set('to', String(endMs));
  if (text) query.set('text', text);
  if (limit !== undefined) query.set('limit', String(limit));
  if (cursor) query.set('cursor', cursor);
  return query.toString();
}
