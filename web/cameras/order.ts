/** The order of cameras in lists: while somebody moves one, and as the recorder then keeps it. */
import { computed, signal } from '@preact/signals';
import type { CameraView } from '../../types/api.ts';
import { request } from '../core/api.ts';
import { cameras, refresh, remember } from '../core/fleet.ts';
import { changesOf, movedTo } from './reorder.ts';

/** Ids in the order in which somebody is putting them; null while nobody does. */
export const draft = signal<readonly string[] | null>(null);

/** All cameras, in the order to show. */
export const ordered = computed<readonly CameraView[]>(() => {
  const all = cameras.value ?? [];
  const wanted = draft.value;
  if (!wanted) return all;
  return all.toSorted((a, b) => wanted.indexOf(a.id) - wanted.indexOf(b.id));
});

/** Puts a camera at an index, for the eye alone. */
export function place(id: string, index: number): void {
  draft.value = movedTo(
    ordered.peek().map((camera) => camera.id),
    id,
    index,
  );
}

let keeping = false;

/** Stores the order that is shown, and what it has become meanwhile: one after the other. @throws ApiError */
export async function keepOrder(): Promise<void> {
  if (keeping) return;
  keeping = true;
  try {
    for (let ids = draft.peek(); ids; ids = draft.peek()) {
      for (const { id, position } of changesOf(ids, cameras.peek() ?? [])) {
        remember(await request<CameraView>('PATCH', `/cameras/${id}`, { body: { position } }));
      }
      await refresh();
      if (draft.peek() === ids) draft.value = null;
    }
  } finally {
    keeping = false;
    draft.value = null;
  }
}
