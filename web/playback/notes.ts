/** What people have noted of the footage: bookmarks, and intervals that are protected from deletion. */
import { signal } from '@preact/signals';
import type { ProtectionView } from '../../types/api.ts';
import { ApiError, get, request } from '../core/api.ts';
import { type EventPage, type EventView, eventsQuery } from '../core/events.ts';
import type { Interval } from '../time/zone.ts';

export interface Notes {
  readonly camera: string;
  readonly interval: Interval;
  readonly bookmarks: readonly EventView[];
  readonly protections: readonly ProtectionView[];
}

/** Of the camera and the day that were asked for last. */
export const notes = signal<Notes | null>(null);

/** Asks for the notes of a camera; what fails is left out. */
export async function loadNotes(camera: string, interval: Interval): Promise<void> {
  const [events, protections] = await Promise.all([
    ownOrNothing(
      get<EventPage>(`/events?${eventsQuery({ cameras: [camera], kinds: ['mark'], ...interval })}`),
    ),
    ownOrNothing(get<{ readonly protections: readonly ProtectionView[] }>(`/cameras/${camera}/protections`)),
  ]);
  const inside = (each: { readonly startMs: number; readonly endMs: number }) =>
    each.endMs > interval.startMs && each.startMs < interval.endMs;
  notes.value = {
    camera,
    interval,
    bookmarks: events?.events ?? [],
    protections: (protections?.protections ?? []).filter(inside),
  };
}

/** Asks again for what is on show, after a change. */
export async function reloadNotes(): Promise<void> {
  const shown = notes.peek();
  if (shown) await loadNotes(shown.camera, shown.interval);
}

/** @throws ApiError */
export async function bookmark(camera: string, atMs: number, text: string): Promise<void> {
  await request('POST', '/events', { body: { cameras: [camera], atMs: Math.round(atMs), text } });
  await reloadNotes();
}

/** @throws ApiError */
export async function protect(camera: string, { startMs, endMs }: Interval, note: string): Promise<void> {
  await request('POST', `/cameras/${camera}/protections`, { body: { startMs, endMs, note } });
  await reloadNotes();
}

/** @throws ApiError */
export async function unprotect(camera: string, id: number): Promise<void> {
  await request('DELETE', `/cameras/${camera}/protections/${id}`);
  await reloadNotes();
}

/** @throws ApiError */
export async function forgetBookmark(id: EventView['id']): Promise<void> {
  await request('DELETE', `/events/${id}`);
  await reloadNotes();
}

async function ownOrNothing<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}
