/** What has happened, as the recorder tells it: of cameras, of itself, and what people marked. */

export interface EventView {
  readonly id: number;
  readonly atMs: number;
  readonly endMs?: number | null;
  readonly kind: string;
  readonly cameraId?: string | null;
  readonly text: string;
}

export interface EventList {
  readonly events: readonly EventView[];
  readonly next?: string | null;
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
